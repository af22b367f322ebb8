//! JSON answers (RFC 6749 sections 5.1 and 5.2). None may be stored by anybody.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use crate::app::App;
use crate::flows::caller::Caller;
use crate::flows::refusal;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::error_response::ErrorResponse;

/// Seconds a client should wait where nothing better is known.
pub const RETRY_AFTER: &str = "1";

#[derive(Serialize)]
struct Refusal<'a> {
    #[serde(flatten)]
    response: ErrorResponse,
    /// On a development server only.
    #[serde(skip_serializing_if = "Option::is_none")]
    grantor_detail: Option<&'a Detail>,
}

/// An answer nobody may store (A31).
pub fn no_store(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::PRAGMA, "no-cache"));
    answer
}

/// 200 with a body.
pub fn ok(body: &impl Serialize) -> HttpResponse {
    render(StatusCode::OK, body)
}

/// Records a refusal and answers with it.
pub fn refused(
    app: &App,
    caller: &Caller,
    endpoint: &'static str,
    client_id: Option<&str>,
    status: Option<StatusCode>,
    error: OAuthError,
) -> HttpResponse {
    let error = refusal::record(app, caller, endpoint, client_id, error);
    let status = status.unwrap_or_else(|| status_of(&error));
    let body = Refusal {
        response: ErrorResponse::from(&error),
        grantor_detail: error.detail.as_deref().filter(|_| app.config.dev),
    };
    let mut answer = render(status, &body);
    let headers = answer.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        // RFC 6749 section 5.2 wants the scheme the client used; Basic is the one scheme there is.
        headers
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"grantor\", charset=\"UTF-8\""));
    }
    match status {
        StatusCode::SERVICE_UNAVAILABLE => headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER)),
        // One attempt comes back in about this time.
        StatusCode::TOO_MANY_REQUESTS => headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60")),
        _ => return answer,
    };
    answer
}

/// The status of the code, but for callers that try too often.
fn status_of(error: &OAuthError) -> StatusCode {
    let throttled = error.detail.as_ref().is_some_and(|detail| detail.rule == "client_throttled");
    if throttled && error.code == ErrorCode::InvalidClient {
        return StatusCode::TOO_MANY_REQUESTS;
    }
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn render(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(body) {
        Ok(bytes) => no_store(status).content_type("application/json").body(bytes),
        Err(_) => no_store(StatusCode::INTERNAL_SERVER_ERROR).finish(),
    }
}
