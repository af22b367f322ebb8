//! Guessed tokens: a checksum is no secret, so anybody can make texts that reach the database. Misses are limited per
//! address; clients that authenticated are known and not limited.

use super::caller::Caller;
use super::client_authentication::AuthenticatedClient;
use crate::app::App;
use crate::app::throttle::address_key;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};

/// Whether this caller may make the server look for a token.
///
/// # Errors
/// `temporarily_unavailable` while an address misses too often.
pub fn check(app: &App, caller: &Caller, client: &AuthenticatedClient) -> Result<(), OAuthError> {
    if client.is_confidential() {
        return Ok(());
    }
    app.throttles.misses.peek(&address_key(caller.address)).map_err(|retry| {
        OAuthError::new(ErrorCode::TemporarilyUnavailable, "too many unknown tokens from this address, try again later")
            .with_detail(
                Detail::new("tokens_guessed", "RFC 6819 section 5.1.4.2.2").hint(format!(
                    "this address sent many tokens that never existed; wait {} seconds",
                    retry.seconds()
                )),
            )
    })
}

/// Counts a token that was never issued.
pub fn missed(app: &App, caller: &Caller, client: &AuthenticatedClient) {
    if !client.is_confidential() {
        let _now_limited = app.throttles.misses.check(&address_key(caller.address));
    }
}
