//! The UserInfo endpoint (OpenID Connect Core section 5.3): claims about the person an access token speaks for.

use serde_json::{Map, Value, json};

use super::{claims, subject};
use crate::app::App;
use crate::app::throttle::{RetryAfter, address_key};
use crate::crypto::token::{TokenKind, TokenText};
use crate::flows::caller::Caller;
use crate::flows::token_state;
use crate::protocol::identity_scopes::OPENID;
use crate::store::StoreError;

/// Claims, and who may read them in a browser.
pub struct UserInfo {
    /// The claims, `sub` always among them.
    pub claims: Map<String, Value>,
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
    let parsed = TokenText::parse(TokenKind::AccessToken, token).map_err(|_| UserInfoRefusal::InvalidToken)?;
    let Some(live) = token_state::live(app, &parsed).await? else {
        let misses = &app.throttles.misses;
        misses.check(&address_key(caller.address)).map_err(UserInfoRefusal::Throttled)?;
        return Err(UserInfoRefusal::InvalidToken);
    };
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
    Ok(UserInfo { claims, client_id: live.client.client_id.clone() })
}
