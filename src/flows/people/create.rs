//! An account made for somebody by the operator, an administrator or a file.

use serde_json::json;

use super::{NewPerson, PersonRefusal, details};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::terms;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::email_addresses;
use crate::store::users::{self, UserRow};

/// Makes the account; without a password it cannot sign in with one until [`super::password::set`].
///
/// # Errors
/// [`PersonRefusal`].
pub async fn create(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    new: NewPerson,
) -> Result<UserRow, PersonRefusal> {
    let row = details::row(app, new).await?;
    let data = json!({ "administrator": row.administrator, "password": row.password_hash.is_some() });
    let event = audit::draft(app, caller, "user.create", actor, Target::User(&row), data)?;
    insert(app, caller, row, event).await
}

/// The unique index over the folded login decides who has it (C57); the event is written only for the winner. Nobody gets a
/// login that is an address somebody has proven: people who sign in with an address, or ask for a new password by it, mean
/// the account that proved it.
pub(super) async fn insert(
    app: &App,
    caller: Option<&Caller>,
    row: UserRow,
    event: AuditEventRow,
) -> Result<UserRow, PersonRefusal> {
    let new = row.clone();
    let inserted = terms::of(app, caller)
        .write(move |write| {
            if new.login.contains('@') && email_addresses::is_proven(write, &new.login, &new.login_key)? {
                return Ok(false);
            }
            let inserted = write.unless_taken(|write| users::insert(write, &new))?.is_some();
            if inserted {
                audit_events::insert(write, &event)?;
            }
            Ok(inserted)
        })
        .await?;
    if inserted { Ok(row) } else { Err(PersonRefusal::LoginNotAvailable) }
}
