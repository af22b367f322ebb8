//! The end of a key: the row goes, and with it what the text opens, at once.

use serde_json::json;

use super::refusal::ApiKeyRefusal as Refusal;
use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::organizations::By;
use crate::flows::organizations::change;
use crate::flows::organizations::invitations::by_key::take_back_all;
use crate::store::organizations::OrganizationRow;
use crate::store::{api_keys, audit_events};

/// Deletes a key of the organization by its public name; another organization's is not found (C70). Invitations that it
/// sent are void.
///
/// # Errors
/// [`Refusal`].
pub async fn delete(app: &App, by: By<'_>, organization: &OrganizationRow, public_id: &str) -> Result<(), Refusal> {
    super::bounds(by)?;
    let found = super::show(app, organization, public_id).await?.row;
    let target = Target::Row("api_key", found.id, &found.label);
    let event = change::event(app, by, organization.id, "api_key.delete", target, json!({}))?;
    let now = app.clock.now();
    change::change(app, organization.id, by, Some("org:admin"), move |write, _, _| {
        if api_keys::delete(write, found.id)? == 0 {
            return Ok(Ok(Err(Refusal::NotFound)));
        }
        let invitations = take_back_all(write, &found, now)?.len();
        let mut event = event.clone();
        event.data = json!({ "last_four": found.last_four, "invitations_taken_back": invitations }).to_string();
        audit_events::insert(write, &event)?;
        Ok(Ok(Ok(())))
    })
    .await?
}
