//! `[operations]`: the listener for health and metrics.

use serde::{Deserialize, Serialize};

/// Health and metrics stand on a listener of their own, so that nobody outside reaches them by accident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operations {
    /// Whether the listener is on.
    pub enabled: bool,
    /// Address and port to listen on.
    pub listen: String,
}

impl Default for Operations {
    fn default() -> Self {
        Operations { enabled: true, listen: "127.0.0.1:9090".into() }
    }
}
