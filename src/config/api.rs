//! `[api]`: how much one credential may ask.

use serde::{Deserialize, Serialize};

/// Limits of the API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Api {
    /// Requests of one credential within a minute, on one node.
    pub requests_per_minute: u32,
}

impl Default for Api {
    fn default() -> Self {
        Api { requests_per_minute: 600 }
    }
}
