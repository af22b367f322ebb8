//! A developer changes an application: single members, checked as a whole.

use super::ApplicationRefusal as Refusal;
use super::{ApplicationFields, Owned, rules, show};
use crate::app::App;
use crate::flows::api::Credential;
use crate::flows::caller::Caller;
use crate::flows::clients;

/// Sets the members that are there; the application as it is then.
///
/// # Errors
/// [`Refusal`].
pub async fn update(
    app: &App,
    caller: &Caller,
    credential: &Credential,
    client_id: &str,
    fields: ApplicationFields,
) -> Result<Owned, Refusal> {
    let user = rules::developer(app, credential)?;
    let row = show(app, user, client_id).await?.row;
    rules::is_theirs_to_change(&row)?;
    let before = clients::update::metadata(app, client_id).await?;
    let wanted = fields.over(before.clone());
    rules::check(app, user, &wanted, Some(&before))?;
    clients::update::update(app, Some(caller), credential.actor(), client_id, wanted).await?;
    show(app, user, client_id).await
}
