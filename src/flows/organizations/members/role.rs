//! Another role for a member: both the old and the new one must be within reach of whoever gives it, and somebody stays
//! owner.

use serde_json::json;

use super::is_last_owner;
use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::organizations::change::{self, By};
use crate::flows::organizations::invitations::revoke::{emails, revoke_beyond};
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{audit_events, organization_members};

/// Gives a member another role; false when they have it. Invitations they sent that they could not send any more are
/// taken back.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn set_role(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    user: &UserRow,
    role: &str,
) -> Result<bool, OrganizationRefusal> {
    set_role_if(app, by, organization, user, role, None).await
}

/// The same, if they still have the role that was `seen`.
///
/// # Errors
/// [`OrganizationRefusal::Changed`] if they have not; those of [`set_role`].
pub async fn set_role_if(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    user: &UserRow,
    role: &str,
    seen: Option<&str>,
) -> Result<bool, OrganizationRefusal> {
    let roles = app.roles.clone();
    if !roles.knows(role) {
        return Err(OrganizationRefusal::RoleUnknown(role.to_owned()));
    }
    let event = change::event(app, by, organization.id, "org.member.role", Target::User(user), json!({}))?;
    let (user_id, role, now) = (user.id, role.to_owned(), app.clock.now());
    let seen = seen.map(str::to_owned);
    change::change(app, organization.id, by, Some("member:write"), move |write, held, authority| {
        let member = organization_members::find_of_user(write, held.id, user_id)?;
        let Some(member) = member.filter(|member| member.status == "active") else {
            return Ok(Err(OrganizationRefusal::MemberUnknown));
        };
        if seen.as_ref().is_some_and(|seen| *seen != member.role) {
            return Ok(Err(OrganizationRefusal::Changed));
        }
        let within_reach = authority.reaches(&roles, &member.role).and_then(|()| authority.reaches(&roles, &role));
        if let Err(refusal) = within_reach {
            return Ok(Err(refusal));
        }
        if member.role == role {
            return Ok(Ok(false));
        }
        if is_last_owner(write, &roles, &member)? {
            return Ok(Err(OrganizationRefusal::LastOwner(member.role)));
        }
        organization_members::set_role(write, member.id, &role)?;
        let taken_back = revoke_beyond(write, &roles, held.id, user_id, Some(&role), now)?;
        let mut event = event.clone();
        let mut data = json!({ "from": member.role, "to": role });
        if !taken_back.is_empty() {
            data["invitations_taken_back"] = json!(emails(&taken_back));
        }
        event.data = data.to_string();
        audit_events::insert(write, &event)?;
        Ok(Ok(true))
    })
    .await
}
