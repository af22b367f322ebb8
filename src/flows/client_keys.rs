//! Tokens that clients sign (RFC 7523 section 3, RFC 9101 section 6.2): believed by the keys they registered, and no others.

use std::sync::Arc;

use crate::app::App;
use crate::crypto::jwt::{self, JwtRefusal, KeySet, Signed};
use crate::outbound::documents::DocumentError;
use crate::store::clients::ClientRow;

/// Why a client's token is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ClientKeysRefusal {
    /// The client registered neither `jwks` nor `jwks_uri`.
    #[error("the client has no keys: register jwks or jwks_uri")]
    NoKeys,
    /// What is at `jwks_uri` cannot be had.
    #[error("jwks_uri: {0}")]
    Fetch(#[from] DocumentError),
    /// What is registered, or what is there, is no key set.
    #[error("the client's keys are not a JWK set")]
    NotAKeySet,
    /// The token is not right by these keys.
    #[error(transparent)]
    Token(#[from] JwtRefusal),
}

/// The claims of a token that this client signed; its `typ` is missing, `JWT` or one of `kinds`. A key that is not known
/// yet is looked for at `jwks_uri` once more a minute (C30).
///
/// # Errors
/// [`ClientKeysRefusal`].
pub async fn verify(app: &App, client: &ClientRow, token: &str, kinds: &[&str]) -> Result<Signed, ClientKeysRefusal> {
    let registered = &client.metadata.0;
    if let Some(jwks) = &registered.jwks {
        return Ok(jwt::verify_of_kind(token, &read(&jwks.to_string())?, kinds)?);
    }
    let url = registered.jwks_uri.as_deref().ok_or(ClientKeysRefusal::NoKeys)?;
    let now = app.clock.monotonic();
    let kept: Arc<str> = app.documents.get(&app.upstream, url, now).await?;
    match jwt::verify_of_kind(token, &read(&kept)?, kinds) {
        Err(JwtRefusal::UnknownKey) => match app.documents.again(&app.upstream, url, now).await? {
            Some(fresh) => Ok(jwt::verify_of_kind(token, &read(&fresh)?, kinds)?),
            None => Err(JwtRefusal::UnknownKey.into()),
        },
        judged => Ok(judged?),
    }
}

fn read(text: &str) -> Result<KeySet, ClientKeysRefusal> {
    KeySet::parse(text).map_err(|_| ClientKeysRefusal::NotAKeySet)
}
