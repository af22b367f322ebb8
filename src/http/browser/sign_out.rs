//! `/logout`: asks, ends the session on the server, says so. The page that a client's wish to sign somebody out leads to
//! posts here too (`http/endpoints/logout.rs`).

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use crate::crypto::random;
use crate::flows::logout;
use crate::flows::logout::front_channel;
use crate::flows::logout::request::{self, Asked};
use crate::flows::session::SignedIn;
use crate::http::answer::page::{Forms, page, redirecting};
use crate::http::pages::{ClientBanner, Frame, Hidden, LoggedOutPage, NoticePage, SignOutPage};
use crate::http::visit::{Posted, Visit, cookies};

const ENDPOINT: &str = "logout";

/// Below the issuer.
pub const PATH: &str = "/logout";

/// GET: changes nothing. Without a session it is the page after signing out.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    match &visit.who {
        Some(who) => ask(&visit, who, None).await,
        None => Ok(page(&visit, StatusCode::OK, Forms::Here, &NoticePage::signed_out(visit.frame()))),
    }
}

/// The question, on behalf of a client or of nobody.
///
/// # Errors
/// A page.
pub async fn ask(visit: &Visit, who: &SignedIn, asked: Option<&Asked>) -> Result<HttpResponse, Error> {
    let known = logout::clients(&visit.app, who).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let client = asked.and_then(|asked| asked.client.as_ref());
    let back = asked.and_then(|asked| asked.back.as_ref());
    let mut carried = Vec::new();
    if let (Some(client), Some(back)) = (client, back) {
        carried.push(Hidden::new("client_id", client.client_id.as_str()));
        carried.push(Hidden::new("post_logout_redirect_uri", back.registered()));
        carried.extend(back.state.as_ref().map(|state| Hidden::new("state", state.as_str())));
    }
    let shown = SignOutPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        carried,
        login: who.user.login.clone(),
        client: client.map(|client| ClientBanner { name: client.name.clone() }),
        returns: back.is_some(),
        applications: known.iter().map(|client| client.name.clone()).collect(),
        stay_href: visit.own("/"),
    };
    let forms = if back.is_some() { Forms::AtClient } else { Forms::Here };
    Ok(page(visit, StatusCode::OK, forms, &shown))
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = match visit.posted(payload).await? {
        Posted::Current(params) => params,
        // The page that says so, loaded again.
        Posted::Stale(_) if visit.who.is_none() && !visit.new_browser => {
            return Ok(redirecting(&visit, &visit.own(PATH)).finish());
        }
        Posted::Stale(_) => return Err(visit.out_of_date()),
    };
    let resting = visit.resting(ENDPOINT).await?;
    let judged = request::judge(&visit.app, &params, visit.who.as_ref()).await;
    // An address that is registered no more keeps nobody signed in.
    let asked = judged.map_err(|error| visit.refuse(ENDPOINT, error))?.ok();
    match visit.who.as_ref().or(resting.as_ref()) {
        Some(who) => end(&visit, who, asked.as_ref()).await,
        None => Ok(after(&visit, asked.as_ref(), Vec::new())),
    }
}

/// Signs out, and goes where that leads.
///
/// # Errors
/// A page.
pub async fn end(visit: &Visit, who: &SignedIn, asked: Option<&Asked>) -> Result<HttpResponse, Error> {
    let frames = logout::sign_out(&visit.app, &visit.caller, who).await;
    Ok(after(visit, asked, frames.map_err(|error| visit.refuse(ENDPOINT, error))?))
}

/// The browser is signed out: on to the client, or a page. `frames` are clients to be told by it.
pub fn after(visit: &Visit, asked: Option<&Asked>, frames: Vec<String>) -> HttpResponse {
    let back = asked.and_then(|asked| asked.back.as_ref().zip(asked.client.as_ref()));
    // Whom nobody vouches for is not lent our name for a redirect that nobody signed out for (RFC 9700 section 4.11.2).
    let waits = visit.who.is_some() || asked.is_some_and(|asked| asked.is_trusted);
    let issuer = &visit.app.issuer;
    let mut forget = vec![cookies::forget_session(issuer)];
    forget.extend(visit.app.config.sign_in.session_management.then(|| cookies::forget_state(issuer)));
    if frames.is_empty() && (waits || back.is_none()) {
        let location = back.map_or_else(|| visit.own(PATH), |(back, _)| back.location());
        let mut answer = redirecting(visit, &location);
        for cookie in forget {
            answer.cookie(cookie);
        }
        return answer.finish();
    }
    let nonce = random::url_safe_text(16);
    let shown = LoggedOutPage {
        frame: Frame { user: None, ..visit.frame() },
        client: back.map(|(_, client)| client.name.clone()).unwrap_or_default(),
        continue_href: back.map(|(back, _)| back.location()),
        waits: waits && back.is_some(),
        nonce: nonce.clone(),
        frames,
    };
    let sources = front_channel::sources(&shown.frames);
    let forms = if shown.frames.is_empty() { Forms::Here } else { Forms::Framing(&sources, &nonce) };
    let mut answer = page(visit, StatusCode::OK, forms, &shown);
    for cookie in &forget {
        if let Err(error) = answer.add_cookie(cookie) {
            tracing::error!(%error, "a cookie could not be written");
        }
    }
    answer
}
