//! `/account/email`: the addresses of the account, added and confirmed by mailed links.

use actix_web::http::{Method, StatusCode, header};
use actix_web::{Error, HttpResponse, web};

use super::addresses;
use super::faults::{self, Faults, input};
use super::sign_in::with_return_to;
use super::signed_in::{require, require_fresh};
use crate::flows::mail;
use crate::flows::people::PersonRefusal;
use crate::flows::people::addresses as further;
use crate::flows::people::email::{self, Deed};
use crate::flows::session::SignedIn;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::{ConfirmEmailPage, EmailPage, Hidden, Link, LinkDeed, NoticeKind, NoticePage};
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
    let shown = EmailPage { done, ..form(&visit, who, Typed::default(), Faults::default()).await? };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// Our own words only: an address must not be able to put a sentence into our mouth.
fn done(what: &str) -> Option<&'static str> {
    match what {
        "sent" => Some("A link is on its way. It works once, within an hour."),
        "confirmed" => Some("Your address is confirmed."),
        "changed" => Some("Your main address is another one now."),
        "added" => Some("The address is confirmed: it is one of your further ones."),
        "removed" => Some("The address is removed."),
        "gone" => Some("That address is no longer one of your further ones. This is how it is now."),
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
    let typed = Typed {
        email: params.once_even_empty("email").ok().flatten().unwrap_or_default(),
        main: params.once("main").ok().flatten().is_some(),
    };
    if !mail::is_on(&visit.app) {
        let faults = Faults { form: Some(no_mail(&visit)), ..Faults::default() };
        return Ok(page(&visit, StatusCode::BAD_REQUEST, Forms::Here, &form(&visit, who, typed, faults).await?));
    }
    match email::ask(&visit.app, &visit.caller, who, typed.email, typed.main).await {
        Ok(()) => Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=sent")))),
        Err(PersonRefusal::Unavailable(error)) => Err(visit.refuse(ENDPOINT, error)),
        Err(refusal) => {
            let (status, wait) = faults::status(&refusal);
            let mut answer = page(&visit, status, Forms::Here, &form(&visit, who, typed, Faults::of(&refusal)).await?);
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
        Ok((link, deed)) => {
            let shown = ConfirmEmailPage {
                frame: visit.frame(),
                action: visit.own(CONFIRM_PATH),
                csrf_token: visit.csrf_token(),
                carried: vec![Hidden::new("token", token)],
                login: link.user.login,
                email: link.row.email,
                deed: match deed {
                    Deed::Proves => LinkDeed::Proves,
                    Deed::Moves => LinkDeed::Moves,
                    Deed::Adds => LinkDeed::Adds,
                },
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
        Ok(deed) => {
            let done = match deed {
                Deed::Proves => "confirmed",
                Deed::Moves => "changed",
                Deed::Adds => "added",
            };
            Ok(redirect(&visit, &visit.own(&format!("{PATH}?done={done}"))))
        }
        Err(refusal) => refused(&visit, refusal),
    }
}

/// What stands in the form.
#[derive(Clone, Copy, Default)]
struct Typed<'a> {
    email: &'a str,
    main: bool,
}

async fn form(visit: &Visit, who: &SignedIn, typed: Typed<'_>, faults: Faults) -> Result<EmailPage, Error> {
    let (user, now) = (&who.user, visit.app.clock.now());
    let further = further::further(&visit.app, user).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let managed = user.managed_by.map(|_| PersonRefusal::Managed.to_string());
    let own = managed.is_none();
    let closed = managed.or_else(|| (!mail::is_on(&visit.app)).then(|| no_mail(visit)));
    Ok(EmailPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        main_action: visit.own(addresses::MAIN_PATH),
        csrf_token: visit.csrf_token(),
        current: user.email.clone(),
        verified: user.email_verified_at.map(|at| moment::at(at, now)),
        further: further.into_iter().map(|one| addresses::item(visit, one)).collect(),
        own,
        open: closed.is_none(),
        email: input(typed.email, faults.email),
        main: typed.main,
        error: faults.form.or(closed),
        done: None,
    })
}

fn no_mail(visit: &Visit) -> String {
    format!("This server sends no mail. To have an address added or changed, ask {}.", mail::contact(&visit.app))
}

fn refused(visit: &Visit, refusal: PersonRefusal) -> Result<HttpResponse, Error> {
    if let PersonRefusal::Unavailable(error) = refusal {
        return Err(visit.refuse(ENDPOINT, error));
    }
    let stands = matches!(refusal, PersonRefusal::TooManyAddresses(_) | PersonRefusal::Changed);
    let (status, title, text) = match stands {
        true => (StatusCode::CONFLICT, "Not now", refusal.to_string()),
        false => (StatusCode::GONE, "This link does not work", VOID.to_owned()),
    };
    let shown = NoticePage {
        frame: visit.frame(),
        kind: NoticeKind::Refused,
        title: title.to_owned(),
        text,
        next: Some(Link { label: "Your e-mail addresses".to_owned(), href: visit.own(PATH) }),
    };
    Ok(page(visit, status, Forms::Here, &shown))
}

const VOID: &str = "It works once, within an hour, and for the account it was made for. If you have several accounts, sign in to \
                    that one.";
