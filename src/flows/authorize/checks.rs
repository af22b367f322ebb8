//! The checks of an authorization request, in order. The first two may only show a page; the others redirect.

use std::sync::Arc;

use super::answer::{self, AuthorizationResponse};
use super::wanted::Wanted;
use super::{Browser, PageRefusal, request_object};
use crate::app::App;
use crate::flows::clients::open::openly_registered;
use crate::flows::openid::{acr, claims};
use crate::flows::{audience, client_lookup};
use crate::protocol::authorization_request::{AuthorizationRequest, RawAuthorizationRequest, RequestDestination};
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::identity_scopes::OPENID;
use crate::protocol::params::Params;
use crate::protocol::prompt::{Prompt, PromptSet};
use crate::protocol::response_mode::ResponseMode;
use crate::protocol::scope::ScopeList;
use crate::protocol::trusted_redirect::TrustedRedirect;
use crate::store::StoreError;
use crate::store::clients::ClientRow;

/// A request nothing is wrong with.
#[derive(Clone)]
pub struct Checked {
    /// The client that asks.
    pub client: Arc<ClientRow>,
    /// Where the answer may go.
    pub redirect: TrustedRedirect,
    /// What it asks for.
    pub request: AuthorizationRequest,
    /// Whom it is about.
    pub wanted: Wanted,
    /// Classes of authentication one of which it must be.
    pub classes: Option<Vec<String>>,
}

impl Checked {
    /// What the person has to have agreed to: the scopes asked, and those that own a claim asked for by itself. Tokens get
    /// only the former, so that nobody is told more than was asked.
    pub fn consented(&self) -> ScopeList {
        self.request.scope.union(&claims::owners(&self.request.claims))
    }
}

/// Where a refusal goes is part of its type.
pub enum Refusal {
    /// To the user: client or redirection endpoint are not proven.
    Page(PageRefusal),
    /// To the client.
    Redirect(Box<AuthorizationResponse>),
}

/// Runs the list.
pub async fn check(app: &App, params: &Params, browser: &Browser<'_>) -> Result<Result<Checked, Refusal>, StoreError> {
    let client = match known_client(app, params).await? {
        Ok(client) => client,
        Err(error) => return Ok(Err(Refusal::Page(PageRefusal { error, client: None }))),
    };
    let signed_in = browser.signed_in.is_some();
    match request_object::read(app, &client, params, browser).await {
        Ok(None) => judge(app, client, params, signed_in).await,
        Ok(Some(inside)) => judge(app, client, &inside, signed_in).await,
        // What an object that is not believed says of an address proves nothing: only the one beside it counts.
        Err(error) => Ok(Err(match trusted_redirect(&client, params) {
            Ok(redirect) => ToClient { app, params, client: &client, redirect: &redirect }.sent(error, signed_in),
            Err(_) => Refusal::Page(PageRefusal { error, client: Some(client) }),
        })),
    }
}

/// The same for a request that was checked before and kept, whatever it came in.
pub async fn check_again(app: &App, params: &Params) -> Result<Result<Checked, Refusal>, StoreError> {
    match known_client(app, params).await? {
        Ok(client) => judge(app, client, params, true).await,
        Err(error) => Ok(Err(Refusal::Page(PageRefusal { error, client: None }))),
    }
}

async fn judge(
    app: &App,
    client: Arc<ClientRow>,
    params: &Params,
    signed_in: bool,
) -> Result<Result<Checked, Refusal>, StoreError> {
    let redirect = match trusted_redirect(&client, params) {
        Ok(redirect) => redirect,
        Err(error) => return Ok(Err(Refusal::Page(PageRefusal { error, client: Some(client) }))),
    };
    let to_client = ToClient { app, params, client: &client, redirect: &redirect };
    match to_client.check() {
        Ok(checked) => Ok(resources(app, checked).await?.map_err(|error| to_client.sent(error, signed_in))),
        Err(error) => Ok(Err(to_client.sent(error, signed_in))),
    }
}

/// Resources are known and own something of what is asked (RFC 8707 section 2.1).
async fn resources(app: &App, checked: Checked) -> Result<Result<Checked, OAuthError>, StoreError> {
    let refused = audience::check_resources(app, &checked.request.scope, &checked.request.resource).await?;
    Ok(refused.map_or(Ok(checked), Err))
}

async fn known_client(app: &App, params: &Params) -> Result<Result<Arc<ClientRow>, OAuthError>, StoreError> {
    let refused =
        |description, detail| Err(OAuthError::new(ErrorCode::InvalidRequest, description).with_detail(detail));
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
    if requested.is_none() && asks_who(params) {
        let detail = Detail::new("redirect_uri_missing", "OpenID Connect Core section 3.1.2.1")
            .hint("a request with the scope openid names its redirect_uri, even where only one is registered");
        return Err(OAuthError::new(ErrorCode::InvalidRequest, "redirect_uri is missing").with_detail(detail));
    }
    TrustedRedirect::for_request(&client.redirect_uris.0, requested).map_err(OAuthError::from)
}

/// Whether it is an authentication request, before anything else of it is judged.
fn asks_who(params: &Params) -> bool {
    params.once("scope").ok().flatten().is_some_and(|scope| scope.split(' ').any(|one| one == OPENID))
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
        let raw = RawAuthorizationRequest::from_params(self.params)
            .map_err(|repeated| OAuthError::new(ErrorCode::InvalidRequest, repeated.to_string()))?;
        let mut request = raw.typed().map_err(|error| self.explained(error))?;
        self.check_response_type(&request)?;
        self.check_scope(&request.scope)?;
        self.check_openid(&request)?;
        self.check_pkce(&request)?;
        self.check_create(&request)?;
        request.max_age = request.max_age.or(self.client.metadata.0.default_max_age);
        claims::keep_answerable(&mut request, &self.client.scopes);
        let wanted = Wanted::read(self.app, self.client, raw.id_token_hint.as_deref(), &request.claims)?;
        let classes = acr::required(&request.claims)?;
        Ok(Checked { client: Arc::clone(self.client), redirect: self.redirect.clone(), request, wanted, classes })
    }

    /// Accounts are made by people only while the operator lets them; it is not advertised otherwise.
    fn check_create(&self, request: &AuthorizationRequest) -> Result<(), OAuthError> {
        match request.prompt.contains(Prompt::Create) && !self.app.config.sign_in.registration {
            true => Err(PromptSet::unsupported(Prompt::Create.as_str())),
            false => Ok(()),
        }
    }

    /// Off for the server: unsupported; off for this client: unauthorized (A07).
    fn check_response_type(&self, request: &AuthorizationRequest) -> Result<(), OAuthError> {
        let asked = request.response_type;
        let detail = |rule| Detail::new(rule, "RFC 6749 section 4.1.2.1").received(asked.as_str());
        if asked.is_front_channel() && !self.app.config.tokens.implicit {
            let hint = "response types with tokens in the front channel are off here: use response_type=code with PKCE";
            return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, "this response_type is not supported")
                .with_detail(detail("response_type_off").expected("code").hint(hint)));
        }
        let allowed = &self.client.response_types.0;
        if !allowed.iter().any(|name| name == asked.as_str()) {
            let hint = "use response_type=code with PKCE, or add this one to the client's response_types";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, "this client may not use this response_type")
                .with_detail(detail("response_type_not_allowed").expected(allowed.join(" ")).hint(hint)));
        }
        Ok(())
    }

    fn check_scope(&self, asked: &ScopeList) -> Result<(), OAuthError> {
        let refused = |hint: String| {
            let detail = Detail::new("scope_not_allowed", "RFC 6749 section 3.3")
                .received(asked.to_string())
                .expected(self.client.scopes.to_string())
                .hint(hint);
            OAuthError::new(ErrorCode::InvalidScope, "the scope is unknown or more than allowed").with_detail(detail)
        };
        self.app.catalogue.check(asked).map_err(|unknown| refused(unknown.to_string()))?;
        match self.app.catalogue.covers(&self.client.scopes, asked) {
            true => Ok(()),
            false => Err(refused("the client is not registered for every scope asked".to_owned())),
        }
    }

    /// An ID token needs `openid`, and in the front channel a nonce, or it could be another sign-in's (OpenID Connect Core
    /// sections 3.2.2.1 and 3.3.2.11).
    fn check_openid(&self, request: &AuthorizationRequest) -> Result<(), OAuthError> {
        if !request.response_type.has_id_token() {
            return Ok(());
        }
        let detail = |rule| Detail::new(rule, "OpenID Connect Core section 3.2.2.1");
        if !request.scope.contains(OPENID) {
            return Err(OAuthError::new(ErrorCode::InvalidRequest, "an id_token needs the scope openid")
                .with_detail(detail("openid_missing").received(request.scope.to_string()).expected(OPENID)));
        }
        match request.nonce {
            Some(_) => Ok(()),
            None => Err(OAuthError::new(ErrorCode::InvalidRequest, "nonce is missing").with_detail(
                detail("nonce_missing").hint("make a random nonce for each request and compare it with the ID token's"),
            )),
        }
    }

    fn check_pkce(&self, request: &AuthorizationRequest) -> Result<(), OAuthError> {
        let required = self.client.require_pkce || !self.client.is_confidential();
        if request.code_challenge.is_some() || !required || !request.response_type.has_code() {
            return Ok(());
        }
        let detail = Detail::new("code_challenge_missing", "RFC 7636 section 4.4.1")
            .expected("code_challenge and code_challenge_method=S256")
            .hint("turn PKCE on in the client's OAuth library");
        Err(OAuthError::new(ErrorCode::InvalidRequest, "code_challenge is missing").with_detail(detail))
    }

    /// What is supported, beside what was received.
    fn explained(&self, mut error: OAuthError) -> OAuthError {
        if let (ErrorCode::UnsupportedResponseType, Some(detail)) = (error.code, &mut error.detail) {
            detail.expected = Some(self.client.response_types.0.join(" "));
        }
        error
    }

    /// Where the refusal goes.
    fn sent(&self, error: OAuthError, signed_in: bool) -> Refusal {
        // Strangers' clients get no redirect that a logged-out browser did not ask for (RFC 9700 section 4.11.2).
        match openly_registered(self.app, self.client) && !signed_in {
            true => Refusal::Page(PageRefusal { error, client: Some(Arc::clone(self.client)) }),
            false => Refusal::Redirect(Box::new(self.refusal(error))),
        }
    }

    /// The refusal as an answer to the client, in the mode its request would have been answered in.
    fn refusal(&self, error: OAuthError) -> AuthorizationResponse {
        let destination = RequestDestination::from_params(self.params).ok();
        let mode = destination.as_ref().map_or(ResponseMode::Query, |destination| destination.error_response_mode);
        let state = destination.and_then(|destination| destination.state);
        answer::error(self.app, self.client, self.redirect, mode, state.as_deref(), error)
    }
}
