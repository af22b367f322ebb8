//! `typ` of the tokens this server signs, so that none passes for another (RFC 8725 section 3.11).

/// ID tokens (OpenID Connect Core section 2), as relying parties expect them.
pub const ID_TOKEN: &str = "JWT";
/// Access tokens (RFC 9068 section 2.1).
pub const ACCESS_TOKEN: &str = "at+jwt";
/// Introspection answers (RFC 9701 section 5).
pub const TOKEN_INTROSPECTION: &str = "token-introspection+jwt";
/// Logout tokens (OpenID Connect Back-Channel Logout section 2.4).
pub const LOGOUT_TOKEN: &str = "logout+jwt";
