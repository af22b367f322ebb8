//! The end-session endpoint (OpenID Connect RP-Initiated Logout 1.0). It signs out without asking only where the request
//! shows an ID token of the very session; any site may send a browser here.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use crate::flows::logout::request::{self, Refused};
use crate::http::answer::page;
use crate::http::browser::sign_out;
use crate::http::request::form;
use crate::http::visit::Visit;
use crate::protocol::endpoints;

const ENDPOINT: &str = "logout";

/// GET: everything happens here.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let params =
        form::query(&visit.request).map_err(|error| visit.refuse_as(StatusCode::BAD_REQUEST, ENDPOINT, None, error))?;
    let judged = request::judge(&visit.app, &params, visit.who.as_ref()).await;
    let asked = match judged.map_err(|error| visit.refuse(ENDPOINT, error))? {
        Ok(asked) => asked,
        Err(Refused { error, client }) => {
            let client = client.as_ref().map(|client| (client.client_id.as_str(), client.name.as_str()));
            return Err(visit.refuse_as(StatusCode::BAD_REQUEST, ENDPOINT, client, error));
        }
    };
    match &visit.who {
        Some(who) if asked.needs_no_question => sign_out::end(&visit, who, Some(&asked)).await,
        Some(who) => sign_out::ask(&visit, who, Some(&asked)).await,
        None => Ok(sign_out::after(&visit, Some(&asked), Vec::new())),
    }
}

/// POST: re-enters GET with the same parameters and changes nothing, because any site may send it.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let refuse = |error| visit.refuse_as(StatusCode::BAD_REQUEST, ENDPOINT, None, error);
    let mut params = form::query(&visit.request).map_err(refuse)?;
    let body = form::body(&visit.app, &visit.request, payload).await.map_err(|refusal| visit.unreadable(refusal))?;
    params.extend(body).map_err(|error| refuse(error.into()))?;
    Ok(page::redirect(&visit, &format!("{}?{}", visit.own(endpoints::END_SESSION), params.encode())))
}
