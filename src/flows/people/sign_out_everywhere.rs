//! Signing somebody out everywhere: every session ends, and every grant given before is void (ASVS 7.4.5).

use serde_json::json;

use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::logout::end as logout;
use crate::flows::terms;
use crate::store::users::{self, UserRow};
use crate::store::{StoreError, audit_events};

/// Ends it all, the session that asks included; the count of sessions ended.
///
/// # Errors
/// The store's.
pub async fn sign_out_everywhere(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
) -> Result<usize, StoreError> {
    let event = audit::draft(app, caller, "user.sign_out_everywhere", actor, Target::User(user), json!({}))?;
    let (id, now, store) = (user.id, app.clock.now(), app.store.clone());
    terms::of(app, caller)
        .write(move |write| {
            users::hold(write, id)?;
            let valid_from = store.id_within(write)?;
            if users::set_valid_from(write, id, valid_from)? == 0 {
                return Ok(0);
            }
            let ended = logout::all(write, &store, id, None, now)?;
            audit_events::insert(write, &event)?;
            Ok(ended)
        })
        .await
}
