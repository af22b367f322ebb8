//! From a started app to a served one, and down again in order: no new requests, those in flight finished, background
//! work flushed, the database closed.

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::refusal_sink;
use crate::app::start::Started;
use crate::config::Config;
use crate::flows::housekeeping;
use crate::flows::logout::deliver as logout;
use crate::flows::mail::deliver;
use crate::flows::signing_keys;
use crate::flows::sso::recheck;
use crate::http::operations::{self, Draining};
use crate::http::server;

/// Sockets taken before anything is started, so that a taken port is found at once. Connections wait in them.
pub struct Listeners {
    /// For everybody.
    pub public: TcpListener,
    /// For health and metrics.
    pub operations: Option<TcpListener>,
}

impl Listeners {
    /// The addresses of `[server]` and `[operations]`.
    ///
    /// # Errors
    /// With the address that cannot be listened on.
    pub fn bind(config: &Config) -> io::Result<Listeners> {
        let operations = &config.operations;
        Ok(Listeners {
            public: listen(&config.server.listen)?,
            operations: operations.enabled.then(|| listen(&operations.listen)).transpose()?,
        })
    }
}

fn listen(address: &str) -> io::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))
}

/// Serves until `stop` is there, then goes down gracefully.
///
/// # Errors
/// The listeners', those of the TLS files, and keys that cannot be made.
pub async fn run(started: Started, listeners: Listeners, stop: impl Future<Output = ()>) -> io::Result<()> {
    let Started { app, refusals } = started;
    signing_keys::make_missing(&app).await.map_err(io::Error::other)?;
    let draining = Draining::default();
    let operations = match listeners.operations {
        Some(listener) => Some(operations::serve(app.clone(), listener, draining.clone())?),
        None => None,
    };
    let public = server::serve(app.clone(), listeners.public)?;
    tracing::info!(address = %public.address(), issuer = %app.issuer, "serving");

    let (tell_stop, told) = watch::channel(false);
    let keeping = tokio::spawn(housekeeping::run(app.clone(), told));
    let rechecking = tokio::spawn(recheck::run(app.clone(), tell_stop.subscribe()));
    let posting = tokio::spawn(deliver::run(app.clone(), tell_stop.subscribe()));
    let telling = tokio::spawn(logout::run(app.clone(), tell_stop.subscribe()));
    let draining_refusals = tokio::spawn(refusal_sink::drain(app.store.clone(), refusals));

    stop.await;
    tracing::info!("shutting down: finishing what is in flight");
    draining.begin();
    let ended = public.stop().await;
    tell_stop.send_replace(true);
    let _ = keeping.await;
    end(rechecking).await;
    end(posting).await;
    end(telling).await;
    if let Some(operations) = operations {
        operations.stop().await?;
    }
    // The sink lives in the app, which nobody but us holds now; without it the last explanations are written and the
    // task ends.
    let store = app.store.clone();
    drop(app);
    let _ = tokio::time::timeout(Duration::from_secs(2), draining_refusals).await;
    store.close().await;
    tracing::info!("stopped");
    ended
}

/// Gives a mail on its way a moment; one that is broken off goes out again later.
async fn end(mut posting: JoinHandle<()>) {
    if tokio::time::timeout(Duration::from_secs(3), &mut posting).await.is_err() {
        posting.abort();
        let _ = posting.await;
    }
}

/// SIGTERM or SIGINT. A second one ends the process at once: what was acknowledged is on disk already.
///
/// # Errors
/// When signals cannot be listened to.
pub fn signals() -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut next = async move || {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    };
    Ok(async move {
        next().await;
        tokio::spawn(async move {
            next().await;
            tracing::warn!("a second signal: leaving at once");
            std::process::exit(130);
        });
    })
}
