//! What the end of an account means for the organizations it belongs to: somebody else owns them, and nobody comes in by
//! its word any more.

use super::PersonRefusal;
use crate::flows::organizations::invitations::revoke::revoke_beyond;
use crate::flows::organizations::members::is_last_owner;
use crate::protocol::NumericDate;
use crate::protocol::roles::Roles;
use crate::store::{QueryResult, Write, organization_members, organizations};

/// Whether somebody has to stay owner of every organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owners {
    /// Somebody has to.
    Stay,
    /// The emergency brake: an account in a stranger's hands is shut at once, whatever it owns.
    MayBeMissing,
}

/// Holds every organization of a person who is to be shut out, and takes back the invitations they sent there. Refused
/// while they are the last owner of one that is not about to be deleted.
///
/// Two owners shut out at once must not both find the other still there: whoever asks holds the organization first, one
/// after the other by id, so that nobody waits in a circle.
pub(super) fn leave_in_order(
    write: &mut Write<'_>,
    roles: &Roles,
    user_id: i64,
    now: NumericDate,
    owners: Owners,
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
        held.push(id);
        if organization.status == "active" && is_last_owner(write, roles, &member)? {
            ownerless.push(organization.slug);
        }
    }
    if owners == Owners::Stay && !ownerless.is_empty() {
        return Ok(Err(PersonRefusal::LastOwner { role: roles.top().to_owned(), organizations: ownerless }));
    }
    for id in held {
        revoke_beyond(write, roles, id, user_id, None, now)?;
    }
    Ok(Ok(()))
}
