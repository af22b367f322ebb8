//! Token introspection (RFC 7662): for resource servers about tokens meant for them, and for a client about its own.

use serde_json::json;

use super::audience;
use super::caller::Caller;
use super::client_authentication::{self, AuthenticatedClient, Presented};
use super::openid::subject;
use super::presented_token::{self, Presented as PresentedToken};
use super::sign::sign;
use super::token_state::{self, LiveToken};
use crate::app::App;
use crate::crypto::token::{ParsedToken, TokenKind};
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::introspection_response::{ActiveToken, IntrospectionResponse};
use crate::protocol::jwt_type;
use crate::protocol::params::Params;
use crate::protocol::scope::ScopeList;
use crate::protocol::signing_algorithm::SigningAlgorithm;
use crate::protocol::token_response::TOKEN_TYPE;

/// An answer, and who asked.
pub struct Introspected {
    /// What there is to say.
    pub response: IntrospectionResponse,
    asker: AuthenticatedClient,
}

/// The answer as a JWT for whoever asked, to be shown to others (RFC 9701 section 5). It says neither `exp` nor `sub`
/// itself, so that it passes for no token.
///
/// # Errors
/// `server_error` while there is no key for the asker's algorithm.
pub fn signed(app: &App, introspected: &Introspected) -> Result<String, OAuthError> {
    let asker = introspected.asker.row();
    let algorithm = asker.metadata.0.introspection_signed_response_alg.unwrap_or(SigningAlgorithm::Rs256);
    let claims = json!({
        "iss": app.issuer.as_str(),
        "aud": asker.client_id,
        "iat": app.clock.now(),
        "token_introspection": introspected.response,
    });
    sign(app, algorithm, Some(jwt_type::TOKEN_INTROSPECTION), &claims)
}

/// Answers one introspection request.
///
/// # Errors
/// `invalid_client` for whoever is not a confidential client, `invalid_request` without `token`. A token that is
/// unknown, dead or none of the asker's business is no error: it is inactive, and nothing else is said (A56).
pub async fn introspect(
    app: &App,
    caller: &Caller,
    authorization: Option<&str>,
    body: &Params,
) -> Result<Introspected, OAuthError> {
    let presented = Presented::from_request(authorization, body)?;
    let asker = client_authentication::authenticate(app, caller, presented).await?;
    if !asker.is_confidential() {
        return Err(OAuthError::new(ErrorCode::InvalidClient, "client authentication failed").with_detail(
            Detail::new("introspection_public", "RFC 7662 section 2.1")
                .hint("introspection needs a client that authenticates: register a confidential one"),
        ));
    }
    let Some(text) = body.once("token").map_err(|_| twice())? else {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, "token is missing"));
    };
    let response = match presented_token::read(app, text, || Ok::<_, OAuthError>(())).await? {
        PresentedToken::Token(TokenKind::RefreshToken, parsed) => {
            super::introspect_refresh::introspect(app, &asker, &parsed).await?
        }
        PresentedToken::Token(TokenKind::AccessToken, parsed) => access_token(app, &asker, &parsed).await?,
        _ => IntrospectionResponse::Inactive,
    };
    app.metrics.introspected(matches!(response, IntrospectionResponse::Active(_)));
    Ok(Introspected { response, asker })
}

async fn access_token(
    app: &App,
    asker: &AuthenticatedClient,
    parsed: &ParsedToken,
) -> Result<IntrospectionResponse, OAuthError> {
    let Some(live) = token_state::live(app, parsed).await? else { return Ok(IntrospectionResponse::Inactive) };
    let Some(scopes) = visible_scopes(app, asker, &live).await? else { return Ok(IntrospectionResponse::Inactive) };
    let LiveToken { token, client, user, member, .. } = live;
    let sub = user.as_ref().map_or_else(|| client.client_id.clone(), |user| subject::of(app, &client, user));
    let mut active = ActiveToken::new(app.issuer.as_str(), &sub, scopes, token.created_at);
    active.client_id = Some(client.client_id.clone());
    // To whom a person shall be known by a pairwise name, no other name is told.
    let hidden = token.client == asker.row().id && subject::is_pairwise(&client);
    active.username = user.as_ref().filter(|_| !hidden).map(|user| user.login.clone());
    active.token_type = Some(TOKEN_TYPE);
    active.exp = Some(token.expires_at);
    active.aud = token.audience.0.clone();
    active.organization_id = member.as_ref().map(|member| member.organization.public_id.clone());
    active.organization = member.as_ref().map(|member| member.organization.slug.clone());
    Ok(IntrospectionResponse::Active(Box::new(active)))
}

/// What of the token's scopes the asker may see; none when the token is not its business.
///
/// The closure is told, so that resource servers may compare strings.
async fn visible_scopes(
    app: &App,
    asker: &AuthenticatedClient,
    live: &LiveToken,
) -> Result<Option<ScopeList>, OAuthError> {
    let closure = app.catalogue.closure(&live.scopes);
    if live.token.client == asker.row().id {
        return Ok(Some(closure));
    }
    if !asker.row().may_introspect {
        return Ok(None);
    }
    let Some(servers) = audience::resource_servers(app).await? else { return Ok(None) };
    let own: Vec<_> = servers
        .0
        .iter()
        .filter(|server| server.client == Some(asker.row().id) && live.token.audience.0.contains(&server.identifier))
        .collect();
    if own.is_empty() {
        return Ok(None);
    }
    let visible = closure.iter().filter(|scope| own.iter().any(|server| audience::owns(&app.catalogue, server, scope)));
    Ok(Some(ScopeList::from(visible.map(str::to_owned).collect::<Vec<_>>())))
}

fn twice() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest, "token is given more than once")
}
