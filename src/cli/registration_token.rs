//! `grantor registration-token ..`: what lets somebody register clients (RFC 7591).

use clap::{Args, Subcommand};
use serde_json::json;

use super::output::{Failure, Output, members, table};
use super::times::{date, date_or_empty, parse_seconds};
use crate::app::App;
use crate::config::registration::Mode;
use crate::flows::audit::Actor;
use crate::flows::organizations::show;
use crate::flows::registration::tokens::{self, NewToken, TokenView};

#[derive(Subcommand)]
pub enum RegistrationTokenCommand {
    /// Make a token with which clients register themselves; it is shown once.
    #[command(after_help = "Example:\n  grantor registration-token create --name \"build farm\" --uses 10 --for 7d")]
    Create(CreateArgs),
    /// List tokens, without their values.
    List,
    /// Delete a token; clients it registered stay.
    Delete {
        /// As in the list.
        id: String,
    },
}

#[derive(Args)]
pub struct CreateArgs {
    /// What people call it.
    #[arg(long, default_value = "registration token")]
    name: String,
    /// How many clients it may register.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    uses: i64,
    /// How long it works, such as 7d.
    #[arg(long = "for", value_name = "TIME", default_value = "7d", value_parser = parse_seconds)]
    seconds: i64,
    /// The organization it belongs to, as in its address: its clients are told in that organization's log.
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
}

pub(super) async fn run(app: &App, command: &RegistrationTokenCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        RegistrationTokenCommand::Create(args) => {
            let organization = match &args.organization {
                Some(slug) => Some(show::by_slug(app, slug).await?),
                None => None,
            };
            let new = NewToken { name: args.name.clone(), lifetime: Some(args.seconds), uses: Some(args.uses) };
            let made = tokens::create(app, None, Actor::Operator, organization.as_ref(), new).await?;
            let token = made.token.expose();
            let off = app.config.registration.mode == Mode::Off;
            let value = json!({ "id": made.view.id, "token": token, "expires_at": made.view.expires_at });
            output.show(&value, || {
                let text = members(&[
                    ("id", made.view.id.clone()),
                    ("token", token.to_owned()),
                    ("ends", date_or_empty(made.view.expires_at)),
                ]);
                let closed =
                    if off { "\nRegistration is off: set registration.mode to \"initial_token\".\n" } else { "" };
                format!("{text}\nThe token is shown this once: only its digest is kept.\n{closed}")
            })
        }
        RegistrationTokenCommand::List => {
            let listed = tokens::list(app, None).await?;
            output.show(&listed, || match listed.is_empty() {
                true => "There are no tokens: `grantor registration-token create`.".to_owned(),
                false => table(
                    &["ID", "NAME", "TOKEN", "MADE", "ENDS", "USES LEFT", "CLIENTS"],
                    &listed.iter().map(line).collect::<Vec<_>>(),
                ),
            })
        }
        RegistrationTokenCommand::Delete { id } => {
            let row = id.parse().map_err(|_| unknown(id))?;
            match tokens::delete(app, None, Actor::Operator, None, row).await? {
                true => output.show(&json!({ "id": id, "changed": true }), || format!("{id}: deleted")),
                false => Err(unknown(id)),
            }
        }
    }
}

fn unknown(id: &str) -> Failure {
    Failure::new(format!("no registration token has the id {id:?}: `grantor registration-token list` shows them all"))
}

fn line(token: &TokenView) -> Vec<String> {
    vec![
        token.id.clone(),
        token.name.clone(),
        format!("..{}", token.last_four),
        date(token.created_at),
        date_or_empty(token.expires_at),
        token.uses_left.map(|uses| uses.to_string()).unwrap_or_default(),
        token.clients.to_string(),
    ]
}
