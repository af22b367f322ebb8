//! Confidential clients may keep one refresh token: it is bound to their secret (RFC 9700 section 4.14.2).

use super::{Answer, Attempt, SPEC};
use crate::flows::token::{access_token, invalid_grant, issue};
use crate::protocol::error::{Detail, OAuthError};
use crate::store::{access_tokens, grants, refresh_tokens};

/// A new access token, the same refresh token, its idle limit moved on.
pub async fn use_again(attempt: &Attempt<'_>, presented: &str) -> Result<Answer, OAuthError> {
    let Attempt { app, client, family, .. } = attempt;
    let new = access_token::random(app, attempt.bearer(), attempt.target.clone())?;
    let now = app.clock.now();
    let idle_end = issue::idle_end(app, client, &family.grant);
    let (token_id, grant_id, row) = (family.token.id, family.grant.id, new.row.clone());
    let live = app
        .store
        .write(move |write| {
            if grants::hold(write, grant_id)? == 0 || refresh_tokens::extend(write, token_id, now, idle_end)? == 0 {
                return Ok(false);
            }
            access_tokens::insert(write, &row)?;
            Ok(true)
        })
        .await?;
    if !live {
        return Err(invalid_grant("the grant was revoked", Detail::new("grant_revoked", SPEC)));
    }
    Ok(Answer {
        body: issue::response(app, &new.text, new.row.expires_at, Some(presented), &new.row.scopes),
        authorization_id: family.grant.authorization_id,
    })
}
