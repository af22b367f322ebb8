//! `grantor serve`: the server.

use clap::Args;

use super::output::Failure;
use super::{log, open, running};
use crate::Listeners;
use crate::app::start::start;
use crate::clock::Clock;
use crate::config::Config;
use crate::flows::people::set_up;

#[derive(Args)]
#[command(after_help = "Everything else stands in the configuration, see config/default.toml:\n  \
    grantor serve --config /etc/grantor/grantor.toml\n  \
    GRANTOR__SERVER__ISSUER=https://id.example.com grantor serve\n\n\
    While there is no user, a one-time link to make the first administrator is printed at start.\n\
    SIGTERM and SIGINT let requests in flight finish.")]
pub struct ServeArgs {
    /// Address and port instead of server.listen.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

pub(super) fn run(args: &ServeArgs, mut config: Config) -> Result<(), Failure> {
    log::for_servers(&config.log)?;
    if let Some(listen) = &args.listen {
        config.server.listen.clone_from(listen);
    }
    let listeners = Listeners::bind(&config).map_err(|error| Failure::new(format!("cannot listen on {error}")))?;
    open::runtime()?.block_on(async {
        let started = start(config, Clock::system()).await?;
        if let Some(link) = set_up::offer(&started.app).await? {
            println!("Nobody has an account yet. Make the first administrator here (works once):\n\n  {link}\n");
        }
        running::run(started, listeners, |_| Ok(())).await
    })
}
