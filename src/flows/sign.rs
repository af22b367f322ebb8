//! Signing what this server says, with the key of an algorithm that signs now. Never inside a write closure.

use serde::Serialize;

use crate::app::App;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::signing_algorithm::SigningAlgorithm;

/// A JWT of the type `typ`; of none, so that it passes for nothing that has one.
///
/// # Errors
/// `server_error` while there is no key for the algorithm.
pub fn sign(
    app: &App,
    algorithm: SigningAlgorithm,
    typ: Option<&str>,
    claims: &impl Serialize,
) -> Result<String, OAuthError> {
    let unsigned = |hint: String| {
        let detail = Detail::new("nothing_signed", "RFC 7515 section 5.1").hint(hint);
        OAuthError::new(ErrorCode::ServerError, "the answer could not be signed").with_detail(detail)
    };
    let key = app
        .keys
        .signing(algorithm)
        .ok_or_else(|| unsigned(format!("there is no {} key; see `grantor key list`", algorithm.as_str())))?;
    let signed = match typ {
        Some(typ) => key.sign(typ, claims),
        None => key.sign_untyped(claims),
    };
    signed.map_err(|error| unsigned(error.to_string()))
}
