//! What a membership opens, and to whom: tokens by [`for_token`], browsers by [`for_session`].

use super::standing::{Standing, standing};
use crate::app::App;
use crate::flows::session::SignedIn;
use crate::protocol::scope::ScopeList;
use crate::store::member_standing::MemberStanding;

/// Whether a browser's session gets into an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// It does.
    Open,
    /// The person is no member; nobody is told that there is such an organization.
    Unknown,
    /// The organization's provider must vouch for the person, in this session.
    NeedsProof,
    /// Another organization's provider let the person in, and its word opens nothing here: a password must.
    NeedsLocalFactor,
}

/// The standing of a token bound to the organization.
///
/// A provider that can be asked again without the user must have vouched lately; of the others it is only known that
/// they did once, so that a policy says how long that lasts.
pub fn for_token(app: &App, member: &MemberStanding) -> Standing {
    let recheckable = member.identity.as_ref().is_some_and(|identity| identity.recheckable);
    let policy = member.organization.token_max_age.unwrap_or(app.config.sso.token_max_age);
    standing(member, app.clock.now(), if recheckable { app.config.sso.freshness } else { policy })
}

/// Whether this session opens the organization now.
pub fn for_session(app: &App, who: &SignedIn, member: &MemberStanding) -> Door {
    let now = app.clock.now();
    if member.member.user_id != who.user.id {
        return Door::Unknown;
    }
    match standing(member, now, app.config.sso.freshness) {
        Standing::NotAMember => Door::Unknown,
        Standing::Unlinked | Standing::Invalid | Standing::Stale => Door::NeedsProof,
        Standing::Valid => match proven(who, member, now) {
            true => Door::Open,
            false => Door::NeedsProof,
        },
        Standing::NotRequired | Standing::BreakGlass => match who.has_local_factor(now) || proven(who, member, now) {
            true => Door::Open,
            false => Door::NeedsLocalFactor,
        },
    }
}

/// By the very provider and identity that are there now: another one's word from before is void (FIX 24).
fn proven(who: &SignedIn, member: &MemberStanding, now: i64) -> bool {
    let (Some(provider), Some(identity)) = (&member.provider, &member.identity) else { return false };
    who.proofs.0.iter().any(|proof| {
        proof.organization_id == member.organization.id
            && proof.provider_id == provider.id
            && proof.identity_id == identity.id
            && now < proof.expires_at
    })
}

/// What of a token's scopes the member's role carries now. Both sides with all they imply.
pub fn within_role(app: &App, member: &MemberStanding, scopes: &ScopeList) -> ScopeList {
    let role = app.roles.scopes_of(&member.member.role);
    let closure = app.catalogue.closure(scopes);
    ScopeList::from(closure.iter().filter(|scope| role.contains(scope)).map(str::to_owned).collect::<Vec<_>>())
}
