//! What pages ask of their visitor: to be signed in, by a factor of this server's own where more than one organization is
//! at stake, and for the dangerous ones to have proven it lately.

use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpResponse, error};

use super::sign_in::{self, with_return_to};
use super::step_up;
use crate::flows::session::SignedIn;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::NoticePage;
use crate::http::visit::Visit;

/// Whoever is signed in by more than the word of one organization's provider: its administrator could otherwise become
/// the person everywhere else.
///
/// # Errors
/// As [`require_any`]; for whom only a provider vouched, a page that says how to prove the rest.
pub fn require(visit: &Visit) -> Result<&SignedIn, Error> {
    let who = require_any(visit)?;
    if who.has_local_factor(visit.app.clock.now()) {
        return Ok(who);
    }
    // Where they are sent knows their factor: a password here, or the provider of the organization that manages them.
    if who.user.password_hash.is_some() || who.user.managed_by.is_some() {
        return Err(instead(redirect(visit, &with_return_to(&visit.own(step_up::PATH), Some(&visit.back())))));
    }
    let shown = NoticePage::own_factor_needed(visit.frame());
    Err(instead(page(visit, StatusCode::FORBIDDEN, Forms::Here, &shown)))
}

/// Whoever is signed in, by whatever means.
///
/// # Errors
/// The way to the sign-in page; for a form, which cannot come back, the page itself as 401 (C51).
pub fn require_any(visit: &Visit) -> Result<&SignedIn, Error> {
    match &visit.who {
        Some(who) => Ok(who),
        None if *visit.request.method() == Method::GET => {
            Err(instead(redirect(visit, &with_return_to(&visit.own("/login"), Some(&visit.back())))))
        }
        None => Err(instead(sign_in::show(visit, StatusCode::UNAUTHORIZED, sign_in::Form::default()))),
    }
}

/// Whoever proved within `sign_in.step_up` seconds who they are (ASVS 7.5.1, 7.5.3).
///
/// # Errors
/// As [`require`], or the way to [`super::step_up`] and back.
pub fn require_fresh(visit: &Visit) -> Result<&SignedIn, Error> {
    let who = require(visit)?;
    if who.is_fresh(visit.app.clock.now(), visit.app.config.sign_in.step_up) {
        return Ok(who);
    }
    Err(instead(redirect(visit, &with_return_to(&visit.own(step_up::PATH), Some(&visit.back())))))
}

fn instead(answer: HttpResponse) -> Error {
    error::InternalError::from_response("", answer).into()
}
