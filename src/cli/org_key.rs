//! `grantor org key ..`: API keys of organizations. The operator makes keys that follow nobody.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::org::said;
use super::output::{Failure, Output, table};
use super::times::{date_or_empty, parse_seconds};
use crate::app::App;
use crate::crypto::random;
use crate::flows::api_keys::{self, EXEMPT, KeyChanges, KeyView, NewApiKey};
use crate::flows::organizations::{By, show};

/// Keys an organization has at most.
const ALL: i64 = 100;

#[derive(Subcommand)]
pub enum KeyCommand {
    /// Make a key; its value is told once.
    #[command(
        after_help = "Example:\n  grantor org key create acme --label nightly --scope member:read --scope org:read"
    )]
    Create(CreateArgs),
    /// List keys, without their values.
    List {
        /// The organization, as in its address.
        organization: String,
    },
    /// Change a key; the next request with it finds the change.
    Update(UpdateArgs),
    /// Delete a key: it opens nothing any more.
    Delete(Key),
}

#[derive(Args)]
pub struct CreateArgs {
    /// The organization, as in its address.
    organization: String,
    /// What people call it.
    #[arg(long, default_value = api_keys::LABEL)]
    label: String,
    /// What it may do; again for each.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// An origin whose scripts may use it, such as app.example.com; again for each.
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// How long it works, such as 90d [default: until it is deleted].
    #[arg(long = "for", value_name = "TIME", value_parser = parse_seconds)]
    seconds: Option<i64>,
}

#[derive(Args)]
pub struct UpdateArgs {
    #[command(flatten)]
    key: Key,
    /// What people call it [default: as it is].
    #[arg(long)]
    label: Option<String>,
    /// The whole list, again for each [default: as it is].
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The whole list, again for each [default: as it is].
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Switched on or off [default: as it is].
    #[arg(long, value_name = "true|false")]
    active: Option<bool>,
    /// How long it works from now on, such as 90d; 0 for until it is deleted [default: as it is].
    #[arg(long = "for", value_name = "TIME", value_parser = parse_seconds)]
    seconds: Option<i64>,
}

#[derive(Args)]
pub struct Key {
    /// The organization, as in its address.
    organization: String,
    /// The key's id, as in the list.
    id: String,
}

pub(super) async fn run(app: &App, command: &KeyCommand, output: &mut Output) -> Result<(), Failure> {
    let now = app.clock.now();
    match command {
        KeyCommand::Create(args) => {
            let row = show::by_slug(app, &args.organization).await?;
            let new = NewApiKey {
                label: args.label.clone(),
                scopes: args.scopes.clone(),
                allowed_origins: args.origins.clone(),
                sso_policy: EXEMPT.to_owned(),
                expires_at: args.seconds.map(|seconds| now.saturating_add(seconds)),
            };
            let (id, secret) = (app.store.next_id()?, random::secret());
            let made = api_keys::create(app, By::Operator, &row, new, id, secret.expose()).await?;
            let key = made.key.expose();
            let value = json!({ "id": made.row.public_id, "label": made.row.label, "key": key });
            output.show(&value, || format!("{}: made. This is shown once:\n{key}", made.row.label))
        }
        KeyCommand::List { organization } => {
            let row = show::by_slug(app, organization).await?;
            let keys = api_keys::page(app, &row, i64::MAX, ALL).await?.keys;
            output.show(&keys.iter().map(value).collect::<Vec<_>>(), || match keys.is_empty() {
                true => format!("There are no keys: `grantor org key create {organization} --scope org:read`."),
                false => table(
                    &["ID", "LABEL", "KEY", "STATUS", "ENDS", "LAST USED", "SCOPES"],
                    &keys.iter().map(line).collect::<Vec<_>>(),
                ),
            })
        }
        KeyCommand::Update(args) => {
            let row = show::by_slug(app, &args.key.organization).await?;
            let list = |given: &Vec<String>| (!given.is_empty()).then(|| given.clone());
            let changes = KeyChanges {
                label: args.label.clone(),
                scopes: list(&args.scopes),
                allowed_origins: list(&args.origins),
                status: args.active.map(|active| if active { "active" } else { "inactive" }.to_owned()),
                sso_policy: None,
                expires_at: args.seconds.map(|seconds| (seconds > 0).then(|| now.saturating_add(seconds))),
            };
            let changed = api_keys::update(app, By::Operator, &row, &args.key.id, changes).await?;
            said(output, &args.key.id, changed, if changed { "changed" } else { "nothing to change" })
        }
        KeyCommand::Delete(key) => {
            let row = show::by_slug(app, &key.organization).await?;
            api_keys::delete(app, By::Operator, &row, &key.id).await?;
            said(output, &key.id, true, "deleted")
        }
    }
}

fn value(key: &KeyView) -> Value {
    let row = &key.row;
    json!({
        "id": row.public_id, "label": row.label, "scopes": row.scopes, "allowed_origins": row.allowed_origins.0,
        "status": row.status, "sso_policy": row.sso_policy, "made_by": key.made_by, "last_four": row.last_four,
        "created_at": row.created_at, "expires_at": row.expires_at, "last_used_at": row.last_used_at,
    })
}

fn line(key: &KeyView) -> Vec<String> {
    let row = &key.row;
    vec![
        row.public_id.clone(),
        row.label.clone(),
        format!("..{}", row.last_four),
        row.status.clone(),
        date_or_empty(row.expires_at),
        date_or_empty(row.last_used_at),
        row.scopes.to_string(),
    ]
}
