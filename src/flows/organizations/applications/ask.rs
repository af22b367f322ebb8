//! A member asks the owners to allow an application.

use serde_json::json;

use super::{ASKED, Word, word};
use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::client_lookup;
use crate::flows::mail::{self, Mail, Recipient};
use crate::flows::organizations::change::{self, By};
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::store::organization_clients::{self, OrganizationClientRow};
use crate::store::organizations::OrganizationRow;
use crate::store::{StoreError, audit_events, organization_members};

/// Applications that may wait at once: whoever asks for more is no help to anybody.
const MOST: i64 = 50;

/// Asks for `client_id`, and tells the owners by mail; what the word is afterwards. Asked before, nothing happens.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn ask(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    client_id: &str,
) -> Result<Word, OrganizationRefusal> {
    let client = client_lookup::find(app, client_id).await?;
    let client = client.filter(|client| client.organization_access && client.is_active());
    let client = client.ok_or(OrganizationRefusal::ApplicationUnknown)?;
    let data = json!({ "client_id": client.client_id });
    let event = change::event(app, by, organization.id, "org.application.ask", Target::Client(&client), data)?;
    let row = OrganizationClientRow {
        id: app.store.next_id()?,
        organization_id: organization.id,
        client: client.id,
        status: ASKED.to_owned(),
        asked_by: by.user_id(),
        decided_by: None,
        created_at: app.clock.now(),
        decided_at: None,
    };
    let letters = letters(app, by, organization, &client.name).await?;
    change::change(app, organization.id, by, None, move |write, held, _| {
        let before = word(write, held, row.client)?;
        if before != Word::Unasked {
            return Ok(Ok(before));
        }
        if organization_clients::count_asked(write, held.id)? >= MOST {
            return Ok(Err(OrganizationRefusal::TooManyAsked(MOST)));
        }
        organization_clients::insert(write, &row)?;
        audit_events::insert(write, &event)?;
        mail::queue(write, &letters)?;
        Ok(Ok(Word::Asked))
    })
    .await
}

async fn letters(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    application: &str,
) -> Result<Vec<mail::Draft>, StoreError> {
    let letter = Mail::ApplicationAsked {
        organization: organization.name.clone(),
        application: application.to_owned(),
        member: by.user().map(|user| user.name.clone()).unwrap_or_default(),
        path: format!("/orgs/{}/applications", organization.slug),
    };
    let (id, top) = (organization.id, app.roles.top().to_owned());
    let owners = app.store.read(move |conn| organization_members::users_with_role(conn, id, &top)).await?;
    let to = owners.iter().filter_map(Recipient::of).map(|to| to.for_organization(id));
    to.filter(|to| mail::may_send(app, &letter, to)).map(|to| mail::draft(app, &letter, &to)).collect()
}
