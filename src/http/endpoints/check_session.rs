//! `check_session_iframe` (OpenID Connect Session Management section 3.2): the one page that others may frame (A10). It
//! needs no session to be given out: its script reads the cookie where it runs.

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::crypto::random;
use crate::http::answer::page;
use crate::http::pages::CheckSessionPage;
use crate::http::visit::cookies;

/// GET.
pub async fn get(app: web::Data<App>) -> HttpResponse {
    let nonce = random::url_safe_text(16);
    let shown = CheckSessionPage { cookie: cookies::state_name(&app.issuer), nonce: nonce.clone() };
    page::framed(&nonce, &shown)
}
