//! `grantor resource ..`: APIs that take tokens from here.

use clap::{Args, Subcommand};
use serde_json::json;

use super::output::{Failure, Output, table};
use crate::app::App;
use crate::flows::resource_servers::{ResourceServerFields, create, delete, list};
use crate::protocol::signing_algorithm::SigningAlgorithm;

#[derive(Subcommand)]
pub enum ResourceCommand {
    /// Register an API: the audience of tokens with its scopes.
    #[command(after_help = "Example:\n  \
        grantor resource create https://api.example.com --name \"The API\" --scope-set org --scope-set team \
        --client CLIENT_ID\n\n\
        CLIENT_ID is a confidential client with --may-introspect true; it asks at /oauth/introspect.")]
    Create(CreateArgs),
    /// List APIs.
    List,
    /// Remove an API.
    Delete {
        /// As `grantor resource list` shows it.
        identifier: String,
    },
}

#[derive(Args)]
pub struct CreateArgs {
    /// Absolute URI, the value tokens carry in `aud`, such as https://api.example.com.
    identifier: String,
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    /// Scope set of the catalogue it owns, such as org; repeat for several.
    #[arg(long = "scope-set", value_name = "SET")]
    scope_sets: Vec<String>,
    /// client_id of the client that introspects for it.
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<String>,
    /// Make access tokens for it JWTs (RFC 9068) signed with this: ES256, RS256, PS256 or EdDSA. Without it the client's
    /// registration decides.
    #[arg(long, value_name = "ALG", value_parser = signing_algorithm)]
    access_token_alg: Option<SigningAlgorithm>,
}

pub(super) async fn run(app: &App, command: &ResourceCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        ResourceCommand::Create(args) => {
            let fields = ResourceServerFields {
                identifier: args.identifier.clone(),
                name: args.name.clone(),
                scope_sets: args.scope_sets.clone(),
                client: args.client.clone(),
                access_token_signed_response_alg: args.access_token_alg,
            };
            create::create(app, fields, None).await?;
            output.show(&json!({ "identifier": args.identifier }), || format!("{}: registered", args.identifier))
        }
        ResourceCommand::List => {
            let servers = list::list(app).await?;
            output.show(&servers, || match servers.is_empty() {
                true => "No resource server is registered: `grantor resource create --help`.".to_owned(),
                false => {
                    let rows: Vec<Vec<String>> = servers
                        .iter()
                        .map(|server| {
                            let client = server.client.clone().unwrap_or_else(|| "nobody".to_owned());
                            let format = server.access_token_signed_response_alg.clone().unwrap_or_default();
                            vec![
                                server.identifier.clone(),
                                server.name.clone(),
                                server.scope_sets.join(" "),
                                client,
                                format,
                            ]
                        })
                        .collect();
                    table(&["IDENTIFIER", "NAME", "SCOPE SETS", "INTROSPECTS", "JWT"], &rows)
                }
            })
        }
        ResourceCommand::Delete { identifier } => {
            delete::delete(app, identifier).await?;
            output.show(&json!({ "identifier": identifier }), || format!("{identifier}: removed"))
        }
    }
}

fn signing_algorithm(text: &str) -> Result<SigningAlgorithm, String> {
    let known = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str).join(", ");
    SigningAlgorithm::parse(text).ok_or_else(|| format!("one of {known}"))
}
