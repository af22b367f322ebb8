//! What the ID tokens of a grant say beside its columns (OpenID Connect Core section 2).

use serde::{Deserialize, Serialize};

use super::claims_request::ClaimsRequest;

/// Kept with a grant that has `openid`, so that the code's redemption and every refresh say the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenIdGrant {
    /// The request's, said back unchanged; not on refresh (section 12.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// When the person was authenticated, where the server knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The session's name, which logout speaks of; clients with pairwise subjects are told one of their sector's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// How the person was authenticated (RFC 8176).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The class of that authentication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Claims asked for one by one, which the person was asked about.
    #[serde(skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
}
