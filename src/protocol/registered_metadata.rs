//! What a client registers about itself beyond its columns, by the names of RFC 7591 section 2 and OpenID Connect
//! Dynamic Client Registration section 2.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::signing_algorithm::SigningAlgorithm;

/// Each member absent unless registered; a default is applied where the member is used, never stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegisteredMetadata {
    /// What its ID tokens are signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<SigningAlgorithm>,
    /// Signs the answers of the UserInfo endpoint; plain JSON without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<SigningAlgorithm>,
    /// Signs the answers of the introspection endpoint where the caller asks for a JWT (RFC 9701 section 6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_signed_response_alg: Option<SigningAlgorithm>,
    /// Makes its access tokens JWTs (RFC 9068) signed with this; opaque without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_signed_response_alg: Option<SigningAlgorithm>,
    /// The only algorithm its request objects may be signed with (RFC 9101); any supported one without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<String>,
    /// Requests without a signed request object are refused (RFC 9101 section 10.5).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub require_signed_request_object: bool,
    /// Where request objects may be fetched from; the fragment is a hash of what is there (OpenID Connect Core section 6.2).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<String>,
    /// The only algorithm its assertions may be signed with (`private_key_jwt`, `client_secret_jwt`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// Its public keys, a JWK set (RFC 7517).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Where they are published, so that it may change them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// How the person is named to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_type: Option<SubjectType>,
    /// Whose list of redirect URIs says who shares pairwise names (OpenID Connect Core section 8.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// Seconds since the person proved who they are, for requests that say no `max_age`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    /// `auth_time` is asked for; it is told in any case where it is known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub require_auth_time: bool,
    /// Classes of authentication preferred where a request says none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// Where others may send a person to sign in there (OpenID Connect Core section 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// Where a person may be sent to after logout (OpenID Connect RP-Initiated Logout section 3.1).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// Loaded in a frame when the session ends (OpenID Connect Front-Channel Logout section 2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// `iss` and `sid` are added to it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub frontchannel_logout_session_required: bool,
    /// Gets a logout token when the session ends (OpenID Connect Back-Channel Logout section 2.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// The logout token names the session.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub backchannel_logout_session_required: bool,
    /// Addresses of people who answer for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// `web` or `native`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_type: Option<String>,
    /// Says which software it is, over all its registrations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// Which version of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// A refresh token comes with `openid` even where the person was not asked for `offline_access`; the operator's word.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub refresh_without_offline_access: bool,
}

/// How a person is named to a client (OpenID Connect Core section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// By the same name to every client.
    Public,
    /// By a name that no client of another sector knows.
    Pairwise,
}

impl SubjectType {
    /// Every type.
    pub const ALL: [Self; 2] = [Self::Public, Self::Pairwise];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Pairwise => "pairwise",
        }
    }
}
