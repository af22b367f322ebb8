//! The door of an organization: who comes in from which session, and what everybody else is told. Whoever is no member
//! is told nothing, not even whether there is such an organization.

use std::sync::Arc;

use crate::app::App;
use crate::flows::session::SignedIn;
use crate::flows::sso::access;
use crate::flows::sso::standing::{Standing, standing};
use crate::store::member_standing::MemberStanding;
use crate::store::organization_members::MemberRow;
use crate::store::organizations::OrganizationRow;
use crate::store::{StoreError, organization_members, organizations};

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
    let (slug, user_id) = (slug.to_owned(), who.user.id);
    let found = app
        .store
        .read(move |conn| match organizations::find_by_slug(conn, &slug)? {
            None => Ok(None),
            Some(organization) => organization_members::find_of_user(conn, organization.id, user_id),
        })
        .await?;
    let Some(member) = found else { return Ok(Door::NotHere) };
    let member_id = member.id;
    let member = app.store.view(move |rows| rows.get::<MemberStanding>(member_id)).await?;
    let Some(member) = member else { return Ok(Door::NotHere) };
    let pending = member.organization.status == "pending_deletion";
    // Who may take a deletion back is judged as if the organization were still open.
    let mut open = MemberStanding::clone(&member);
    if pending {
        open.organization.status = "active".to_owned();
    }
    let judged = standing(&open, app.clock.now(), app.config.sso.freshness);
    let verdict = access::for_session(app, who, &open);
    let membership = Membership { standing: member, judged };
    Ok(match verdict {
        access::Door::Open if pending => Door::PendingDeletion(membership),
        access::Door::Open => Door::Open(membership),
        access::Door::NeedsProof => Door::ProviderFirst,
        access::Door::NeedsLocalFactor => Door::LocalFirst,
        access::Door::Unknown => Door::NotHere,
    })
}
