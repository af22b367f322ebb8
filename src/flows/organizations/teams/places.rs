//! Places in teams: taken and given up by oneself where the organization's teams are open, else by whoever's role
//! carries `team:write`.

use serde_json::json;

use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::organizations::change::{self, By};
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::store::organizations::OrganizationRow;
use crate::store::team_members::{self, TeamMemberRow};
use crate::store::users::UserRow;
use crate::store::{audit_events, organization_members, teams};

/// In or out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Be in the team.
    Taken,
    /// Be out of it.
    GivenUp,
}

/// Puts a member into a team or out of it; false when they were already.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn set(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    team: &str,
    user: &UserRow,
    place: Place,
) -> Result<bool, OrganizationRefusal> {
    let own = by.user_id() == Some(user.id);
    let name = match (own, place) {
        (true, Place::Taken) => "org.team.join",
        (true, Place::GivenUp) => "org.team.leave",
        (false, Place::Taken) => "org.team.add",
        (false, Place::GivenUp) => "org.team.remove",
    };
    let event = change::event(app, by, organization.id, name, Target::User(user), json!({}))?;
    let (id, now, roles) = (app.store.next_id()?, app.clock.now(), app.roles.clone());
    let (user_id, team) = (user.id, team.to_owned());
    change::change(app, organization.id, by, None, move |write, held, authority| {
        let member = organization_members::find_of_user(write, held.id, user_id)?;
        let Some(member) = member.filter(|member| member.status == "active") else {
            return Ok(Err(OrganizationRefusal::MemberUnknown));
        };
        let Some(team) = teams::find_by_slug(write, held.id, &team)? else {
            return Ok(Err(OrganizationRefusal::TeamUnknown));
        };
        let own = authority.is(member.id);
        if !(own && held.open_membership)
            && let Err(refusal) = authority.allows(&roles, "team:write")
        {
            return Ok(Err(if own { OrganizationRefusal::TeamsClosed } else { refusal }));
        }
        let changed = match place {
            Place::Taken => {
                let row = TeamMemberRow { id, team_id: team.id, member_id: member.id, joined_at: now, by_claim: false };
                // Put in by hand, it no longer follows the provider's claim.
                write.unless_taken(|write| team_members::insert(write, &row))?.is_some()
                    || team_members::keep(write, team.id, member.id)? == 1
            }
            Place::GivenUp => team_members::delete(write, team.id, member.id)? == 1,
        };
        if changed {
            let mut event = event.clone();
            event.data = json!({ "team": team.slug, "name": team.name }).to_string();
            audit_events::insert(write, &event)?;
        }
        Ok(Ok(changed))
    })
    .await
}
