//! A secret on a page, once.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::crypto::random;
use crate::http::answer::page::{Forms, page};
use crate::http::pages::Link;
use crate::http::pages::account::SecretPage;
use crate::http::visit::Visit;

/// What is shown. Has no `Debug`.
pub struct Shown {
    /// Heading.
    pub title: String,
    /// What else belongs to it.
    pub facts: Vec<(String, String)>,
    /// What it is called.
    pub label: &'static str,
    /// The secret.
    pub secret: String,
    /// Where to go on: label and own path.
    pub next: (&'static str, String),
}

/// The page.
pub fn show(visit: &Visit, shown: Shown) -> HttpResponse {
    let nonce = random::url_safe_text(16);
    let shown = SecretPage {
        frame: visit.frame(),
        title: shown.title,
        warning: "Copy it now: it is never shown again. Keep it like a password.".to_owned(),
        facts: shown.facts,
        label: shown.label.to_owned(),
        secret: shown.secret,
        next: Link { label: shown.next.0.to_owned(), href: shown.next.1 },
        nonce: nonce.clone(),
    };
    page(visit, StatusCode::OK, Forms::Sent(&nonce), &shown)
}
