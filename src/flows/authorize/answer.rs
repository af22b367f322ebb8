//! The answer of the authorization endpoint (RFC 6749 sections 4.1.2 and 4.2.2, RFC 9207).

use std::sync::Arc;

use super::checks::Checked;
use crate::app::App;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::response_mode::ResponseMode;
use crate::protocol::trusted_redirect::TrustedRedirect;
use crate::store::clients::ClientRow;

/// Parameters on their way to a proven redirection endpoint. Has no `Debug` on purpose: it may carry a code or a token.
pub struct AuthorizationResponse {
    /// Where to.
    pub redirect: TrustedRedirect,
    /// How.
    pub mode: ResponseMode,
    /// What, each name once.
    pub parameters: Vec<(&'static str, String)>,
    /// Whose client it is, for pages and the record.
    pub client: Arc<ClientRow>,
    /// What was refused, if it was; its reference and description are added by whoever keeps the record.
    pub error: Option<OAuthError>,
}

/// A good answer: `parameters`, then `state` and `iss`.
pub fn success(app: &App, checked: &Checked, mut parameters: Vec<(&'static str, String)>) -> AuthorizationResponse {
    close(app, checked.request.state.as_deref(), &mut parameters);
    AuthorizationResponse {
        redirect: checked.redirect.clone(),
        mode: checked.request.effective_response_mode(),
        parameters,
        client: Arc::clone(&checked.client),
        error: None,
    }
}

/// A refusal of a request that is itself right.
pub fn refusal(app: &App, checked: &Checked, code: ErrorCode) -> AuthorizationResponse {
    let description = match code {
        ErrorCode::AccessDenied => "the user did not allow it",
        ErrorCode::LoginRequired => "the user is not signed in",
        ErrorCode::ConsentRequired => "the user has to be asked",
        ErrorCode::AccountSelectionRequired => "the user has to choose an account",
        ErrorCode::UnmetAuthenticationRequirements => "no such class of authentication was reached",
        ErrorCode::InteractionRequired => "the user has to choose or to prove something",
        _ => "",
    };
    let error = OAuthError::new(code, description);
    let state = checked.request.state.as_deref();
    self::error(app, &checked.client, &checked.redirect, checked.request.effective_response_mode(), state, error)
}

/// A refusal: `error`, then `state` and `iss`; the description follows when the reference is known.
pub fn error(
    app: &App,
    client: &Arc<ClientRow>,
    redirect: &TrustedRedirect,
    mode: ResponseMode,
    state: Option<&str>,
    error: OAuthError,
) -> AuthorizationResponse {
    let mut parameters = vec![("error", error.code.as_str().to_owned())];
    close(app, state, &mut parameters);
    AuthorizationResponse {
        redirect: redirect.clone(),
        mode,
        parameters,
        client: Arc::clone(client),
        error: Some(error),
    }
}

fn close(app: &App, state: Option<&str>, parameters: &mut Vec<(&'static str, String)>) {
    if let Some(state) = state {
        parameters.push(("state", state.to_owned()));
    }
    parameters.push(("iss", app.issuer.as_str().to_owned()));
}
