//! What a client registers about itself beyond its columns, by the names of RFC 7591 section 2 and OpenID Connect
//! Dynamic Client Registration section 2.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::signing_algorithm::SigningAlgorithm;

/// Each member absent unless registered; a default is applied where the member is used, never stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    #[schema(value_type = Option<Object>)]
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
    /// It registered itself where everybody may: nobody answers for it until it is verified. Made here, never asked for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub registered_openly: bool,
}

impl RegisteredMetadata {
    /// Every member there is.
    pub const NAMES: [&'static str; 27] = [
        "id_token_signed_response_alg",
        "userinfo_signed_response_alg",
        "introspection_signed_response_alg",
        "access_token_signed_response_alg",
        "request_object_signing_alg",
        "require_signed_request_object",
        "request_uris",
        "token_endpoint_auth_signing_alg",
        "jwks",
        "jwks_uri",
        "subject_type",
        "sector_identifier_uri",
        "default_max_age",
        "require_auth_time",
        "default_acr_values",
        "initiate_login_uri",
        "post_logout_redirect_uris",
        "frontchannel_logout_uri",
        "frontchannel_logout_session_required",
        "backchannel_logout_uri",
        "backchannel_logout_session_required",
        "contacts",
        "application_type",
        "software_id",
        "software_version",
        "refresh_without_offline_access",
        "registered_openly",
    ];

    /// The members that are registered, by name.
    pub fn members(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(members)) => members,
            _ => Map::new(),
        }
    }

    /// The member of that name as a constant.
    pub fn name_of(text: &str) -> Option<&'static str> {
        Self::NAMES.into_iter().find(|name| *name == text)
    }
}

/// How a person is named to a client (OpenID Connect Core section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_has_its_name_and_nothing_else_does() {
        let all = serde_json::json!({
            "id_token_signed_response_alg": "RS256", "userinfo_signed_response_alg": "ES256",
            "introspection_signed_response_alg": "PS256", "access_token_signed_response_alg": "EdDSA",
            "request_object_signing_alg": "ES384", "require_signed_request_object": true, "request_uris": ["https://c.test/r"],
            "token_endpoint_auth_signing_alg": "ES256", "jwks": { "keys": [] }, "jwks_uri": "https://c.test/jwks",
            "subject_type": "pairwise", "sector_identifier_uri": "https://c.test/s", "default_max_age": 5,
            "require_auth_time": true, "default_acr_values": ["1"], "initiate_login_uri": "https://c.test/i",
            "post_logout_redirect_uris": ["https://c.test/p"], "frontchannel_logout_uri": "https://c.test/f",
            "frontchannel_logout_session_required": true, "backchannel_logout_uri": "https://c.test/b",
            "backchannel_logout_session_required": true, "contacts": ["a@c.test"], "application_type": "web",
            "software_id": "s", "software_version": "1", "refresh_without_offline_access": true,
            "registered_openly": true,
        });
        let read: RegisteredMetadata = serde_json::from_value(all.clone()).unwrap();
        assert_eq!(Value::Object(read.members()), all);
        let mut names: Vec<&str> = all.as_object().unwrap().keys().map(String::as_str).collect();
        let mut known = RegisteredMetadata::NAMES.to_vec();
        names.sort_unstable();
        known.sort_unstable();
        assert_eq!(names, known);
        assert_eq!(RegisteredMetadata::default().members(), Map::new());
        assert_eq!(RegisteredMetadata::name_of("jwks"), Some("jwks"));
        assert_eq!(RegisteredMetadata::name_of("jwk"), None);
    }
}
