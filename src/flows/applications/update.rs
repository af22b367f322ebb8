//! A developer changes an application: single members, checked as a whole.

use super::ApplicationRefusal as Refusal;
use super::{ApplicationFields, Owned, rules, show};
use crate::app::App;
use crate::flows::api::Credential;
use crate::flows::caller::Caller;
use crate::flows::clients::{self, ClientMetadata};
use crate::protocol::scope::ScopeList;

/// Sets the members that are there; the application as it is then. A method that needs another kind of secret
/// ends those there are: a new one is made by rotation.
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
    let caller = &rules::judged(caller, user).having_read(&*row);
    let before = clients::update::metadata(app, client_id).await?;
    let mut wanted = fields.over(before.clone()).map_err(Refusal::Fields)?;
    rules::check(app, credential, &wanted, Some(&before))?;
    if !is_what_it_was(&before, &wanted) && !rules::as_administrator(app, credential) {
        wanted.verified = false;
    }
    clients::update::update(app, Some(caller), credential.actor(), client_id, wanted).await?;
    show(app, user, client_id).await
}

/// Whoever runs this server vouched for what it was: nobody vouches for anything else that people are shown when they are
/// asked, or for whom its tokens may reach.
fn is_what_it_was(before: &ClientMetadata, wanted: &ClientMetadata) -> bool {
    let urls = |one: &ClientMetadata| {
        [&one.homepage_url, &one.privacy_url, &one.terms_url, &one.logo_url].map(|url| url.clone().unwrap_or_default())
    };
    // Where a browser is sent, or what is shown in a frame.
    let addresses = |one: &ClientMetadata| {
        let openid = &one.openid;
        (
            openid.post_logout_redirect_uris.clone(),
            openid.frontchannel_logout_uri.clone(),
            openid.initiate_login_uri.clone(),
        )
    };
    wanted.name == before.name
        && wanted.owner == before.owner
        && wanted.redirect_uris == before.redirect_uris
        && wanted.allowed_origins == before.allowed_origins
        && urls(wanted) == urls(before)
        && ScopeList::from(wanted.scopes.clone()) == ScopeList::from(before.scopes.clone())
        && wanted.organization_access == before.organization_access
        && addresses(wanted) == addresses(before)
}
