//! What a membership opens, and to whom: tokens by [`for_token`], browsers by [`for_session`].

use super::standing::{Standing, standing};
use crate::app::App;
use crate::flows::session::SignedIn;
use crate::protocol::NumericDate;
use crate::protocol::identity_scopes::is_identity_scope;
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
    TokenRules::of(app).standing(member)
}

/// What [`for_token`] judges by, as a value that a transaction may hold.
#[derive(Clone, Copy)]
pub struct TokenRules {
    freshness: i64,
    token_max_age: i64,
    now: NumericDate,
}

impl TokenRules {
    /// As they are now.
    pub fn of(app: &App) -> TokenRules {
        let sso = &app.config.sso;
        TokenRules { freshness: sso.freshness, token_max_age: sso.token_max_age, now: app.clock.now() }
    }

    /// See [`for_token`].
    pub fn standing(self, member: &MemberStanding) -> Standing {
        let recheckable = member.identity.as_ref().is_some_and(|identity| identity.recheckable);
        let policy = member.organization.token_max_age.unwrap_or(self.token_max_age);
        standing(member, self.now, if recheckable { self.freshness } else { policy })
    }
}

/// Whether this session opens the organization now.
pub fn for_session(app: &App, who: &SignedIn, member: &MemberStanding) -> Door {
    let now = app.clock.now();
    if member.member.user_id != who.user.id {
        return Door::Unknown;
    }
    let standing = standing(member, now, app.config.sso.freshness);
    judge(standing, Session { proven: proven(who, member, now), local: who.has_local_factor(now) })
}

/// What is known of a session.
#[derive(Clone, Copy)]
struct Session {
    /// The organization's provider vouched in it.
    proven: bool,
    /// It has a factor of this server, or of the organization that manages the account.
    local: bool,
}

fn judge(standing: Standing, session: Session) -> Door {
    match standing {
        Standing::NotAMember => Door::Unknown,
        Standing::Valid if session.proven => Door::Open,
        Standing::Valid | Standing::Unlinked | Standing::Invalid | Standing::Stale => Door::NeedsProof,
        Standing::NotRequired | Standing::BreakGlass if session.local || session.proven => Door::Open,
        Standing::NotRequired | Standing::BreakGlass => Door::NeedsLocalFactor,
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
    // Who somebody is, is theirs to tell, whatever their role.
    let may = |scope: &&str| role.contains(scope) || is_identity_scope(scope);
    ScopeList::from(closure.iter().filter(may).map(str::to_owned).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S84, S86, S87: every standing from every kind of session.
    #[test]
    fn the_door_opens_to_members_the_provider_vouched_for_in_this_session() {
        let session = |proven, local| Session { proven, local };
        let sessions = [session(false, true), session(true, true), session(true, false), session(false, false)];
        let (open, proof, local) = (Door::Open, Door::NeedsProof, Door::NeedsLocalFactor);
        for (standing, expected) in [
            (Standing::NotAMember, [Door::Unknown; 4]),
            (Standing::Valid, [proof, open, open, proof]),
            (Standing::Unlinked, [proof; 4]),
            (Standing::Invalid, [proof; 4]),
            (Standing::Stale, [proof; 4]),
            (Standing::NotRequired, [open, open, open, local]),
            (Standing::BreakGlass, [open, open, open, local]),
        ] {
            assert_eq!(sessions.map(|session| judge(standing, session)), expected, "{standing:?}");
        }
    }
}
