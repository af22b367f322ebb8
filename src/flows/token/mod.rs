//! The token endpoint (RFC 6749 section 3.2): one file a grant type, one exhaustive match here.

pub mod access_token;
pub mod authorization_code;
pub mod client_credentials;
pub mod issue;
pub mod refresh_token;

use std::borrow::Cow;

use super::caller::Caller;
use super::client_authentication::{self, AuthenticatedClient, Presented};
use crate::app::App;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::grant_type::GrantType;
use crate::protocol::params::Params;
use crate::protocol::resource;
use crate::protocol::scope::ScopeList;
use crate::protocol::token_response::TokenResponse;
use crate::store::{QueryResult, Rows, StoreError};

/// What is asked for, typed by how.
enum TokenRequest {
    AuthorizationCode(authorization_code::Request),
    RefreshToken(refresh_token::Request),
    ClientCredentials(client_credentials::Request),
}

/// Answers one token request: form read, client authenticated, grant type allowed, grant redeemed.
///
/// # Errors
/// Those of RFC 6749 section 5.2.
pub async fn token(
    app: &App,
    caller: &Caller,
    authorization: Option<&str>,
    body: &Params,
) -> Result<TokenResponse, OAuthError> {
    let grant_type = grant_type(body)?;
    let presented = Presented::from_request(authorization, body)?;
    let client = client_authentication::authenticate(app, caller, presented).await?;
    check_allowed(&client, grant_type)?;
    let request = match grant_type {
        GrantType::AuthorizationCode => TokenRequest::AuthorizationCode(authorization_code::Request::parse(body)?),
        GrantType::RefreshToken => TokenRequest::RefreshToken(refresh_token::Request::parse(body)?),
        GrantType::ClientCredentials => TokenRequest::ClientCredentials(client_credentials::Request::parse(body)?),
    };
    let response = match request {
        TokenRequest::AuthorizationCode(request) => authorization_code::redeem(app, caller, &client, request).await,
        TokenRequest::RefreshToken(request) => refresh_token::refresh(app, caller, &client, request).await,
        TokenRequest::ClientCredentials(request) => client_credentials::issue(app, &client, request).await,
    }?;
    app.metrics.issued(grant_type.as_str());
    Ok(response)
}

fn grant_type(body: &Params) -> Result<GrantType, OAuthError> {
    let known =
        ["grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier", "refresh_token", "scope"];
    if let Some(name) = body.repeated(&known) {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, format!("{name} is given more than once"))
            .with_detail(Detail::new("parameter_repeated", "RFC 6749 section 3.2").received(name)));
    }
    let Some(text) = once(body, "grant_type")? else {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, "grant_type is missing"));
    };
    GrantType::parse(text).ok_or_else(|| {
        OAuthError::new(ErrorCode::UnsupportedGrantType, "this grant_type is not supported").with_detail(
            Detail::new("grant_type_unknown", "RFC 6749 section 5.2")
                .received(text)
                .expected(GrantType::ALL.map(GrantType::as_str).join(" ")),
        )
    })
}

fn check_allowed(client: &AuthenticatedClient, grant_type: GrantType) -> Result<(), OAuthError> {
    let allowed = &client.row().grant_types.0;
    if allowed.iter().any(|name| name == grant_type.as_str()) {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::UnauthorizedClient, "this client may not use this grant_type").with_detail(
        Detail::new("grant_type_not_allowed", "RFC 6749 section 5.2")
            .received(grant_type.as_str())
            .expected(allowed.join(" "))
            .hint("add the grant type to the client's registration"),
    ))
}

/// A parameter that may be there once.
fn once<'a>(body: &'a Params, name: &str) -> Result<Option<&'a str>, OAuthError> {
    body.once(name).map_err(|repeated| OAuthError::new(ErrorCode::InvalidRequest, repeated.to_string()))
}

/// A parameter that must be there once.
fn required<'a>(body: &'a Params, name: &str) -> Result<&'a str, OAuthError> {
    once(body, name)?.ok_or_else(|| OAuthError::new(ErrorCode::InvalidRequest, format!("{name} is missing")))
}

/// The `scope` parameter, if sent.
fn scope(body: &Params) -> Result<Option<ScopeList>, OAuthError> {
    once(body, "scope")?
        .map(|text| {
            ScopeList::parse(text).map_err(|error| {
                OAuthError::new(ErrorCode::InvalidScope, "scope is not a list of scopes")
                    .with_detail(Detail::new("scope_syntax", "RFC 6749 section 3.3").hint(error.to_string()))
            })
        })
        .transpose()
}

/// The resources asked for (RFC 8707 section 2.2), each once, in one order.
fn resources(body: &Params) -> Result<Vec<String>, OAuthError> {
    resource::parse(body.all("resource"))
}

/// A refused grant (RFC 6749 section 5.2), with what only its owner may see.
fn invalid_grant(description: impl Into<Cow<'static, str>>, detail: Detail) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, description).with_detail(detail)
}

/// Scopes that are unknown or more than allowed (RFC 6749 section 5.2).
fn invalid_scope(hint: &str, allowed: &ScopeList) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidScope, "the scope is unknown or more than allowed").with_detail(
        Detail::new("scope_not_allowed", "RFC 6749 section 3.3").expected(allowed.to_string()).hint(hint.to_owned()),
    )
}

/// Asks again what became of a commit nobody acknowledged: a database that restarts is back in a moment, and a client
/// that is told "try again" instead would look like a thief with a used code.
async fn read_back<T, F>(app: &App, read: F) -> Result<T, StoreError>
where
    F: Fn(&mut Rows<'_>) -> QueryResult<T> + Clone + Send + 'static,
    T: Send + 'static,
{
    for pause in [50, 200, 500, 1000, 2000] {
        match app.store.view(read.clone()).await {
            Ok(found) => return Ok(found),
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(pause)).await,
        }
    }
    app.store.view(read).await
}
