//! `grantor import sentry`.

use std::path::PathBuf;

use clap::Args;

use super::super::output::{Failure, Output};
use crate::app::App;
use crate::flows::import::sentry::export::Export;
use crate::flows::import::sentry::{self, Options};

#[derive(Args)]
#[command(
    after_help = "The file is what Django's dumpdata writes: an array of {\"model\": .., \"pk\": .., \"fields\": {..}} with \
    sentry.user (or auth.user), sentry.useremail, sentry.organization, sentry.organizationmember, \
    sentry.apiapplication, sentry.apiauthorization, sentry.apitoken and sentry.apikey; other models are passed over.\n\n\
    Applications keep client_id and secret, tokens and API keys go on working; of all secrets only digests are kept. \
    Shorter ones than 32 characters are refused. scope_list wins over the legacy bit field; scopes that are not in \
    the catalogue are left out and reported. Authorization codes are not brought in.\n\n\
    What is here already is left alone, so a second run changes nothing. An account that is here is taken for one of \
    the file only if both servers have verified the same address, or if an import made it under the same login; an \
    organization only if an import made it under the same slug.\n\n\
    The file holds secrets in the clear: delete it afterwards.\n\n\
    Examples:\n  \
    grantor import sentry export.json --dry-run\n  \
    grantor --json import sentry export.json"
)]
pub struct SentryArgs {
    /// The export, at most 64 MiB.
    pub file: PathBuf,
    /// Only say what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Accounts with the same login, and organizations with the same slug, that are here already are the same: only for
    /// a server on which nobody could choose them.
    #[arg(long)]
    match_existing: bool,
}

pub(super) async fn run(app: &App, args: &SentryArgs, text: String, output: &mut Output) -> Result<(), Failure> {
    // A long export would keep the thread of the server's own chores from its work.
    let read = tokio::task::spawn_blocking(move || Export::read(&text)).await?;
    let export = read.map_err(|problem| Failure::new(format!("{}: {problem}", args.file.display())))?;
    let options = Options { dry_run: args.dry_run, match_existing: args.match_existing };
    let report = sentry::run(app, &export, options).await?;
    super::say(&report, args.dry_run, output)
}
