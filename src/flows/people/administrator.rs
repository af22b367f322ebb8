//! Who may administer the server.

use serde_json::json;

use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::store::users::{self, UserRow};
use crate::store::{StoreError, audit_events};

/// Gives or takes the administrator flag; it counts from the person's next request on (ASVS 8.3.2). False when nothing
/// changed.
///
/// # Errors
/// The store's.
pub async fn set_administrator(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
    administrator: bool,
) -> Result<bool, StoreError> {
    let data = json!({ "administrator": administrator });
    let event = audit::draft(app, caller, "user.set_administrator", actor, Target::User(user), data)?;
    let id = user.id;
    app.store
        .write(move |write| {
            let changed = users::set_administrator(write, id, administrator)? == 1;
            if changed {
                audit_events::insert(write, &event)?;
            }
            Ok(changed)
        })
        .await
}
