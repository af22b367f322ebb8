//! A used refresh token comes again. Inside the window, counted from its first use and never sliding, a retry gets the
//! same pair; after it, somebody holds a token they should not have.

use std::sync::Arc;

use serde_json::json;

use super::family::Family;
use super::first_use::input;
use super::{Answer, Attempt};
use crate::app::App;
use crate::crypto::refresh_derivation::Successor;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::token::{access_token, invalid_grant, issue};
use crate::protocol::NumericDate;
use crate::protocol::error::{Detail, OAuthError};
use crate::store::access_tokens::{self, AccessTokenRow};
use crate::store::clients::ClientRow;
use crate::store::refresh_tokens::{self, RefreshTokenRow};
use crate::store::{StoreError, audit_events, grants};

const SPEC: &str = "RFC 9700 section 4.14.2";

/// Access tokens for other scopes inside one window.
const EXTRA_ACCESS_TOKENS: i64 = 8;

struct Successors {
    refresh: Arc<RefreshTokenRow>,
    access: Arc<AccessTokenRow>,
}

/// Answers the replay, or refuses it.
pub async fn answer(attempt: &Attempt<'_>) -> Result<Answer, OAuthError> {
    let Attempt { app, family, .. } = attempt;
    let token = &family.token;
    if window_is_over(app, attempt.client, token) {
        return Err(reused(app, attempt.caller, attempt.client, family).await?);
    }
    app.metrics.event("refresh_replayed_in_window");
    let Some(next) = successors(attempt).await? else { return Err(gone()) };
    let live = next.refresh.revoked_at.is_none()
        && next.refresh.first_used_at.is_none()
        && next.access.revoked_at.is_none()
        && app.clock.now() < next.access.expires_at;
    if !live {
        return Err(gone());
    }
    let Some((refresh, access)) = recompute(attempt, &next)? else { return Err(gone()) };
    let (access, expires_at) = match token.fingerprint.as_deref() == Some(&attempt.fingerprint[..]) {
        true => (access, next.access.expires_at),
        false => another_access_token(attempt).await?,
    };
    Ok(Answer {
        body: issue::response(app, &access, expires_at, Some(refresh.expose()), &attempt.target.scopes),
        authorization_id: family.grant.authorization_id,
    })
}

/// Whether the token was used, and so long ago that no honest retry comes any more. Counted from the first use.
pub fn window_is_over(app: &App, client: &ClientRow, token: &RefreshTokenRow) -> bool {
    let tokens = &app.config.tokens;
    let grace = client.refresh_grace.unwrap_or(match client.is_confidential() {
        true => tokens.refresh_grace_confidential,
        false => tokens.refresh_grace_public,
    });
    token.first_used_at.is_some_and(|first_used_at| app.clock.now() >= first_used_at.saturating_add(grace))
}

async fn successors(attempt: &Attempt<'_>) -> Result<Option<Successors>, StoreError> {
    let token = &attempt.family.token;
    let (Some(refresh_id), Some(access_id)) = (token.next_refresh_token, token.next_access_token) else {
        return Ok(None);
    };
    attempt
        .app
        .store
        .view(move |rows| {
            let refresh = rows.get::<RefreshTokenRow>(refresh_id)?;
            let access = rows.get::<AccessTokenRow>(access_id)?;
            Ok(refresh.zip(access).map(|(refresh, access)| Successors { refresh, access }))
        })
        .await
}

/// The pair as it was given, if salt and key are still there and the result is what the rows hold.
fn recompute(attempt: &Attempt<'_>, next: &Successors) -> Result<Option<(PlainToken, String)>, OAuthError> {
    let key = next.refresh.derivation_key.and_then(|key| attempt.app.keys.derivation(key));
    let (Some(salt), Some(key)) = (next.refresh.salt.as_deref(), key) else { return Ok(None) };
    let input = input(attempt, next.refresh.generation, salt, next.refresh.id, next.access.id);
    let successor = Successor::derive(&key, &input);
    let refresh = PlainToken::new(TokenKind::RefreshToken, next.refresh.id, &successor.refresh_secret);
    if !refresh.digest().matches(&next.refresh.digest) {
        return Ok(None);
    }
    let format = attempt.target.format;
    let access = access_token::again(attempt.app, attempt.bearer(), &next.access, format, &successor.access_secret)?;
    Ok(access.map(|access| (refresh, access)))
}

/// The same use asking for something else gets an access token of its own, a few times.
async fn another_access_token(attempt: &Attempt<'_>) -> Result<(String, NumericDate), OAuthError> {
    let Attempt { app, family, .. } = attempt;
    let new = access_token::random(app, attempt.bearer(), attempt.target.clone())?;
    let (token_id, grant_id, row) = (family.token.id, family.grant.id, new.row.clone());
    let counted = app
        .store
        .write(move |write| {
            if grants::hold(write, grant_id)? == 0
                || refresh_tokens::count_extra(write, token_id, EXTRA_ACCESS_TOKENS)? == 0
            {
                return Ok(false);
            }
            access_tokens::insert(write, &row)?;
            Ok(true)
        })
        .await?;
    match counted {
        true => Ok((new.text, new.row.expires_at)),
        false => Err(gone()),
    }
}

/// Inside the window, but its successor is in use or dead: no theft is shown, no pair is given.
fn gone() -> OAuthError {
    invalid_grant(
        "the refresh token was used before",
        Detail::new("refresh_token_used", SPEC).hint("use the refresh token of the newest answer"),
    )
}

/// After the window: the family falls, once on the record.
pub async fn reused(app: &App, caller: &Caller, client: &ClientRow, family: &Family) -> Result<OAuthError, StoreError> {
    let event = audit::draft(
        app,
        Some(caller),
        "refresh_token.reused",
        Actor::Client(client),
        Target::UserId(family.grant.user_id),
        json!({ "grant": family.grant.id.to_string(), "client_id": client.client_id, "client": client.name }),
    )?;
    let (grant_id, now) = (family.grant.id, app.clock.now());
    app.store
        .write(move |write| {
            if grants::revoke(write, grant_id, "refresh_token_reused", now)? == 1 {
                audit_events::insert(write, &event)?;
            }
            Ok(())
        })
        .await?;
    app.metrics.event("refresh_token_reused");
    Ok(invalid_grant(
        "the refresh token was used before",
        Detail::new("refresh_token_reused", SPEC)
            .hint("it came again long after its use, which looks like theft: the whole family is revoked"),
    ))
}
