//! Stylesheet and icon, whose addresses name their content.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::http::assets;
use crate::http::browser::not_found;
use crate::http::visit::Visit;

/// GET.
pub async fn get(request: HttpRequest, app: web::Data<App>, visit: Visit) -> HttpResponse {
    let path = request.path().strip_prefix(app.issuer.path()).unwrap_or_default();
    match assets::find(path) {
        Some(asset) => HttpResponse::Ok()
            .content_type(asset.content_type)
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .insert_header(("cross-origin-resource-policy", "same-origin"))
            .body(asset.body),
        None => not_found::not_found(visit).await,
    }
}
