//! Memberships. Who was removed here stays removed.

use super::export::Row;
use super::work::{Done, Judged, Work};
use crate::flows::import::report::Outcome;
use crate::flows::organizations::{By, OrganizationRefusal, members};
use crate::flows::people::imported::FieldRefusal;
use crate::store::organization_members;
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;

pub(super) async fn one(work: &mut Work<'_>, row: &Row) -> Judged {
    let mut notes = Vec::new();
    let (organization, user, role) = match read(work, row, &mut notes) {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (app, ids) = (work.app, (organization.id, user.id));
    let find = move |conn: &mut _| organization_members::find_of_user(conn, ids.0, ids.1);
    let name = format!("{} in {}", user.login, organization.slug);
    if let Some(found) = app.store.read(find).await? {
        if found.status == "active" {
            work.members.insert(ids, found.id);
        } else {
            notes.push("removed here since".to_owned());
        }
        return Ok(Ok(Done { name, outcome: Outcome::Unchanged, notes }));
    }
    if work.options.dry_run {
        work.members.insert(ids, app.store.next_id()?);
        return Ok(Ok(Done { name, outcome: Outcome::Created, notes }));
    }
    match members::add::add(app, By::Operator, &organization, &user, &role).await {
        Err(OrganizationRefusal::Unavailable(error)) => Ok(Err(FieldRefusal::new("organization", error))),
        Err(refusal) => Ok(Err(FieldRefusal::new("user", refusal))),
        Ok(()) => {
            if let Some(found) = app.store.read(find).await? {
                work.members.insert(ids, found.id);
            }
            Ok(Ok(Done { name, outcome: Outcome::Created, notes }))
        }
    }
}

fn read(
    work: &Work<'_>,
    row: &Row,
    notes: &mut Vec<String>,
) -> Result<(OrganizationRow, UserRow, String), FieldRefusal> {
    let organization = work.organization(row, "organization")?;
    if row.value("user").is_none() {
        return Err(FieldRefusal::new("user", "an invitation nobody accepted: invite again"));
    }
    let user = work.user(row, "user")?;
    let named = match (row.text("role")?, row.number("type")?) {
        (Some(role), _) => role,
        (None, Some(0)) => work.app.roles.top().to_owned(),
        (None, Some(25)) => "admin".to_owned(),
        (None, _) => work.app.roles.lowest().to_owned(),
    };
    if work.app.roles.knows(&named) {
        return Ok((organization, user, named));
    }
    let lowest = work.app.roles.lowest().to_owned();
    notes.push(format!("the role {named:.40?} is not configured here, taken as {lowest}"));
    Ok((organization, user, lowest))
}
