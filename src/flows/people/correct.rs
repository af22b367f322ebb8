//! Name and address of an account, set right by somebody who looks after accounts.

use serde_json::json;

use super::addresses::Seen;
use super::{PersonRefusal, claims, details};
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::mail::{self, Draft, Mail};
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::users::{self, UserRow};
use crate::store::{CachedRow as _, QueryResult, Write, email_addresses, mail_links};

/// How often the account may change under a correction until it is given up.
pub(super) const TRIES: usize = 3;

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
/// and every address that was there is told.
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
    let mut user = user.clone();
    for _ in 0..TRIES {
        let Some(drafted) = Drafted::of(app, caller, actor, &user, correction).await? else { return Ok(false) };
        let (id, now) = (user.id, app.clock.now());
        let done = terms::of(app, caller)
            .write(move |write| {
                users::hold(write, id)?;
                match UserRow::load(write, id)? {
                    Some(held) if drafted.is_about(write, &held)? => Ok(drafted.write(write, now)?.then_some(None)),
                    // The person was faster: what is not corrected stays as they have it now.
                    held => Ok(held.map(Some)),
                }
            })
            .await?;
        match done {
            Some(None) => return Ok(true),
            Some(Some(now_there)) => user = now_there,
            None => return Err(PersonRefusal::NotFound),
        }
    }
    Err(PersonRefusal::Changed)
}

/// A correction ready to be written over the account as it was read.
pub(super) struct Drafted {
    seen: UserRow,
    name: String,
    email: Option<String>,
    moved: bool,
    event: AuditEventRow,
    addresses: Option<Seen>,
    told: Vec<Draft>,
}

impl Drafted {
    /// None when nothing is different.
    pub(super) async fn of(
        app: &App,
        caller: Option<&Caller>,
        actor: Actor<'_>,
        user: &UserRow,
        correction: &Correction,
    ) -> Result<Option<Drafted>, PersonRefusal> {
        let Some(Wanted { name, email, renamed, moved }) = wanted(user, correction)? else { return Ok(None) };
        let changed: Vec<&str> =
            [("name", renamed), ("email", moved)].into_iter().filter(|(_, is)| *is).map(|(what, _)| what).collect();
        let data = json!({ "changed": changed });
        let event = audit::draft(app, caller, "user.correct", actor, Target::User(user), data)?;
        let addresses = if moved { Some(Seen::read(app, user.id, None).await?) } else { None };
        let letter = |to: &str| match (&email, &user.email) {
            (Some(email), main) => Mail::EmailChanged { email: email.clone(), stays: main.as_deref() != Some(to) },
            (None, main) => Mail::EmailRemoved { email: main.clone().unwrap_or_default() },
        };
        let told = addresses.as_ref().map(|seen| seen.tell(app, email.as_deref().unwrap_or_default(), letter));
        let told = told.transpose()?.unwrap_or_default();
        Ok(Some(Drafted { seen: user.clone(), name, email, moved, event, addresses, told }))
    }

    /// Whether the account, held by this transaction, is what it was when this was drafted.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn is_about(&self, write: &mut Write<'_>, held: &UserRow) -> QueryResult<bool> {
        let what = |row: &UserRow| (row.name.clone(), row.email.clone(), row.email_verified_at, row.managed_by);
        match &self.addresses {
            _ if what(held) != what(&self.seen) => Ok(false),
            Some(addresses) => addresses.has_the_further_ones_of(write, held),
            None => Ok(true),
        }
    }

    /// Writes it; false when the account is deleted.
    pub(super) fn write(&self, write: &mut Write<'_>, now: NumericDate) -> QueryResult<bool> {
        let verified_at = self.seen.email_verified_at.filter(|_| !self.moved);
        if users::correct(write, self.seen.id, &self.name, self.email.as_deref(), verified_at)? == 0 {
            return Ok(false);
        }
        claims::updated(write, self.seen.id, now)?;
        if self.moved {
            mail_links::void_all(write, self.seen.id, now)?;
            // Neither is a further one: the new one is the main one, and the old one is gone.
            for email in self.email.iter().chain(&self.seen.email) {
                email_addresses::delete(write, self.seen.id, &spelling_key(email))?;
            }
        }
        audit_events::insert(write, &self.event)?;
        mail::queue(write, &self.told)?;
        Ok(true)
    }
}
