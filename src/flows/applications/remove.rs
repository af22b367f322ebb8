//! The end of an application, asked for by its owner and taken back as long as it waits (S61).

use super::ApplicationRefusal as Refusal;
use super::{rules, show};
use crate::app::App;
use crate::flows::api::Credential;
use crate::flows::caller::Caller;
use crate::flows::clients::delete;
use crate::protocol::NumericDate;

/// Asks for the deletion; when it will be. The application is off at once. Asking again changes nothing.
///
/// # Errors
/// [`Refusal`].
pub async fn remove(
    app: &App,
    caller: &Caller,
    credential: &Credential,
    client_id: &str,
) -> Result<NumericDate, Refusal> {
    let user = rules::developer(app, credential)?;
    let row = show(app, user, client_id).await?.row;
    if let Some(at) = row.delete_at {
        return Ok(at);
    }
    rules::is_theirs_to_change(&row)?;
    Ok(delete::request(app, Some(caller), credential.actor(), client_id, None).await?)
}

/// Takes the deletion back that the owner asked for: the application is what it was before, on or switched off by whoever
/// runs this server.
///
/// # Errors
/// [`Refusal`].
pub async fn restore(app: &App, caller: &Caller, credential: &Credential, client_id: &str) -> Result<(), Refusal> {
    let user = rules::owner(credential)?;
    let row = show(app, user, client_id).await?.row;
    if let Some(file) = &row.managed_by {
        return Err(Refusal::Declared(file.clone()));
    }
    Ok(delete::restore_own(app, Some(caller), credential.actor(), client_id, user.id).await?)
}
