//! What users let applications have. An authorization that is here already is left as it is.

use serde_json::json;

use super::export::Row;
use super::scopes;
use super::work::{Done, Judged, Work};
use crate::flows::audit::{self, Actor, Target};
use crate::flows::import::remembered::was_revoked;
use crate::flows::import::report::Outcome;
use crate::flows::people::imported::FieldRefusal;
use crate::store::audit_events;
use crate::store::authorizations::{self, AuthorizationRow};
use crate::store::clients::ClientRow;
use crate::store::users::UserRow;

pub(super) async fn one(work: &mut Work<'_>, row: &Row) -> Judged {
    let mut notes = Vec::new();
    let (client, user, new) = match read(work, row, &mut notes) {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let key = (user.id, client.id, new.organization_id);
    let name = format!("{} for {}", user.login, client.name);
    if work.authorizations.contains_key(&key) {
        return Ok(Err(FieldRefusal::new("application", "an earlier row of the file is for the same user")));
    }
    let find = move |conn: &mut _| authorizations::find(conn, key.0, key.1, key.2);
    if let Some(found) = work.app.store.read(find).await? {
        work.authorizations.insert(key, found);
        return Ok(Ok(Done { name, outcome: Outcome::Unchanged, notes: Vec::new() }));
    }
    if was_revoked(work.app, user.id, (client.id, &client.client_id), new.organization_id).await? {
        let notes = vec!["revoked here since".to_owned()];
        return Ok(Ok(Done { name, outcome: Outcome::Unchanged, notes }));
    }
    if !work.options.dry_run {
        let data = json!({ "imported": true, "client_id": client.client_id, "scopes": new.scopes });
        let mut event =
            audit::draft(work.app, None, "authorization.import", Actor::Operator, Target::User(&user), data)?;
        if let Some(organization) = new.organization_id {
            event = audit::of_organization(event, organization);
        }
        let made = new.clone();
        let write = work.app.store.write(move |write| {
            let done = write.unless_taken(|write| {
                authorizations::merge(write, &made)?;
                audit_events::insert(write, &event)
            })?;
            Ok(done.is_some())
        });
        if !write.await? {
            return Ok(Err(FieldRefusal::new("application", "the user allowed it meanwhile; run it again")));
        }
    }
    work.authorizations.insert(key, new);
    Ok(Ok(Done { name, outcome: Outcome::Created, notes }))
}

fn read(
    work: &Work<'_>,
    row: &Row,
    notes: &mut Vec<String>,
) -> Result<(ClientRow, UserRow, AuthorizationRow), FieldRefusal> {
    let client = work.client(row)?;
    let user = work.user(row, "user")?;
    let member = membership(work, row, "organization_id", &user)?;
    if client.organization_access && member.is_none() {
        return Err(FieldRefusal::new("organization_id", "the application is for organizations, and none is named"));
    }
    let now = work.app.clock.now();
    let id = work.app.store.next_id().map_err(|error| FieldRefusal::new("id", error))?;
    let new = AuthorizationRow {
        id,
        user_id: user.id,
        client: client.id,
        organization_id: member.map(|(organization, _)| organization),
        scopes: scopes::of(row, &work.app.catalogue, notes)?,
        created_at: row.time("date_added")?.unwrap_or(now).clamp(0, now),
        updated_at: now,
        last_used_at: None,
        member_id: member.map(|(_, member)| member),
    };
    Ok((client, user, new))
}

/// Organization and membership a row is bound to.
pub(super) fn membership(
    work: &Work<'_>,
    row: &Row,
    field: &'static str,
    user: &UserRow,
) -> Result<Option<(i64, i64)>, FieldRefusal> {
    if row.value(field).is_none() {
        return Ok(None);
    }
    let organization = work.organization(row, field)?;
    let none = || FieldRefusal::new(field, "the user is no member of that organization here");
    let member = work.members.get(&(organization.id, user.id)).ok_or_else(none)?;
    Ok(Some((organization.id, *member)))
}
