//! Registering a resource server.

use serde_json::json;

use super::{ResourceServerFailure, ResourceServerFields};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::store::audit_events;
use crate::store::resource_servers::{self, ResourceServerRow};

/// Registers it; `managed_by` is the file that declares it.
///
/// # Errors
/// [`ResourceServerFailure::Invalid`] with every problem, [`ResourceServerFailure::Taken`].
pub async fn create(
    app: &App,
    fields: ResourceServerFields,
    managed_by: Option<String>,
) -> Result<(), ResourceServerFailure> {
    let client = fields.check(app).await?;
    let row = ResourceServerRow {
        id: app.store.next_id()?,
        identifier: fields.identifier.clone(),
        name: fields.name(),
        scope_sets: fields.sorted_sets().into(),
        client,
        managed_by,
        created_at: app.clock.now(),
        access_token_alg: fields.access_token_alg(),
    };
    let data = json!({
        "scope_sets": row.scope_sets.0, "client": fields.client, "access_token_signed_response_alg": row.access_token_alg,
    });
    let target = Target::Named("resource_server", &row.identifier);
    let event = audit::draft(app, None, "resource_server.create", Actor::Operator, target, data)?;
    let inserted = app
        .store
        .write(move |write| {
            let inserted = write.unless_taken(|write| resource_servers::insert(write, &row))?;
            if inserted.is_some() {
                audit_events::insert(write, &event)?;
            }
            Ok(inserted.is_some())
        })
        .await?;
    if inserted { Ok(()) } else { Err(ResourceServerFailure::Taken(fields.identifier)) }
}
