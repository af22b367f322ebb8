//! What a person says of themselves: what they are called, and what applications may be told.

use serde_json::json;

use super::{PersonRefusal, claims, details};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::terms;
use crate::protocol::standard_claims::StandardClaims;
use crate::store::users::{self, UserRow};
use crate::store::{CachedRow as _, audit_events};

/// What is said; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Told<'a> {
    /// Display name; an empty one is the login.
    pub name: Option<&'a str>,
    /// All standard claims.
    pub claims: Option<StandardClaims>,
}

/// Gives the account another display name; an empty one is the login. False when it is so already.
///
/// # Errors
/// As [`change`].
pub async fn rename(
    app: &App,
    caller: &Caller,
    actor: Actor<'_>,
    user: &UserRow,
    name: &str,
) -> Result<bool, PersonRefusal> {
    let told = Told { name: Some(name), claims: None };
    Ok(change(app, caller, actor, user, told).await?.is_some())
}

/// Writes all of it in one transaction, or nothing; the account as it is then, none when it is so already.
///
/// # Errors
/// [`PersonRefusal::NameMalformed`], [`PersonRefusal::Claim`], [`PersonRefusal::Managed`], [`PersonRefusal::Changed`],
/// [`PersonRefusal::NotAsSeen`], [`PersonRefusal::NotFound`], or the store's.
pub async fn change(
    app: &App,
    caller: &Caller,
    actor: Actor<'_>,
    user: &UserRow,
    told: Told<'_>,
) -> Result<Option<UserRow>, PersonRefusal> {
    let name = told.name.map(|name| match name.trim() {
        "" => user.login.clone(),
        name => name.to_owned(),
    });
    name.as_deref().map_or(Ok(()), details::check_name)?;
    let renamed = name.filter(|name| *name != user.name);
    let said = match told.claims {
        Some(said) => claims::Drafted::of(app, Some(caller), actor, user, said)?,
        None => None,
    };
    if renamed.is_none() && said.is_none() {
        return Ok(None);
    }
    details::is_their_own(user)?;
    let renamed = renamed.map(|name| {
        let data = json!({ "name": name });
        let event = audit::draft(app, Some(caller), "user.rename", actor, Target::User(user), data);
        event.map(|event| (name, event))
    });
    let (renamed, id, now) = (renamed.transpose()?, user.id, app.clock.now());
    let done = terms::of(app, Some(caller)).write(move |write| {
        write.unless_refused(|write| {
            // What is said is compared with what was seen before anything of it changes.
            if let Some(said) = &said
                && let Err(refusal) = said.write(write)?
            {
                return Ok(Err(refusal));
            }
            if let Some((name, event)) = &renamed {
                if users::set_name(write, id, name)? == 0 {
                    return Ok(Err(PersonRefusal::NotFound));
                }
                claims::updated(write, id, now)?;
                audit_events::insert(write, event)?;
            }
            Ok(UserRow::load(write, id)?.ok_or(PersonRefusal::NotFound))
        })
    });
    done.await?.map(Some)
}
