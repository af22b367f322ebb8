//! `grantor migrate`: brings the tables up to date without starting the server.

use clap::Args;
use serde_json::json;

use super::output::{Failure, Output};
use crate::config::Config;
use crate::flows::migrate;

#[derive(Args)]
#[command(after_help = "`serve` does the same when it starts. The previous release still runs on the new tables, so \
    several nodes may be replaced one after the other.")]
pub struct MigrateArgs {
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &MigrateArgs, config: &Config, output: &mut Output) -> Result<(), Failure> {
    let pending = migrate::pending(config)?;
    let done = if args.dry_run { Vec::new() } else { migrate::migrate(config)? };
    output.show(&json!({ "pending": pending, "applied": done }), || match (args.dry_run, pending.is_empty()) {
        (_, true) => "The tables are up to date.".to_owned(),
        (true, false) => format!("Would apply:\n  {}", pending.join("\n  ")),
        (false, false) => format!("Applied:\n  {}", done.join("\n  ")),
    })
}
