//! Users: matched with accounts that are surely the same person's, else made.

use serde_json::json;

use super::export::{Export, Row};
use super::work::{Done, Judged, Work};
use crate::app::throttle::spelling_key;
use crate::crypto::imported_password::ImportedPassword;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::import::remembered::came_by_import;
use crate::flows::import::report::Outcome;
use crate::flows::people::imported::{self, FieldRefusal, ImportedPerson};
use crate::flows::people::is_email;
use crate::store::users::{self, UserRow};
use crate::store::{StoreError, audit_events};

/// Notes which addresses the other server had made sure of.
pub(super) fn verified(work: &mut Work<'_>, export: &Export) {
    for row in export.rows("sentry.useremail") {
        if let (Ok(Some(user)), Ok(Some(email)), Ok(true)) =
            (row.reference("user"), row.text("email"), row.flag("is_verified"))
        {
            work.verified.insert((user, email.to_lowercase()));
        }
    }
}

pub(super) async fn one(work: &mut Work<'_>, row: &Row) -> Judged {
    let mut notes = Vec::new();
    let person = match person(work, row, &mut notes) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Err(refusal) = work.first("username", spelling_key(&person.login).as_bytes()) {
        return Ok(Err(refusal));
    }
    let (outcome, user) = match same_person(work, &person, &mut notes).await? {
        Err(refusal) => return Ok(Err(refusal)),
        Ok(Some(user)) => (Outcome::Unchanged, user),
        Ok(None) if work.remembered.is_deleted_user(work.app, &person.login).await? => {
            return Ok(Ok(work.deleted("user", row, person.login)));
        }
        Ok(None) => match create(work, &person).await? {
            Some(user) => (Outcome::Created, user),
            None => return Ok(Err(FieldRefusal::new("username", "somebody took it meanwhile; run it again"))),
        },
    };
    work.users.insert(row.pk.clone(), user);
    Ok(Ok(Done { name: person.login, outcome, notes }))
}

fn person(work: &Work<'_>, row: &Row, notes: &mut Vec<String>) -> Result<ImportedPerson, FieldRefusal> {
    let login = row.text("username")?.ok_or_else(|| FieldRefusal::new("username", "it is missing"))?;
    let email = row.text("email")?.filter(|email| {
        let good = is_email(email);
        if !good {
            notes.push("the e-mail address is none and was left out".to_owned());
        }
        good
    });
    let verified = |email: &String| work.verified.contains(&(row.pk.clone(), email.to_lowercase()));
    let email_verified = email.as_ref().is_some_and(verified);
    let parts = [row.text("first_name")?, row.text("last_name")?];
    let name = row.text("name")?.unwrap_or_else(|| parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
    let password = row.text("password")?.filter(|hash| !hash.starts_with('!')).filter(|hash| {
        let read = ImportedPassword::parse(hash);
        if let Err(refusal) = &read {
            notes.push(format!("no password, a new one is needed: {refusal}"));
        }
        read.is_ok()
    });
    if row.flag("is_superuser")? || row.flag("is_staff")? {
        notes.push("an administrator there, not here: `grantor user administrator`".to_owned());
    }
    let now = work.app.clock.now();
    let active = row.value("is_active").is_none() || row.flag("is_active")?;
    let person = ImportedPerson {
        login,
        name,
        email,
        email_verified,
        active: Some(active),
        administrator: false,
        created_at: row.time("date_joined")?.filter(|at| (0..=now).contains(at)),
        password,
    };
    imported::check(person, now)
}

/// An account here that is this person's. Whoever registered a login, or wrote an address into a profile, on either
/// server must not get at what somebody else of that name allowed there: the address counts only if both servers have
/// made sure of it, the login only if an import made the account or the operator says so.
async fn same_person(
    work: &Work<'_>,
    person: &ImportedPerson,
    notes: &mut Vec<String>,
) -> Result<Result<Option<UserRow>, FieldRefusal>, StoreError> {
    let key = spelling_key(&person.login);
    let by_login = work.app.store.read(move |conn| users::find_by_login_key(conn, &key)).await?;
    let same_address = |user: &UserRow| {
        let theirs = user.email_verified_at.and(user.email.as_ref()).map(|email| email.to_lowercase());
        person.email_verified && theirs.is_some() && theirs == person.email.as_ref().map(|email| email.to_lowercase())
    };
    if let Some(user) = by_login {
        let same = work.options.match_existing
            || same_address(&user)
            || came_by_import(work.app, "user", user.id, "user.create").await?;
        return Ok(match same {
            true => Ok(Some(user)),
            false => Err(FieldRefusal::new(
                "username",
                "an account with this login is here already, and nothing shows that it is the same person's: \
                 --match-existing says so for all",
            )),
        });
    }
    let Some(email) = person.email.clone().filter(|_| person.email_verified) else { return Ok(Ok(None)) };
    let found = work.app.store.read(move |conn| users::find_by_email(conn, &email, 3)).await?;
    let mut same: Vec<UserRow> = found.into_iter().filter(same_address).collect();
    match (same.pop(), same.is_empty()) {
        (None, _) => Ok(Ok(None)),
        (Some(user), true) => {
            notes.push(format!("the account {} has the same address, verified on both servers", user.login));
            Ok(Ok(Some(user)))
        }
        (Some(_), false) => Ok(Err(FieldRefusal::new("email", "several accounts here have this address"))),
    }
}

async fn create(work: &Work<'_>, person: &ImportedPerson) -> Result<Option<UserRow>, StoreError> {
    let user = imported::row(work.app, person)?;
    if work.options.dry_run {
        return Ok(Some(user));
    }
    let data = json!({
        "imported": true, "administrator": false, "password": user.password_hash.is_some(),
        "email_verified": user.email_verified_at.is_some(), "status": user.status,
    });
    let event = audit::draft(work.app, None, "user.create", Actor::Operator, Target::User(&user), data)?;
    let new = user.clone();
    let made = work.app.store.write(move |write| {
        let done = write.unless_taken(|write| {
            users::insert(write, &new)?;
            audit_events::insert(write, &event)
        })?;
        Ok(done.is_some())
    });
    Ok(made.await?.then_some(user))
}
