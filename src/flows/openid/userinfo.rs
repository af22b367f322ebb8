//! The UserInfo endpoint (OpenID Connect Core section 5.3): claims about the person an access token speaks for.

use serde_json::{Map, Value, json};

use super::{claims, subject};
use crate::app::App;
use crate::app::throttle::{RetryAfter, address_key};
use crate::crypto::token::TokenKind;
use crate::flows::caller::Caller;
use crate::flows::presented_token::{self, Presented};
use crate::flows::sign::sign;
use crate::flows::token_state;
use crate::protocol::identity_scopes::OPENID;
use crate::store::StoreError;
use crate::store::clients::ClientRow;

/// Claims, and who may read them in a browser.
pub struct UserInfo {
    /// The claims, `sub` always among them.
    pub claims: Map<String, Value>,
    /// The same as a JWT, for clients that registered for one (section 5.3.2).
    pub signed: Option<String>,
    /// The client the token was issued to, whose origins may read the answer.
    pub client_id: String,
}

/// Why there are none.
#[derive(Debug)]
pub enum UserInfoRefusal {
    /// 401 `invalid_token`.
    InvalidToken,
    /// 403 `insufficient_scope`: no `openid`.
    InsufficientScope,
    /// 429: an address that misses too often.
    Throttled(RetryAfter),
    /// 503.
    Unavailable,
}

impl From<StoreError> for UserInfoRefusal {
    fn from(_: StoreError) -> UserInfoRefusal {
        UserInfoRefusal::Unavailable
    }
}

/// Claims for the bearer of this token.
///
/// # Errors
/// [`UserInfoRefusal`].
pub async fn userinfo(app: &App, caller: &Caller, token: &str) -> Result<UserInfo, UserInfoRefusal> {
    let (misses, address) = (&app.throttles.misses, address_key(caller.address));
    let missed = || misses.check(&address).map_or_else(UserInfoRefusal::Throttled, |()| UserInfoRefusal::InvalidToken);
    let may_guess = || misses.peek(&address).map_err(UserInfoRefusal::Throttled);
    let parsed = match presented_token::read(app, token, may_guess).await? {
        Presented::Token(TokenKind::AccessToken, parsed) => parsed,
        Presented::Missed => return Err(missed()),
        _ => return Err(UserInfoRefusal::InvalidToken),
    };
    let Some(live) = token_state::live(app, &parsed).await? else { return Err(missed()) };
    let Some(user) = live.user else { return Err(UserInfoRefusal::InsufficientScope) };
    if !live.scopes.contains(OPENID) {
        return Err(UserInfoRefusal::InsufficientScope);
    }
    let mut claims = claims::of_scopes(&user, &live.scopes);
    let said = live.grant.as_ref().and_then(|grant| Some((&grant.openid.as_ref()?.0, &grant.scopes)));
    // Whoever narrows a token to hand it on does not hand on what was asked for besides its scopes.
    if let Some((said, _)) = said.filter(|(_, scopes)| live.token.scopes == **scopes) {
        claims.extend(claims::wished(&user, &said.claims.userinfo, &live.client.scopes));
    }
    claims.insert("sub".to_owned(), json!(subject::of(app, &live.client, &user)));
    let signed = signed(app, &live.client, &claims)?;
    Ok(UserInfo { claims, signed, client_id: live.client.client_id.clone() })
}

/// Without `typ`: ID tokens and all others have one here, so this passes for none of them (RFC 8725 section 3.11).
fn signed(app: &App, client: &ClientRow, claims: &Map<String, Value>) -> Result<Option<String>, UserInfoRefusal> {
    let Some(algorithm) = client.metadata.0.userinfo_signed_response_alg else { return Ok(None) };
    let mut claims = claims.clone();
    claims.insert("iss".to_owned(), json!(app.issuer.as_str()));
    claims.insert("aud".to_owned(), json!(client.client_id));
    match sign(app, algorithm, None, &claims) {
        Ok(signed) => Ok(Some(signed)),
        Err(error) => {
            tracing::error!(%error, detail = ?error.detail, "UserInfo cannot be signed");
            Err(UserInfoRefusal::Unavailable)
        }
    }
}
