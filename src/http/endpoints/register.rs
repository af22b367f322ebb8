//! Clients that register themselves and manage their registration (RFC 7591, RFC 7592): JSON both ways. Scripts of any
//! site may call while registration is open to everybody, never with cookies.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde_json::{Map, Value};

use crate::app::App;
use crate::flows::caller::Caller;
use crate::flows::refusal;
use crate::flows::registration::{self, Registered, RegistrationRefusal};
use crate::http::answer::json;
use crate::http::request::{caller, client_request};
use crate::protocol::error::{ErrorCode, OAuthError};

const ENDPOINT: &str = "register";

/// POST: registers (RFC 7591 section 3).
pub async fn post(request: HttpRequest, app: web::Data<App>, payload: web::Payload) -> HttpResponse {
    let caller = caller::of(&app, &request);
    let done = async {
        let members = body(&app, &request, payload).await?;
        registration::register(&app, &caller, authorization(&request)?, &members).await
    };
    answer(&app, &caller, done.await, StatusCode::CREATED)
}

/// GET: the registration as it is (RFC 7592 section 2.1).
pub async fn get(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let caller = caller::of(&app, &request);
    let done = async { registration::read(&app, &caller, authorization(&request)?, client(&request)).await };
    answer(&app, &caller, done.await, StatusCode::OK)
}

/// PUT: another registration in its place (RFC 7592 section 2.2).
pub async fn put(request: HttpRequest, app: web::Data<App>, payload: web::Payload) -> HttpResponse {
    let caller = caller::of(&app, &request);
    let done = async {
        let members = body(&app, &request, payload).await?;
        registration::update(&app, &caller, authorization(&request)?, client(&request), &members).await
    };
    answer(&app, &caller, done.await, StatusCode::OK)
}

/// DELETE: its end (RFC 7592 section 2.3).
pub async fn delete(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let caller = caller::of(&app, &request);
    let done = async { registration::delete(&app, &caller, authorization(&request)?, client(&request)).await };
    match done.await {
        Ok(()) => allowed(&app, json::no_store(StatusCode::NO_CONTENT)).finish(),
        Err(refused) => refusal_of(&app, &caller, refused),
    }
}

/// OPTIONS.
pub async fn preflight(app: web::Data<App>) -> HttpResponse {
    let mut answer = json::no_store(StatusCode::NO_CONTENT);
    if registration::is_open(&app) {
        answer
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE"))
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, "600"));
    }
    allowed(&app, answer).finish()
}

fn allowed(app: &App, mut answer: HttpResponseBuilder) -> HttpResponseBuilder {
    if registration::is_open(app) {
        answer.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    }
    answer
}

fn client(request: &HttpRequest) -> &str {
    request.match_info().get("client").unwrap_or_default()
}

fn authorization(request: &HttpRequest) -> Result<Option<&str>, RegistrationRefusal> {
    client_request::authorization(request).map_err(RegistrationRefusal::Error)
}

async fn body(
    app: &App,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<Map<String, Value>, RegistrationRefusal> {
    let refused =
        |text: &'static str| RegistrationRefusal::Error(OAuthError::new(ErrorCode::InvalidClientMetadata, text));
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(refused("the content type must be application/json"));
    }
    let bytes = match payload.to_bytes_limited(app.config.server.max_body_bytes).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(refused("the request body ended early")),
        Err(_) => return Err(refused("the request body is too long")),
    };
    // PostgreSQL keeps no NUL in text, and no metadata has one.
    if bytes.windows(6).any(|six| six == b"\\u0000") {
        return Err(refused("the character U+0000 is in no text here"));
    }
    serde_json::from_slice(&bytes).map_err(|_| refused("the request body is not a JSON object"))
}

fn answer(
    app: &App,
    caller: &Caller,
    done: Result<Registered, RegistrationRefusal>,
    status: StatusCode,
) -> HttpResponse {
    match done {
        Ok(registered) => allowed(app, json::no_store(status)).json(&registered.body),
        Err(refused) => refusal_of(app, caller, refused),
    }
}

/// RFC 6750 section 3 for tokens, RFC 7591 section 3.2.2 for metadata.
fn refusal_of(app: &App, caller: &Caller, refused: RegistrationRefusal) -> HttpResponse {
    match refused {
        RegistrationRefusal::Unauthenticated => allowed(app, json::no_store(StatusCode::UNAUTHORIZED))
            .insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"grantor\""))
            .json(serde_json::json!({
                "error": "invalid_token",
                "error_description": "a token is needed: Authorization: Bearer",
            })),
        RegistrationRefusal::InvalidToken(detail) => {
            let error = OAuthError::new(ErrorCode::InvalidToken, "the token opens nothing here").with_detail(detail);
            let error = refusal::record(app, caller, ENDPOINT, None, error);
            let body = serde_json::json!({ "error": "invalid_token", "error_description": error.description });
            allowed(app, json::no_store(StatusCode::UNAUTHORIZED))
                .insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"grantor\", error=\"invalid_token\""))
                .json(body)
        }
        RegistrationRefusal::Throttled(retry) => allowed(app, json::no_store(StatusCode::TOO_MANY_REQUESTS))
            .insert_header((header::RETRY_AFTER, retry.seconds().to_string()))
            .json(serde_json::json!({
                "error": ErrorCode::TemporarilyUnavailable.as_str(),
                "error_description": format!("too many requests from this address: again in {} seconds", retry.seconds()),
            })),
        RegistrationRefusal::Error(error) => {
            let mut answer = json::refused(app, caller, ENDPOINT, None, None, error);
            if registration::is_open(app) {
                answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header::HeaderValue::from_static("*"));
            }
            answer
        }
    }
}
