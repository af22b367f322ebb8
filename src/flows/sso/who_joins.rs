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
    /// What a provider of this kind begins with. A plain OAuth 2.0 server has no rule of its own about who is let in, and
    /// whoever has an account there comes back with a good answer; the other kinds name a domain, an organization or an
    /// issuer that is the organization's own.
    pub fn usual(kind: &str) -> WhoJoins {
        if kind == "oauth2" { WhoJoins::Invited } else { WhoJoins::Everyone }
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
