//! What is not here.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::http::answer::page::{Forms, page};
use crate::http::pages::NoticePage;
use crate::http::visit::Visit;

/// Any method: there is nothing.
pub async fn not_found(visit: Visit) -> HttpResponse {
    page(&visit, StatusCode::NOT_FOUND, Forms::Here, &NoticePage::not_found(visit.frame()))
}
