//! `[clients]`: who may register applications, and what happens to deleted ones.

use serde::{Deserialize, Serialize};

/// Who may register applications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registrars {
    /// Only the operator, by command line or file.
    #[default]
    Nobody,
    /// Administrators too, each their own.
    Staff,
    /// Everybody with an account.
    Everyone,
}

/// Rules for applications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clients {
    /// `nobody`, `staff` or `everyone`.
    pub registration: Registrars,
    /// Applications one person may have; administrators may have more.
    pub per_person: i64,
    /// Seconds between asking for a client's deletion and its deletion.
    pub deletion_delay: i64,
    /// Names no application may bear or resemble, besides the product's own.
    pub reserved_names: Vec<String>,
    /// Takes assertions of clients whose `aud` is the token endpoint's URL too, as older libraries write it.
    pub token_endpoint_as_audience: bool,
    /// Seconds a rotated-out secret goes on working.
    pub secret_overlap: i64,
}

impl Default for Clients {
    fn default() -> Self {
        Clients {
            registration: Registrars::Nobody,
            per_person: 50,
            deletion_delay: 3600,
            reserved_names: Vec::new(),
            token_endpoint_as_audience: false,
            secret_overlap: 24 * 3600,
        }
    }
}
