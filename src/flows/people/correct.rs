//! Name and address of an account, set right by somebody who looks after accounts.

use serde_json::json;

use super::{PersonRefusal, details};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::mail::{self, Mail, Recipient};
use crate::store::users::{self, UserRow};
use crate::store::{CachedRow as _, audit_events, mail_links};

/// What is set; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Correction {
    /// Display name.
    pub name: Option<String>,
    /// E-mail address, unverified then; or none at all.
    pub email: Option<Option<String>>,
}

/// What it would be afterwards.
struct Wanted {
    name: String,
    email: Option<String>,
    renamed: bool,
    moved: bool,
}

/// Checks what [`correct`] would check, and writes nothing.
///
/// # Errors
/// As [`correct`].
pub fn check(user: &UserRow, correction: &Correction) -> Result<(), PersonRefusal> {
    wanted(user, correction).map(drop)
}

fn wanted(user: &UserRow, correction: &Correction) -> Result<Option<Wanted>, PersonRefusal> {
    let name = correction.name.as_deref().map_or(user.name.as_str(), str::trim).to_owned();
    let email = match &correction.email {
        None => user.email.clone(),
        Some(email) => email.as_deref().map(str::trim).filter(|email| !email.is_empty()).map(str::to_owned),
    };
    let (renamed, moved) = (name != user.name, email != user.email);
    if !renamed && !moved {
        return Ok(None);
    }
    details::is_their_own(user)?;
    if name.is_empty() {
        return Err(PersonRefusal::NameMalformed);
    }
    details::check_name(&name)?;
    email.as_deref().map_or(Ok(()), details::check_email)?;
    Ok(Some(Wanted { name, email, renamed, moved }))
}

/// Checks and sets it; false when nothing is different. Links that went to another address than the new one are void,
/// and the old address is told.
///
/// # Errors
/// [`PersonRefusal`]; an account that an organization manages is changed there.
pub async fn correct(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
    correction: &Correction,
) -> Result<bool, PersonRefusal> {
    let Some(Wanted { name, email, renamed, moved }) = wanted(user, correction)? else { return Ok(false) };
    let changed: Vec<&str> =
        [("name", renamed), ("email", moved)].into_iter().filter(|(_, is)| *is).map(|(what, _)| what).collect();
    let event = audit::draft(app, caller, "user.correct", actor, Target::User(user), json!({ "changed": changed }))?;
    let told = match (Recipient::of(user).filter(|_| moved), &email) {
        (Some(to), Some(email)) => Some(mail::draft(app, &Mail::EmailChanged { email: email.clone() }, &to)?),
        _ => None,
    };
    let (id, now) = (user.id, app.clock.now());
    let done = app
        .store
        .write(move |write| {
            users::hold(write, id)?;
            let Some(held) = UserRow::load(write, id)? else { return Ok(false) };
            let verified_at = held.email_verified_at.filter(|_| held.email == email);
            if users::correct(write, id, &name, email.as_deref(), verified_at)? == 0 {
                return Ok(false);
            }
            if moved {
                mail_links::void_all(write, id, now)?;
            }
            audit_events::insert(write, &event)?;
            mail::queue(write, &told)?;
            Ok(true)
        })
        .await?;
    if done { Ok(true) } else { Err(PersonRefusal::NotFound) }
}
