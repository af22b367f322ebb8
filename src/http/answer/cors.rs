//! Answers that scripts of a client's own sites may read. Never with cookies (A09, C72).

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use super::json;
use crate::app::App;
use crate::flows::api::BASE as API;
use crate::flows::cors::{self, Preflights};

const EXPOSED: HeaderValue = HeaderValue::from_static("x-request-id, www-authenticate, retry-after");
const ALLOWED: &str = "authorization, content-type";
const ALLOWED_BY_API: &str = "authorization, content-type, if-match, if-none-match, idempotency-key";
/// Seconds a browser may remember a preflight.
const REMEMBERED: &str = "600";

/// OPTIONS: passes if any active client lists the origin, since a preflight names no client.
pub async fn preflight(request: HttpRequest, app: web::Data<App>, preflights: web::Data<Preflights>) -> HttpResponse {
    preflight_for(request, app, preflights, "POST".to_owned()).await
}

/// The same for a path with these methods; on paths of the API the origins of API keys count too.
pub async fn preflight_for(
    request: HttpRequest,
    app: web::Data<App>,
    preflights: web::Data<Preflights>,
    methods: String,
) -> HttpResponse {
    let mut answer = json::no_store(StatusCode::NO_CONTENT);
    answer.insert_header((header::VARY, "Origin"));
    let of_api = request.path().contains(API);
    if let Some(origin) = origin(&request)
        && preflights.allow(&app, origin, of_api).await.unwrap_or(false)
    {
        answer
            .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin))
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, methods))
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, if of_api { ALLOWED_BY_API } else { ALLOWED }))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, REMEMBERED));
    }
    answer.finish()
}

/// Lets the client's own sites read the answer to it.
pub async fn echo(app: &App, request: &HttpRequest, client_id: Option<String>, answer: &mut HttpResponse) {
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("Origin"));
    let (Some(origin), Some(client_id)) = (origin(request), client_id) else { return };
    let allowed = cors::client_allows(app, &client_id, origin).await.unwrap_or(false);
    if let (true, Ok(value)) = (allowed, HeaderValue::from_str(origin)) {
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
        answer.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

fn origin(request: &HttpRequest) -> Option<&str> {
    let mut values = request.headers().get_all(header::ORIGIN);
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok())?
}
