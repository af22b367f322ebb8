//! Switching a client off and on. A client that is off is refused everywhere and its tokens are inactive; switched on
//! again, what it had lives again unless it ended meanwhile.

use serde_json::json;

use super::{ClientFailure, show};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::terms;
use crate::store::audit_events;
use crate::store::clients;

/// Switches the client off; false when it was off.
///
/// # Errors
/// [`ClientFailure::Conflict`] for one that is about to be deleted.
pub async fn disable(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    client_id: &str,
) -> Result<bool, ClientFailure> {
    change(app, caller, actor, client_id, ("active", "inactive", "client.disable")).await
}

/// Switches the client on; false when it was on.
///
/// # Errors
/// [`ClientFailure::Conflict`] for one that is about to be deleted.
pub async fn enable(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    client_id: &str,
) -> Result<bool, ClientFailure> {
    change(app, caller, actor, client_id, ("inactive", "active", "client.enable")).await
}

async fn change(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    client_id: &str,
    (from, to, event): (&'static str, &'static str, &'static str),
) -> Result<bool, ClientFailure> {
    let row = show::row(app, client_id).await?;
    let event = audit::draft(app, caller, event, actor, Target::Client(&row), json!({}))?;
    let (id, now) = (row.id, app.clock.now());
    let found = terms::of(app, caller)
        .write(move |write| {
            let Some(mut row) = clients::hold(write, id)? else { return Ok(None) };
            let before = std::mem::replace(&mut row.status, to.to_owned());
            if before == from {
                row.updated_at = now;
                clients::update(write, &row)?;
                audit_events::insert(write, &event)?;
            }
            Ok(Some(before))
        })
        .await?;
    match found.as_deref() {
        Some(before) if before == from => Ok(true),
        Some(before) if before == to => Ok(false),
        Some(_) => Err(ClientFailure::Conflict(format!(
            "{} is about to be deleted: `grantor client restore {client_id}` first",
            row.name
        ))),
        None => Err(ClientFailure::Unknown(client_id.to_owned())),
    }
}
