//! `grantor client ..`: applications.

mod fields;
mod openid;
mod show;

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::json;

use super::inputs::{ImportedSecretSource, Inputs};
use super::output::{Failure, Output};
use super::times::{date, parse_seconds};
use crate::app::App;
use crate::flows::audit::Actor;
use crate::flows::clients::secret::ImportedSecret;
use crate::flows::clients::{ClientFailure, create, delete, registered, rotate_secret, show as flow, status, update};
use fields::Fields;
use openid::OpenIdFields;

#[derive(Subcommand)]
pub enum ClientCommand {
    /// Register an application; prints its client_id and, once, its secret.
    #[command(after_help = "Examples:\n  \
        grantor client create --name Shop --redirect-uri https://shop.example.com/cb --scope org:read\n  \
        grantor client create --name \"Shop in the browser\" --kind public --redirect-uri https://shop.example.com/ \
        --origin https://shop.example.com\n  \
        grantor client create --name Reports --scope event:read            (client_credentials)\n  \
        grantor client create --name \"The API\" --may-introspect true       (asks about tokens)")]
    Create(CreateArgs),
    /// List applications.
    List,
    /// Show one application.
    Show(ClientId),
    /// Change an application; what is not named stays.
    #[command(after_help = "Lists are replaced as a whole; give \"\" to empty one or to remove a text:\n  \
        grantor client update CLIENT_ID --redirect-uri https://a.example/cb --redirect-uri https://b.example/cb\n  \
        grantor client update CLIENT_ID --logo-url \"\"")]
    Update(UpdateArgs),
    /// Refuse an application everywhere; its tokens are inactive until it is enabled.
    Disable(ClientId),
    /// Undo disable.
    Enable(ClientId),
    /// Make a new secret; older ones go on working for an overlap.
    RotateSecret(RotateArgs),
    /// Delete an application with all it was allowed, after a delay.
    Delete(DeleteArgs),
    /// Take a deletion back; the application stays disabled until it is enabled.
    Restore(ClientId),
}

#[derive(Args)]
pub struct ClientId {
    /// As `grantor client list` shows it.
    client_id: String,
}

#[derive(Args)]
pub struct CreateArgs {
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    openid: OpenIdFields,
    #[command(flatten)]
    secret: ImportedSecretSource,
}

#[derive(Args)]
pub struct UpdateArgs {
    /// As `grantor client list` shows it.
    client_id: String,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    openid: OpenIdFields,
}

#[derive(Args)]
pub struct RotateArgs {
    /// As `grantor client list` shows it.
    client_id: String,
    /// How long older secrets go on working, such as 24h; 0 ends them now [default: clients.secret_overlap].
    #[arg(long, value_name = "TIME", value_parser = parse_seconds)]
    overlap: Option<i64>,
    #[command(flatten)]
    secret: ImportedSecretSource,
}

#[derive(Args)]
pub struct DeleteArgs {
    /// As `grantor client list` shows it.
    client_id: String,
    /// When, such as 7d; 0 deletes now and for good [default: clients.deletion_delay].
    #[arg(long, value_name = "TIME", value_parser = parse_seconds)]
    after: Option<i64>,
}

/// Where the secret comes from, for commands that may import one.
pub fn secret_source(command: &ClientCommand) -> Option<&ImportedSecretSource> {
    match command {
        ClientCommand::Create(args) => Some(&args.secret),
        ClientCommand::RotateSecret(args) => Some(&args.secret),
        _ => None,
    }
}

/// Where the client's keys are, for commands that register them.
pub fn key_set_file(command: &ClientCommand) -> Option<&Path> {
    match command {
        ClientCommand::Create(args) => args.openid.file(),
        ClientCommand::Update(args) => args.openid.file(),
        _ => None,
    }
}

pub(super) async fn run(
    app: &App,
    command: &ClientCommand,
    inputs: &Inputs,
    output: &mut Output,
) -> Result<(), Failure> {
    let operator = Actor::Operator;
    let brought = inputs.secret.clone().map(ImportedSecret::new).transpose()?;
    match command {
        ClientCommand::Create(args) => {
            let mut metadata = args.fields.new_client();
            let openid = args.openid.changes(inputs.file.as_deref())?;
            metadata.openid = registered::merged(&metadata.openid, openid).map_err(ClientFailure::Metadata)?;
            let created = create::create(app, None, operator, metadata, brought.as_ref(), None).await?;
            let secret = created.secret.as_ref().map(|secret| secret.expose());
            let value = json!({
                "client_id": created.client_id, "client_secret": secret, "name": created.name, "kind": created.kind,
            });
            output.show(&value, || show::created(&created, secret, brought.is_some()))
        }
        ClientCommand::List => {
            let clients = flow::list(app).await?;
            output.show(&clients, || show::list(&clients))
        }
        ClientCommand::Show(ClientId { client_id }) => {
            let client = flow::show(app, client_id).await?;
            output.show(&client, || show::one(&client))
        }
        ClientCommand::Update(UpdateArgs { client_id, fields, openid }) => {
            let mut metadata = update::metadata(app, client_id).await?;
            fields.overlay(&mut metadata);
            let openid = openid.changes(inputs.file.as_deref())?;
            metadata.openid = registered::merged(&metadata.openid, openid).map_err(ClientFailure::Metadata)?;
            let updated = update::update(app, None, operator, client_id, metadata).await?;
            let what = match (updated.changed, updated.renames) {
                (true, true) => {
                    "changed; people have other names there now, so its tokens ended and they sign in again"
                }
                (true, false) => "changed",
                (false, _) => "nothing to change",
            };
            let Some(secret) = &updated.secret else { return said(output, client_id, updated.changed, what) };
            let value = json!({ "client_id": client_id, "changed": true, "client_secret": secret.expose() });
            output.show(&value, || format!("{client_id}: {what}\n{}", show::new_secret(secret.expose())))
        }
        ClientCommand::Disable(ClientId { client_id }) => {
            let changed = status::disable(app, None, operator, client_id).await?;
            said(output, client_id, changed, if changed { "disabled" } else { "was disabled already" })
        }
        ClientCommand::Enable(ClientId { client_id }) => {
            let changed = status::enable(app, None, operator, client_id).await?;
            said(output, client_id, changed, if changed { "enabled" } else { "was enabled already" })
        }
        ClientCommand::RotateSecret(args) => {
            let (id, overlap) = (&args.client_id, args.overlap);
            let rotated = rotate_secret::rotate_secret(app, None, operator, id, brought.as_ref(), overlap).await?;
            let secret = rotated.secret.as_ref().map(|secret| secret.expose());
            let value = json!({
                "client_id": args.client_id, "client_secret": secret, "others_end_at": rotated.others_end_at,
            });
            output.show(&value, || show::rotated(&rotated, secret))
        }
        ClientCommand::Delete(DeleteArgs { client_id, after }) => {
            let at = delete::request(app, None, operator, client_id, *after).await?;
            if *after == Some(0) {
                delete::carry_out_due(app).await?;
                return said(output, client_id, true, "deleted");
            }
            let value = json!({ "client_id": client_id, "delete_at": at });
            output.show(&value, || {
                format!(
                    "{client_id}: refused from now on, deleted at {}; `grantor client restore {client_id}` takes it back",
                    date(at)
                )
            })
        }
        ClientCommand::Restore(ClientId { client_id }) => {
            delete::abort(app, None, operator, client_id).await?;
            said(output, client_id, true, &format!("restored, but disabled: `grantor client enable {client_id}`"))
        }
    }
}

fn said(output: &mut Output, client_id: &str, changed: bool, what: &str) -> Result<(), Failure> {
    output.show(&json!({ "client_id": client_id, "changed": changed }), || format!("{client_id}: {what}"))
}
