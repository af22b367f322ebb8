//! `/sso/callback`: where providers send browsers back to, the same address for every organization.

use actix_web::{Error, HttpResponse, web};

use super::{confirm, refused};
use crate::flows::sso::callback::{self, Returned};
use crate::flows::sso::finish::Errand;
use crate::http::answer::page::redirect;
use crate::http::browser::sign_in::opened;
use crate::http::request::form;
use crate::http::visit::Visit;

pub use crate::flows::sso::CALLBACK as PATH;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    match callback::callback(&visit.app, &visit.caller, &visit.as_browser(), &params).await {
        Ok(Returned::In(acted)) => Ok(opened(&visit, acted.session.expose(), Some(&acted.return_to))),
        Ok(Returned::Asks(arrived)) => Ok(redirect(&visit, &visit.own(&confirm::address(&arrived.token)))),
        Err(refused) => {
            let slug = refused.organization.as_ref().map(|organization| organization.slug.as_str());
            Ok(refused::page(&visit, refused.refusal, slug, refused.errand.unwrap_or(Errand::SignIn)))
        }
    }
}

/// POST (`response_mode=form_post`): comes from another site, so without our cookies; it changes nothing and goes on as
/// a GET, which has them.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = form::body(&visit.app, &visit.request, payload).await.map_err(|refusal| visit.unreadable(refusal))?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in ["state", "code", "iss", "error", "error_description"] {
        for value in params.all(name) {
            query.append_pair(name, value);
        }
    }
    Ok(redirect(&visit, &format!("{}?{}", visit.own(PATH), query.finish())))
}
