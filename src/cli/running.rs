//! A running server with the operator's socket beside it.

use std::net::SocketAddr;
use std::sync::Arc;

use super::output::Failure;
use super::socket;
use crate::app::App;
use crate::app::start::Started;
use crate::{Listeners, signals};

/// What can be told once connections are accepted.
pub(super) struct Ready<'a> {
    /// The app.
    pub app: &'a App,
    /// Where health and metrics are.
    pub operations: Option<SocketAddr>,
}

/// Serves until a signal; `ready` is called once connections are accepted, and its failure ends the server.
pub(super) async fn run(
    started: Started,
    listeners: Listeners,
    ready: impl FnOnce(Ready<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let signalled = signals()?;
    let operations = match &listeners.operations {
        Some(listener) => Some(listener.local_addr()?),
        None => None,
    };
    let door = socket::listen(Arc::clone(&started.app)).unwrap_or_else(|error| {
        tracing::warn!(%error, "no socket for the command line: commands are refused while the server runs");
        None
    });
    let app = Arc::clone(&started.app);
    let mut told = Ok(());
    let stop = async {
        told = ready(Ready { app: &app, operations });
        // The last one to hold the app is the server itself.
        drop(app);
        if told.is_ok() {
            signalled.await;
        }
        drop(door);
    };
    crate::run(started, listeners, stop).await?;
    told
}
