//! What only the operator's own process can read: prompts, standard input, its environment, its files. Gathered before
//! the command runs, because the command may run in the server. Never from the arguments: those stand in `ps`.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::output::Failure;
use super::{Command, client, import, user};
use crate::flows::declare::file::{Declaration, SecretSource};

/// Bytes of a file to import.
pub const MAX_IMPORT: u64 = 64 * 1024 * 1024;

/// Secrets and file contents of one command. Has no `Debug` on purpose.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Inputs {
    /// For `user create` and `user set-password`.
    pub password: Option<String>,
    /// For `client create` and `client rotate-secret`.
    pub secret: Option<String>,
    /// Text of the file of `apply` and `import`, or of a client's key set.
    pub file: Option<String>,
    /// Secrets the file refers to, by client key.
    pub secrets: BTreeMap<String, String>,
}

/// Where a password comes from.
#[derive(Args)]
pub struct PasswordSource {
    /// Read the password from standard input (first line) instead of asking for it.
    #[arg(long, conflicts_with = "password_env")]
    pub password_stdin: bool,
    /// Read the password from this environment variable.
    #[arg(long, value_name = "VARIABLE")]
    pub password_env: Option<String>,
}

/// Where a secret made elsewhere comes from.
#[derive(Args)]
pub struct ImportedSecretSource {
    /// Import a secret made elsewhere from standard input (at least 32 characters) instead of making one.
    #[arg(long, conflicts_with = "secret_env")]
    pub secret_stdin: bool,
    /// Import it from this environment variable.
    #[arg(long, value_name = "VARIABLE")]
    pub secret_env: Option<String>,
}

impl Inputs {
    pub(super) fn gather(command: &Command) -> Result<Inputs, Failure> {
        let mut inputs = Inputs::default();
        match command {
            Command::User(command) => inputs.password = user::password_source(command).map(password).transpose()?,
            Command::Client(command) => {
                if let Some(source) = client::secret_source(command) {
                    inputs.secret = imported_secret(source)?;
                }
                inputs.file = client::key_set_file(command).map(read_file).transpose()?;
            }
            Command::Apply(args) => {
                let text = read_file(&args.file)?;
                let declaration = Declaration::parse(&text).map_err(Failure::new)?;
                let folder = args.file.parent().unwrap_or(Path::new("."));
                for client in &declaration.clients {
                    if let Some(source) = &client.secret {
                        inputs.secrets.insert(client.key.clone(), resolve(source, folder)?);
                    }
                }
                inputs.file = Some(text);
            }
            Command::Import(command) => inputs.file = Some(read_bounded(import::file(command))?),
            _ => {}
        }
        Ok(inputs)
    }
}

fn password(source: &PasswordSource) -> Result<String, Failure> {
    if source.password_stdin {
        return first_line();
    }
    if let Some(name) = &source.password_env {
        return environment(name);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            "there is no terminal to ask for the password: use --password-stdin or --password-env",
        ));
    }
    let first = rpassword::prompt_password("Password: ")?;
    let second = rpassword::prompt_password("Once more: ")?;
    match first == second {
        true => Ok(first),
        false => Err(Failure::new("the two passwords differ; nothing was changed")),
    }
}

fn imported_secret(source: &ImportedSecretSource) -> Result<Option<String>, Failure> {
    match (source.secret_stdin, &source.secret_env) {
        (true, _) => first_line().map(Some),
        (false, Some(name)) => environment(name).map(Some),
        (false, None) => Ok(None),
    }
}

fn first_line() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn environment(name: &str) -> Result<String, Failure> {
    std::env::var(name).map_err(|_| Failure::new(format!("the environment variable {name} is not set")))
}

fn read_file(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))
}

/// A file as a whole, which goes over the socket in one line.
fn read_bounded(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
    if bytes > MAX_IMPORT {
        return Err(Failure::new(format!(
            "{} has {} MiB, more than the {} MiB one run takes: split it",
            path.display(),
            bytes.div_ceil(1024 * 1024),
            MAX_IMPORT / 1024 / 1024
        )));
    }
    read_file(path)
}

/// A file is looked for beside the declaration; one line end at its end is not part of the secret.
fn resolve(source: &SecretSource, folder: &Path) -> Result<String, Failure> {
    match source {
        SecretSource::Env(name) => environment(name),
        SecretSource::File(path) => {
            let text = read_file(&folder.join(path))?;
            Ok(text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text)).unwrap_or(&text).to_owned())
        }
    }
}
