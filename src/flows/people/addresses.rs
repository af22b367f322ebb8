//! The addresses of an account: its main one, where mail about it goes, and further ones, by which a new password can be
//! asked for too. A further one is there only once a mailed link proved it (C64); whatever changes is told to the
//! addresses that were there (ASVS 6.3.7).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::correct::TRIES;
use super::{PersonRefusal, details};
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::crypto::digest::sha256;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::mail::{self, Draft, Mail, Recipient};
use crate::flows::session::SignedIn;
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::store::email_addresses::{self, EmailAddressRow};
use crate::store::users::{self, UserRow};
use crate::store::{CachedRow as _, Conn, QueryResult, StoreError, Write, audit_events, mail_links};

/// Further addresses an account may have.
pub const MOST: usize = 10;

/// A further address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// What pages and the API call it, so that no address stands in an address.
    pub id: String,
    /// The address.
    pub email: String,
    /// When a mailed link proved it.
    pub verified_at: NumericDate,
}

impl From<EmailAddressRow> for Address {
    fn from(row: EmailAddressRow) -> Address {
        Address { id: name_of(row.user_id, &row.email_key), email: row.email, verified_at: row.verified_at }
    }
}

/// What the main address of an account is called, as its further ones are.
pub fn main_name(user: &UserRow) -> Option<String> {
    user.email.as_deref().map(|email| name_of(user.id, &spelling_key(email)))
}

/// The account and its further addresses, for a change by somebody who was shown them.
///
/// # Errors
/// The store's.
pub async fn shown(app: &App, user: &UserRow) -> Result<terms::Seen, StoreError> {
    let id = user.id;
    let further = app.store.read(move |conn| email_addresses::of_user(conn, id)).await?;
    Ok(terms::Seen::from((user, further)))
}

fn name_of(user_id: i64, email_key: &str) -> String {
    let digest = sha256(&[b"grantor/address/name/v1", &user_id.to_be_bytes(), email_key.as_bytes()]);
    URL_SAFE_NO_PAD.encode(&digest[..12])
}

/// The further addresses of an account, the oldest first.
///
/// # Errors
/// The store's.
pub async fn further(app: &App, user: &UserRow) -> Result<Vec<Address>, StoreError> {
    let user = user.clone();
    let rows = app.store.read(move |conn| further_rows(conn, &user)).await?;
    Ok(rows.into_iter().map(Address::from).collect())
}

pub(super) fn further_rows(conn: &mut Conn, user: &UserRow) -> QueryResult<Vec<EmailAddressRow>> {
    let rows = email_addresses::of_user(conn, user.id)?;
    Ok(rows.into_iter().filter(|row| is_further(row, user)).collect())
}

/// A release that knew one address an account may have made a further one the main one.
fn is_further(row: &EmailAddressRow, user: &UserRow) -> bool {
    row.user_id == user.id && user.email.as_deref().is_none_or(|main| spelling_key(main) != row.email_key)
}

/// Makes one of the further addresses the main one; the one that was stays a further one if it was proven. False when it is
/// none of the account's.
///
/// # Errors
/// [`PersonRefusal`].
pub async fn make_main(app: &App, caller: &Caller, who: &SignedIn, id: &str) -> Result<bool, PersonRefusal> {
    details::is_their_own(&who.user)?;
    for _ in 0..TRIES {
        let seen = Seen::read(app, who.user.id, Some(who.session.id)).await?;
        if main_name(&seen.user).as_deref() == Some(id) {
            return Ok(true);
        }
        let Some(chosen) = seen.named(id) else { return Ok(false) };
        let new = NewMain::of(app, &seen, &chosen.email, chosen.verified_at)?;
        let (actor, target) = (Actor::User(&seen.user), Target::User(&seen.user));
        let event = audit::draft(app, Some(caller), "user.change_email", actor, target, json!({}))?;
        let done = terms::of(app, Some(caller)).write(move |write| {
            if !seen.is_still(write)? || !new.write(write)? {
                return Ok(false);
            }
            audit_events::insert(write, &event).map(|_| true)
        });
        if done.await? {
            return Ok(true);
        }
    }
    Err(PersonRefusal::Changed)
}

/// Takes a further address from the person's own account. False when it is none of them.
///
/// # Errors
/// [`PersonRefusal`].
pub async fn remove_own(app: &App, caller: &Caller, who: &SignedIn, id: &str) -> Result<bool, PersonRefusal> {
    details::is_their_own(&who.user)?;
    take(app, caller, Actor::User(&who.user), &who.user, Some(who.session.id), id).await
}

/// The same by somebody who looks after accounts: a stranger may have added it.
///
/// # Errors
/// [`PersonRefusal`].
pub async fn remove(
    app: &App,
    caller: &Caller,
    actor: Actor<'_>,
    user: &UserRow,
    id: &str,
) -> Result<bool, PersonRefusal> {
    take(app, caller, actor, user, None, id).await
}

async fn take(
    app: &App,
    caller: &Caller,
    actor: Actor<'_>,
    user: &UserRow,
    session: Option<i64>,
    id: &str,
) -> Result<bool, PersonRefusal> {
    for _ in 0..TRIES {
        let seen = Seen::read(app, user.id, session).await?;
        let Some(gone) = seen.named(id).cloned() else { return Ok(false) };
        let event = audit::draft(app, Some(caller), "user.remove_email", actor, Target::User(user), json!({}))?;
        let told = seen.tell(app, "", |_| Mail::EmailRemoved { email: gone.email.clone() })?;
        let now = app.clock.now();
        let done = terms::of(app, Some(caller)).write(move |write| {
            if !seen.is_still(write)? || email_addresses::delete(write, gone.user_id, &gone.email_key)? == 0 {
                return Ok(false);
            }
            mail_links::void_at(write, gone.user_id, &gone.email, now)?;
            audit_events::insert(write, &event)?;
            mail::queue(write, &told)?;
            Ok(true)
        });
        if done.await? {
            return Ok(true);
        }
    }
    Err(PersonRefusal::Changed)
}

/// An account and its addresses as they were read. A change is drafted for them, and made only while they are still so.
pub(super) struct Seen {
    /// The account.
    pub user: UserRow,
    further: Vec<EmailAddressRow>,
}

impl Seen {
    /// Reads them, for a session that stands if one is named.
    pub(super) async fn read(app: &App, id: i64, session: Option<i64>) -> Result<Seen, PersonRefusal> {
        let seen = app.store.read(move |conn| Seen::load(conn, id)).await?;
        let stands = |user: &UserRow| session.is_none_or(|session| user.still_honours(session));
        seen.filter(|seen| seen.user.status != "deleted" && stands(&seen.user)).ok_or(PersonRefusal::NotFound)
    }

    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<Seen>> {
        let Some(user) = UserRow::load(conn, id)? else { return Ok(None) };
        let further = further_rows(conn, &user)?;
        Ok(Some(Seen { user, further }))
    }

    /// Holds the account until the end of the transaction; whether everything is still as it was read.
    pub(super) fn is_still(&self, write: &mut Write<'_>) -> QueryResult<bool> {
        users::hold(write, self.user.id)?;
        let what = |seen: &Seen| {
            let user = &seen.user;
            let account = (user.status.clone(), user.valid_from, user.managed_by);
            (account, user.email.clone(), user.email_verified_at, seen.further.clone())
        };
        Ok(Seen::load(write, self.user.id)?.is_some_and(|now| what(&now) == what(self)))
    }

    /// Whether the account, held by this transaction, has the same further ones.
    pub(super) fn has_the_further_ones_of(&self, write: &mut Write<'_>, held: &UserRow) -> QueryResult<bool> {
        Ok(further_rows(write, held)? == self.further)
    }

    fn named(&self, id: &str) -> Option<&EmailAddressRow> {
        self.further.iter().find(|row| name_of(row.user_id, &row.email_key) == id)
    }

    /// Whether it is one of the further ones, in any spelling.
    pub(super) fn has(&self, email: &str) -> bool {
        let key = spelling_key(email);
        self.further.iter().any(|row| row.email_key == key)
    }

    /// Whether there would be too many with this one more.
    pub(super) fn is_full_for(&self, email: &str) -> bool {
        let key = spelling_key(email);
        self.further.iter().filter(|row| row.email_key != key).count() >= MOST
    }

    /// The main address of now and when it was proven, if it stays a further one once `email` is the main one.
    pub(super) fn kept_beside(&self, email: &str) -> Option<(&str, NumericDate)> {
        let main = self.user.email.as_deref().filter(|main| spelling_key(main) != spelling_key(email));
        main.zip(self.user.email_verified_at)
    }

    /// A letter to every address of the account but `except`.
    pub(super) fn tell(
        &self,
        app: &App,
        except: &str,
        letter: impl Fn(&str) -> Mail,
    ) -> Result<Vec<Draft>, StoreError> {
        let all = self.user.email.iter().chain(self.further.iter().map(|row| &row.email));
        let others = all.filter(|email| *email != except);
        let to = others.filter_map(|email| Recipient::of_at(&self.user, email));
        to.map(|to| mail::draft(app, &letter(to.address()), &to)).collect()
    }

    /// A row for a further address.
    pub(super) fn row(&self, app: &App, email: &str, verified_at: NumericDate) -> Result<EmailAddressRow, StoreError> {
        Ok(EmailAddressRow {
            id: app.store.next_id()?,
            user_id: self.user.id,
            email: email.to_owned(),
            email_key: spelling_key(email),
            verified_at,
            created_at: app.clock.now(),
        })
    }
}

/// A proven address ready to become the main one of the account as it was read.
pub(super) struct NewMain {
    user_id: i64,
    email: String,
    verified_at: NumericDate,
    kept: Option<EmailAddressRow>,
    told: Vec<Draft>,
}

impl NewMain {
    pub(super) fn of(app: &App, seen: &Seen, email: &str, verified_at: NumericDate) -> Result<NewMain, PersonRefusal> {
        let kept = seen.kept_beside(email).map(|(old, at)| seen.row(app, old, at)).transpose()?;
        if kept.is_some() && seen.is_full_for(email) {
            return Err(PersonRefusal::TooManyAddresses(MOST));
        }
        let stays = |to: &str| kept.is_some() || seen.user.email.as_deref() != Some(to);
        let told = seen.tell(app, email, |to| Mail::EmailChanged { email: email.to_owned(), stays: stays(to) })?;
        Ok(NewMain { user_id: seen.user.id, email: email.to_owned(), verified_at, kept, told })
    }

    /// Writes it, in the transaction that holds the account; false when that is not active.
    pub(super) fn write(&self, write: &mut Write<'_>) -> QueryResult<bool> {
        if users::set_email(write, self.user_id, &self.email, self.verified_at)? == 0 {
            return Ok(false);
        }
        email_addresses::delete(write, self.user_id, &spelling_key(&self.email))?;
        if let Some(kept) = &self.kept {
            // What a release before left there under the main one.
            email_addresses::delete(write, self.user_id, &kept.email_key)?;
            email_addresses::insert(write, kept)?;
        }
        mail::queue(write, &self.told)?;
        Ok(true)
    }
}
