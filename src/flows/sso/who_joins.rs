//! Who becomes a member by the provider's word. The word says who somebody is; whether they belong to the organization is
//! another question, and many upstreams know half the world.

use serde::{Deserialize, Serialize};

/// Whom the provider's word makes a member. Who is one already links their account either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhoJoins {
    /// Everybody it lets in.
    Everyone,
    /// Only whom an invitation waits for, at an address the provider says it verified.
    Invited,
}

impl WhoJoins {
    /// What a provider of this kind begins with. Google's domain and GitHub's organization say who belongs to it; whether
    /// an issuer is the organization's own or knows half the world, nobody can tell from here.
    pub fn usual(kind: &str) -> WhoJoins {
        match kind {
            "google" | "github" | "dummy" => WhoJoins::Everyone,
            _ => WhoJoins::Invited,
        }
    }

    /// As stored and as posted.
    pub fn as_str(self) -> &'static str {
        match self {
            WhoJoins::Everyone => "everyone",
            WhoJoins::Invited => "invited",
        }
    }

    /// As stored and as posted, read back.
    pub fn parse(text: &str) -> Option<WhoJoins> {
        [WhoJoins::Everyone, WhoJoins::Invited].into_iter().find(|who| who.as_str() == text)
    }
}
