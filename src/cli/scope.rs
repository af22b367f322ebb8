//! `grantor scope ..`: the catalogue, and who holds what of it.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::output::{Failure, Output, table};
use super::times::date_or_empty;
use crate::app::App;
use crate::flows::scope_holders::{self, Holders, ScopeHolders};

#[derive(Subcommand)]
pub enum ScopeCommand {
    /// Who holds a scope, itself or by one that implies it.
    #[command(
        after_help = "Looked at are authorizations, personal tokens, API keys and clients. Tokens of applications \
        hang on authorizations and are not listed. PostgreSQL answers from an index, SQLite reads the tables.\n\n\
        Examples:\n  \
        grantor scope holders project:write\n  \
        grantor --json scope holders org:admin --limit 1000"
    )]
    Holders(HoldersArgs),
}

#[derive(Args)]
pub struct HoldersArgs {
    /// Such as project:write; one that left the catalogue is looked for too.
    scope: String,
    /// Rows listed of each kind; all are counted, up to 1,000.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(0..=1000))]
    limit: u16,
}

pub(super) async fn run(app: &App, command: &ScopeCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        ScopeCommand::Holders(args) => {
            let found = scope_holders::of(app, &args.scope, usize::from(args.limit)).await?;
            let mut value = serde_json::to_value(&found)?;
            value["known"] = Value::Bool(app.catalogue.knows(&args.scope));
            output.show(&value, || words(app, &found))
        }
    }
}

fn words(app: &App, found: &ScopeHolders) -> String {
    let mut text = match (app.catalogue.knows(&found.scope), found.carried_by.as_slice()) {
        (false, _) => format!("{} is not in the catalogue; rows that still have it:\n", found.scope),
        (true, [] | [_]) => String::new(),
        (true, [_, others @ ..]) => format!("{} is also carried by {}.\n", found.scope, others.join(", ")),
    };
    let organization = |slug: &Option<String>| slug.clone().unwrap_or_default();
    part(
        &mut text,
        "authorization",
        &found.authorizations,
        &["LOGIN", "CLIENT", "", "ORGANIZATION", "SCOPES"],
        |one| {
            let (login, client) = (one.login.clone(), one.client.clone());
            vec![login, client, one.client_id.clone(), organization(&one.organization), one.scopes.to_string()]
        },
    );
    let heading = ["LOGIN", "NAME", "ORGANIZATION", "SCOPES", "LAST USED"];
    part(&mut text, "personal token", &found.personal_tokens, &heading, |one| {
        let used = date_or_empty(one.last_used_at);
        vec![one.login.clone(), one.name.clone(), organization(&one.organization), one.scopes.to_string(), used]
    });
    let heading = ["ORGANIZATION", "LABEL", "STATUS", "SCOPES", "LAST USED"];
    part(&mut text, "API key", &found.api_keys, &heading, |one| {
        let used = date_or_empty(one.last_used_at);
        vec![one.organization.clone(), one.label.clone(), one.status.clone(), one.scopes.to_string(), used]
    });
    part(&mut text, "client", &found.clients, &["CLIENT", "", "STATUS", "SCOPES"], |one| {
        vec![one.name.clone(), one.client_id.clone(), one.status.clone(), one.scopes.to_string()]
    });
    text
}

fn part<T>(text: &mut String, what: &str, found: &Holders<T>, heading: &[&str], row: impl Fn(&T) -> Vec<String>) {
    let (count, more) = (found.count, if found.more { "+" } else { "" });
    let plural = if count == 1 { "" } else { "s" };
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&format!("{count}{more} {what}{plural}\n"));
    if found.listed.is_empty() {
        return;
    }
    let rows: Vec<Vec<String>> = found.listed.iter().map(row).collect();
    text.push_str(&table(heading, &rows));
    if found.listed.len() < count {
        // Which of more rows than are counted were found, nobody ordered.
        let newest = if found.more { "" } else { "the newest " };
        text.push_str(&format!("{newest}{} of them; more with --limit\n", found.listed.len()));
    }
}
