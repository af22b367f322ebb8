//! The authorization request (RFC 6749 sections 4.1.1 and 4.2.1, RFC 7636 section 4.3, OpenID Connect Core section
//! 3.1.2.1), read in steps so that the endpoint decides which check comes first.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::claims_request::ClaimsRequest;
use super::error::{Detail, ErrorCode, OAuthError};
use super::limits::{MAX_ID_TOKEN_HINT, MAX_LOGIN_HINT, MAX_NONCE, MAX_ORGANIZATION, MAX_PREFERENCE, MAX_STATE};
use super::params::{Params, Repeated};
use super::pkce::CodeChallenge;
use super::prompt::PromptSet;
use super::resource;
use super::response_mode::ResponseMode;
use super::response_type::{ResponseType, error_response_mode};
use super::scope::ScopeList;

/// Values of `display` (OpenID Connect Core section 3.1.2.1): one design fits them all.
pub const DISPLAYS: [&str; 4] = ["page", "popup", "touch", "wap"];

/// Step one: who asks and where an answer goes. Read first, so that all later refusals can be sent there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestDestination {
    /// `client_id`.
    pub client_id: Option<String>,
    /// `redirect_uri`.
    pub redirect_uri: Option<String>,
    /// `state`; `None` when it was doubled, as neither of the two could be trusted.
    pub state: Option<String>,
    /// How an error travels.
    pub error_response_mode: ResponseMode,
}

impl RequestDestination {
    /// Reads the destination.
    ///
    /// # Errors
    /// `client_id` or `redirect_uri` sent twice: show a page (A14).
    pub fn from_params(params: &Params) -> Result<Self, Repeated> {
        let client_id = params.once("client_id")?.map(str::to_owned);
        let redirect_uri = params.once("redirect_uri")?.map(str::to_owned);
        let lenient = |name| params.once(name).unwrap_or_default();
        let response_type = lenient("response_type");
        let asked = lenient("response_mode").and_then(ResponseMode::parse);
        let usual = error_response_mode(response_type);
        // `query` is not a mode for what belongs into the fragment; its client would not look there either.
        let error_response_mode = asked.filter(|mode| (*mode, usual) != (ResponseMode::Query, ResponseMode::Fragment));
        let state = lenient("state").map(str::to_owned);
        Ok(Self { client_id, redirect_uri, state, error_response_mode: error_response_mode.unwrap_or(usual) })
    }
}

/// Step two: every parameter once, as sent. Values are not checked yet: one method a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawAuthorizationRequest {
    /// `client_id`.
    pub client_id: Option<String>,
    /// `redirect_uri`.
    pub redirect_uri: Option<String>,
    /// `response_type`.
    pub response_type: Option<String>,
    /// `response_mode`.
    pub response_mode: Option<String>,
    /// `scope`.
    pub scope: Option<String>,
    /// `state`.
    pub state: Option<String>,
    /// `code_challenge`; `Some("")` when sent without a value, which is a broken challenge, not a missing one.
    pub code_challenge: Option<String>,
    /// `code_challenge_method`.
    pub code_challenge_method: Option<String>,
    /// `prompt`.
    pub prompt: Option<String>,
    /// `max_age`.
    pub max_age: Option<String>,
    /// `login_hint`.
    pub login_hint: Option<String>,
    /// `nonce`.
    pub nonce: Option<String>,
    /// `force_prompt` with any value (S11).
    pub force_prompt: bool,
    /// `organization`: the slug of the organization the user chose, for clients whose access is bound to one.
    pub organization: Option<String>,
    /// `claims`, a JSON object.
    pub claims: Option<String>,
    /// `id_token_hint`. It is judged and left behind: it stands in no stored request.
    pub id_token_hint: Option<String>,
    /// `display`.
    pub display: Option<String>,
    /// `ui_locales`: the pages are in one language.
    pub ui_locales: Option<String>,
    /// `claims_locales`: claims are kept in the language they were said in.
    pub claims_locales: Option<String>,
    /// `acr_values`: a wish; the class that was reached is told in any case.
    pub acr_values: Option<String>,
    /// `registration` was sent.
    pub registration: bool,
    /// `resource`, as often as it was sent (RFC 8707 section 2.1).
    pub resource: Vec<String>,
}

/// A request whose every value has its type. It names a client and a redirect URI; whether they exist and belong
/// together is not known here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// `client_id`.
    pub client_id: String,
    /// `redirect_uri` as sent; `None` when it was left out.
    pub redirect_uri: Option<String>,
    /// `response_type`.
    pub response_type: ResponseType,
    /// `response_mode` as sent.
    pub response_mode: Option<ResponseMode>,
    /// `scope`; the empty list when left out.
    pub scope: ScopeList,
    /// `state`.
    pub state: Option<String>,
    /// `code_challenge`, always S256.
    pub code_challenge: Option<CodeChallenge>,
    /// `prompt`.
    pub prompt: PromptSet,
    /// `max_age` in seconds.
    pub max_age: Option<u32>,
    /// `login_hint`.
    pub login_hint: Option<String>,
    /// `nonce`.
    pub nonce: Option<String>,
    /// `force_prompt`.
    pub force_prompt: bool,
    /// `organization`.
    pub organization: Option<String>,
    /// `claims`.
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
    /// `resource`, each once.
    #[serde(default)]
    pub resource: Vec<String>,
}

impl RawAuthorizationRequest {
    /// Reads every parameter. Unknown ones are ignored (A15).
    ///
    /// # Errors
    /// The first parameter sent twice, `client_id` and `redirect_uri` before all others.
    pub fn from_params(params: &Params) -> Result<Self, Repeated> {
        let once = |name| params.once(name).map(|value| value.map(str::to_owned));
        Ok(Self {
            client_id: once("client_id")?,
            redirect_uri: once("redirect_uri")?,
            response_type: once("response_type")?,
            response_mode: once("response_mode")?,
            scope: once("scope")?,
            state: once("state")?,
            code_challenge: params.once_even_empty("code_challenge")?.map(str::to_owned),
            code_challenge_method: once("code_challenge_method")?,
            prompt: once("prompt")?,
            max_age: once("max_age")?,
            login_hint: once("login_hint")?,
            nonce: once("nonce")?,
            force_prompt: once("force_prompt")?.is_some(),
            organization: once("organization")?,
            claims: once("claims")?,
            id_token_hint: once("id_token_hint")?,
            display: once("display")?,
            ui_locales: once("ui_locales")?,
            claims_locales: once("claims_locales")?,
            acr_values: once("acr_values")?,
            registration: params.present("registration"),
            resource: params.all("resource").map(str::to_owned).collect(),
        })
    }

    /// Refuses self-issued clients (OpenID Connect Core section 7.2.1).
    ///
    /// # Errors
    /// `registration_not_supported`.
    pub fn check_unsupported(&self) -> Result<(), OAuthError> {
        match self.registration {
            true => {
                Err(OAuthError::new(ErrorCode::RegistrationNotSupported, "clients do not register themselves here"))
            }
            false => Ok(()),
        }
    }

    /// `display` (OpenID Connect Core section 3.1.2.1): the pages fit each of them.
    ///
    /// # Errors
    /// `invalid_request` for a value nobody defined.
    pub fn check_display(&self) -> Result<(), OAuthError> {
        match self.display.as_deref() {
            None => Ok(()),
            Some(known) if DISPLAYS.contains(&known) => Ok(()),
            Some(other) => Err(invalid_request("display is none of page, popup, touch, wap")
                .with_detail(Detail::new("display_known", "OpenID Connect Core section 3.1.2.1").received(other))),
        }
    }

    /// `claims`. What it asks for beside the scopes is short enough to be kept.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn claims(&self) -> Result<ClaimsRequest, OAuthError> {
        let Some(text) = self.claims.as_deref() else { return Ok(ClaimsRequest::default()) };
        ClaimsRequest::parse(text).map_err(|refusal| {
            let detail = Detail::new("claims_readable", "OpenID Connect Core section 5.5");
            invalid_request(refusal.to_string()).with_detail(detail)
        })
    }

    /// Checks the sizes of what is only passed on (A66).
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn check_sizes(&self) -> Result<(), OAuthError> {
        let limits = [
            ("state", &self.state, MAX_STATE),
            ("nonce", &self.nonce, MAX_NONCE),
            ("login_hint", &self.login_hint, MAX_LOGIN_HINT),
            ("organization", &self.organization, MAX_ORGANIZATION),
            ("id_token_hint", &self.id_token_hint, MAX_ID_TOKEN_HINT),
            ("ui_locales", &self.ui_locales, MAX_PREFERENCE),
            ("claims_locales", &self.claims_locales, MAX_PREFERENCE),
            ("acr_values", &self.acr_values, MAX_PREFERENCE),
        ];
        match limits.iter().find(|(_, value, limit)| value.as_ref().is_some_and(|value| value.len() > *limit)) {
            Some((name, _, limit)) => Err(invalid_request(format!("{name} is longer than {limit} bytes"))),
            None => Ok(()),
        }
    }

    /// `response_type`.
    ///
    /// # Errors
    /// `invalid_request` when missing, `unsupported_response_type` when not one of this server's (A07).
    pub fn response_type(&self) -> Result<ResponseType, OAuthError> {
        let value = self.response_type.as_deref().ok_or_else(|| invalid_request("response_type is missing"))?;
        ResponseType::parse(value).ok_or_else(|| {
            let detail = Detail::new("response_type_supported", "RFC 6749 section 4.1.2.1").received(value);
            OAuthError::new(ErrorCode::UnsupportedResponseType, "response_type is not supported").with_detail(detail)
        })
    }

    /// `response_mode`, where sent.
    ///
    /// # Errors
    /// `invalid_request` for an unknown mode (A63) and for a token in the query.
    pub fn response_mode(&self, response_type: ResponseType) -> Result<Option<ResponseMode>, OAuthError> {
        let Some(value) = self.response_mode.as_deref() else { return Ok(None) };
        let detail = |rule| Detail::new(rule, "OAuth 2.0 Multiple Response Types section 2.1").received(value);
        match ResponseMode::parse(value) {
            Some(mode) if mode.may_carry(response_type) => Ok(Some(mode)),
            Some(_) => Err(invalid_request("response_mode=query cannot carry a token")
                .with_detail(detail("response_mode_may_carry"))),
            None => {
                Err(invalid_request("response_mode is not supported").with_detail(detail("response_mode_supported")))
            }
        }
    }

    /// `scope`; the empty list when left out. Whether the scopes exist is the catalogue's to say.
    ///
    /// # Errors
    /// `invalid_scope` outside the grammar.
    pub fn scope(&self) -> Result<ScopeList, OAuthError> {
        let text = self.scope.as_deref().unwrap_or_default();
        ScopeList::parse(text).map_err(|error| {
            let detail = Detail::new("scope_grammar", "RFC 6749 section 3.3").received(text);
            OAuthError::new(ErrorCode::InvalidScope, error.to_string()).with_detail(detail)
        })
    }

    /// `code_challenge` with its method. Whether the client needs one is not known here.
    ///
    /// # Errors
    /// `invalid_request` (A25, S20).
    pub fn code_challenge(&self) -> Result<Option<CodeChallenge>, OAuthError> {
        let pair = (self.code_challenge.as_deref(), self.code_challenge_method.as_deref());
        CodeChallenge::from_pair(pair.0, pair.1).map_err(|refusal| {
            let mut detail = Detail::new("code_challenge_s256", "RFC 9700 section 2.1.1").expected("S256");
            detail.received = pair.1.map(str::to_owned);
            invalid_request(refusal.to_string()).with_detail(detail)
        })
    }

    /// `prompt`.
    ///
    /// # Errors
    /// See [`PromptSet::parse`].
    pub fn prompt(&self) -> Result<PromptSet, OAuthError> {
        PromptSet::parse(self.prompt.as_deref().unwrap_or_default())
    }

    /// `max_age` in seconds; digits only, more than fits counts as the most that fits.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn max_age(&self) -> Result<Option<u32>, OAuthError> {
        match self.max_age.as_deref() {
            None => Ok(None),
            Some(digits) if digits.len() <= 20 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Ok(Some(digits.parse().unwrap_or(u32::MAX)))
            }
            Some(_) => Err(invalid_request("max_age is not a number of seconds")),
        }
    }

    /// Every check of this file, in order.
    ///
    /// # Errors
    /// The first of them that refuses; `invalid_request` without `client_id`.
    pub fn typed(&self) -> Result<AuthorizationRequest, OAuthError> {
        self.check_unsupported()?;
        self.check_sizes()?;
        self.check_display()?;
        let response_type = self.response_type()?;
        Ok(AuthorizationRequest {
            client_id: self.client_id.clone().ok_or_else(|| invalid_request("client_id is missing"))?,
            redirect_uri: self.redirect_uri.clone(),
            response_type,
            response_mode: self.response_mode(response_type)?,
            scope: self.scope()?,
            state: self.state.clone(),
            code_challenge: self.code_challenge()?,
            prompt: self.prompt()?,
            max_age: self.max_age()?,
            login_hint: self.login_hint.clone(),
            nonce: self.nonce.clone(),
            force_prompt: self.force_prompt,
            organization: self.organization.clone(),
            claims: self.claims()?,
            resource: resource::parse(self.resource.iter().map(String::as_str))?,
        })
    }
}

impl AuthorizationRequest {
    /// The mode the answer travels in.
    pub fn effective_response_mode(&self) -> ResponseMode {
        self.response_mode.unwrap_or(self.response_type.default_response_mode())
    }

    /// The request as a query string, its parameters in one fixed order: equal requests give equal texts, and
    /// reading the text gives the request.
    pub fn canonical_query(&self) -> String {
        let scope = Some(self.scope.to_string()).filter(|text| !text.is_empty());
        let prompt = Some(self.prompt.to_string()).filter(|text| !text.is_empty());
        let challenge = self.code_challenge.as_ref().map(|challenge| challenge.as_str().to_owned());
        let method = challenge.as_ref().map(|_| "S256".to_owned());
        let parameters = [
            ("client_id", Some(self.client_id.clone())),
            ("redirect_uri", self.redirect_uri.clone()),
            ("response_type", Some(self.response_type.as_str().to_owned())),
            ("response_mode", self.response_mode.map(|mode| mode.as_str().to_owned())),
            ("scope", scope),
            ("state", self.state.clone()),
            ("code_challenge", challenge),
            ("code_challenge_method", method),
            ("prompt", prompt),
            ("max_age", self.max_age.map(|seconds| seconds.to_string())),
            ("login_hint", self.login_hint.clone()),
            ("nonce", self.nonce.clone()),
            ("force_prompt", self.force_prompt.then(|| "1".to_owned())),
            ("organization", self.organization.clone()),
            ("claims", self.claims.canonical()),
        ];
        let sent = parameters.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        let resources = self.resource.iter().map(|resource| ("resource", resource.clone()));
        sent.chain(resources).collect::<Params>().encode()
    }
}

fn invalid_request(description: impl Into<Cow<'static, str>>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest, description)
}

#[cfg(test)]
#[path = "authorization_request_tests.rs"]
mod tests;
