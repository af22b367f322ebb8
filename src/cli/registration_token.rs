//! `grantor registration-token ..`: what lets somebody register clients (RFC 7591).

use clap::{Args, Subcommand};
use serde_json::json;

use super::output::{Failure, Output, members, table};
use super::times::{date, date_or_empty, parse_seconds};
use crate::app::App;
use crate::crypto::random;
use crate::flows::organizations::{By, show};
use crate::flows::registration::is_on;
use crate::flows::registration::tokens::{self, MOST_USES, NewToken, TokenRefusal, TokenView};

/// Tokens in a list.
const ALL: i64 = 10_000;

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
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=MOST_USES))]
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
            let expires_at = Some(app.clock.now().saturating_add(args.seconds));
            let new = NewToken { name: args.name.clone(), expires_at, uses: args.uses };
            let (id, secret) = (app.store.next_id()?, random::secret());
            let made = tokens::create(app, By::Operator, organization.as_ref(), &new, id, secret.expose()).await?;
            let token = made.token.expose();
            let value = json!({ "id": made.view.id, "token": token, "expires_at": made.view.expires_at });
            output.show(&value, || {
                let text = members(&[
                    ("id", made.view.id.clone()),
                    ("token", token.to_owned()),
                    ("ends", date_or_empty(made.view.expires_at)),
                ]);
                let closed = match is_on(app) {
                    true => "",
                    false => "\nRegistration is off: set registration.mode to \"initial_token\".\n",
                };
                format!("{text}\nThe token is shown this once: only its digest is kept.\n{closed}")
            })
        }
        RegistrationTokenCommand::List => {
            let listed = tokens::page(app, None, i64::MAX, ALL).await?.tokens;
            output.show(&listed, || match listed.is_empty() {
                true => "There are no tokens: `grantor registration-token create`.".to_owned(),
                false => table(
                    &["ID", "NAME", "TOKEN", "ORGANIZATION", "MADE", "ENDS", "USES LEFT", "CLIENTS"],
                    &listed.iter().map(line).collect::<Vec<_>>(),
                ),
            })
        }
        RegistrationTokenCommand::Delete { id } => match tokens::delete(app, By::Operator, id).await {
            Ok(()) => output.show(&json!({ "id": id, "changed": true }), || format!("{id}: deleted")),
            Err(TokenRefusal::NotFound) => Err(unknown(id)),
            Err(refusal) => Err(refusal.into()),
        },
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
        token.organization.clone().unwrap_or_default(),
        date(token.created_at),
        date_or_empty(token.expires_at),
        token.uses_left.map(|uses| uses.to_string()).unwrap_or_default(),
        token.clients.to_string(),
    ]
}
