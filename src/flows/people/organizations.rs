//! What the end of an account means for the organizations it belongs to: somebody else owns them, and nobody comes in by
//! its word any more.

use serde_json::json;

use super::PersonRefusal;
use crate::flows::organizations::invitations::by_key::take_back_all;
use crate::flows::organizations::invitations::revoke::revoke_beyond;
use crate::flows::organizations::members::is_last_owner;
use crate::protocol::roles::Roles;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::invitations::InvitationRow;
use crate::store::{QueryResult, Store, Write, api_keys, organization_members, organizations};

/// Whether somebody has to stay owner of every organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owners {
    /// Somebody has to.
    Stay,
    /// The emergency brake: an account in a stranger's hands is shut at once, whatever it owns.
    MayBeMissing,
}

/// How an account ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Shut: the memberships stay, the invitations its person sent do not.
    Shut,
    /// Deleted: nothing stays.
    Deleted,
}

/// Holds every organization of a person who is to be shut out, and takes back the invitations they sent there; `told` is
/// the event of it all, and each organization's log gets a line of its own for what ends there. Refused while they are the
/// last owner of one that is not about to be deleted.
///
/// Two owners shut out at once must not both find the other still there: whoever asks holds the organization first, one
/// after the other by id, so that nobody waits in a circle.
pub(super) fn leave_in_order(
    write: &mut Write<'_>,
    (store, roles): (&Store, &Roles),
    user_id: i64,
    (end, owners): (End, Owners),
    told: &AuditEventRow,
) -> QueryResult<Result<(), PersonRefusal>> {
    let mut ids: Vec<i64> =
        organization_members::of_user(write, user_id)?.into_iter().map(|(_, organization)| organization.id).collect();
    ids.sort_unstable();
    let mut held = Vec::new();
    let mut ownerless = Vec::new();
    for id in ids {
        let Some(organization) = organizations::hold(write, id)? else { continue };
        let member = organization_members::find_of_user(write, id, user_id)?;
        let Some(member) = member.filter(|member| member.status == "active") else { continue };
        if organization.status == "active" && is_last_owner(write, roles, &member)? {
            ownerless.push(organization.slug);
        }
        held.push(member);
    }
    if owners == Owners::Stay && !ownerless.is_empty() {
        return Ok(Err(PersonRefusal::LastOwner { role: roles.top().to_owned(), organizations: ownerless }));
    }
    for member in held {
        let mut taken_back = revoke_beyond(write, roles, member.organization_id, user_id, None, told.at)?;
        // A key that follows them is worth nothing now, and so is what it sent.
        for key in api_keys::followers(write, member.organization_id, member.id)? {
            taken_back.extend(take_back_all(write, &key, told.at)?);
        }
        let line = AuditEventRow { organization_id: Some(member.organization_id), ..told.clone() };
        let lines = match end {
            End::Deleted => vec![left(line, &member.role)],
            End::Shut => taken_back.iter().map(|invitation| withdrawn(line.clone(), invitation)).collect(),
        };
        for line in lines {
            audit_events::insert(write, &AuditEventRow { id: store.another_id()?, ..line })?;
        }
    }
    Ok(Ok(()))
}

/// The same line as when a membership ends alone.
fn left(line: AuditEventRow, role: &str) -> AuditEventRow {
    let event = if line.actor_user == line.target_id { "org.member.leave" } else { "org.member.remove" };
    AuditEventRow { event: event.to_owned(), data: json!({ "role": role, "account": "deleted" }).to_string(), ..line }
}

/// The same line as when somebody takes an invitation back.
fn withdrawn(line: AuditEventRow, invitation: &InvitationRow) -> AuditEventRow {
    AuditEventRow {
        event: "org.invite.revoke".to_owned(),
        target_kind: "invitation".to_owned(),
        target_id: Some(invitation.id),
        target_label: invitation.email.clone(),
        data: json!({ "inviter": "disabled" }).to_string(),
        ..line
    }
}
