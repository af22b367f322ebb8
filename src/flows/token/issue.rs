//! New tokens: rows for the transaction, plain text for the one response.

use crate::app::App;
use crate::crypto::random::{self, Secret32};
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::audience;
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;
use crate::protocol::token_response::TokenResponse;
use crate::store::StoreError;
use crate::store::access_tokens::AccessTokenRow;
use crate::store::clients::ClientRow;
use crate::store::grants::GrantRow;
use crate::store::refresh_tokens::RefreshTokenRow;

/// An access token and its row.
pub struct NewAccessToken {
    /// For the response.
    pub plain: PlainToken,
    /// For the table.
    pub row: AccessTokenRow,
}

/// A refresh token and its row.
pub struct NewRefreshToken {
    /// For the response.
    pub plain: PlainToken,
    /// For the table.
    pub row: RefreshTokenRow,
}

/// An access token of this client for these scopes, from 32 bytes drawn or derived by the caller.
pub async fn access_token(
    app: &App,
    client: &ClientRow,
    grant: Option<&GrantRow>,
    scopes: ScopeList,
    id: i64,
    secret: &Secret32,
) -> Result<NewAccessToken, StoreError> {
    let now = app.clock.now();
    let lifetime = client.access_token_lifetime.unwrap_or(app.config.tokens.access_token_lifetime);
    let family_end = grant.map_or(NumericDate::MAX, |grant| grant.expires_at);
    let plain = PlainToken::new(TokenKind::AccessToken, id, secret.expose());
    let row = AccessTokenRow {
        id,
        grant_id: grant.map(|grant| grant.id),
        client: client.id,
        audience: audience::owners(app, &scopes).await?.into(),
        scopes,
        digest: plain.digest().as_bytes().to_vec(),
        last_four: plain.last_four(),
        created_at: now,
        expires_at: (now + lifetime).min(family_end),
        revoked_at: None,
    };
    Ok(NewAccessToken { plain, row })
}

/// An access token from fresh random bytes.
pub async fn random_access_token(
    app: &App,
    client: &ClientRow,
    grant: Option<&GrantRow>,
    scopes: ScopeList,
) -> Result<NewAccessToken, StoreError> {
    let id = app.store.next_id()?;
    access_token(app, client, grant, scopes, id, &random::secret()).await
}

/// The first refresh token of a family, random; later ones are derived.
pub fn first_refresh_token(app: &App, client: &ClientRow, grant: &GrantRow) -> Result<NewRefreshToken, StoreError> {
    let id = app.store.next_id()?;
    let plain = PlainToken::new(TokenKind::RefreshToken, id, random::secret().expose());
    let row = refresh_row(app, client, grant, id, 0, &plain);
    Ok(NewRefreshToken { plain, row })
}

/// The row of a refresh token; its idle limit never outlives the family.
pub fn refresh_row(
    app: &App,
    client: &ClientRow,
    grant: &GrantRow,
    id: i64,
    generation: i64,
    plain: &PlainToken,
) -> RefreshTokenRow {
    let now = app.clock.now();
    RefreshTokenRow {
        id,
        grant_id: grant.id,
        generation,
        digest: plain.digest().as_bytes().to_vec(),
        last_four: plain.last_four(),
        salt: None,
        derivation_key: None,
        created_at: now,
        expires_at: idle_end(app, client, grant),
        revoked_at: None,
        first_used_at: None,
        fingerprint: None,
        next_refresh_token: None,
        next_access_token: None,
        next_access_expires_at: None,
        extra_access_tokens: 0,
    }
}

/// When a refresh token made or used now dies unused.
pub fn idle_end(app: &App, client: &ClientRow, grant: &GrantRow) -> NumericDate {
    let idle = client.refresh_idle_lifetime.unwrap_or(app.config.tokens.refresh_idle_lifetime);
    (app.clock.now() + idle).min(grant.expires_at)
}

/// The answer of RFC 6749 section 5.1.
pub fn response(
    app: &App,
    access: &PlainToken,
    expires_at: NumericDate,
    refresh: Option<&str>,
    scopes: &ScopeList,
) -> TokenResponse {
    let response = TokenResponse::bearer(access.expose().to_owned(), expires_at - app.clock.now(), scopes.clone());
    match refresh {
        Some(refresh) => response.with_refresh_token(refresh.to_owned()),
        None => response,
    }
}
