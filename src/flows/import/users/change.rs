//! An account that is here already: left alone, or with `--update` brought to what the file says.

use serde_json::json;

use super::Options;
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::import::remembered::came_by_import;
use crate::flows::import::report::{Line, Outcome};
use crate::flows::people::PersonRefusal;
use crate::flows::people::imported::ImportedPerson;
use crate::flows::people::status;
use crate::store::users::{self, UserRow};
use crate::store::{CachedRow as _, StoreError, audit_events, email_addresses};

/// Says what differs, and changes it when asked to. The password of an account that has one is never replaced: its
/// owner may have changed it since, and a list from elsewhere must not bring an old one back.
pub(super) async fn existing(
    app: &App,
    row: &UserRow,
    person: &ImportedPerson,
    options: Options,
    said: &mut Line,
) -> Result<(), StoreError> {
    let (wanted, differs) = wanted(app, row, person);
    said.outcome = Outcome::Unchanged;
    if differs.is_empty() {
        return Ok(());
    }
    if !options.update {
        said.notes.push(format!("differs in {}: --update would change it", differs.join(", ")));
        return Ok(());
    }
    if row.managed_by.is_some() {
        said.outcome = Outcome::Refused;
        said.notes.push(PersonRefusal::Managed.to_string());
        return Ok(());
    }
    // Whoever held a login on the other server is not therefore whoever holds it here: an address or a password of theirs
    // would let them in, and so would an account that was shut here for a reason.
    let enabled = wanted.is_active() && !row.is_active();
    let lets_in = enabled || differs.iter().any(|field| matches!(*field, "email" | "email_verified" | "password_hash"));
    if lets_in && !is_same_person(app, row, person, options).await? {
        said.outcome = Outcome::Refused;
        let why = "the account was not made by an import: change its address and password, and enable it, by hand";
        said.notes.push(why.to_owned());
        return Ok(());
    }
    said.outcome = Outcome::Updated;
    said.notes.push(format!("changed: {}", differs.join(", ")));
    if options.dry_run {
        return Ok(());
    }
    if let Err(refusal) = change(app, row, wanted, &differs).await? {
        said.outcome = Outcome::Refused;
        said.notes = vec![refusal.to_string()];
    }
    Ok(())
}

/// Whether the account surely is the person's in the file: an import made it, or both servers have made sure of the same
/// address. An administrator's only if the file may make administrators.
async fn is_same_person(
    app: &App,
    row: &UserRow,
    person: &ImportedPerson,
    options: Options,
) -> Result<bool, StoreError> {
    if row.administrator && !options.allow_administrators {
        return Ok(false);
    }
    let same_address = row.email.is_some() && row.email == person.email;
    if same_address && row.email_verified_at.is_some() && person.email_verified {
        return Ok(true);
    }
    came_by_import(app, "user", row.id, "user.create").await
}

fn wanted(app: &App, row: &UserRow, person: &ImportedPerson) -> (UserRow, Vec<&'static str>) {
    let mut wanted = row.clone();
    let mut differs = Vec::new();
    if person.name != row.name && person.name != person.login {
        wanted.name.clone_from(&person.name);
        differs.push("name");
    }
    let same_address = person.email == row.email;
    if person.email.is_some() && (!same_address || (person.email_verified && row.email_verified_at.is_none())) {
        wanted.email.clone_from(&person.email);
        wanted.email_verified_at = person.email_verified.then(|| app.clock.now());
        differs.push(if same_address { "email_verified" } else { "email" });
    }
    if row.password_hash.is_none() && person.password.is_some() {
        wanted.password_hash.clone_from(&person.password);
        differs.push("password_hash");
    }
    if let Some(active) = person.active
        && active != row.is_active()
    {
        wanted.status = if active { "active" } else { "disabled" }.to_owned();
        differs.push("active");
    }
    (wanted, differs)
}

async fn change(
    app: &App,
    row: &UserRow,
    wanted: UserRow,
    differs: &[&str],
) -> Result<Result<(), PersonRefusal>, StoreError> {
    let details: Vec<&str> = differs.iter().copied().filter(|field| *field != "active").collect();
    let event = |name, data| audit::draft(app, None, name, Actor::Operator, Target::User(row), data);
    let updated = match details.is_empty() {
        true => None,
        false => Some(event("user.update", json!({ "imported": true, "changed": details }))?),
    };
    let switched = match (row.is_active(), wanted.is_active()) {
        (false, true) => Some(event("user.enable", json!({ "imported": true }))?),
        (true, false) => Some(event("user.disable", json!({ "imported": true }))?),
        _ => None,
    };
    let (store, roles) = (app.store.clone(), app.roles.clone());
    let seen = (row.email.clone(), row.name.clone(), row.password_hash.clone(), row.status.clone());
    let given = wanted.password_hash.clone().filter(|_| row.password_hash.is_none());
    app.store
        .write(move |write| {
            write.unless_refused(|write| {
                // What the person changed since it was read is theirs.
                users::hold(write, wanted.id)?;
                let now_there = UserRow::load(write, wanted.id)?;
                if now_there.is_none_or(|row| (row.email, row.name, row.password_hash, row.status) != seen) {
                    return Ok(Err(PersonRefusal::NotFound));
                }
                if users::update_details(write, &wanted)? == 0 {
                    return Ok(Err(PersonRefusal::NotFound));
                }
                // Neither is a further one: the new one is the main one, and the old one is gone.
                for email in seen.0.iter().chain(&wanted.email).filter(|_| seen.0 != wanted.email) {
                    email_addresses::delete(write, wanted.id, &spelling_key(email))?;
                }
                if let Some(hash) = &given {
                    users::give_password(write, wanted.id, hash)?;
                }
                if let Some(told) = &switched {
                    match wanted.is_active() {
                        true => users::set_status(write, wanted.id, "active").map(drop)?,
                        false => {
                            if let Err(refusal) = status::disable_within(write, &store, &roles, wanted.id, told)? {
                                return Ok(Err(refusal));
                            }
                        }
                    }
                }
                for event in updated.iter().chain(&switched) {
                    audit_events::insert(write, event)?;
                }
                Ok(Ok(()))
            })
        })
        .await
}
