//! `[refusals]`: how many explained refusals are kept.

use serde::{Deserialize, Serialize};

/// The ring behind `grantor explain`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Refusals {
    /// Slots; the oldest refusal is overwritten.
    pub slots: u32,
    /// Refusals kept for one client or one address in a minute, so that neither fills the ring.
    pub per_minute: u32,
}

impl Default for Refusals {
    fn default() -> Self {
        Refusals { slots: 4096, per_minute: 30 }
    }
}
