//! The command line: one subcommand a file. What a command does to the database is the same function whether this
//! process holds the database or asks the running server over its socket.

mod apply;
mod client;
mod dev;
mod doctor;
mod explain;
mod import;
mod inputs;
mod key;
mod log;
mod migrate;
mod open;
mod org;
mod org_audit;
mod org_key;
mod org_member;
mod org_team;
mod output;
mod registration_token;
mod resource;
mod running;
mod scope;
mod serve;
pub mod socket;
mod times;
mod user;
mod user_claims;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::App;
use crate::config::Config;
use crate::config::load::load;
use inputs::Inputs;
use output::{Failure, Output};

/// Everything `grantor` can be told.
#[derive(Parser)]
#[command(
    name = "grantor",
    version,
    about = "OAuth 2.0 authorization server and OpenID Provider in one binary.",
    after_help = "First steps:\n  \
        grantor dev                             a server with demo users, demo clients and a playground\n  \
        grantor serve --config grantor.toml     the real thing; prints a set-up link at first\n  \
        grantor client create --name Shop --redirect-uri https://shop.example.com/cb --scope org:read\n\n\
        While `serve` runs on SQLite, commands go through it (DATABASE.sock); on PostgreSQL they just connect.",
    max_term_width = 110
)]
pub struct Cli {
    /// Configuration file; GRANTOR__SECTION__KEY from the environment wins over it.
    #[arg(long, global = true, env = "GRANTOR_CONFIG", value_name = "FILE", help_heading = "Everywhere")]
    config: Option<PathBuf>,
    /// Database instead of the configured one: sqlite:PATH or postgresql://user@host/name. A password is better kept in
    /// GRANTOR__DATABASE__URL, where `ps` does not show it.
    #[arg(long, global = true, value_name = "URL", help_heading = "Everywhere")]
    database: Option<String>,
    /// Answer in JSON.
    #[arg(long, global = true, help_heading = "Everywhere")]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::ServeArgs),
    /// Run a server with demo users, demo clients and a playground.
    Dev(dev::DevArgs),
    /// Bring the database's tables up to date.
    Migrate(migrate::MigrateArgs),
    /// Applications that use this server.
    #[command(subcommand)]
    Client(Box<client::ClientCommand>),
    /// Tokens with which clients register themselves.
    #[command(subcommand)]
    RegistrationToken(registration_token::RegistrationTokenCommand),
    /// Resource servers: APIs that take tokens from here.
    #[command(subcommand)]
    Resource(resource::ResourceCommand),
    /// People with an account.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Organizations, their members, invitations and teams.
    #[command(subcommand)]
    Org(org::OrgCommand),
    /// Keys that tokens are signed with, and keys that refresh tokens are derived with.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Make clients and resource servers what a file says.
    Apply(apply::ApplyArgs),
    /// Bring in people, or a whole installation, from another server.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Who holds which scope.
    #[command(subcommand)]
    Scope(scope::ScopeCommand),
    /// Say what stood behind a refusal.
    Explain(explain::ExplainArgs),
    /// Check configuration, keys and database.
    Doctor(doctor::DoctorArgs),
}

/// Runs the program's arguments; the first is its name.
pub fn main(arguments: Vec<String>) -> ExitCode {
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let json = cli.json;
    let mut output = Output::new(json);
    let done = dispatch(cli, arguments, &mut output);
    output.finish(done)
}

fn dispatch(cli: Cli, arguments: Vec<String>, output: &mut Output) -> Result<(), Failure> {
    let config = configuration(&cli)?;
    match &cli.command {
        Command::Serve(args) => serve::run(args, config),
        Command::Dev(args) => dev::run(args, config, cli.database.is_some()),
        Command::Migrate(args) => migrate::run(args, &config, output),
        command => {
            let inputs = Inputs::gather(command)?;
            open::run(config, &arguments, command, inputs, output)
        }
    }
}

fn configuration(cli: &Cli) -> Result<Config, Failure> {
    let environment = std::env::vars().filter(|(name, _)| name.starts_with("GRANTOR__"));
    let mut config = load(cli.config.as_deref(), environment).map_err(|error| Failure::new(error.to_string()))?;
    if let Some(url) = &cli.database {
        config.database.url.clone_from(url);
    }
    Ok(config)
}

/// Does what a command says with an open database. Secrets it needs were gathered by the process the operator started.
async fn run_command(app: &App, command: &Command, inputs: &Inputs, output: &mut Output) -> Result<(), Failure> {
    match command {
        Command::Client(command) => client::run(app, command, inputs, output).await,
        Command::RegistrationToken(command) => registration_token::run(app, command, output).await,
        Command::Resource(command) => resource::run(app, command, output).await,
        Command::User(command) => user::run(app, command, inputs, output).await,
        Command::Org(command) => org::run(app, command, output).await,
        Command::Key(command) => key::run(app, command, output).await,
        Command::Apply(args) => apply::run(app, args, inputs, output).await,
        Command::Import(command) => import::run(app, command, inputs, output).await,
        Command::Scope(command) => scope::run(app, command, output).await,
        Command::Explain(args) => explain::run(app, args, output).await,
        Command::Doctor(args) => doctor::run(app, args, output).await,
        Command::Serve(_) | Command::Dev(_) | Command::Migrate(_) => {
            Err(Failure::new("this command does not go through a running server".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn no_argument_takes_a_password_or_a_secret() {
        use clap::CommandFactory as _;
        fn visit(command: &clap::Command) {
            for argument in command.get_arguments() {
                let name = argument.get_long().unwrap_or_default();
                let bare = ["password", "secret", "token", "key"].contains(&name);
                assert!(!bare, "{} --{name} would stand in the process list", command.get_name());
            }
            command.get_subcommands().for_each(visit);
        }
        visit(&Cli::command());
    }
}
