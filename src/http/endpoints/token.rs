//! The token endpoint (RFC 6749 section 3.2).

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{refused, unreadable};
use crate::app::App;
use crate::flows;
use crate::http::answer::{cors, json};
use crate::http::request::{caller, client_request};
use crate::protocol::error::ErrorCode;

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
    // Whoever failed to authenticate is nobody's client, so no site may read the answer.
    let is_client = !matches!(&answer, Err(error) if error.code == ErrorCode::InvalidClient);
    let mut answer = match answer {
        Ok(response) => json::ok(&response),
        Err(error) => refused(&app, &request, &caller, ENDPOINT, &body, error),
    };
    if request.headers().contains_key(header::ORIGIN) {
        let client_id = client_request::claimed_client(&request, Some(&body)).filter(|_| is_client);
        cors::echo(&app, &request, client_id, &mut answer).await;
    }
    answer
}
