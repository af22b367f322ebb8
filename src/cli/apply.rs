//! `grantor apply`: clients and resource servers as a file says.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::inputs::Inputs;
use super::output::{Failure, Output, members};
use crate::app::App;
use crate::flows::clients::secret::ImportedSecret;
use crate::flows::declare::apply::{self, CreatedClient, Secrets};
use crate::flows::declare::file::Declaration;
use crate::flows::declare::plan::Step;

#[derive(Args)]
#[command(after_help = "Example:\n  \
    grantor apply config/example-clients.toml --dry-run\n  \
    grantor apply config/example-clients.toml\n\n\
    The file names clients by keys; the server makes their client_id. A second run has nothing to do.\n\
    Secrets never stand in the file: secret = { env = \"VARIABLE\" } or { file = \"PATH\" } imports one of at least \
    32 characters, without it the server makes one and prints it once.")]
pub struct ApplyArgs {
    /// TOML file, see config/example-clients.toml.
    pub file: PathBuf,
    /// Only say what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Also delete what an earlier version of this file declared and this one does not.
    #[arg(long)]
    prune: bool,
}

pub(super) async fn run(app: &App, args: &ApplyArgs, inputs: &Inputs, output: &mut Output) -> Result<(), Failure> {
    let text = inputs.file.as_deref().unwrap_or_default();
    let declaration = Declaration::parse(text).map_err(Failure::new)?;
    let mut secrets = Secrets::new();
    for (key, text) in &inputs.secrets {
        let secret =
            ImportedSecret::new(text.clone()).map_err(|error| Failure::new(format!("client {key}: {error}")))?;
        secrets.insert(key.clone(), secret);
    }
    let steps = apply::prepare(app, &declaration, &secrets, args.prune).await?;
    let made = match args.dry_run {
        true => Vec::new(),
        false => apply::carry_out(app, &declaration, &secrets, &steps).await?,
    };
    let clients: Vec<_> = made
        .iter()
        .map(|client| {
            let secret = client.secret.as_ref().map(|secret| secret.expose());
            json!({ "key": client.key, "client_id": client.client_id, "client_secret": secret })
        })
        .collect();
    let value = json!({ "plan": steps, "applied": !args.dry_run, "created": clients });
    output.show(&value, || words(&steps, &made, args.dry_run))
}

fn words(steps: &[Step], made: &[CreatedClient], dry_run: bool) -> String {
    let mut text: String = steps.iter().map(|step| format!("{step}\n")).collect();
    let changes = steps.iter().filter(|step| step.is_change()).count();
    let plural = if changes == 1 { "" } else { "s" };
    text.push_str(&match (changes, dry_run) {
        (0, _) => "\nNothing to do.\n".to_owned(),
        (count, true) => format!("\n{count} change{plural} to make; nothing was changed (--dry-run).\n"),
        (count, false) => format!("\n{count} change{plural} made.\n"),
    });
    for client in made {
        let secret = client.secret.as_ref().map(|secret| secret.expose().to_owned()).unwrap_or_default();
        text.push_str(&format!("\n[{}]\n", client.key));
        text.push_str(&members(&[("client_id", client.client_id.clone()), ("client_secret", secret)]));
    }
    if made.iter().any(|client| client.secret.is_some()) {
        text.push_str("\nSecrets are shown this once: only their digests are kept.\n");
    }
    text
}
