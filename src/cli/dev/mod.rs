//! `grantor dev`: a server to try things on, with people and clients in it.

mod banner;
mod certification;
mod demo;
mod ready;

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::Failure;
use super::{open, running};
use crate::Listeners;
use crate::app::start::start;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::clients::Registrars;
use crate::crypto::master_key::MasterKey;

#[derive(Args)]
#[command(
    after_help = "Stays on this machine and is not for production: its passwords and secrets are known to all.\n\
    Run again with the same --data: users, clients and tokens are still there.\n\n\
    For scripts:\n  grantor dev --listen 127.0.0.1:0 --data DIR --ready-file FILE\n\
    FILE has one JSON object once connections are accepted: issuer, users (login, password, administrator), clients \
    (client_id, client_secret, kind, redirect_uris, scopes, use: web, spa or resource-server), organizations (slug, members), \
    api_keys (organization, label, key), admin_token (a personal token of the administrator with every scope)."
)]
pub struct DevArgs {
    /// Loopback address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Where the database, its key and the demo secrets are kept.
    #[arg(long, value_name = "DIR", default_value = "grantor-dev")]
    data: PathBuf,
    /// Write a JSON object to this file once connections are accepted.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    #[command(flatten)]
    certification: certification::CertificationArgs,
}

pub(super) fn run(args: &DevArgs, mut config: Config, database_given: bool) -> Result<(), Failure> {
    config.server.listen.clone_from(&args.listen);
    config.operations.listen = "127.0.0.1:0".to_owned();
    let listeners = Listeners::bind(&config).map_err(|error| Failure::new(format!("cannot listen on {error}")))?;
    let address = listeners.public.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(Failure::new("`grantor dev` listens on this machine only, such as 127.0.0.1:8080"));
    }
    make_private(&args.data)?;
    if !database_given {
        config.database.url = format!("sqlite:{}", args.data.join("grantor.db").display());
    }
    settings(&mut config, &format!("http://{address}"));
    let certification = args.certification.is_on()?.then_some(&args.certification);
    if let Some(certification) = certification {
        certification.settings(&mut config, &address.to_string())?;
    }
    master_key(&mut config, &args.data)?;
    super::log::for_servers(&config.log)?;
    open::runtime()?.block_on(async {
        let mut secrets = demo::Secrets::keep(&args.data)?;
        let mut started = start(config, Clock::system()).await?;
        let demo = demo::seed(&started.app, &mut secrets, certification).await?;
        let app = std::sync::Arc::get_mut(&mut started.app).ok_or_else(|| Failure::new("the app is in use already"))?;
        app.config.dev_clients = demo.dev_clients();
        running::run(started, listeners, |running| {
            banner::print(&running, &demo);
            if let Some(certification) = certification {
                let file = certification.write(&args.data, &running.app.issuer, &demo)?;
                println!(
                    "  Configuration of the test plans, to be pasted into the conformance suite: {}\n",
                    file.display()
                );
            }
            match &args.ready_file {
                Some(file) => ready::write(file, &running, &demo),
                None => Ok(()),
            }
        })
        .await
    })
}

/// What makes it a server to try things on.
fn settings(config: &mut Config, issuer: &str) {
    config.dev = true;
    // Plain http on this machine, whatever a configuration file says.
    config.server.tls_certificate = None;
    config.server.tls_key = None;
    config.server.trusted_proxies.clear();
    config.server.issuer = issuer.to_owned();
    config.tokens.implicit = true;
    config.sign_in.registration = true;
    config.clients.registration = Registrars::Everyone;
    if config.log.filter == "info" {
        config.log.filter = "warn".to_owned();
    }
    // Signing in is done many times a minute here, and the passwords are known anyway.
    config.passwords.memory = 8 * 1024;
    config.passwords.iterations = 1;
}

/// PostgreSQL needs a master key from somewhere; here it lies beside the demo's secrets.
fn master_key(config: &mut Config, folder: &Path) -> Result<(), Failure> {
    let secrets = &mut config.secrets;
    if config.database.url.starts_with("sqlite:") || secrets.master_key.is_some() || secrets.master_key_file.is_some() {
        return Ok(());
    }
    let path = folder.join("master.key");
    if !path.exists() {
        demo::write_private(&path, &MasterKey::generate().expose_base64())?;
    }
    secrets.master_key_file = Some(path);
    Ok(())
}

fn make_private(folder: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| Failure::new(format!("cannot make {}: {error}", folder.display())))
}
