//! The revocation endpoint (RFC 7009).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{refused, unreadable};
use crate::app::App;
use crate::flows;
use crate::http::answer::json;
use crate::http::request::{caller, client_request};

const ENDPOINT: &str = "revoke";

/// POST.
pub async fn revoke(request: HttpRequest, app: web::Data<App>, payload: web::Payload) -> HttpResponse {
    let caller = caller::of(&app, &request);
    let body = match client_request::body(&app, &request, payload).await {
        Ok(body) => body,
        Err(refusal) => return unreadable(&app, &request, &caller, ENDPOINT, refusal),
    };
    let answer = match client_request::authorization(&request) {
        Ok(authorization) => flows::revoke::revoke(&app, &caller, authorization, &body).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(()) => json::no_store(StatusCode::OK).finish(),
        Err(error) => refused(&app, &request, &caller, ENDPOINT, &body, error),
    }
}
