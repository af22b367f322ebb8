//! A new secret for a developer's application, while the others go on working for an overlap.

use super::ApplicationRefusal as Refusal;
use super::{rules, show};
use crate::app::App;
use crate::flows::api::Credential;
use crate::flows::caller::Caller;
use crate::flows::clients::rotate_secret::rotate;
use crate::flows::clients::secret::NewSecret;

pub use crate::flows::clients::rotate_secret::Rotated;

/// Adds a secret, `id` and `bytes` become its text, and lets the others end after `overlap` seconds, or the configured
/// overlap, which is also the most.
///
/// # Errors
/// [`Refusal`].
pub async fn rotate_secret(
    app: &App,
    caller: &Caller,
    credential: &Credential,
    client_id: &str,
    overlap: Option<i64>,
    id: i64,
    bytes: &[u8; 32],
) -> Result<Rotated, Refusal> {
    let user = rules::developer(app, credential)?;
    let row = show(app, user, client_id).await?.row;
    rules::is_theirs_to_change(&row)?;
    let overlap = overlap.map(|overlap| overlap.min(app.config.clients.secret_overlap));
    let secret = NewSecret::Given(id, bytes);
    Ok(rotate(app, Some(caller), credential.actor(), client_id, secret, overlap).await?)
}
