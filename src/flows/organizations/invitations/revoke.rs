//! Taking invitations back.

use serde_json::json;

use super::email_key;
use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::organizations::change::{self, By};
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::protocol::NumericDate;
use crate::protocol::roles::Roles;
use crate::store::invitations::InvitationRow;
use crate::store::organizations::OrganizationRow;
use crate::store::{QueryResult, Write, audit_events, invitations};

/// Takes the invitation back that waits at this address: its link does not work any more.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn revoke(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    email: &str,
) -> Result<(), OrganizationRefusal> {
    let target = Target::Named("invitation", email);
    let event = change::event(app, by, organization.id, "org.invite.revoke", target, json!({}))?;
    let (email, key, now, roles) = (email.to_owned(), email_key(email), app.clock.now(), app.roles.clone());
    change::change(app, organization.id, by, Some("member:write"), move |write, held, authority| {
        let Some(row) = invitations::pending_for(write, held.id, &key)? else {
            return Ok(Err(OrganizationRefusal::InvitationUnknown(email.clone())));
        };
        if let Err(refusal) = authority.reaches(&roles, &row.role) {
            return Ok(Err(refusal));
        }
        invitations::revoke(write, row.id, now)?;
        let mut event = event.clone();
        event.target_id = Some(row.id);
        event.target_label.clone_from(&row.email);
        audit_events::insert(write, &event)?;
        Ok(Ok(()))
    })
    .await
}

/// Takes back what `inviter` sent and could not send any more with `role`; without a role, everything. Part of the change
/// that took their role, and told by its event. What was taken back.
pub fn revoke_beyond(
    write: &mut Write<'_>,
    roles: &Roles,
    organization_id: i64,
    inviter: i64,
    role: Option<&str>,
    now: NumericDate,
) -> QueryResult<Vec<InvitationRow>> {
    let mut taken_back = Vec::new();
    for row in invitations::pending(write, organization_id)? {
        let still = role.is_some_and(|role| roles.allows(role, "member:write") && roles.reaches(role, &row.role));
        if row.invited_by == Some(inviter) && !still {
            invitations::revoke(write, row.id, now)?;
            taken_back.push(row);
        }
    }
    Ok(taken_back)
}

/// Where they were sent, for the event that takes them back.
pub(in crate::flows) fn emails(taken_back: &[InvitationRow]) -> Vec<&str> {
    taken_back.iter().map(|row| row.email.as_str()).collect()
}
