//! Removing a resource server: its audience is gone from new tokens and nobody introspects for it.

use serde_json::json;

use super::{ResourceServerFailure, list};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::store::audit_events;
use crate::store::resource_servers;

/// Removes it.
///
/// # Errors
/// [`ResourceServerFailure::Unknown`].
pub async fn delete(app: &App, identifier: &str) -> Result<(), ResourceServerFailure> {
    let row = list::row(app, identifier).await?;
    let target = Target::Named("resource_server", &row.identifier);
    let event = audit::draft(app, None, "resource_server.delete", Actor::Operator, target, json!({}))?;
    let deleted = app
        .store
        .write(move |write| {
            let deleted = resource_servers::delete(write, row.id)?;
            if deleted > 0 {
                audit_events::insert(write, &event)?;
            }
            Ok(deleted)
        })
        .await?;
    if deleted > 0 { Ok(()) } else { Err(ResourceServerFailure::Unknown(identifier.to_owned())) }
}
