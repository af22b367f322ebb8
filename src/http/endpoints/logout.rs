//! The end-session endpoint (OpenID Connect RP-Initiated Logout 1.0). It signs out without asking only where the request
//! shows an ID token of the very session; any site may send a browser here.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use crate::flows::logout::request::{self, Refused};
use crate::flows::logout::{self, resting};
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
    let resting = visit.resting(ENDPOINT).await?;
    let judged = request::judge(&visit.app, &params, visit.who.as_ref().or(resting.as_ref())).await;
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
        None => {
            // What hangs on a session outlives its last visit, and whoever signs out then means it too.
            if let Some(who) = resting.filter(|_| asked.needs_no_question) {
                return sign_out::end(&visit, &who, Some(&asked)).await;
            }
            let refuse = |error| visit.refuse(ENDPOINT, error);
            if let Some(who) = resting::of_hint(&visit.app, &asked).await.map_err(refuse)? {
                // By an ID token alone nobody learns what else the person uses: no frames.
                logout::sign_out(&visit.app, &visit.caller, &who).await.map_err(refuse)?;
            }
            Ok(sign_out::after(&visit, Some(&asked), Vec::new()))
        }
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
