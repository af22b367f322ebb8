//! The key set that tokens of this server verify with (RFC 7517 section 5), the same for everybody.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;

/// GET.
pub async fn jwks(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let published = app.keys.published();
    let is_known = is_known(&request, &published.etag);
    let mut answer = HttpResponse::build(if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    answer
        .insert_header((header::CACHE_CONTROL, format!("public, max-age={}", app.config.keys.jwks_max_age)))
        .insert_header((header::ETAG, published.etag.clone()))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    match is_known {
        true => answer.finish(),
        false => answer.content_type("application/json").body(published.body.clone()),
    }
}

/// Whether whoever asks has it already. A proxy that compresses weakens the tag (RFC 9110 section 13.1.2).
fn is_known(request: &HttpRequest, etag: &str) -> bool {
    let listed = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let tags = listed.flat_map(|list| list.split(',')).map(str::trim);
    tags.map(|tag| tag.strip_prefix("W/").unwrap_or(tag)).any(|tag| tag == "*" || tag == etag)
}
