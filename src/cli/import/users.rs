//! `grantor import users`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::super::output::{Failure, Output};
use crate::app::App;
use crate::flows::import::users::file::{self, Format};
use crate::flows::import::users::{self, Options};

#[derive(Args)]
#[command(after_help = "Columns of CSV, members of JSON objects; only login is needed:\n  \
    login           what the person signs in with\n  \
    name            display name [default: the login]\n  \
    email           e-mail address\n  \
    email_verified  true when the old server made sure that it is the person's [default: false]\n  \
    emails          JSON only, instead of both: [{\"email\": .., \"verified\": .., \"primary\": ..}, ..]\n  \
    active          false for accounts that may not be used [default: true]\n  \
    administrator   true only with --allow-administrators [default: false]\n  \
    created_at      2026-11-22T04:30:00Z, or seconds since 1970 [default: now]\n  \
    password_hash   bcrypt, PBKDF2, scrypt or argon2, as PHC string or as Django writes it\n\n\
    Each row is brought in whole or not at all; rows whose login is here already are left alone. A hash is \
    replaced by argon2id when its owner signs in. Passwords of accounts that have one are never replaced.\n\n\
    Examples:\n  \
    grantor import users people.csv --dry-run\n  \
    grantor --json import users people.json --update")]
pub struct UsersArgs {
    /// The list, at most 64 MiB.
    pub file: PathBuf,
    /// How it is written [default: by the file's name].
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Only say what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Change name, address and state of accounts that are here already to what the file says.
    #[arg(long)]
    update: bool,
    /// Let the file make administrators; without it, rows that ask for one are refused.
    #[arg(long)]
    allow_administrators: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    /// With a header line.
    Csv,
    /// An array of objects.
    Json,
}

pub(super) async fn run(app: &App, args: &UsersArgs, text: String, output: &mut Output) -> Result<(), Failure> {
    let extension = args.file.extension().unwrap_or_default().to_string_lossy();
    let format = match args.format {
        Some(FormatName::Csv) => Format::Csv,
        Some(FormatName::Json) => Format::Json,
        None => Format::of_extension(&extension)
            .ok_or_else(|| Failure::new("the file's name ends neither in .csv nor in .json: say --format"))?,
    };
    // A long list would keep the thread of the server's own chores from its work.
    let read = tokio::task::spawn_blocking(move || file::read(&text, format)).await?;
    let records = read.map_err(|problem| Failure::new(format!("{}: {problem}", args.file.display())))?;
    let options =
        Options { dry_run: args.dry_run, update: args.update, allow_administrators: args.allow_administrators };
    let report = users::run(app, records, options).await?;
    super::say(&report, args.dry_run, output)
}
