//! Who sees into a team (S65): everybody where teams are open, else those in it and those who manage teams.

use crate::app::App;
use crate::flows::api::{Credential, Inside};
use crate::flows::organizations::OrganizationRefusal;
use crate::flows::organizations::members::list::MemberLine;
use crate::store::organization_members::MemberRow;
use crate::store::organizations::OrganizationRow;
use crate::store::{StoreError, teams};

/// Who looks.
#[derive(Clone, Copy)]
pub enum Eyes<'a> {
    /// Nobody's in particular: keys of the organization, administrators of the server.
    All,
    /// A member's.
    Member(&'a MemberRow),
}

impl<'a> Eyes<'a> {
    /// A credential's inside an organization. A key that follows a member sees what that member sees.
    pub fn of(inside: &'a Inside, credential: &'a Credential, administrator: bool) -> Eyes<'a> {
        match (&inside.member, credential) {
            _ if administrator => Eyes::All,
            (Some(member), _) => Eyes::Member(&member.member),
            (None, Credential::ApiKey { maker: Some(maker), .. }) => Eyes::Member(&maker.member),
            (None, _) => Eyes::All,
        }
    }

    /// Row id of the member; 0, which is nobody's, for all others.
    pub fn member_id(self) -> i64 {
        match self {
            Eyes::All => 0,
            Eyes::Member(member) => member.id,
        }
    }

    /// Whether they see into teams they are not in.
    fn see_all(self, app: &App, organization: &OrganizationRow) -> bool {
        organization.open_membership
            || match self {
                Eyes::All => true,
                Eyes::Member(member) => app.roles.allows(&member.role, "team:write"),
            }
    }
}

/// `mine`: whoever looks is in the team.
///
/// # Errors
/// [`OrganizationRefusal::NotInTeam`].
pub fn see_into(
    app: &App,
    organization: &OrganizationRow,
    eyes: Eyes<'_>,
    mine: bool,
) -> Result<(), OrganizationRefusal> {
    if mine || eyes.see_all(app, organization) { Ok(()) } else { Err(OrganizationRefusal::NotInTeam) }
}

/// Leaves only the teams that whoever looks sees into: a list of members must not tell who is in a closed team.
///
/// # Errors
/// The store's.
pub async fn leave_visible(
    app: &App,
    organization: &OrganizationRow,
    eyes: Eyes<'_>,
    lines: &mut [MemberLine],
) -> Result<(), StoreError> {
    if eyes.see_all(app, organization) {
        return Ok(());
    }
    let member = eyes.member_id();
    let own = app.store.read(move |conn| teams::of_member(conn, member)).await?;
    for line in lines {
        line.teams.retain(|slug| own.iter().any(|team| team.slug == *slug));
    }
    Ok(())
}
