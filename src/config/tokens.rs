//! `[tokens]`: lifetimes of codes and tokens, and which response types are on. All times in seconds.

use serde::{Deserialize, Serialize};

/// Defaults; a client may have lifetimes of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tokens {
    /// Authorization codes (RFC 6749 section 4.1.2); at most 600.
    pub code_lifetime: i64,
    /// Seconds an ID token is good for.
    pub id_token_lifetime: i64,
    /// Access tokens.
    pub access_token_lifetime: i64,
    /// A refresh token nobody used for this long is dead.
    pub refresh_idle_lifetime: i64,
    /// A family of refresh tokens ends this long after the user's consent, used or not.
    pub refresh_absolute_lifetime: i64,
    /// How long a confidential client's retry of a refresh gets the same pair; 0 turns it off.
    pub refresh_grace_confidential: i64,
    /// The same for public clients.
    pub refresh_grace_public: i64,
    /// Whether `response_type=token` exists at all; each client must be allowed besides.
    pub implicit: bool,
}

impl Default for Tokens {
    fn default() -> Self {
        Tokens {
            code_lifetime: 60,
            id_token_lifetime: 3600,
            access_token_lifetime: 3600,
            refresh_idle_lifetime: 30 * 24 * 3600,
            refresh_absolute_lifetime: 180 * 24 * 3600,
            refresh_grace_confidential: 60,
            refresh_grace_public: 10,
            implicit: false,
        }
    }
}
