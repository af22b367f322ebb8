//! Deleting a client: asked for first, carried out after a delay, so that it can be taken back (S61). While it waits
//! the client is off.

use serde_json::json;

use super::{ClientFailure, show};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::clients::{self, ClientRow};
use crate::store::{
    QueryResult, StoreError, Write, authorizations, client_secrets, organization_clients, registrations,
    resource_servers,
};

/// Authorizations removed in one transaction.
const BATCH: i64 = 1000;
const REQUESTED: &str = "client.request_deletion";

/// Asks for the deletion `delay` seconds from now, or after the configured delay; when it will be.
///
/// # Errors
/// [`ClientFailure::Unknown`].
pub async fn request(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    client_id: &str,
    delay: Option<i64>,
) -> Result<NumericDate, ClientFailure> {
    let row = show::row(app, client_id).await?;
    let now = app.clock.now();
    let at = now.saturating_add(delay.unwrap_or(app.config.clients.deletion_delay).max(0));
    let event = audit::draft(app, caller, REQUESTED, actor, Target::Client(&row), json!({}))?;
    let id = row.id;
    let found = terms::of(app, caller)
        .write(move |write| {
            let Some(mut row) = clients::hold(write, id)? else { return Ok(false) };
            let was = std::mem::replace(&mut row.status, "pending_deletion".to_owned());
            row.delete_at = Some(at);
            row.updated_at = now;
            clients::update(write, &row)?;
            // What it was before is on the record: taking the request back leads there again.
            let data = json!({ "delete_at": at, "was": was }).to_string();
            audit_events::insert(write, &AuditEventRow { data, ..event.clone() })?;
            Ok(true)
        })
        .await?;
    if found { Ok(at) } else { Err(ClientFailure::Unknown(client_id.to_owned())) }
}

/// Takes the request back; the client is off until it is enabled.
///
/// # Errors
/// [`ClientFailure::Conflict`] when no deletion was asked for.
pub async fn abort(app: &App, caller: Option<&Caller>, actor: Actor<'_>, client_id: &str) -> Result<(), ClientFailure> {
    take_back(app, caller, actor, client_id, false, None).await
}

/// Takes the request back; the client is what it was before: on, or switched off by whoever may.
///
/// # Errors
/// As [`abort`].
pub async fn restore(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    client_id: &str,
) -> Result<(), ClientFailure> {
    take_back(app, caller, actor, client_id, true, None).await
}

/// The same by its owner, who takes back what they asked for themselves, and nobody else's word.
///
/// # Errors
/// As [`abort`].
pub async fn restore_own(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    client_id: &str,
    owner: i64,
) -> Result<(), ClientFailure> {
    take_back(app, caller, actor, client_id, true, Some(owner)).await
}

/// Whether the newest request that did not repeat another one was about a client that was on.
fn was_active(write: &mut Write<'_>, id: i64) -> QueryResult<bool> {
    let requests = audit_events::newest_of_kind(write, "client", id, REQUESTED, 0, 100)?;
    let was = |event: &AuditEventRow| -> Option<String> {
        let data: serde_json::Value = serde_json::from_str(&event.data).ok()?;
        data["was"].as_str().map(str::to_owned)
    };
    Ok(requests.iter().filter_map(was).find(|was| was != "pending_deletion").is_some_and(|was| was == "active"))
}

enum TakenBack {
    Done,
    /// Somebody else asked for the deletion.
    Others,
    Nothing,
}

async fn take_back(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    client_id: &str,
    as_it_was: bool,
    only_of: Option<i64>,
) -> Result<(), ClientFailure> {
    let row = show::row(app, client_id).await?;
    let event = audit::draft(app, caller, "client.abort_deletion", actor, Target::Client(&row), json!({}))?;
    let (id, now) = (row.id, app.clock.now());
    let found = terms::of(app, caller)
        .write(move |write| {
            let pending = clients::hold(write, id)?.filter(|row| row.status == "pending_deletion");
            let Some(mut row) = pending else { return Ok(TakenBack::Nothing) };
            let newest = audit_events::newest_of_kind(write, "client", id, REQUESTED, 0, 1)?;
            if only_of.is_some() && newest.first().is_none_or(|event| event.actor_user != only_of) {
                return Ok(TakenBack::Others);
            }
            let on = as_it_was && was_active(write, id)?;
            row.status = if on { "active" } else { "inactive" }.to_owned();
            row.delete_at = None;
            row.updated_at = now;
            clients::update(write, &row)?;
            audit_events::insert(write, &event)?;
            Ok(TakenBack::Done)
        })
        .await?;
    match found {
        TakenBack::Done => Ok(()),
        TakenBack::Others => {
            Err(ClientFailure::Conflict("whoever runs this server asked for its deletion: ask them".to_owned()))
        }
        TakenBack::Nothing => Err(ClientFailure::Conflict(format!("no deletion of {} was asked for", row.name))),
    }
}

/// Carries out what is due; how many clients are gone. For the background task and for `client delete --after 0`. Who
/// asked is on the record of the request; this is the server's own doing.
///
/// # Errors
/// The store's; what was deleted before stays deleted.
pub async fn carry_out_due(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let due = app.store.read(move |conn| clients::due_for_deletion(conn, now)).await?;
    let mut gone = 0;
    for id in due {
        let row = app.store.view(move |rows| rows.get::<ClientRow>(id)).await?;
        let Some(row) = row else { continue };
        let data = json!({ "client_id": row.client_id });
        let event = audit::draft(app, None, "client.delete", Actor::Operator, Target::Client(&row), data)?;
        while let Some(done) = step(app, id, now, event.clone()).await? {
            if done {
                gone += 1;
                break;
            }
        }
    }
    Ok(gone)
}

/// A bounded number of authorizations a transaction; the last one takes secrets and row along, and is told by `true`.
/// A request taken back between two steps wins, at the price of the authorizations already gone: `None`.
async fn step(app: &App, id: i64, now: NumericDate, event: AuditEventRow) -> Result<Option<bool>, StoreError> {
    let due = move |row: &ClientRow| row.status == "pending_deletion" && row.delete_at.is_some_and(|at| at <= now);
    let step = app.store.write(move |write| {
        if !clients::hold(write, id)?.is_some_and(|row| due(&row)) {
            return Ok(None);
        }
        if authorizations::delete_some_of_client(write, id, BATCH)? > 0 {
            return Ok(Some(false));
        }
        forget(write, id)?;
        clients::delete_due(write, id, now)?;
        audit_events::insert(write, &event)?;
        Ok(Some(true))
    });
    step.await
}

/// What hangs on a client that nobody allows anything.
fn forget(write: &mut Write<'_>, id: i64) -> QueryResult<()> {
    client_secrets::delete_all(write, id)?;
    registrations::delete_of_client(write, id)?;
    organization_clients::delete_of_client(write, id)?;
    resource_servers::forget_client(write, id)?;
    Ok(())
}

/// Looked at in one go.
const UNUSED: i64 = 100;

/// Deletes clients that registered themselves without a token and that nobody ever allowed anything, so that junk does not
/// close the door for others. `after` is how far earlier rounds came; how many are gone.
///
/// # Errors
/// The store's; what was deleted before stays deleted.
pub async fn unused(app: &App, after: &mut i64) -> Result<usize, StoreError> {
    let days = app.config.registration.unused_days;
    if days == 0 {
        return Ok(0);
    }
    let (now, start) = (app.clock.now(), *after);
    let before = now - i64::from(days) * 24 * 3600;
    let found = app.store.read(move |conn| registrations::unused(conn, before, start, UNUSED)).await?;
    *after = found.last().copied().filter(|_| found.len() == usize::try_from(UNUSED).unwrap_or_default()).unwrap_or(0);
    let mut gone = 0;
    for id in found {
        let row = app.store.view(move |rows| rows.get::<ClientRow>(id)).await?;
        let Some(row) = row else { continue };
        let data = json!({ "client_id": row.client_id, "unused_days": days });
        let event = audit::draft(app, None, "client.delete", Actor::Operator, Target::Client(&row), data)?;
        gone += usize::from(end_unused(app, &row, before, event).await?);
    }
    Ok(gone)
}

async fn end_unused(
    app: &App,
    seen: &ClientRow,
    before: NumericDate,
    event: AuditEventRow,
) -> Result<bool, StoreError> {
    let (id, now, seen) = (seen.id, app.clock.now(), seen.clone());
    let done = app.store.write(move |write| {
        let Some(mut row) = clients::hold(write, id)?.filter(|row| *row == seen) else { return Ok(false) };
        let still = registrations::unused(write, before, id - 1, 1)? == [id];
        // Whoever allowed it something and took that back has a client, too.
        if !still || !audit_events::newest_of_kind(write, "client", id, "consent.allow", 0, 1)?.is_empty() {
            return Ok(false);
        }
        (row.status, row.delete_at) = ("pending_deletion".to_owned(), Some(now));
        clients::update(write, &row)?;
        forget(write, id)?;
        clients::delete_due(write, id, now)?;
        audit_events::insert(write, &event)?;
        Ok(true)
    });
    done.await
}
