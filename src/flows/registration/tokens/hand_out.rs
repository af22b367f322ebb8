//! Tokens that an organization makes and deletes itself, where the configuration lets it: its row is held, and whoever acts
//! is judged by role and credential in the same transaction.

use serde_json::json;

use super::{CREATE, DELETE, MOST, Made, NewToken, TokenRefusal as Refusal, draft, ends_at, event, list, told};
use crate::app::App;
use crate::flows::organizations::{By, change};
use crate::flows::registration::organizations_may;
use crate::store::organizations::OrganizationRow;
use crate::store::{audit_events, registrations};

/// What the role must carry, as for keys.
const SCOPE: &str = "org:admin";

/// Makes a token of the organization; `id` and `secret` become its text.
///
/// # Errors
/// [`Refusal`].
pub async fn hand_out(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    new: &NewToken,
    id: i64,
    secret: &[u8; 32],
) -> Result<Made, Refusal> {
    if !organizations_may(app) {
        return Err(Refusal::Closed);
    }
    let (row, token) = draft(app, by, Some(organization), new, id, secret)?;
    let event = event(app, by, CREATE, &row, told(&row))?;
    let (view, now) = (list::new(&row, Some(organization), by), app.clock.now());
    change::change(app, organization.id, by, Some(SCOPE), move |write, held, _| {
        if registrations::living(write, held.id, now)? >= MOST {
            return Ok(Ok(Err(Refusal::TooMany(MOST))));
        }
        registrations::insert_token(write, &row)?;
        audit_events::insert(write, &event)?;
        Ok(Ok(Ok(())))
    })
    .await??;
    Ok(Made { token, view })
}

/// Deletes a token of this very organization: it registers nothing any more, and what it registered stays (C70).
///
/// # Errors
/// [`Refusal`].
pub async fn take_back(app: &App, by: By<'_>, organization: &OrganizationRow, id: &str) -> Result<(), Refusal> {
    if !organizations_may(app) {
        return Err(Refusal::Closed);
    }
    ends_at(by)?;
    let row = list::row(app, Some(organization), id).await?;
    let (id, event) = (row.id, event(app, by, DELETE, &row, json!({ "last_four": row.last_four }))?);
    change::change(app, organization.id, by, Some(SCOPE), move |write, _, _| {
        if registrations::delete_token(write, id)? == 0 {
            return Ok(Ok(Err(Refusal::NotFound)));
        }
        audit_events::insert(write, &event)?;
        Ok(Ok(Ok(())))
    })
    .await?
}
