//! Changing a resource server; its identifier is its identity and stays.

use serde_json::json;

use super::{ResourceServerFailure, ResourceServerFields, list};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::store::audit_events;
use crate::store::resource_servers::{self, ResourceServerRow};

/// Writes `fields` over the one with their identifier; false when that changes nothing.
///
/// # Errors
/// [`ResourceServerFailure::Unknown`], [`ResourceServerFailure::Invalid`] with every problem.
pub async fn update(app: &App, fields: ResourceServerFields) -> Result<bool, ResourceServerFailure> {
    let client = fields.check(app).await?;
    let old = list::row(app, &fields.identifier).await?;
    let mut new = old.clone();
    new.name = fields.name();
    new.scope_sets = fields.sorted_sets().into();
    new.client = client;
    new.access_token_alg = fields.access_token_alg();
    let compared =
        |row: &ResourceServerRow| (row.name.clone(), row.scope_sets.clone(), row.client, row.access_token_alg.clone());
    if compared(&new) == compared(&old) {
        return Ok(false);
    }
    let data = json!({
        "scope_sets": new.scope_sets.0, "client": fields.client, "access_token_signed_response_alg": new.access_token_alg,
    });
    let target = Target::Named("resource_server", &new.identifier);
    let event = audit::draft(app, None, "resource_server.update", Actor::Operator, target, data)?;
    let updated = app
        .store
        .write(move |write| {
            let updated = resource_servers::update(write, &new)?;
            if updated > 0 {
                audit_events::insert(write, &event)?;
            }
            Ok(updated)
        })
        .await?;
    if updated > 0 { Ok(true) } else { Err(ResourceServerFailure::Unknown(fields.identifier)) }
}
