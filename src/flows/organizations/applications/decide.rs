//! The organization's word on an application, by its owners.

use serde_json::json;

use super::{ALLOWED, REFUSED};
use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::client_lookup;
use crate::flows::organizations::change::{self, By};
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::store::audit_events;
use crate::store::organization_clients::{self, OrganizationClientRow};
use crate::store::organizations::OrganizationRow;

/// Allows or refuses an application; false when that was the word already. What members allowed before stays until it is
/// revoked.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn decide(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    client_id: &str,
    status: &str,
) -> Result<bool, OrganizationRefusal> {
    decide_if(app, by, organization, client_id, status, None).await
}

/// The same, if the word still is what whoever decides saw; the inner none for no word.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn decide_if(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    client_id: &str,
    status: &str,
    seen: Option<Option<String>>,
) -> Result<bool, OrganizationRefusal> {
    let name = match status {
        ALLOWED => "org.application.allow",
        REFUSED => "org.application.refuse",
        _ => return Err(OrganizationRefusal::ApplicationStatus),
    };
    let client = client_lookup::find(app, client_id).await?.filter(|client| client.organization_access);
    let client = client.ok_or(OrganizationRefusal::ApplicationUnknown)?;
    let data = json!({ "client_id": client.client_id });
    let event = change::event(app, by, organization.id, name, Target::Client(&client), data)?;
    let (now, decided_by, status) = (app.clock.now(), by.user_id(), status.to_owned());
    let new = OrganizationClientRow {
        id: app.store.next_id()?,
        organization_id: organization.id,
        client: client.id,
        status: status.clone(),
        asked_by: None,
        decided_by,
        created_at: now,
        decided_at: Some(now),
    };
    change::change(app, organization.id, by, Some("org:admin"), move |write, held, _| {
        let word = organization_clients::find(write, held.id, new.client)?;
        if seen.as_ref().is_some_and(|seen| seen.as_deref() != word.as_ref().map(|word| word.status.as_str())) {
            return Ok(Err(OrganizationRefusal::Changed));
        }
        match word {
            Some(row) if row.status == status => return Ok(Ok(false)),
            Some(row) => organization_clients::decide(write, row.id, &status, decided_by, now)?,
            None => organization_clients::insert(write, &new)?,
        };
        audit_events::insert(write, &event)?;
        Ok(Ok(true))
    })
    .await
}
