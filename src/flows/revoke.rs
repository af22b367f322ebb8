//! Token revocation (RFC 7009): a refresh token takes its family with it, an access token only itself.

use serde_json::json;

use super::audit::{self, Actor, Target};
use super::caller::Caller;
use super::client_authentication::{self, AuthenticatedClient, Presented};
use super::guessing;
use super::presented_token::{self, Presented as PresentedToken};
use crate::app::App;
use crate::crypto::token::{ParsedToken, TokenKind};
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::params::Params;
use crate::store::access_tokens::AccessTokenRow;
use crate::store::grants::GrantRow;
use crate::store::refresh_tokens::RefreshTokenRow;
use crate::store::{access_tokens, audit_events, grants};

/// Answers one revocation request. The hint is not needed: the token's text says what it is.
///
/// # Errors
/// `invalid_client`, `invalid_request` without `token`, and 503 where the change could not be stored. An unknown token,
/// or another client's, is no error and nothing happens (RFC 7009 section 2.2).
pub async fn revoke(app: &App, caller: &Caller, authorization: Option<&str>, body: &Params) -> Result<(), OAuthError> {
    let presented = Presented::from_request(authorization, body)?;
    let client = client_authentication::authenticate(app, caller, presented).await?;
    let twice = |_| OAuthError::new(ErrorCode::InvalidRequest, "token is given more than once");
    let Some(text) = body.once("token").map_err(twice)? else {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, "token is missing"));
    };
    let found = presented_token::read(app, text, || guessing::check(app, caller, &client)).await?;
    if matches!(found, PresentedToken::Malformed(_) | PresentedToken::Unknown | PresentedToken::Disbelieved) {
        return Ok(());
    }
    let PresentedToken::Token(kind, parsed) = found else { return guessing::missed(app, caller, &client) };
    match kind {
        TokenKind::RefreshToken => refresh_token(app, caller, &client, &parsed).await,
        TokenKind::AccessToken => access_token(app, caller, &client, &parsed).await,
        _ => Ok(()),
    }
}

async fn refresh_token(
    app: &App,
    caller: &Caller,
    client: &AuthenticatedClient,
    parsed: &ParsedToken,
) -> Result<(), OAuthError> {
    let id = parsed.id;
    let found = app
        .store
        .view(move |rows| {
            let Some(token) = rows.get::<RefreshTokenRow>(id)? else { return Ok(None) };
            Ok(rows.get::<GrantRow>(token.grant_id)?.map(|grant| (token, grant)))
        })
        .await?;
    let Some((_, grant)) = found.filter(|(token, _)| parsed.digest.matches(&token.digest)) else {
        return guessing::missed(app, caller, client);
    };
    let client = client.row();
    if grant.client != client.id {
        return Ok(());
    }
    let data = json!({ "grant": grant.id.to_string(), "client_id": client.client_id, "client": client.name });
    let target = Target::UserId(grant.user_id);
    let event = audit::draft(app, Some(caller), "grant.revoked", Actor::Client(client), target, data)?;
    let (id, now) = (grant.id, app.clock.now());
    app.store
        .write(move |write| {
            if grants::revoke(write, id, "revoked_by_client", now)? == 1 {
                audit_events::insert(write, &event)?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

async fn access_token(
    app: &App,
    caller: &Caller,
    client: &AuthenticatedClient,
    parsed: &ParsedToken,
) -> Result<(), OAuthError> {
    let id = parsed.id;
    let found = app.store.view(move |rows| rows.get::<AccessTokenRow>(id)).await?;
    let Some(token) = found.filter(|token| parsed.digest.matches(&token.digest)) else {
        return guessing::missed(app, caller, client);
    };
    let client = client.row();
    if token.client != client.id {
        return Ok(());
    }
    let data = json!({ "access_token": token.id.to_string(), "client_id": client.client_id });
    let target = Target::Client(client);
    let event = audit::draft(app, Some(caller), "access_token.revoked", Actor::Client(client), target, data)?;
    let now = app.clock.now();
    app.store
        .write(move |write| {
            if access_tokens::revoke(write, id, now)? == 1 {
                audit_events::insert(write, &event)?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}
