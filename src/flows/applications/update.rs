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
    let mut wanted = fields.over(before.clone());
    rules::check(app, credential, &wanted, Some(&before))?;
    // Whoever runs this server vouched for what it was: under another name, or at another address, nobody does.
    let same = wanted.name == before.name
        && wanted.redirect_uris == before.redirect_uris
        && wanted.homepage_url == before.homepage_url
        && wanted.logo_url == before.logo_url;
    if !same && !rules::as_administrator(app, credential) {
        wanted.verified = false;
    }
    clients::update::update(app, Some(caller), credential.actor(), client_id, wanted).await?;
    show(app, user, client_id).await
}
