//! `/account/email`: the address of the account, changed and confirmed by a mailed link.

use actix_web::http::{Method, StatusCode, header};
use actix_web::{Error, HttpResponse, web};

use super::faults::{self, Faults, input};
use super::sign_in::with_return_to;
use super::signed_in::{require, require_fresh};
use crate::flows::mail;
use crate::flows::people::{PersonRefusal, email};
use crate::flows::session::SignedIn;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::{ConfirmEmailPage, EmailPage, Hidden, Link, NoticeKind, NoticePage};
use crate::http::visit::Visit;
use crate::http::words::moment;

const ENDPOINT: &str = "email";
/// Below the issuer.
pub const PATH: &str = "/account/email";
/// Where links lead, below the issuer.
pub const CONFIRM_PATH: &str = "/account/email/confirm";

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require_fresh(&visit)?;
    let params = visit.query()?;
    let done = params.once("done").ok().flatten().and_then(done).map(str::to_owned);
    let shown = EmailPage { done, ..form(&visit, who, "", Faults::default()) };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// Our own words only: an address must not be able to put a sentence into our mouth.
fn done(what: &str) -> Option<&'static str> {
    match what {
        "sent" => Some("A link is on its way. It works once, within an hour."),
        "confirmed" => Some("Your address is confirmed."),
        "changed" => Some("Your address is changed and confirmed."),
        _ => None,
    }
}

/// POST: sends a link.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    let typed = params.once_even_empty("email").ok().flatten().unwrap_or_default();
    if !mail::is_on(&visit.app) {
        let faults = Faults { form: Some(no_mail(&visit)), ..Faults::default() };
        return Ok(page(&visit, StatusCode::BAD_REQUEST, Forms::Here, &form(&visit, who, typed, faults)));
    }
    match email::ask(&visit.app, &visit.caller, who, typed).await {
        Ok(()) => Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=sent")))),
        Err(PersonRefusal::Unavailable(error)) => Err(visit.refuse(ENDPOINT, error)),
        Err(refusal) => {
            let (status, wait) = faults::status(&refusal);
            let mut answer = page(&visit, status, Forms::Here, &form(&visit, who, typed, Faults::of(&refusal)));
            if let Some(seconds) = wait {
                answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            Ok(answer)
        }
    }
}

/// GET: asks, and uses nothing up.
///
/// # Errors
/// A page.
pub async fn get_confirm(visit: Visit) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    let token = params.once("token").ok().flatten().unwrap_or_default();
    // The link was opened in a mail program: whoever is to sign in first comes back to it with its token.
    if visit.who.is_none() && *visit.request.method() == Method::GET {
        let here = format!("{CONFIRM_PATH}?{}", visit.request.query_string());
        return Ok(redirect(&visit, &with_return_to(&visit.own("/login"), Some(&here))));
    }
    let who = require(&visit)?;
    match email::check(&visit.app, who, token).await {
        Ok(link) => {
            let shown = ConfirmEmailPage {
                frame: visit.frame(),
                action: visit.own(CONFIRM_PATH),
                csrf_token: visit.csrf_token(),
                carried: vec![Hidden::new("token", token)],
                login: link.user.login,
                changes: link.user.email.as_ref() != Some(&link.row.email),
                email: link.row.email,
            };
            Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
        }
        Err(refusal) => refused(&visit, refusal),
    }
}

/// POST: uses the link.
///
/// # Errors
/// A page.
pub async fn post_confirm(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require(&visit)?;
    let token = params.once("token").ok().flatten().unwrap_or_default();
    match email::confirm(&visit.app, &visit.caller, who, token).await {
        Ok(confirmed) => {
            let done = if confirmed.changed { "changed" } else { "confirmed" };
            Ok(redirect(&visit, &visit.own(&format!("{PATH}?done={done}"))))
        }
        Err(refusal) => refused(&visit, refusal),
    }
}

fn form(visit: &Visit, who: &SignedIn, typed: &str, faults: Faults) -> EmailPage {
    let (user, now) = (&who.user, visit.app.clock.now());
    let managed = user.managed_by.map(|_| PersonRefusal::Managed.to_string());
    let closed = managed.or_else(|| (!mail::is_on(&visit.app)).then(|| no_mail(visit)));
    EmailPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        current: user.email.clone(),
        verified: user.email_verified_at.map(|at| moment::at(at, now)),
        open: closed.is_none(),
        email: input(typed, faults.email),
        error: faults.form.or(closed),
        done: None,
    }
}

fn no_mail(visit: &Visit) -> String {
    format!("This server sends no mail. To have your address changed, ask {}.", mail::contact(&visit.app))
}

fn refused(visit: &Visit, refusal: PersonRefusal) -> Result<HttpResponse, Error> {
    if let PersonRefusal::Unavailable(error) = refusal {
        return Err(visit.refuse(ENDPOINT, error));
    }
    let shown = NoticePage {
        frame: visit.frame(),
        kind: NoticeKind::Refused,
        title: "This link does not work".to_owned(),
        text:
            "It works once, within an hour, and for the account it was made for. If you have several accounts, sign in \
               to that one."
                .to_owned(),
        next: Some(Link { label: "Your e-mail address".to_owned(), href: visit.own(PATH) }),
    };
    Ok(page(visit, StatusCode::GONE, Forms::Here, &shown))
}
