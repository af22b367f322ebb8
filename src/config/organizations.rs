//! `[organizations]`: who may make them, and the roles there are in each.

use serde::{Deserialize, Serialize};

use crate::protocol::roles::Role;

/// Who may make organizations on the pages; the command line always may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Creation {
    /// Administrators.
    #[default]
    Administrators,
    /// Everybody with an account.
    Everyone,
    /// Only the operator, by the command line.
    Nobody,
}

/// Rules for organizations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Organizations {
    /// `administrators`, `everyone` or `nobody`.
    pub creation: Creation,
    /// Organizations one person may own and still make another one; administrators are not counted.
    pub per_person: i64,
    /// Seconds between asking for an organization's deletion and its deletion.
    pub deletion_delay: i64,
    /// Seconds an invitation is good.
    pub invitation_lifetime: i64,
    /// Invitations one organization may send within a day.
    pub invitations_per_day: i64,
    /// Weakest first; the last is the owner's.
    pub roles: Vec<Role>,
}

impl Default for Organizations {
    fn default() -> Self {
        Organizations {
            creation: Creation::Administrators,
            per_person: 20,
            deletion_delay: 7 * 24 * 3600,
            invitation_lifetime: 7 * 24 * 3600,
            invitations_per_day: 200,
            roles: roles(),
        }
    }
}

fn roles() -> Vec<Role> {
    let member = ["event:admin", "project:read", "project:releases", "org:read", "member:read", "team:read"];
    let admin = ["event:admin", "project:admin", "project:releases", "org:read", "member:read", "team:admin"];
    let manager = ["event:admin", "project:admin", "project:releases", "org:write", "member:admin", "team:admin"];
    let role = |name: &str, scopes: &[&str]| Role {
        name: name.to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    vec![role("member", &member), role("admin", &admin), role("manager", &manager), role("owner", &["*"])]
}
