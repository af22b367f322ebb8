//! Classes of authentication (OpenID Connect Core section 2, `acr`): each names what was done, and promises no level of
//! assurance that nobody audited.

/// This server saw the person's password in this session.
pub const PASSWORD: &str = "urn:grantor:acr:pwd";
/// An organization's provider vouched for the person; what it asked of them is known there.
pub const PROVIDER: &str = "urn:grantor:acr:sso";

/// Every class this server can tell.
pub const ALL: [&str; 2] = [PASSWORD, PROVIDER];
