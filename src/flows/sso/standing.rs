//! Whether a membership opens its organization now: the one rule behind pages, tokens and consent.

use crate::protocol::NumericDate;
use crate::store::member_standing::MemberStanding;

/// What a membership is worth at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The organization or the membership is no more.
    NotAMember,
    /// Single sign-on is not asked of this member.
    NotRequired,
    /// The identity is linked, valid and fresh.
    Valid,
    /// An explicit, audited exception for a sole owner.
    BreakGlass,
    /// No identity is linked.
    Unlinked,
    /// The upstream says this account is no more.
    Invalid,
    /// The upstream has not vouched for too long.
    Stale,
}

impl Standing {
    /// Whether it opens the organization.
    pub fn is_good(self) -> bool {
        matches!(self, Standing::NotRequired | Standing::Valid | Standing::BreakGlass)
    }
}

/// Judges `member` at `now`; an identity is fresh for `freshness` seconds after the upstream last vouched for it.
pub fn standing(member: &MemberStanding, now: NumericDate, freshness: i64) -> Standing {
    if member.member.status != "active" || member.organization.status != "active" {
        return Standing::NotAMember;
    }
    let Some(provider) = member.provider.as_ref().filter(|provider| provider.status == "active") else {
        return Standing::NotRequired;
    };
    if provider.allow_unlinked {
        return Standing::NotRequired;
    }
    let judged = match &member.identity {
        None => Standing::Unlinked,
        Some(identity) if identity.status != "valid" => Standing::Invalid,
        Some(identity) if now - identity.last_verified >= freshness => Standing::Stale,
        Some(_) => Standing::Valid,
    };
    let excepted = member.member.break_glass_until.is_some_and(|until| now < until);
    if excepted && !judged.is_good() { Standing::BreakGlass } else { judged }
}
