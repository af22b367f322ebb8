//! A new password by mail. Whoever asks hears the same after the same work, whether there is such an account or not
//! (ASVS 6.3.8, C61); the link goes to an address of the account, its main one or a further one, and sets its password and
//! nobody else's (C62). It opens no session: mail is no factor of sign-in (ASVS 6.3.6), and what is asked besides a password
//! is asked afterwards.

use serde_json::json;

use super::{PersonRefusal, addresses, details, first_proof};
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::logout::end as logout;
use crate::flows::mail::links::{self, GoodLink, LinkKind};
use crate::flows::mail::{self, Draft, Mail, Recipient};
use crate::store::audit_events::AuditEventRow;
use crate::store::mail_links::MailLinkRow;
use crate::store::users::{self, UserRow};
use crate::store::{Conn, QueryResult, StoreError, audit_events, email_addresses, organizations};

/// Accounts that may share an address and get a mail each.
const MOST_ACCOUNTS: i64 = 3;

/// Accounts with one key that are looked at.
const LOOK_ALIKES: i64 = 20;

/// Gets the work of a mail when there is nobody to write to.
const NOBODY: &str = "nobody@nowhere.invalid";

/// An account, the address of its own the mail goes to, and what its organization is called if that signs it in.
struct Found {
    user: UserRow,
    at: Option<String>,
    organization: Option<(String, String)>,
}

/// Queues a link for every account that `typed`, a login or an address, names. To an address it goes as the account has it,
/// never as it was typed: a look-alike may be somebody else's mailbox.
///
/// # Errors
/// [`PersonRefusal::Throttled`] or [`PersonRefusal::Unavailable`], neither of which tells whether there is an account.
pub async fn ask(app: &App, caller: &Caller, typed: &str) -> Result<(), PersonRefusal> {
    let key = spelling_key(typed);
    // Dropped unspoken for: every request counts.
    let _attempt = app.throttles.recoveries.begin(&key, caller.address).map_err(PersonRefusal::Throttled)?;
    let found = find(app, key, typed.trim().to_owned()).await?;
    let mut drafts: Vec<Draft> = Vec::new();
    let mut events: Vec<AuditEventRow> = Vec::new();
    for Found { user, at, organization } in &found {
        let to = at.as_deref().and_then(|at| Recipient::of_at(user, at));
        let (letter, Some(to)) = (letter(user, organization.as_ref()), to) else { continue };
        if mail::may_send(app, &letter, &to) {
            drafts.push(mail::draft(app, &letter, &to)?);
            events.push(event(app, caller, Target::User(user))?);
        }
    }
    if drafts.is_empty() {
        // Written and sealed as well, and thrown away.
        let _work = Recipient::new(NOBODY).map(|to| mail::draft(app, &Mail::PasswordReset, &to)).transpose()?;
        events.push(event(app, caller, Target::Named("login", ""))?);
    }
    app.store
        .write(move |write| {
            events.iter().try_for_each(|event| audit_events::insert(write, event).map(drop))?;
            mail::queue(write, &drafts)
        })
        .await?;
    app.metrics.event("recovery_asked");
    Ok(())
}

async fn find(app: &App, key: String, typed: String) -> Result<Vec<Found>, StoreError> {
    app.store
        .read(move |conn| {
            // All are asked for, whichever finds somebody.
            let by_login = users::find_by_login_key(conn, &key)?.filter(UserRow::is_active);
            let by_email = users::find_by_email_in_any_case(conn, &typed, LOOK_ALIKES)?;
            let mut further = email_addresses::active_by_key(conn, &key, LOOK_ALIKES)?;
            // The key folds more than one mailbox does.
            further.retain(|(row, _)| row.email.eq_ignore_ascii_case(&typed));
            // Where somebody proved the address, those who only wrote it down are left out.
            let proven = !further.is_empty() || by_email.iter().any(|user| user.email_verified_at.is_some());
            let main = by_email.into_iter().filter(|user| !proven || user.email_verified_at.is_some());
            let mut by_email: Vec<(UserRow, Option<String>)> = main.map(at_main).collect();
            for (row, user) in further {
                if by_email.iter().all(|(other, _)| other.id != user.id) {
                    by_email.push((user, Some(row.email)));
                }
            }
            by_email.truncate(usize::try_from(MOST_ACCOUNTS).unwrap_or_default());
            // A login may be spelled like an address: it takes nothing from whoever reads mail sent there.
            if let Some(user) = by_login.filter(|user| by_email.iter().all(|(other, _)| other.id != user.id)) {
                let at = best_address(conn, &user)?;
                let only_written_down = proven
                    && user.email_verified_at.is_none()
                    && at.as_ref().is_some_and(|at| at.eq_ignore_ascii_case(&typed));
                if !only_written_down {
                    by_email.push((user, at));
                }
            }
            let mut found = Vec::new();
            for (user, at) in by_email {
                let organization = match user.managed_by {
                    Some(id) => {
                        organizations::find(conn, id)?.map(|organization| (organization.name, organization.slug))
                    }
                    None => None,
                };
                found.push(Found { user, at, organization });
            }
            Ok(found)
        })
        .await
}

/// The main address if it is proven, else the oldest proven one, else the main one as it was written down.
fn best_address(conn: &mut Conn, user: &UserRow) -> QueryResult<Option<String>> {
    if user.email_verified_at.is_none()
        && let Some(further) = addresses::further_rows(conn, user)?.into_iter().next()
    {
        return Ok(Some(further.email));
    }
    Ok(user.email.clone())
}

fn at_main(user: UserRow) -> (UserRow, Option<String>) {
    let at = user.email.clone();
    (user, at)
}

fn letter(user: &UserRow, organization: Option<&(String, String)>) -> Mail {
    match organization {
        Some((name, slug)) => Mail::NoPassword { organization: name.clone(), path: format!("/login/{slug}") },
        None if user.password_hash.is_none() => Mail::SetPassword,
        None => Mail::PasswordReset,
    }
}

/// What was typed is not kept unless it names an account.
fn event(app: &App, caller: &Caller, target: Target<'_>) -> Result<AuditEventRow, StoreError> {
    audit::draft(app, Some(caller), "user.recover", Actor::Anonymous, target, json!({}))
}

/// The link, if it works now; looking uses nothing up.
///
/// # Errors
/// [`PersonRefusal::LinkVoid`], or the store's.
pub async fn check(app: &App, token: &str) -> Result<GoodLink, PersonRefusal> {
    links::find(app, &LinkKind::OF_PASSWORDS, token).await?.ok_or(PersonRefusal::LinkVoid)
}

/// Uses the link: sets the password, ends every session and voids every grant, as any change of it does. Of many at once
/// one wins (C60); a password that may not be used leaves the link good.
///
/// # Errors
/// [`PersonRefusal`].
pub async fn set(app: &App, caller: &Caller, token: &str, password: String) -> Result<(), PersonRefusal> {
    // Before the costly hash, so that a stranger without a link costs nothing.
    let GoodLink { row, user, kind } = check(app, token).await?;
    details::check_password(app, &password, &user.login, user.email.as_deref(), &user.name)?;
    let hash = app.passwords.hash(password).await?;
    let (actor, target) = (Actor::User(&user), Target::User(&user));
    let event = audit::draft(app, Some(caller), "user.reset_password", actor, target, json!({}))?;
    let letter = |mail| Recipient::of(&user).map(|to| mail::draft(app, &mail, &to)).transpose();
    let (told, told_first) = (letter(Mail::PasswordChanged)?, letter(Mail::FirstProof)?);
    let (now, store) = (app.clock.now(), app.store.clone());
    let done = app
        .store
        .write(move |write| {
            first_proof::hold_providers(write, row.user_id)?;
            users::hold(write, row.user_id)?;
            let Some(user) = links::use_up(write, &row, kind, now)? else { return Ok(false) };
            let valid_from = store.id_within(write)?;
            users::set_password(write, user.id, &hash, valid_from, now)?;
            logout::all(write, &store, user.id, None, now)?;
            if !is_first_proof(&user, &row) {
                audit_events::insert(write, &event)?;
                mail::queue(write, &told)?;
                return Ok(true);
            }
            // Who used the link reads mail sent there. Whoever had the account before may be somebody else, who wrote that
            // address down and waits behind a door they opened themselves.
            users::set_email(write, user.id, &row.email, now)?;
            let ended = first_proof::end(write, user.id)?;
            audit_events::insert(write, &AuditEventRow { data: ended.data().to_string(), ..event.clone() })?;
            mail::queue(write, &told_first)?;
            Ok(true)
        })
        .await?;
    if done { Ok(()) } else { Err(PersonRefusal::LinkVoid) }
}

/// Whether the link is the first thing that proves the main address.
fn is_first_proof(user: &UserRow, row: &MailLinkRow) -> bool {
    user.email_verified_at.is_none() && user.email.as_ref() == Some(&row.email)
}
