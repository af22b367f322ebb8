//! Around every request: a name, a span, a time limit, a net for panics, counters, and the headers all answers carry.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpResponse, error, web};
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::answer::json;
use super::api::call::AnswerHeaders;
use super::request_id::RequestIds;
use super::routes;
use crate::app::App;
use crate::app::metrics::{EndpointLabels, RequestLabels};
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::error_response::ErrorResponse;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// The middleware.
///
/// # Errors
/// None of its own: an answer made here travels as an error through actix.
pub async fn around<B: MessageBody + 'static>(
    app: web::Data<App>,
    ids: web::Data<RequestIds>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let begun = app.clock.monotonic();
    let id = ids.next();
    // The pattern, never the path: paths are without bound, and strangers choose them.
    let endpoint = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let method = method(request.method());
    let for_clients = routes::is_for_clients(request.path());
    let span = tracing::info_span!("request", id, method, endpoint);

    let limit = Duration::from_secs(app.config.server.request_timeout);
    let work = AssertUnwindSafe(next.call(request)).catch_unwind();
    let outcome = tokio::time::timeout(limit, work).instrument(span.clone()).await;
    let mut answer = match outcome {
        Ok(Ok(answer)) => answer,
        Ok(Err(_panic)) => {
            let _in_span = span.enter();
            tracing::error!("a handler panicked; only this request is lost");
            Err(accident(for_clients, ErrorCode::ServerError, StatusCode::INTERNAL_SERVER_ERROR))
        }
        Err(_elapsed) => Err(accident(for_clients, ErrorCode::TemporarilyUnavailable, StatusCode::SERVICE_UNAVAILABLE)),
    };
    let status = match &mut answer {
        Ok(answer) => {
            let noted = answer.request().extensions_mut().remove::<AnswerHeaders>();
            for (name, value) in noted.map(|noted| noted.0).unwrap_or_default() {
                answer.headers_mut().insert(name, value);
            }
            common_headers(&app, &id, answer.headers_mut());
            answer.status()
        }
        Err(error) => {
            let mut response = error.error_response();
            common_headers(&app, &id, response.headers_mut());
            let status = response.status();
            answer = Err(error::InternalError::from_response("", response).into());
            status
        }
    };
    let took = app.clock.monotonic().saturating_sub(begun);
    span.in_scope(|| {
        tracing::debug!(target: "grantor::access", status = status.as_u16(), micros = took.as_micros() as u64, "answered");
    });
    app.metrics.latency.get_or_create(&EndpointLabels { endpoint: endpoint.clone() }).observe(took.as_secs_f64());
    let labels = RequestLabels { endpoint, method: method.to_owned(), status: status.as_u16() };
    app.metrics.requests.get_or_create(&labels).inc();
    answer
}

fn common_headers(app: &App, id: &str, headers: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if app.issuer.is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}

/// An answer where no handler gave one.
fn accident(for_clients: bool, code: ErrorCode, status: StatusCode) -> Error {
    let mut answer = json::no_store(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.insert_header((header::RETRY_AFTER, json::RETRY_AFTER));
    }
    let response: HttpResponse = match for_clients {
        true => answer.json(ErrorResponse::from(&OAuthError::new(code, ""))),
        false => answer.content_type("text/plain; charset=utf-8").body("Something went wrong here. Please try again."),
    };
    error::InternalError::from_response("", response).into()
}

/// A label from a small set, whatever the request says.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    }
}

#[cfg(test)]
#[path = "around_tests.rs"]
mod tests;
