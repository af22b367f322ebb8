//! The log: standard error, one line an event.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use super::output::Failure;
use crate::config::log::{Format, Log};

/// As configured.
pub fn for_servers(log: &Log) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&log.filter).map_err(|e| Failure::new(format!("log.filter: {e}")))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let set = match log.format {
        Format::Text => builder.try_init(),
        Format::Json => builder.json().try_init(),
    };
    set.map_err(|error| Failure::new(error.to_string()))
}

/// Trouble only, so that answers stay readable.
pub fn for_commands() {
    let builder = tracing_subscriber::fmt().with_env_filter(EnvFilter::new("warn")).with_writer(std::io::stderr);
    let builder = builder.with_ansi(std::io::stderr().is_terminal());
    let _set_before = builder.without_time().with_target(false).try_init();
}
