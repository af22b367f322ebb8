//! New refresh tokens, rows for the transaction and plain text for the one response; and that response.

use crate::app::App;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;
use crate::protocol::token_response::TokenResponse;
use crate::store::StoreError;
use crate::store::clients::ClientRow;
use crate::store::grants::GrantRow;
use crate::store::refresh_tokens::RefreshTokenRow;

/// A refresh token and its row.
pub struct NewRefreshToken {
    /// For the response.
    pub plain: PlainToken,
    /// For the table.
    pub row: RefreshTokenRow,
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
    access: &str,
    expires_at: NumericDate,
    refresh: Option<&str>,
    scopes: &ScopeList,
) -> TokenResponse {
    let response = TokenResponse::bearer(access.to_owned(), expires_at - app.clock.now(), scopes.clone());
    match refresh {
        Some(refresh) => response.with_refresh_token(refresh.to_owned()),
        None => response,
    }
}
