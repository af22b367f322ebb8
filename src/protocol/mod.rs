//! The RFCs' words as types: pure parsing, checking and rendering. No framework, no database, no clock, no chance.

pub mod access_token_claims;
pub mod acr;
pub mod authorization_request;
pub mod basic;
pub mod bearer;
pub mod catalogue;
pub mod claims_request;
pub mod client_authentication_method;
pub mod endpoints;
pub mod error;
pub mod error_response;
pub mod form_encoding;
pub mod grant_type;
pub mod id_token;
pub mod identity_scopes;
pub mod introspection_response;
pub mod issuer;
pub mod jwt_type;
pub mod limits;
pub mod location;
pub mod metadata;
pub mod openid_grant;
pub mod origin;
pub mod origin_pattern;
pub mod params;
pub mod pkce;
pub mod prompt;
pub mod redirect_uri;
pub mod reference_catalogue;
pub mod registered_metadata;
pub mod resource;
pub mod response_mode;
pub mod response_type;
pub mod rfc3339;
pub mod roles;
pub mod scope;
pub mod sector;
pub mod signing_algorithm;
pub mod span;
pub mod standard_claims;
pub mod text;
pub mod token_response;
pub mod trusted_redirect;
pub mod uri;

/// Seconds since 1970-01-01T00:00:00Z (RFC 7519 section 2).
pub type NumericDate = i64;
