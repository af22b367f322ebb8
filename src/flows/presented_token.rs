//! Which row a presented token opens. One made here says so itself, by its text or as a JWT by its `jti`; one made
//! elsewhere is asked for by its digest, and only when its text has no prefix of ours, so that nobody's own tokens ever
//! wait for that table.

use serde_json::Value;

use crate::app::App;
use crate::crypto::imported;
use crate::crypto::jwt::has_form_of_jwt;
use crate::crypto::jwt_id::JwtId;
use crate::crypto::own_tokens::Expiry;
use crate::crypto::token::{self, ParsedToken, TokenKind, TokenText};
use crate::protocol::jwt_type;
use crate::store::{StoreError, imported_secrets};

/// What a text is.
pub enum Presented {
    /// It opens this row, if the digest is the row's.
    Token(TokenKind, ParsedToken),
    /// It begins like one of this kind and is none: mistyped or cut short.
    Malformed(TokenKind),
    /// A JWT that is no access token of ours, or no more: of another kind, key or issuer, or expired.
    Disbelieved,
    /// It could have been made elsewhere, and no import brought it: a guess, for whoever limits guessing.
    Missed,
    /// Nothing that could be a token here.
    Unknown,
}

/// Reads a text. `may_guess` is asked before one made elsewhere is looked for: people may have made it, so trying must
/// not find it. One made here is too long to be found by trying, and waits for nobody.
///
/// # Errors
/// `may_guess`'s, and the store's.
pub async fn read<E>(app: &App, text: &str, may_guess: impl FnOnce() -> Result<(), E>) -> Result<Presented, E>
where
    E: From<StoreError>,
{
    if let Some(kind) = token::kind_of(text) {
        return Ok(match TokenText::parse(kind, text) {
            Ok(parsed) => Presented::Token(kind, parsed),
            Err(_) => Presented::Malformed(kind),
        });
    }
    if has_form_of_jwt(text) {
        let named = own_access_token(app, text);
        return Ok(named.map_or(Presented::Disbelieved, |parsed| Presented::Token(TokenKind::AccessToken, parsed)));
    }
    let Ok(digest) = imported::digest(text) else { return Ok(Presented::Unknown) };
    may_guess()?;
    let found = app.store.read(move |conn| imported_secrets::find(conn, digest.as_bytes())).await?;
    let row = found.and_then(|row| Some((kind_of(&row.kind)?, row.row_id)));
    Ok(row.map_or(Presented::Missed, |(kind, row_id)| Presented::Token(kind, imported::parsed(row_id, digest, text))))
}

/// The row a JWT names (RFC 9068 section 4). Its signature only earns it a look at the row: that one decides.
fn own_access_token(app: &App, text: &str) -> Option<ParsedToken> {
    let judged = Expiry::Judged(app.clock.now());
    let claims = app.keys.verify_own(text, jwt_type::ACCESS_TOKEN, judged).ok()?;
    let ours = claims.get("iss").and_then(Value::as_str) == Some(app.issuer.as_str());
    let for_somebody = match claims.get("aud") {
        Some(Value::String(one)) => !one.is_empty(),
        Some(Value::Array(many)) => !many.is_empty() && many.iter().all(Value::is_string),
        _ => false,
    };
    if !ours || !for_somebody {
        return None;
    }
    JwtId::parse(claims.get("jti")?.as_str()?).ok()
}

/// What the column says.
fn kind_of(name: &str) -> Option<TokenKind> {
    [TokenKind::AccessToken, TokenKind::RefreshToken, TokenKind::PersonalToken, TokenKind::ApiKey]
        .into_iter()
        .find(|kind| name_of(*kind) == name)
}

/// What the column calls a kind.
pub fn name_of(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::AccessToken => "access_token",
        TokenKind::RefreshToken => "refresh_token",
        TokenKind::PersonalToken => "personal_token",
        TokenKind::ApiKey => "api_key",
        _ => "",
    }
}
