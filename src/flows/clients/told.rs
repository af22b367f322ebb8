//! The owner of a client is told by mail that a secret was made for it: whoever holds it acts as the client.

use crate::app::App;
use crate::flows::audit::Actor;
use crate::flows::mail::{self, Draft, Mail, Recipient};
use crate::store::StoreError;
use crate::store::clients::ClientRow;
use crate::store::users::UserRow;

/// A mail to the owner, when a person makes the secret; what the operator does at the command line is no news.
pub(super) async fn of_secret(app: &App, actor: Actor<'_>, client: &ClientRow) -> Result<Option<Draft>, StoreError> {
    let (Actor::User(_) | Actor::UserByClient(..) | Actor::UserByToken(..)) = actor else { return Ok(None) };
    let Some(owner) = client.owner_id else { return Ok(None) };
    let Some(owner) = app.store.view(move |rows| rows.get::<UserRow>(owner)).await? else { return Ok(None) };
    let letter = Mail::ClientSecretMade { application: client.name.clone(), client_id: client.client_id.clone() };
    let to = Recipient::of(&owner).filter(|to| mail::may_send(app, &letter, to));
    to.map(|to| mail::draft(app, &letter, &to)).transpose()
}
