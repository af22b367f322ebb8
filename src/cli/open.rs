//! Where a command runs: in the server when one holds the database, else here.

use std::path::PathBuf;

use super::inputs::Inputs;
use super::output::{Failure, Output};
use super::{Command, client, import, key, log, resource, run_command, socket, user};
use crate::app::start::{database_file, start};
use crate::clock::Clock;
use crate::config::Config;

/// A runtime for one command, or for the threads around a server.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

pub(super) fn run(
    config: Config,
    arguments: &[String],
    command: &Command,
    inputs: Inputs,
    output: &mut Output,
) -> Result<(), Failure> {
    log::for_commands();
    runtime()?.block_on(async {
        if let Some(answer) = socket::ask(&config.database.url, arguments, &inputs).await? {
            output.text.push_str(&answer.output);
            return answer.failure.map_or(Ok(()), |text| Err(Failure::new(text)));
        }
        if let Some(path) = missing_database(&config.database.url, command) {
            return Err(Failure::new(format!(
                "there is no database {}: name it by --database, --config or GRANTOR__DATABASE__URL",
                path.display()
            )));
        }
        let started = start(config, Clock::system()).await?;
        let done = run_command(&started.app, command, &inputs, output).await;
        started.app.store.close().await;
        done
    })
}

/// A command that only looks makes no database: most likely its name is mistyped.
fn missing_database(url: &str, command: &Command) -> Option<PathBuf> {
    let path = database_file(url)?;
    let makes = match command {
        Command::Client(command) => matches!(**command, client::ClientCommand::Create(_)),
        Command::User(command) => matches!(command, user::UserCommand::Create(_)),
        Command::Resource(command) => matches!(command, resource::ResourceCommand::Create(_)),
        Command::Key(command) => matches!(command, key::KeyCommand::Rotate(_)),
        Command::Apply(args) => !args.dry_run,
        Command::Import(command) => import::writes(command),
        _ => false,
    };
    (!makes && !path.exists()).then_some(path)
}
