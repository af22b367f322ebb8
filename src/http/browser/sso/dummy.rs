//! `/sso/dummy`: the form of the dummy provider, on development servers only.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::callback;
use crate::flows::sso::providers::dummy::Said;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::DummyProviderPage;
use crate::http::visit::Visit;

pub use crate::flows::sso::providers::dummy::FORM as PATH;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    let field = |name| params.once(name).ok().flatten().unwrap_or_default().to_owned();
    let shown = DummyProviderPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        state: field("state"),
        email: field("login_hint"),
    };
    Ok(page(&visit, StatusCode::OK, Forms::AtClient, &shown))
}

/// POST: back to the callback with what was said.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let field = |name| params.once(name).ok().flatten().unwrap_or_default().to_owned();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", &field("state"));
    if field("op") == "cancel" {
        query.append_pair("error", "access_denied");
    } else {
        let said = Said {
            id: field("id"),
            email: field("email"),
            email_verified: !field("email_verified").is_empty(),
            name: field("name"),
            legacy_id: field("legacy_id"),
        };
        query.append_pair("code", &said.code());
    }
    Ok(redirect(&visit, &format!("{}?{}", visit.own(callback::PATH), query.finish())))
}
