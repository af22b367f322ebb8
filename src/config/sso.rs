//! `[sso]`: how long an upstream provider's word holds.

use serde::{Deserialize, Serialize};

/// Single sign-on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sso {
    /// Seconds a proof in a session, and an identity that can be re-checked, count as fresh.
    pub freshness: i64,
    /// Seconds a token lives on an identity that cannot be re-checked offline; an organization may set its own.
    pub token_max_age: i64,
    /// Seconds a browser may take to the upstream and back.
    pub flow_lifetime: i64,
}

impl Default for Sso {
    fn default() -> Self {
        Sso { freshness: 24 * 3600, token_max_age: 30 * 24 * 3600, flow_lifetime: 600 }
    }
}
