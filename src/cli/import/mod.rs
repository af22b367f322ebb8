//! `grantor import ..`: what other servers leave behind.

mod sentry;
mod users;

use std::path::Path;

use clap::Subcommand;
use serde_json::{Value, json};

use super::inputs::Inputs;
use super::output::{Failure, Output, table};
use crate::app::App;
use crate::flows::import::report::{Outcome, Report};

#[derive(Subcommand)]
pub enum ImportCommand {
    /// People from a CSV or JSON list, with the password hashes of their old server.
    Users(users::UsersArgs),
    /// Users, organizations, applications, authorizations, tokens and API keys from an export of Sentry.
    Sentry(sentry::SentryArgs),
}

/// The file a command reads.
pub(super) fn file(command: &ImportCommand) -> &Path {
    match command {
        ImportCommand::Users(args) => &args.file,
        ImportCommand::Sentry(args) => &args.file,
    }
}

/// Whether it may change something, and so may make the database.
pub(super) fn writes(command: &ImportCommand) -> bool {
    match command {
        ImportCommand::Users(args) => !args.dry_run,
        ImportCommand::Sentry(args) => !args.dry_run,
    }
}

pub(super) async fn run(
    app: &App,
    command: &ImportCommand,
    inputs: &Inputs,
    output: &mut Output,
) -> Result<(), Failure> {
    let text = inputs.file.clone().unwrap_or_default();
    match command {
        ImportCommand::Users(args) => users::run(app, args, text, output).await,
        ImportCommand::Sentry(args) => sentry::run(app, args, text, output).await,
    }
}

/// Says the report; refused rows make the command fail, so that a script notices.
fn say(report: &Report, dry_run: bool, output: &mut Output) -> Result<(), Failure> {
    let counts = |kind: Option<&str>| {
        json!({
            "created": report.count(kind, Outcome::Created), "updated": report.count(kind, Outcome::Updated),
            "unchanged": report.count(kind, Outcome::Unchanged), "refused": report.count(kind, Outcome::Refused),
        })
    };
    let kinds: serde_json::Map<String, Value> =
        report.kinds().into_iter().map(|kind| (kind.to_owned(), counts(Some(kind)))).collect();
    let value = json!({ "dry_run": dry_run, "total": counts(None), "kinds": kinds, "rows": report.lines });
    output.show(&value, || words(report, dry_run))?;
    match report.count(None, Outcome::Refused) {
        0 => Ok(()),
        refused => Err(Failure::new(format!(
            "{refused} of {} rows refused{}; correct them and run it again: what is here is left alone",
            report.lines.len(),
            if dry_run { "" } else { ", the others are here" }
        ))),
    }
}

fn words(report: &Report, dry_run: bool) -> String {
    let mut text = String::new();
    for line in report.lines.iter().filter(|line| !line.notes.is_empty()) {
        let refused = if line.outcome == Outcome::Refused { " refused:" } else { ":" };
        let name = if line.name.is_empty() { String::new() } else { format!(" {}", line.name) };
        text.push_str(&format!("{}, {}{name}{refused} {}\n", line.place, line.kind, line.notes.join("; ")));
    }
    let outcomes = [Outcome::Created, Outcome::Updated, Outcome::Unchanged, Outcome::Refused];
    let row = |name: &str, kind: Option<&str>| {
        let counts = outcomes.iter().map(|outcome| report.count(kind, *outcome).to_string());
        std::iter::once(name.to_owned()).chain(counts).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = report.kinds().into_iter().map(|kind| row(kind, Some(kind))).collect();
    if !text.is_empty() {
        text.push('\n');
    }
    match rows.is_empty() {
        true => text.push_str("The file holds nothing to import.\n"),
        false => text.push_str(&table(&["", "CREATED", "UPDATED", "UNCHANGED", "REFUSED"], &rows)),
    }
    if dry_run {
        text.push_str("Nothing was changed (--dry-run).\n");
    }
    text
}
