//! Guessed tokens: a checksum is no secret, so anybody can make texts that reach the database. Misses are limited per
//! address; clients that authenticated are known and not limited.

use super::caller::Caller;
use super::client_authentication::AuthenticatedClient;
use crate::app::App;
use crate::app::throttle::{RetryAfter, address_key};
use crate::protocol::error::{Detail, ErrorCode, OAuthError};

/// Whether this caller may try a text that people could have made.
///
/// # Errors
/// `temporarily_unavailable` while an address misses too often.
pub fn check(app: &App, caller: &Caller, client: &AuthenticatedClient) -> Result<(), OAuthError> {
    match client.is_confidential() {
        true => Ok(()),
        false => app.throttles.misses.peek(&address_key(caller.address)).map_err(refusal),
    }
}

/// Counts a token that was never issued. Only who misses is refused: others at the same address have right ones.
///
/// # Errors
/// `temporarily_unavailable` once an address misses too often.
pub fn missed(app: &App, caller: &Caller, client: &AuthenticatedClient) -> Result<(), OAuthError> {
    match client.is_confidential() {
        true => Ok(()),
        false => app.throttles.misses.check(&address_key(caller.address)).map_err(refusal),
    }
}

fn refusal(retry: RetryAfter) -> OAuthError {
    let hint = format!("this address sent many tokens that never existed; wait {} seconds", retry.seconds());
    let description = "too many unknown tokens from this address, try again later";
    OAuthError::new(ErrorCode::TemporarilyUnavailable, description)
        .with_detail(Detail::new("tokens_guessed", "RFC 6819 section 5.1.4.2.2").hint(hint))
}
