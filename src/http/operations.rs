//! Health and metrics, on a listener of their own.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::header;
use actix_web::{HttpResponse, HttpServer, web};

use super::answer::json;
use super::server::Running;
use crate::app::App;
use crate::flows::health;
use actix_web::http::StatusCode;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Set once the server is going down: a load balancer then sends nobody here any more.
#[derive(Clone, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// From now on this node is not ready.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Serves `/health/live`, `/health/ready` and `/metrics`.
///
/// # Errors
/// The listener's.
pub fn serve(app: Arc<App>, listener: TcpListener, draining: Draining) -> io::Result<Running> {
    let address = listener.local_addr()?;
    let app = web::Data::from(app);
    let draining = web::Data::new(draining);
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(app.clone())
            .app_data(draining.clone())
            .route("/health/live", web::get().to(live))
            .route("/health/ready", web::get().to(ready))
            .route("/metrics", web::get().to(metrics))
    })
    .workers(1)
    .shutdown_timeout(1)
    .disable_signals();
    Ok(Running::new(address, server.listen(listener)?.run()))
}

async fn live() -> HttpResponse {
    json::no_store(StatusCode::OK).content_type("text/plain; charset=utf-8").body("live\n")
}

async fn ready(app: web::Data<App>, draining: web::Data<Draining>) -> HttpResponse {
    let faults = match draining.0.load(Ordering::Acquire) {
        true => vec!["the server is shutting down"],
        false => health::faults(&app).await,
    };
    let (status, text) = match faults.is_empty() {
        true => (StatusCode::OK, "ready".to_owned()),
        false => (StatusCode::SERVICE_UNAVAILABLE, faults.join("\n")),
    };
    json::no_store(status).content_type("text/plain; charset=utf-8").body(text + "\n")
}

async fn metrics(app: web::Data<App>) -> HttpResponse {
    let metrics = &app.metrics;
    metrics.password_queue.set(i64::try_from(app.passwords.waiting()).unwrap_or(i64::MAX));
    metrics.password_running.set(i64::try_from(app.passwords.running()).unwrap_or(i64::MAX));
    metrics.password_hashings.inner().store(app.passwords.done(), Ordering::Relaxed);
    if let Some(writer) = app.store.writer_stats() {
        metrics.write_queue.set(i64::try_from(writer.waiting()).unwrap_or(i64::MAX));
        metrics.write_batches.inner().store(writer.batches(), Ordering::Relaxed);
        metrics.write_jobs.inner().store(writer.jobs(), Ordering::Relaxed);
    }
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, &metrics.registry) {
        Ok(()) => HttpResponse::Ok().insert_header((header::CONTENT_TYPE, OPEN_METRICS)).body(text),
        Err(_) => json::no_store(StatusCode::INTERNAL_SERVER_ERROR).finish(),
    }
}
