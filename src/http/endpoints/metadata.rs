//! Authorization server and OpenID Provider metadata (RFC 8414, OpenID Connect Discovery), one document for everybody, by
//! both names and in both well-known forms.

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::flows::openid::claims::CLAIMS;
use crate::protocol::metadata::{AuthorizationServerMetadata, Features};

/// The document, rendered once.
pub struct Document(Bytes);

impl Document {
    /// The document of this app.
    pub fn of(app: &App) -> Document {
        let config = &app.config;
        let features = Features {
            implicit: config.tokens.implicit,
            registration: config.sign_in.registration,
            session_management: config.sign_in.session_management,
        };
        let claims = CLAIMS.map(|(claim, _)| claim);
        let metadata = AuthorizationServerMetadata::new(&app.issuer, &app.catalogue, &claims, features);
        Document(serde_json::to_vec(&metadata).unwrap_or_default().into())
    }
}

/// GET.
pub async fn metadata(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .body(document.0.clone())
}
