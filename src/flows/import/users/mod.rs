//! `grantor import users`: people from a CSV or JSON list, in batches; each row is made whole or not at all.

mod change;
pub mod file;
mod person;

use std::collections::BTreeMap;

use serde_json::json;

use self::file::Record;
use super::remembered::{DELETED, Remembered};
use super::report::{Line, Outcome, Report};
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::people::imported::{self, FieldRefusal, ImportedPerson};
use crate::store::users::{self, UserRow};
use crate::store::{StoreError, audit_events};

/// Rows of one transaction: few enough that other writers do not wait, enough that a list of thousands is done soon.
const BATCH: usize = 100;

/// How the operator wants it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Bring accounts that exist to what the file says.
    pub update: bool,
    /// Let the file make administrators.
    pub allow_administrators: bool,
}

/// Brings in every record that is good; the report says what became of each.
///
/// # Errors
/// The store's; the batches before stay, and another run goes on from there.
pub async fn run(app: &App, records: Vec<Record>, options: Options) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let remembered = Remembered::users(app).await?;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() {
        let mut batch = Vec::new();
        for record in records.by_ref().take(BATCH) {
            let login = record.text("login").unwrap_or_default();
            let (line, login) = (record.line, imported::shown_login(&login).to_owned());
            let checked = check(app, record, options, &mut seen);
            batch.push(Candidate { line, login, checked });
        }
        report.lines.extend(bring(app, batch, options, &remembered).await?);
    }
    Ok(report)
}

struct Candidate {
    line: usize,
    login: String,
    checked: Result<(ImportedPerson, Vec<String>), FieldRefusal>,
}

fn check(
    app: &App,
    record: Record,
    options: Options,
    seen: &mut BTreeMap<String, usize>,
) -> Result<(ImportedPerson, Vec<String>), FieldRefusal> {
    let line = record.line;
    let (person, notes) = person::of(record)?;
    let person = imported::check(person, app.clock.now())?;
    if person.administrator && !options.allow_administrators {
        return Err(FieldRefusal::new("administrator", "only with --allow-administrators"));
    }
    let first = *seen.entry(spelling_key(&person.login)).or_insert(line);
    if first != line {
        return Err(FieldRefusal::new("login", format!("it stands in line {first} already")));
    }
    Ok((person, notes))
}

async fn bring(
    app: &App,
    batch: Vec<Candidate>,
    options: Options,
    remembered: &Remembered,
) -> Result<Vec<Line>, StoreError> {
    let keys: Vec<String> =
        batch.iter().filter_map(|one| one.checked.as_ref().ok()).map(|(one, _)| spelling_key(&one.login)).collect();
    let present = app.store.read(move |conn| users::list_by_login_key(conn, &keys)).await?;
    let present: BTreeMap<String, UserRow> = present.into_iter().map(|row| (row.login_key.clone(), row)).collect();

    let mut lines = Vec::new();
    let mut new = Vec::new();
    for Candidate { line, login, checked } in batch {
        let mut said =
            Line { kind: "user", place: format!("line {line}"), name: login, outcome: Outcome::Created, notes: vec![] };
        match checked {
            Err(refusal) => {
                said.outcome = Outcome::Refused;
                said.notes.push(refusal.to_string());
            }
            Ok((person, notes)) => {
                said.notes = notes;
                match present.get(&spelling_key(&person.login)) {
                    Some(row) => change::existing(app, row, &person, options, &mut said).await?,
                    None if remembered.is_deleted_user(app, &person.login).await? => {
                        said.outcome = Outcome::Unchanged;
                        said.notes = vec![DELETED.to_owned()];
                    }
                    None => new.push((lines.len(), person)),
                }
            }
        }
        lines.push(said);
    }
    if !options.dry_run {
        create(app, new, &mut lines).await?;
    }
    Ok(lines)
}

/// All of them in one transaction, each in its own savepoint: a login that somebody took meanwhile loses only its row.
async fn create(app: &App, new: Vec<(usize, ImportedPerson)>, lines: &mut [Line]) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    let mut places = Vec::new();
    for (place, person) in &new {
        let row = imported::row(app, person)?;
        let data = json!({
            "imported": true, "administrator": row.administrator, "password": row.password_hash.is_some(),
            "email_verified": row.email_verified_at.is_some(), "status": row.status,
        });
        let event = audit::draft(app, None, "user.create", Actor::Operator, Target::User(&row), data)?;
        rows.push((row, event));
        places.push(*place);
    }
    let made = app.store.write(move |write| {
        let one = |write: &mut crate::store::Write<'_>, (row, event): &(UserRow, _)| {
            let done = write.unless_taken(|write| {
                users::insert(write, row)?;
                audit_events::insert(write, event)
            });
            done.map(|done| done.is_some())
        };
        rows.iter().map(|pair| one(write, pair)).collect::<Result<Vec<bool>, _>>()
    });
    for (place, made) in places.into_iter().zip(made.await?) {
        if !made {
            lines[place].outcome = Outcome::Refused;
            lines[place].notes = vec!["login: somebody took it while the file was read; run it again".to_owned()];
        }
    }
    Ok(())
}
