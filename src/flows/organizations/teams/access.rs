//! Who sees into a team (S65): everybody where teams are open, else those in it and those who manage teams.

use crate::app::App;
use crate::flows::organizations::OrganizationRefusal;
use crate::store::organization_members::MemberRow;
use crate::store::organizations::OrganizationRow;

/// `member` is whoever looks; keys of the organization and administrators are none. `mine`: they are in the team.
///
/// # Errors
/// [`OrganizationRefusal::NotInTeam`].
pub fn see_into(
    app: &App,
    organization: &OrganizationRow,
    member: Option<&MemberRow>,
    mine: bool,
) -> Result<(), OrganizationRefusal> {
    let manages = |member: &MemberRow| app.roles.allows(&member.role, "team:write");
    match organization.open_membership || mine || member.is_none_or(manages) {
        true => Ok(()),
        false => Err(OrganizationRefusal::NotInTeam),
    }
}
