//! The paths of the protocol's endpoints, below the issuer.

/// RFC 6749 section 3.1.
pub const AUTHORIZATION: &str = "/oauth/authorize";
/// RFC 6749 section 3.2.
pub const TOKEN: &str = "/oauth/token";
/// RFC 7662 section 2.
pub const INTROSPECTION: &str = "/oauth/introspect";
/// RFC 7009 section 2.
pub const REVOCATION: &str = "/oauth/revoke";
/// OpenID Connect Core section 5.3.
pub const USERINFO: &str = "/oauth/userinfo";
/// OpenID Connect RP-Initiated Logout section 2.
pub const END_SESSION: &str = "/oauth/logout";
/// OpenID Connect Session Management section 3.3.
pub const CHECK_SESSION: &str = "/oauth/check-session";
/// The name of the OpenID Provider's document below `/.well-known/` (OpenID Connect Discovery section 4).
pub const OPENID_CONFIGURATION: &str = "openid-configuration";
/// The key set (RFC 7517 section 5).
pub const JWKS: &str = "/oauth/jwks.json";
/// The name of the metadata document below `/.well-known/` (RFC 8414 section 3).
pub const AUTHORIZATION_SERVER_METADATA: &str = "oauth-authorization-server";
