//! `/logout`: asks, ends the session on the server, says so.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use crate::flows::audit::Actor;
use crate::flows::session;
use crate::http::answer::page::{Forms, page, redirecting};
use crate::http::pages::{NoticePage, SignOutPage};
use crate::http::visit::{Visit, cookies};

/// GET: changes nothing. Without a session it is the page after signing out.
pub async fn get(visit: Visit) -> HttpResponse {
    let Some(who) = &visit.who else {
        return page(&visit, StatusCode::OK, Forms::Here, &NoticePage::signed_out(visit.frame()));
    };
    let shown = SignOutPage {
        frame: visit.frame(),
        action: visit.own("/logout"),
        csrf_token: visit.csrf_token(),
        carried: Vec::new(),
        login: who.user.login.clone(),
        client: None,
        stay_href: visit.own("/"),
    };
    page(&visit, StatusCode::OK, Forms::Here, &shown)
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    if let Some(who) = &visit.who {
        // Whoever signs out twice is signed out.
        let caller = visit.caller.without_terms();
        let ended = session::end(&visit.app, &caller, Actor::User(&who.user), &who.user, &who.session.sid).await;
        ended.map_err(|error| visit.refuse("logout", error))?;
    }
    Ok(redirecting(&visit, &visit.own("/logout")).cookie(cookies::forget_session(&visit.app.issuer)).finish())
}
