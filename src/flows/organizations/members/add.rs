//! Somebody made a member without being asked: the operator does, people on pages invite.

use serde_json::json;

use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::organizations::change::{self, By, Outcome};
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::protocol::NumericDate;
use crate::store::organization_members::{self, MemberRow};
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, Write, audit_events};

/// Makes a person a member.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn add(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    user: &UserRow,
    role: &str,
) -> Result<(), OrganizationRefusal> {
    let roles = app.roles.clone();
    if !roles.knows(role) {
        return Err(OrganizationRefusal::RoleUnknown(role.to_owned()));
    }
    let data = json!({ "role": role });
    let event = change::event(app, by, organization.id, "org.member.add", Target::User(user), data)?;
    let (id, user_id, role, now) = (app.store.next_id()?, user.id, role.to_owned(), app.clock.now());
    change::change(app, organization.id, by, Some("member:write"), move |write, held, authority| {
        if let Err(refusal) = authority.reaches(&roles, &role) {
            return Ok(Err(refusal));
        }
        match admit(write, held, id, user_id, &role, now)? {
            Err(refusal) => Ok(Err(refusal)),
            Ok(_) => audit_events::insert(write, &event).map(|_| Ok(())),
        }
    })
    .await
}

/// Makes a membership, or brings a removed one back; its row id. The organization is held.
pub fn admit(
    write: &mut Write<'_>,
    organization: &OrganizationRow,
    new_id: i64,
    user_id: i64,
    role: &str,
    now: NumericDate,
) -> Outcome<i64> {
    let Some(user) = UserRow::load(write, user_id)?.filter(UserRow::is_active) else {
        return Ok(Err(OrganizationRefusal::MemberUnknown));
    };
    match organization_members::find_of_user(write, organization.id, user_id)? {
        Some(member) if member.status == "active" => Ok(Err(OrganizationRefusal::AlreadyMember(user.login))),
        Some(member) => {
            organization_members::revive(write, member.id, role, now)?;
            Ok(Ok(member.id))
        }
        None => {
            let row = MemberRow {
                id: new_id,
                organization_id: organization.id,
                user_id,
                role: role.to_owned(),
                status: "active".to_owned(),
                break_glass_until: None,
                created_at: now,
                removed_at: None,
            };
            organization_members::insert(write, &row)?;
            Ok(Ok(new_id))
        }
    }
}
