//! Deleting an organization: asked for first, carried out after a delay, so that it can be taken back. While it waits,
//! it opens to nobody and every token bound to it is inactive.

use serde_json::json;

use super::OrganizationRefusal;
use super::change::{self, By, Outcome};
use super::members::add::admit;
use crate::app::App;
use crate::flows::audit::Target;
use crate::protocol::NumericDate;
use crate::store::audit_events::AuditEventRow;
use crate::store::ids::first_id_of;
use crate::store::organizations::{self, OrganizationRow};
use crate::store::users::UserRow;
use crate::store::{
    CachedRow as _, StoreError, Write, api_keys, audit_events, invitations, organization_end, organization_members,
    organization_use,
};

/// Rows removed in one transaction.
const BATCH: i64 = 500;

/// Days an invitation is remembered after it could have been accepted.
const INVITATIONS_KEPT: i64 = 30 * 86_400;

/// What ends with an organization.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// Members.
    pub members: i64,
    /// API keys.
    pub keys: i64,
    /// What members let applications do here; one that two members use counts twice.
    pub authorizations: i64,
}

/// What ends with the organization.
///
/// # Errors
/// The store's.
pub async fn what_ends(app: &App, organization: &OrganizationRow) -> Result<Ending, StoreError> {
    let id = organization.id;
    let read = app.store.read(move |conn| {
        Ok(Ending {
            members: organization_members::count(conn, id)?,
            keys: api_keys::count(conn, id)?,
            authorizations: organization_use::count(conn, id)?,
        })
    });
    read.await
}

/// Asks for the deletion `delay` seconds from now, or after the configured delay; when it will be. `confirmed` is the
/// address as typed to confirm.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn request(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    confirmed: &str,
    delay: Option<i64>,
) -> Result<NumericDate, OrganizationRefusal> {
    request_if(app, by, organization, confirmed, delay, None).await
}

/// The same, if it still is what whoever asks saw of it.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn request_if(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    confirmed: &str,
    delay: Option<i64>,
    seen: Option<&OrganizationRow>,
) -> Result<NumericDate, OrganizationRefusal> {
    if confirmed.trim() != organization.slug {
        return Err(OrganizationRefusal::NotConfirmed);
    }
    let now = app.clock.now();
    let at = now.saturating_add(delay.unwrap_or(app.config.organizations.deletion_delay).max(0));
    let data = json!({ "delete_at": at });
    let event = change::event(app, by, organization.id, "org.delete", Target::Organization(organization), data)?;
    let seen = seen.map(what_is_told);
    change::change(app, organization.id, by, Some("org:admin"), move |write, held, _| {
        if seen.as_ref().is_some_and(|seen| *seen != what_is_told(held)) {
            return Ok(Err(OrganizationRefusal::Changed));
        }
        let status = "pending_deletion".to_owned();
        let row = OrganizationRow { status, delete_at: Some(at), updated_at: now, ..held.clone() };
        organizations::update(write, &row)?;
        audit_events::insert(write, &event)?;
        Ok(Ok(at))
    })
    .await
}

fn what_is_told(row: &OrganizationRow) -> (String, String, String, Option<NumericDate>, String, bool) {
    let OrganizationRow { slug, name, status, delete_at, default_role, open_membership, .. } = row.clone();
    (slug, name, status, delete_at, default_role, open_membership)
}

/// Takes the request back: everything is as it was. Nobody may have an organization that nobody owns: where no owner is
/// left whose account may be used, the operator's `owner` becomes one.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn restore(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    owner: Option<&UserRow>,
) -> Result<(), OrganizationRefusal> {
    let target = Target::Organization(organization);
    let data = owner.map_or(json!({}), |owner| json!({ "owner": owner.login }));
    let event = change::event(app, by, organization.id, "org.restore", target, data)?;
    let (id, power, now, roles) = (organization.id, by.standing(app.clock.now()), app.clock.now(), app.roles.clone());
    let named = match owner {
        Some(owner) => {
            let line = change::event(app, by, organization.id, "org.member.add", Target::User(owner), json!({}))?;
            Some((owner.id, app.store.next_id()?, line))
        }
        None => None,
    };
    let restored = app.store.write(move |write| {
        // Whoever was made an owner is none if nobody comes of it.
        write.unless_refused(|write| {
            let Some(held) = organizations::hold(write, id)? else { return Ok(Err(OrganizationRefusal::NotFound)) };
            let Some(authority) = change::authority(write, id, &power)? else {
                return Ok(Err(OrganizationRefusal::NotFound));
            };
            if let Err(refusal) = authority.allows(&roles, "org:admin") {
                return Ok(Err(refusal));
            }
            if held.status != "pending_deletion" {
                return Ok(Err(OrganizationRefusal::NotPending));
            }
            // Whom the end of an account does not wait for while the organization is about to go.
            if let Some((user, new_id, line)) = &named {
                match enthrone(write, &held, *new_id, *user, roles.top(), now)? {
                    Err(refusal) => return Ok(Err(refusal)),
                    Ok(Some(before)) if before == roles.top() => {}
                    Ok(before) => {
                        audit_events::insert(write, &enthroned(line, before.as_deref(), roles.top()))?;
                    }
                }
            }
            if organization_members::others_with_role(write, id, roles.top(), 0)? == 0 {
                return Ok(Err(OrganizationRefusal::Ownerless(roles.top().to_owned())));
            }
            let row = OrganizationRow { status: "active".to_owned(), delete_at: None, updated_at: now, ..held };
            organizations::update(write, &row)?;
            audit_events::insert(write, &event)?;
            Ok(Ok(()))
        })
    });
    restored.await?
}

/// The line of every other way to that role.
fn enthroned(line: &AuditEventRow, before: Option<&str>, role: &str) -> AuditEventRow {
    match before {
        None => AuditEventRow { data: json!({ "role": role }).to_string(), ..line.clone() },
        Some(before) => AuditEventRow {
            event: "org.member.role".to_owned(),
            data: json!({ "from": before, "to": role }).to_string(),
            ..line.clone()
        },
    }
}

/// Gives the top role to somebody, a member or not; which role a member had.
fn enthrone(
    write: &mut Write<'_>,
    organization: &OrganizationRow,
    new_id: i64,
    user_id: i64,
    role: &str,
    now: NumericDate,
) -> Outcome<Option<String>> {
    match organization_members::find_of_user(write, organization.id, user_id)? {
        Some(member) if member.status == "active" => {
            organization_members::set_role(write, member.id, role)?;
            Ok(Ok(Some(member.role)))
        }
        _ => Ok(admit(write, organization, new_id, user_id, role, now)?.map(|_| None)),
    }
}

/// Carries out what is due; how many organizations are gone. For the background task and `org delete --after 0`.
///
/// # Errors
/// The store's; what was deleted before stays deleted.
pub async fn carry_out_due(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let due = app.store.read(move |conn| organizations::due_for_deletion(conn, now)).await?;
    let mut gone = 0;
    for id in due {
        let Some(row) = app.store.read(move |conn| OrganizationRow::load(conn, id)).await? else { continue };
        let data = json!({ "slug": row.slug });
        let event = change::event(app, By::Operator, id, "org.erase", Target::Organization(&row), data)?;
        loop {
            let event = event.clone();
            // A bounded number of rows a transaction. A request taken back between two steps wins, at the price of the
            // memberships already gone.
            let step = app.store.write(move |write| {
                let due = |row: &OrganizationRow| {
                    row.status == "pending_deletion" && row.delete_at.is_some_and(|at| at <= now)
                };
                if !organizations::hold(write, id)?.is_some_and(|row| due(&row)) {
                    return Ok(None);
                }
                if organization_end::delete_some_identities(write, id, BATCH)? > 0
                    || organization_end::delete_some_members(write, id, BATCH)? > 0
                {
                    return Ok(Some(false));
                }
                organization_end::delete_rest(write, id)?;
                audit_events::insert(write, &event)?;
                Ok(Some(true))
            });
            match step.await? {
                Some(false) => {}
                Some(true) => {
                    gone += 1;
                    break;
                }
                None => break,
            }
        }
    }
    Ok(gone)
}

/// Forgets invitations that ended long ago: they hold addresses of people who may never have come.
///
/// # Errors
/// The store's.
pub async fn forget_invitations(app: &App) -> Result<(), StoreError> {
    let before = app.clock.now() - app.config.organizations.invitation_lifetime - INVITATIONS_KEPT;
    let below = first_id_of(before.max(0) * 1000);
    app.store.write(move |write| invitations::delete_old(write, below, BATCH)).await?;
    Ok(())
}
