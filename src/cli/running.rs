//! Around a running server: refusals written, housekeeping, the operator's socket, and an orderly end.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::output::Failure;
use super::socket;
use crate::app::start::Started;
use crate::app::{App, refusal_sink};
use crate::flows::housekeeping;
use crate::http::server;

/// What can be told once connections are accepted.
pub(super) struct Ready<'a> {
    /// The app.
    pub app: &'a App,
    /// Where the public listener is.
    pub address: SocketAddr,
    /// Where health and metrics are.
    pub operations: Option<SocketAddr>,
}

/// Serves until a signal or an error; `ready` is called once connections are accepted.
pub(super) async fn run(
    started: Started,
    listener: TcpListener,
    ready: impl FnOnce(Ready<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Started { app, refusals } = started;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let drain = tokio::spawn(refusal_sink::drain(app.store.clone(), refusals));
    let (stop, stopped) = watch::channel(false);
    let keeping = tokio::spawn(housekeeping::run(Arc::clone(&app), stopped));
    let door = socket::listen(Arc::clone(&app)).unwrap_or_else(|error| {
        tracing::warn!(%error, "no socket for the command line: commands are refused while the server runs");
        None
    });
    let running = server::serve(Arc::clone(&app), listener)?;
    ready(Ready { app: &app, address: running.address(), operations: None })?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: requests in flight may finish");
    running.stop().await?;
    drop(door);
    let _told = stop.send(true);
    let _done = keeping.await;
    drain.abort();
    app.store.close().await;
    Ok(())
}
