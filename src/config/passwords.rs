//! `[passwords]`: cost of hashing and words a password may not contain.

use serde::{Deserialize, Serialize};

/// Argon2id (RFC 9106) and the word list of ASVS 6.2.11.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Passwords {
    /// Memory of one hashing, in KiB.
    pub memory: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
    /// Hashings at once; memory in use is at most this times `memory`, but where one hash that was made elsewhere needs more:
    /// that one is checked alone.
    pub concurrent: usize,
    /// Hashings that may wait; beyond it sign-in answers 503 with Retry-After.
    pub waiting: usize,
    /// Names of the organization and its products, refused inside passwords.
    pub context_words: Vec<String>,
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords {
            memory: 19 * 1024,
            iterations: 2,
            parallelism: 1,
            concurrent: 2,
            waiting: 64,
            context_words: Vec::new(),
        }
    }
}
