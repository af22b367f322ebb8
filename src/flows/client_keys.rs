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
    /// They are not here, and nobody goes for them on behalf of a throttled address.
    #[error("the client's keys are not fetched for an address that failed so often: try again later")]
    NotNow,
    /// What is registered, or what is there, is no key set.
    #[error("the client's keys are not a JWK set")]
    NotAKeySet,
    /// The token is not right by these keys.
    #[error(transparent)]
    Token(#[from] JwtRefusal),
}

/// Whether the client's server may be asked for its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetch {
    /// As often as C30 has it.
    Allowed,
    /// Only what is here already counts: whoever asks was wrong too often.
    No,
}

/// The claims of a token that this client signed; its `typ` is missing, `JWT` or one of `kinds`. A key that is not known
/// yet is looked for at `jwks_uri` once more a minute (C30), and so is one without a name that made no such signature.
/// Nothing is fetched for a token that no key could make good.
///
/// # Errors
/// [`ClientKeysRefusal`].
pub async fn verify(
    app: &App,
    client: &ClientRow,
    token: &str,
    kinds: &[&str],
    fetch: Fetch,
) -> Result<Signed, ClientKeysRefusal> {
    let unproven = jwt::unproven(token, kinds)?;
    let registered = &client.metadata.0;
    if let Some(jwks) = &registered.jwks {
        return Ok(jwt::verify_of_kind(token, &read(&jwks.to_string())?, kinds)?);
    }
    let url = registered.jwks_uri.as_deref().ok_or(ClientKeysRefusal::NoKeys)?;
    let now = app.clock.monotonic();
    let kept: Arc<str> = match fetch {
        Fetch::Allowed => app.client_documents.get(&app.client_upstream, url, now).await?,
        Fetch::No => app.client_documents.kept(url, now).ok_or(ClientKeysRefusal::NotNow)?,
    };
    let refusal = match jwt::verify_of_kind(token, &read(&kept)?, kinds) {
        Ok(signed) => return Ok(signed),
        Err(refusal) => refusal,
    };
    let newer_may_help = match &refusal {
        JwtRefusal::UnknownKey => true,
        JwtRefusal::Signature => !unproven.names_key,
        _ => false,
    };
    if fetch == Fetch::No || !newer_may_help {
        return Err(refusal.into());
    }
    match app.client_documents.again(&app.client_upstream, url, now).await? {
        Some(fresh) => Ok(jwt::verify_of_kind(token, &read(&fresh)?, kinds)?),
        None => Err(refusal.into()),
    }
}

fn read(text: &str) -> Result<KeySet, ClientKeysRefusal> {
    KeySet::parse(text).map_err(|_| ClientKeysRefusal::NotAKeySet)
}
