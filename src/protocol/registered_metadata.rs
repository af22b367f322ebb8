//! What a client registers about itself beyond its columns, by the names of RFC 7591 section 2 and OpenID Connect
//! Dynamic Client Registration section 2.

use serde::{Deserialize, Serialize};

use super::signing_algorithm::SigningAlgorithm;

/// Each member absent unless registered; a default is applied where the member is used, never stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegisteredMetadata {
    /// What its ID tokens are signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<SigningAlgorithm>,
    /// A refresh token comes with `openid` even where the person was not asked for `offline_access`; the operator's word.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub refresh_without_offline_access: bool,
}
