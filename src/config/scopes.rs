//! `[[scopes.sets]]`: the scope catalogue.

use serde::{Deserialize, Serialize};

use crate::protocol::catalogue::{Catalogue, ScopeSet};

/// Sets of scopes with levels; within a set a higher level implies the lower ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scopes {
    /// The sets in the order consent pages show them.
    pub sets: Vec<ScopeSet>,
}

impl Default for Scopes {
    fn default() -> Self {
        Scopes { sets: Catalogue::reference().sets().to_vec() }
    }
}
