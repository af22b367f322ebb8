//! What a person is called.

use serde_json::json;

use super::{PersonRefusal, details};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::terms;
use crate::store::audit_events;
use crate::store::users::{self, UserRow};

/// Gives the account another display name; an empty one is the login. False when it is so already.
///
/// # Errors
/// [`PersonRefusal::NameMalformed`], [`PersonRefusal::Managed`], [`PersonRefusal::NotFound`], or the store's.
pub async fn rename(
    app: &App,
    caller: &Caller,
    actor: Actor<'_>,
    user: &UserRow,
    name: &str,
) -> Result<bool, PersonRefusal> {
    let name = match name.trim() {
        "" => user.login.as_str(),
        name => name,
    };
    details::check_name(name)?;
    if name == user.name {
        return Ok(false);
    }
    details::is_their_own(user)?;
    let event = audit::draft(app, Some(caller), "user.rename", actor, Target::User(user), json!({ "name": name }))?;
    let (id, name) = (user.id, name.to_owned());
    let changed = terms::of(app, Some(caller)).write(move |write| {
        let changed = users::set_name(write, id, &name)? == 1;
        if changed {
            audit_events::insert(write, &event)?;
        }
        Ok(changed)
    });
    if changed.await? { Ok(true) } else { Err(PersonRefusal::NotFound) }
}
