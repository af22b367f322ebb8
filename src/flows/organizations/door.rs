//! The door of an organization: who comes in from which session, and what everybody else is told. Whoever is no member
//! is told nothing, not even whether there is such an organization.

use std::sync::Arc;

use crate::app::App;
use crate::flows::session::SignedIn;
use crate::flows::sso::standing::{Standing, standing};
use crate::protocol::NumericDate;
use crate::store::member_standing::MemberStanding;
use crate::store::organization_members::MemberRow;
use crate::store::organizations::OrganizationRow;
use crate::store::session_proofs::Proofs;
use crate::store::{StoreError, organization_members, organizations};

/// How long a provider's word about a person is fresh for pages.
pub(super) const FRESHNESS: i64 = 86_400;

/// A member inside.
#[derive(Clone)]
pub struct Membership {
    standing: Arc<MemberStanding>,
    judged: Standing,
}

impl Membership {
    /// The organization.
    pub fn organization(&self) -> &OrganizationRow {
        &self.standing.organization
    }

    /// The membership.
    pub fn member(&self) -> &MemberRow {
        &self.standing.member
    }

    /// What the organization's provider is, if one is switched on.
    pub fn provider_kind(&self) -> Option<&str> {
        let provider = self.standing.provider.as_ref().filter(|provider| provider.status == "active");
        provider.map(|provider| provider.kind.as_str())
    }

    /// How single sign-on judged this member.
    pub fn judged(&self) -> Standing {
        self.judged
    }

    /// Whether the member's role carries a scope.
    pub fn allows(&self, app: &App, scope: &str) -> bool {
        app.roles.allows(&self.standing.member.role, scope)
    }
}

/// What the door does.
pub enum Door {
    /// Come in.
    Open(Membership),
    /// A member of an organization that is about to be deleted.
    PendingDeletion(Membership),
    /// The organization's provider has to vouch first.
    ProviderFirst,
    /// This session was vouched for by another organization only: a password of this server first.
    LocalFirst,
    /// There is nothing here.
    NotHere,
}

/// Knocks at the organization with this slug.
///
/// # Errors
/// The store's.
pub async fn knock(app: &App, who: &SignedIn, slug: &str) -> Result<Door, StoreError> {
    let (slug, user_id, session_id) = (slug.to_owned(), who.user.id, who.session.id);
    let found = app
        .store
        .read(move |conn| match organizations::find_by_slug(conn, &slug)? {
            None => Ok(None),
            Some(organization) => organization_members::find_of_user(conn, organization.id, user_id),
        })
        .await?;
    let Some(member) = found else { return Ok(Door::NotHere) };
    let member_id = member.id;
    let (member, proofs) = app
        .store
        .view(move |rows| Ok((rows.get::<MemberStanding>(member_id)?, rows.get::<Proofs>(session_id)?)))
        .await?;
    let Some(member) = member else { return Ok(Door::NotHere) };
    let now = app.clock.now();
    let pending = member.organization.status == "pending_deletion";
    // Who may take a deletion back is judged as if the organization were still open.
    let mut open = MemberStanding::clone(&member);
    if pending {
        open.organization.status = "active".to_owned();
    }
    let judged = standing(&open, now, FRESHNESS);
    let facts = Facts {
        proven: proofs.is_some_and(|proofs| proves(&proofs, &member, now)),
        local: who.session.authentication_method != "sso",
        managed: who.user.managed_by == Some(member.organization.id),
    };
    let membership = Membership { standing: member, judged };
    Ok(match judge(judged, facts) {
        Verdict::Open if pending => Door::PendingDeletion(membership),
        Verdict::Open => Door::Open(membership),
        Verdict::ProviderFirst => Door::ProviderFirst,
        Verdict::LocalFirst => Door::LocalFirst,
        Verdict::NotHere => Door::NotHere,
    })
}

/// What is known of the session.
#[derive(Clone, Copy)]
struct Facts {
    /// The organization's provider vouched in this session.
    proven: bool,
    /// The person proved a factor of this server.
    local: bool,
    /// The organization manages the account.
    managed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Open,
    ProviderFirst,
    LocalFirst,
    NotHere,
}

fn judge(standing: Standing, facts: Facts) -> Verdict {
    match standing {
        Standing::NotAMember => Verdict::NotHere,
        Standing::Valid if facts.proven => Verdict::Open,
        Standing::Valid | Standing::Unlinked | Standing::Invalid | Standing::Stale => Verdict::ProviderFirst,
        Standing::NotRequired | Standing::BreakGlass if facts.local || facts.proven || facts.managed => Verdict::Open,
        Standing::NotRequired | Standing::BreakGlass => Verdict::LocalFirst,
    }
}

/// A proof counts for the very provider and identity that the member has now.
fn proves(proofs: &Proofs, member: &MemberStanding, now: NumericDate) -> bool {
    let (Some(provider), Some(identity)) = (&member.provider, &member.identity) else { return false };
    proofs.0.iter().any(|proof| {
        proof.organization_id == member.organization.id
            && proof.provider_id == provider.id
            && proof.identity_id == identity.id
            && now < proof.expires_at
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S84, S86, S87: every standing from every kind of session.
    #[test]
    fn the_door_opens_to_members_the_provider_vouched_for_in_this_session() {
        let session = |proven, local, managed| Facts { proven, local, managed };
        let local = session(false, true, false);
        let both = session(true, true, false);
        let upstream = session(true, false, false);
        let elsewhere = session(false, false, false);
        let managed = session(false, false, true);
        for (standing, expected) in [
            (Standing::NotAMember, [Verdict::NotHere; 5]),
            (
                Standing::Valid,
                [Verdict::ProviderFirst, Verdict::Open, Verdict::Open, Verdict::ProviderFirst, Verdict::ProviderFirst],
            ),
            (Standing::Unlinked, [Verdict::ProviderFirst; 5]),
            (Standing::Invalid, [Verdict::ProviderFirst; 5]),
            (Standing::Stale, [Verdict::ProviderFirst; 5]),
            (Standing::NotRequired, [Verdict::Open, Verdict::Open, Verdict::Open, Verdict::LocalFirst, Verdict::Open]),
            (Standing::BreakGlass, [Verdict::Open, Verdict::Open, Verdict::Open, Verdict::LocalFirst, Verdict::Open]),
        ] {
            let judged = [local, both, upstream, elsewhere, managed].map(|facts| judge(standing, facts));
            assert_eq!(judged, expected, "{standing:?}");
        }
    }
}
