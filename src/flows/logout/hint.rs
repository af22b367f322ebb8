//! `id_token_hint` at the end-session endpoint: an ID token of ours, however old (OpenID Connect RP-Initiated Logout
//! section 2).

use serde_json::{Map, Value};

use crate::app::App;
use crate::crypto::own_tokens::Expiry;
use crate::flows::openid::subject;
use crate::flows::session::SignedIn;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::jwt_type;
use crate::store::clients::ClientRow;

/// What an ID token says of a sign-in.
pub struct Hint {
    /// Whom it was made for: a `client_id`.
    pub audience: String,
    subject: String,
    sid: Option<String>,
}

impl Hint {
    /// Whom the token is about, by the name the client knows.
    pub(super) fn subject(&self) -> &str {
        &self.subject
    }

    /// Whether the session is the very one the token is about.
    pub fn is_of(&self, app: &App, client: &ClientRow, who: &SignedIn) -> bool {
        let sid = subject::session(app, client, who.session.known_as());
        self.sid.as_deref() == Some(sid.as_str()) && self.subject == subject::of(app, client, &who.user)
    }
}

/// Reads a hint. Access tokens, logout tokens and others' tokens are none (A43, C28).
///
/// # Errors
/// `invalid_request`.
pub fn read(app: &App, token: &str) -> Result<Hint, OAuthError> {
    let refused = |hint: String| {
        let detail = Detail::new("id_token_hint_invalid", "OpenID Connect RP-Initiated Logout section 2").hint(hint);
        OAuthError::new(ErrorCode::InvalidRequest, "id_token_hint is no ID token of this server").with_detail(detail)
    };
    let claims = app.keys.verify_own(token, jwt_type::ID_TOKEN, Expiry::Ignored);
    let claims = claims.map_err(|refusal| refused(refusal.to_string()))?;
    parts(app, &claims).ok_or_else(|| refused("its claims are not those of an ID token from here".to_owned()))
}

/// Signed UserInfo is of the same type and has no end.
fn parts(app: &App, claims: &Map<String, Value>) -> Option<Hint> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let dated = ["exp", "iat"].iter().all(|name| claims.get(*name).is_some_and(Value::is_i64));
    if text("iss")? != app.issuer.as_str() || !dated {
        return None;
    }
    Some(Hint { audience: text("aud")?, subject: text("sub")?, sid: text("sid") })
}
