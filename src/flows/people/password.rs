//! Passwords set by the operator or changed by their owner. Either voids every older grant and session (A53): whoever
//! knew the old one is out.

use serde_json::json;

use super::{PersonRefusal, details};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::logout::end as logout;
use crate::flows::mail::{self, Draft, Mail, Recipient};
use crate::flows::session::{self, NewSession, SignedIn};
use crate::store::users::{self, UserRow};
use crate::store::{StoreError, audit_events, sessions};

/// Sets the password for somebody.
///
/// # Errors
/// [`PersonRefusal`].
pub async fn set(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
    password: String,
) -> Result<(), PersonRefusal> {
    details::check_password(app, &password, &user.login, user.email.as_deref(), &user.name)?;
    let hash = app.passwords.hash(password).await?;
    let event = audit::draft(app, caller, "user.set_password", actor, Target::User(user), json!({}))?;
    let told = told(app, user)?;
    let (id, now, store) = (user.id, app.clock.now(), app.store.clone());
    let done = app
        .store
        .write(move |write| {
            users::hold(write, id)?;
            let valid_from = store.id_within(write)?;
            if users::set_password(write, id, &hash, valid_from, now)? == 0 {
                return Ok(false);
            }
            logout::all(write, &store, id, None, now)?;
            audit_events::insert(write, &event)?;
            mail::queue(write, &told)?;
            Ok(true)
        })
        .await?;
    if done { Ok(()) } else { Err(PersonRefusal::NotFound) }
}

/// The owner hears of it, whoever did it (ASVS 6.3.7).
fn told(app: &App, user: &UserRow) -> Result<Option<Draft>, StoreError> {
    Recipient::of(user).map(|to| mail::draft(app, &Mail::PasswordChanged, &to)).transpose()
}

/// Changes the signed-in person's password, given the current one (ASVS 6.2.3). All their sessions and grants end; the
/// browser at hand goes on with the new session that is returned (ASVS 7.2.4, 7.4.3). None when the password is changed
/// but no session could be opened, because the account was disabled meanwhile or the store fails just then.
///
/// # Errors
/// [`PersonRefusal`]; nothing is changed then.
pub async fn change(
    app: &App,
    caller: &Caller,
    who: &SignedIn,
    current: String,
    password: String,
) -> Result<Option<NewSession>, PersonRefusal> {
    let user = &who.user;
    let attempt = app.throttles.passwords.begin(&user.login_key, caller.address).map_err(PersonRefusal::Throttled)?;
    let old = user.password_hash.clone();
    match app.passwords.verify(current, old.clone()).await {
        Err(overloaded) => {
            app.throttles.passwords.not_tried(attempt);
            return Err(overloaded.into());
        }
        Ok(verdict) if !verdict.ok => return Err(PersonRefusal::WrongPassword),
        Ok(_) => app.throttles.passwords.succeeded(attempt),
    }
    details::check_password(app, &password, &user.login, user.email.as_deref(), &user.name)?;
    let hash = app.passwords.hash(password).await?;
    let (actor, target) = (Actor::User(user), Target::User(user));
    let event = audit::draft(app, Some(caller), "user.change_password", actor, target, json!({}))?;
    let told = told(app, user)?;
    let (id, now, old, store) = (user.id, app.clock.now(), old.unwrap_or_default(), app.store.clone());
    let valid_from = app
        .store
        .write(move |write| {
            // The password that was checked must still be the one: an operator may have just replaced it.
            if users::rehash(write, id, &old, &hash)? == 0 {
                return Ok(None);
            }
            let valid_from = store.id_within(write)?;
            users::set_password(write, id, &hash, valid_from, now)?;
            logout::all(write, &store, id, None, now)?;
            audit_events::insert(write, &event)?;
            mail::queue(write, &told)?;
            Ok(Some(valid_from))
        })
        .await?
        .ok_or(PersonRefusal::WrongPassword)?;
    Ok(go_on(app, caller, who, valid_from).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "a password was changed, but the browser has to sign in again");
        None
    }))
}

/// The session after the change. Drawn after the mark, so that it is not older.
async fn go_on(app: &App, caller: &Caller, who: &SignedIn, valid_from: i64) -> Result<Option<NewSession>, StoreError> {
    let (id, now) = (who.user.id, app.clock.now());
    let new = session::new(app, caller, &who.user, "pwd", who.session.authentication_count)?;
    let row = new.row.clone();
    let opened = app
        .store
        .write(move |write| match users::signed_in(write, id, valid_from, now)? {
            0 => Ok(false),
            _ => sessions::insert(write, &row).map(|_| true),
        })
        .await?;
    Ok(opened.then_some(new))
}
