//! The checks of an authorization request, in order. The first two may only show a page; the others redirect.

use std::sync::Arc;

use super::PageRefusal;
use super::answer::{self, AuthorizationResponse};
use crate::app::App;
use crate::flows::client_lookup;
use crate::protocol::authorization_request::{AuthorizationRequest, RawAuthorizationRequest};
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::params::Params;
use crate::protocol::pkce::CodeChallenge;
use crate::protocol::trusted_redirect::TrustedRedirect;
use crate::protocol::response_mode::ResponseMode;
use crate::protocol::response_type::{ResponseType, error_response_mode};
use crate::protocol::scope::ScopeList;
use crate::store::StoreError;
use crate::store::clients::ClientRow;

/// A request nothing is wrong with.
#[derive(Clone)]
pub struct Checked {
    /// The client that asks.
    pub client: Arc<ClientRow>,
    /// Where the answer may go.
    pub redirect: TrustedRedirect,
    /// What comes back.
    pub response_type: ResponseType,
    /// How it travels.
    pub response_mode: ResponseMode,
    /// Scopes asked.
    pub scopes: ScopeList,
    /// PKCE challenge.
    pub code_challenge: Option<CodeChallenge>,
    /// The parameters without consequences of their own.
    pub request: AuthorizationRequest,
}

/// Where a refusal goes is part of its type.
pub enum Refusal {
    /// To the user: client or redirection endpoint are not proven.
    Page(PageRefusal),
    /// To the client.
    Redirect(Box<AuthorizationResponse>),
}

/// Runs the list.
pub async fn check(app: &App, params: &Params, signed_in: bool) -> Result<Result<Checked, Refusal>, StoreError> {
    let client = match known_client(app, params).await? {
        Ok(client) => client,
        Err(error) => return Ok(Err(Refusal::Page(PageRefusal { error, client: None }))),
    };
    let redirect = match trusted_redirect(&client, params) {
        Ok(redirect) => redirect,
        Err(error) => return Ok(Err(Refusal::Page(PageRefusal { error, client: Some(client) }))),
    };
    let to_client = ToClient { app, params, client: &client, redirect: &redirect };
    Ok(match to_client.check() {
        Ok(checked) => Ok(checked),
        // Strangers' clients get no redirect that a logged-out browser did not ask for (RFC 9700 section 4.11.2).
        Err(error) if openly_registered(&client) && !signed_in => {
            Err(Refusal::Page(PageRefusal { error, client: Some(client) }))
        }
        Err(error) => Err(Refusal::Redirect(Box::new(to_client.refusal(error)))),
    })
}

/// Registered by a user and vouched for by nobody.
fn openly_registered(client: &ClientRow) -> bool {
    client.owner_id.is_some() && !client.verified
}

async fn known_client(app: &App, params: &Params) -> Result<Result<Arc<ClientRow>, OAuthError>, StoreError> {
    let refused = |description, detail| Err(OAuthError::new(ErrorCode::InvalidRequest, description).with_detail(detail));
    let Ok(client_id) = params.once("client_id") else {
        let detail = Detail::new("parameter_repeated", "RFC 6749 section 3.1").received("client_id");
        return Ok(refused("client_id is given more than once", detail));
    };
    let Some(client_id) = client_id else {
        let detail = Detail::new("client_id_missing", "RFC 6749 section 4.1.1")
            .hint("the link that led here must name the application with client_id");
        return Ok(refused("client_id is missing", detail));
    };
    let found = client_lookup::find(app, client_id).await?;
    Ok(match found.filter(|client| client.is_active()) {
        Some(client) => Ok(client),
        None => refused(
            "client_id names no active application",
            Detail::new("client_unknown", "RFC 6749 section 4.1.2.1")
                .received(client_id)
                .hint("no active client with this client_id is registered here; compare it with `grantor client list`"),
        ),
    })
}

fn trusted_redirect(client: &ClientRow, params: &Params) -> Result<TrustedRedirect, OAuthError> {
    let Ok(requested) = params.once("redirect_uri") else {
        let detail = Detail::new("parameter_repeated", "RFC 6749 section 3.1").received("redirect_uri");
        return Err(
            OAuthError::new(ErrorCode::InvalidRequest, "redirect_uri is given more than once").with_detail(detail)
        );
    };
    TrustedRedirect::for_request(&client.redirect_uris.0, requested).map_err(OAuthError::from)
}

/// The checks whose refusals travel to the client.
struct ToClient<'a> {
    app: &'a App,
    params: &'a Params,
    client: &'a Arc<ClientRow>,
    redirect: &'a TrustedRedirect,
}

impl ToClient<'_> {
    fn check(&self) -> Result<Checked, OAuthError> {
        let raw = RawAuthorizationRequest::from_params(self.params)?;
        let response_type = self.response_type(&raw)?;
        let response_mode = response_mode(&raw, response_type)?;
        let scopes = self.scopes(&raw)?;
        let code_challenge = self.code_challenge(&raw, response_type)?;
        let request = AuthorizationRequest::from_raw(&raw)?;
        Ok(Checked {
            client: Arc::clone(self.client),
            redirect: self.redirect.clone(),
            response_type,
            response_mode,
            scopes,
            code_challenge,
            request,
        })
    }

    fn response_type(&self, raw: &RawAuthorizationRequest) -> Result<ResponseType, OAuthError> {
        let Some(text) = raw.response_type.as_deref() else {
            return Err(OAuthError::new(ErrorCode::InvalidRequest, "response_type is missing"));
        };
        let implicit = self.app.config.tokens.implicit;
        let known = ResponseType::parse(text).filter(|known| *known != ResponseType::Token || implicit);
        let Some(known) = known else {
            return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, "this response_type is not supported")
                .with_detail(
                    Detail::new("response_type_unknown", "RFC 6749 section 4.1.2.1").received(text).expected(
                        if implicit { "code token" } else { "code" },
                    ),
                ));
        };
        if !self.client.response_types.0.iter().any(|allowed| allowed == known.as_str()) {
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, "this client may not use this response_type")
                .with_detail(
                    Detail::new("response_type_not_allowed", "RFC 6749 section 4.1.2.1")
                        .received(text)
                        .expected(self.client.response_types.0.join(" "))
                        .hint("use response_type=code with PKCE, or allow the implicit flow for this client"),
                ));
        }
        Ok(known)
    }

    fn scopes(&self, raw: &RawAuthorizationRequest) -> Result<ScopeList, OAuthError> {
        let refused = |hint: String| {
            let detail = Detail::new("scope_not_allowed", "RFC 6749 section 3.3")
                .received(raw.scope.clone().unwrap_or_default())
                .expected(self.client.scopes.to_string())
                .hint(hint);
            OAuthError::new(ErrorCode::InvalidScope, "the scope is unknown or more than allowed").with_detail(detail)
        };
        let Some(text) = raw.scope.as_deref() else { return Ok(ScopeList::default()) };
        let scopes = ScopeList::parse(text).map_err(|error| refused(error.to_string()))?;
        self.app.catalogue.check(&scopes).map_err(|unknown| refused(unknown.to_string()))?;
        if !self.app.catalogue.covers(&self.client.scopes, &scopes) {
            return Err(refused("the client is not registered for every scope asked".to_owned()));
        }
        Ok(scopes)
    }

    fn code_challenge(
        &self,
        raw: &RawAuthorizationRequest,
        response_type: ResponseType,
    ) -> Result<Option<CodeChallenge>, OAuthError> {
        let refused = |description: &'static str, hint: String| {
            let detail = Detail::new("code_challenge", "RFC 7636 section 4.4.1")
                .received(raw.code_challenge_method.clone().unwrap_or_default())
                .expected("S256")
                .hint(hint);
            OAuthError::new(ErrorCode::InvalidRequest, description).with_detail(detail)
        };
        let challenge = CodeChallenge::from_pair(raw.code_challenge.as_deref(), raw.code_challenge_method.as_deref())
            .map_err(|refusal| refused("code_challenge or code_challenge_method is not right", refusal.to_string()))?;
        let required = self.client.require_pkce || !self.client.is_confidential();
        if challenge.is_none() && required && response_type == ResponseType::Code {
            let hint = "send code_challenge and code_challenge_method=S256; most OAuth libraries call it PKCE";
            return Err(refused("code_challenge is missing", hint.to_owned()));
        }
        Ok(challenge)
    }

    /// The refusal as an answer to the client, in the mode its request would have been answered in.
    fn refusal(&self, error: OAuthError) -> AuthorizationResponse {
        let response_type = self.params.once("response_type").ok().flatten();
        let asked = self.params.once("response_mode").ok().flatten().and_then(ResponseMode::parse);
        let known = response_type.and_then(ResponseType::parse);
        let default = error_response_mode(response_type);
        let mode = match (asked, known) {
            (Some(asked), Some(known)) if asked.may_carry(known) => asked,
            (Some(asked), None) => asked,
            _ => default,
        };
        let state = self.params.once("state").ok().flatten();
        answer::error(self.app, self.client, self.redirect, mode, state, error)
    }
}

fn response_mode(raw: &RawAuthorizationRequest, response_type: ResponseType) -> Result<ResponseMode, OAuthError> {
    let Some(text) = raw.response_mode.as_deref() else { return Ok(response_type.default_response_mode()) };
    ResponseMode::parse(text).filter(|mode| mode.may_carry(response_type)).ok_or_else(|| {
        let detail = Detail::new("response_mode", "OAuth 2.0 Multiple Response Types section 2.1")
            .received(text)
            .expected(ResponseMode::ALL.map(ResponseMode::as_str).join(" "));
        OAuthError::new(ErrorCode::InvalidRequest, "this response_mode cannot be used here").with_detail(detail)
    })
}
