//! The introspection endpoint (RFC 7662): no CORS, it is for servers. The answer is JSON, or for whoever says that it
//! takes one a JWT (RFC 9701).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::{refused, unreadable};
use crate::app::App;
use crate::flows;
use crate::http::answer::json;
use crate::http::request::{caller, client_request};

const ENDPOINT: &str = "introspect";
const JWT: &str = "application/token-introspection+jwt";

/// POST.
pub async fn introspect(request: HttpRequest, app: web::Data<App>, payload: web::Payload) -> HttpResponse {
    let caller = caller::of(&app, &request);
    let body = match client_request::body(&app, &request, payload).await {
        Ok(body) => body,
        Err(refusal) => return unreadable(&app, &request, &caller, ENDPOINT, refusal),
    };
    let answer = match client_request::authorization(&request) {
        Ok(authorization) => flows::introspect::introspect(&app, &caller, authorization, &body).await,
        Err(error) => Err(error),
    };
    let answer = match answer {
        Ok(introspected) if wants_jwt(&request) => flows::introspect::signed(&app, &introspected)
            .map(|signed| json::no_store(StatusCode::OK).content_type(JWT).body(signed)),
        Ok(introspected) => Ok(json::ok(&introspected.response)),
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => answer,
        Err(error) => refused(&app, &request, &caller, ENDPOINT, &body, error),
    }
}

/// Only who names the type gets it (RFC 9701 section 4): a range that covers it was there before it.
fn wants_jwt(request: &HttpRequest) -> bool {
    let accepts = request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    accepts.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(JWT));
        let refused = |part: &str| part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>() == Ok(0.0));
        named && !parts.any(refused)
    })
}
