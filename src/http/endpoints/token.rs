//! The token endpoint (RFC 6749 section 3.2).

use actix_web::{HttpRequest, HttpResponse, web};

use super::{refused, unreadable};
use crate::app::App;
use crate::flows;
use crate::http::answer::json;
use crate::http::request::{caller, client_request};

const ENDPOINT: &str = "token";

/// POST.
pub async fn token(request: HttpRequest, app: web::Data<App>, payload: web::Payload) -> HttpResponse {
    let caller = caller::of(&app, &request);
    let body = match client_request::body(&app, &request, payload).await {
        Ok(body) => body,
        Err(refusal) => return unreadable(&app, &request, &caller, ENDPOINT, refusal),
    };
    let answer = match client_request::authorization(&request) {
        Ok(authorization) => flows::token::token(&app, &caller, authorization, &body).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(response) => json::ok(&response),
        Err(error) => refused(&app, &request, &caller, ENDPOINT, &body, error),
    }
}
