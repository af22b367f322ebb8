//! A listener and what answers on it. Several servers in one process share nothing.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{HttpServer, web};
use tokio::task::JoinHandle;

use super::around::around;
use super::endpoints::metadata::Document;
use super::playground::runs::Runs;
use super::request_id::RequestIds;
use super::{routes, tls};
use crate::app::App;
use crate::flows::cors::Preflights;

/// Seconds an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// A running server. Dropping it stops nothing; see [`Running::stop`].
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    pub(super) fn new(address: SocketAddr, server: actix_web::dev::Server) -> Running {
        Running { address, handle: server.handle(), task: tokio::spawn(server) }
    }

    /// Where it listens: the port that was given for port 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections, lets requests in flight finish within `server.shutdown_timeout`, and ends.
    ///
    /// # Errors
    /// Those of the listener.
    pub async fn stop(self) -> io::Result<()> {
        self.handle.stop(true).await;
        self.finished().await
    }

    /// Ends now, whatever is in flight.
    ///
    /// # Errors
    /// Those of the listener.
    pub async fn stop_now(self) -> io::Result<()> {
        self.handle.stop(false).await;
        self.finished().await
    }

    async fn finished(self) -> io::Result<()> {
        self.task.await.map_err(io::Error::other)?
    }
}

/// Serves the app on the listener. Call it within a tokio runtime; the workers bring their own.
///
/// # Errors
/// The listener's, and those of the TLS files.
pub fn serve(app: Arc<App>, listener: TcpListener) -> io::Result<Running> {
    let address = listener.local_addr()?;
    let settings = app.config.server.clone();
    let document = web::Data::new(Document::of(&app));
    let preflights = web::Data::new(Preflights::default());
    let ids = web::Data::new(RequestIds::new());
    let runs = web::Data::new(Runs::default());
    let app = web::Data::from(app);
    let mut server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(app.clone())
            .app_data(ids.clone())
            .app_data(document.clone())
            .app_data(preflights.clone())
            .app_data(runs.clone())
            .configure(|config| routes::mount(config, &app))
            .wrap(from_fn(around))
    })
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(Duration::from_secs(settings.client_timeout))
    .shutdown_timeout(settings.shutdown_timeout)
    .disable_signals();
    if settings.workers > 0 {
        server = server.workers(settings.workers.min(512));
    }
    let server = match tls::config(&settings)? {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    };
    Ok(Running::new(address, server.run()))
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
