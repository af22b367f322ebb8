//! Everything members let an application have in the organization, taken back at once.

use serde_json::json;

use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::client_lookup;
use crate::flows::organizations::change::{self, By};
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::organization_use;
use crate::store::organizations::OrganizationRow;

/// Authorizations removed in one transaction.
const BATCH: i64 = 500;

/// Revokes what every member let this application have here, with all its grants and tokens; how many members it were.
/// Each step is a transaction of its own; the first one writes the organization's event, and each one that of every person
/// whose access it ended, the same as if they had ended it.
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
    let data = json!({ "client_id": client.client_id, "client": client.name });
    let whose = change::event(app, by, organization.id, "authorization.revoke", Target::UserId(0), data)?;
    let (mut gone, id) = (0, client.id);
    loop {
        let (event, whose, first, store) = (event.clone(), whose.clone(), gone == 0, app.store.clone());
        let step = change::change(app, organization.id, by, Some("org:admin"), move |write, held, _| {
            let (some, last) = organization_use::revoke_some(write, held.id, id, BATCH)?;
            if first && !some.is_empty() {
                audit_events::insert(write, &event)?;
            }
            for one in &some {
                let (target_id, target_label) = (Some(one.user_id), one.login.clone());
                let row = AuditEventRow { id: store.another_id()?, target_id, target_label, ..whose.clone() };
                audit_events::insert(write, &row)?;
            }
            Ok(Ok((some.len(), last)))
        });
        let (some, last) = step.await?;
        gone += some;
        if last {
            return Ok(gone);
        }
    }
}
