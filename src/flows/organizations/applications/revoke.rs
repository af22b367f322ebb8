//! Everything members let an application have in the organization, taken back at once.

use serde_json::json;

use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::client_lookup;
use crate::flows::organizations::change::{self, By};
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::store::organizations::OrganizationRow;
use crate::store::{audit_events, authorizations};

/// Authorizations removed in one transaction.
const BATCH: i64 = 500;

/// Revokes what every member let this application have here, with all its grants and tokens; how many members it were.
/// Each step is a transaction of its own; the first one writes the event.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn revoke(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    client_id: &str,
) -> Result<usize, OrganizationRefusal> {
    let client = client_lookup::find(app, client_id).await?.ok_or(OrganizationRefusal::ApplicationUnknown)?;
    let members = super::list::show(app, organization, client_id).await?.members;
    let data = json!({ "client_id": client.client_id, "members": members });
    let event = change::event(app, by, organization.id, "org.application.revoke", Target::Client(&client), data)?;
    let (mut gone, id) = (0, client.id);
    loop {
        let (event, first) = (event.clone(), gone == 0);
        let step = change::change(app, organization.id, by, Some("org:admin"), move |write, held, _| {
            let some = authorizations::delete_some_of_organization(write, held.id, id, BATCH)?;
            if first && some > 0 {
                audit_events::insert(write, &event)?;
            }
            Ok(Ok(some))
        });
        let some = step.await?;
        gone += some;
        if (some as i64) < BATCH {
            return Ok(gone);
        }
    }
}
