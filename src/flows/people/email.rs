//! The address of an account: proven, or changed, by a link that was mailed to it and is used by the person it was made
//! for (C64). Until then the old address stays, and it is told when it goes.

use serde_json::json;

use super::{PersonRefusal, details};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::mail::links::{self, GoodLink, LinkKind};
use crate::flows::mail::{self, Mail, Recipient};
use crate::flows::session::SignedIn;
use crate::store::users::{self, UserRow};
use crate::store::{StoreError, audit_events};

/// What a link did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// The proven address.
    pub email: String,
    /// It is another one than before.
    pub changed: bool,
}

/// Queues a link to `typed`; to the address the account has already, it proves that one.
///
/// # Errors
/// [`PersonRefusal`].
pub async fn ask(app: &App, caller: &Caller, who: &SignedIn, typed: &str) -> Result<(), PersonRefusal> {
    let user = &who.user;
    details::is_their_own(user)?;
    details::check_email(typed.trim())?;
    let to = Recipient::of_at(user, typed).ok_or(PersonRefusal::EmailMalformed)?;
    let same = user.email.as_deref() == Some(to.address());
    let letter = if same { Mail::VerifyEmail } else { Mail::ChangeEmail };
    let _attempt = app.throttles.recoveries.begin(&user.login_key, caller.address).map_err(PersonRefusal::Throttled)?;
    // A mailbox that got its share gets no more, and nobody hears of it: what fills it may come from elsewhere.
    if !mail::may_send(app, &letter, &to) {
        return Ok(());
    }
    let draft = mail::draft(app, &letter, &to)?;
    app.store.write(move |write| mail::queue(write, &draft)).await?;
    Ok(())
}

/// Queues the first link of a new account, if it has an address; a mail that cannot be queued is asked for again on the
/// account's page.
pub async fn welcome(app: &App, user: &UserRow) {
    let queued = async {
        let Some(to) = Recipient::of(user).filter(|to| mail::may_send(app, &Mail::VerifyEmail, to)) else {
            return Ok(());
        };
        let draft = mail::draft(app, &Mail::VerifyEmail, &to)?;
        app.store.write(move |write| mail::queue(write, &draft)).await
    };
    if let Err(error) = queued.await {
        let error: StoreError = error;
        tracing::warn!(%error, "the address of a new account could not be asked about");
    }
}

/// The link, if it works now and is this person's; looking uses nothing up.
///
/// # Errors
/// [`PersonRefusal::LinkVoid`], or the store's.
pub async fn check(app: &App, who: &SignedIn, token: &str) -> Result<GoodLink, PersonRefusal> {
    let found = links::find(app, &LinkKind::OF_ADDRESSES, token).await?;
    found.filter(|link| link.user.id == who.user.id).ok_or(PersonRefusal::LinkVoid)
}

/// Uses the link. Who only wrote an address down has proven nothing: the mailed token does (C64).
///
/// # Errors
/// [`PersonRefusal`].
pub async fn confirm(app: &App, caller: &Caller, who: &SignedIn, token: &str) -> Result<Confirmed, PersonRefusal> {
    let GoodLink { row, user, kind } = check(app, who, token).await?;
    let changed = user.email.as_ref() != Some(&row.email);
    let name = if changed { "user.change_email" } else { "user.verify_email" };
    let event = audit::draft(app, Some(caller), name, Actor::User(&user), Target::User(&user), json!({}))?;
    let told = match Recipient::of(&user).filter(|_| changed) {
        Some(to) => Some(mail::draft(app, &Mail::EmailChanged { email: row.email.clone() }, &to)?),
        None => None,
    };
    let (now, confirmed) = (app.clock.now(), Confirmed { email: row.email.clone(), changed });
    let done = app
        .store
        .write(move |write| {
            users::hold(write, row.user_id)?;
            let Some(user) = links::use_up(write, &row, kind, now)? else { return Ok(false) };
            users::set_email(write, user.id, &row.email, now)?;
            audit_events::insert(write, &event)?;
            mail::queue(write, &told)?;
            Ok(true)
        })
        .await?;
    if done { Ok(confirmed) } else { Err(PersonRefusal::LinkVoid) }
}
