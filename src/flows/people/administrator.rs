//! Who may administer the server.

use serde_json::json;

use super::PersonRefusal;
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::terms;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::users::{self, UserRow};
use crate::store::{QueryResult, Write, instance};

/// Gives or takes the administrator flag; it counts from the person's next request on (ASVS 8.3.2). False when nothing
/// changed.
///
/// # Errors
/// [`PersonRefusal::LastAdministrator`], or the store's.
pub async fn set_administrator(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
    administrator: bool,
) -> Result<bool, PersonRefusal> {
    let data = json!({ "administrator": administrator });
    let event = audit::draft(app, caller, "user.set_administrator", actor, Target::User(user), data)?;
    let id = user.id;
    terms::of(app, caller).write(move |write| set_within(write, id, administrator, &event)).await?
}

/// The same inside a larger change.
pub(super) fn set_within(
    write: &mut Write<'_>,
    id: i64,
    administrator: bool,
    event: &AuditEventRow,
) -> QueryResult<Result<bool, PersonRefusal>> {
    if !administrator && nobody_would_be_left(write, id)? {
        return Ok(Err(PersonRefusal::LastAdministrator));
    }
    let changed = users::set_administrator(write, id, administrator)? == 1;
    if changed {
        audit_events::insert(write, event)?;
    }
    Ok(Ok(changed))
}

/// Whether the server had no administrator without this one. Two administrators who are taken away at once must not
/// both find the other still there: whoever asks holds one row that is the same for all.
pub(super) fn nobody_would_be_left(write: &mut Write<'_>, id: i64) -> QueryResult<bool> {
    instance::hold(write)?;
    users::is_last_administrator(write, id)
}
