//! Below `/account/email`: one of the further addresses becomes the main one, or goes.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::account::with;
use super::email::PATH;
use super::orgs::confirm::{Question, ask};
use super::signed_in::require_fresh;
use crate::flows::people::PersonRefusal;
use crate::flows::people::addresses::{self, Address};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::{AddressItem, Hidden, Link, NoticeKind, NoticePage};
use crate::http::visit::Visit;
use crate::http::words::moment;
use crate::protocol::params::Params;

const ENDPOINT: &str = "email";
/// Below the issuer.
pub const MAIN_PATH: &str = "/account/email/main";
/// Below the issuer.
pub const REMOVE_PATH: &str = "/account/email/remove";

/// One line of the list.
pub(super) fn item(visit: &Visit, address: Address) -> AddressItem {
    AddressItem {
        verified: moment::at(address.verified_at, visit.app.clock.now()),
        remove_href: with(visit, REMOVE_PATH, &[("address", &address.id)]),
        id: address.id,
        email: address.email,
    }
}

fn named(params: &Params) -> &str {
    params.once("address").ok().flatten().unwrap_or_default()
}

/// POST: makes it the main one.
///
/// # Errors
/// A page.
pub async fn make_main(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    match addresses::make_main(&visit.app, &visit.caller, who, named(&params)).await {
        Ok(done) => Ok(back(&visit, if done { "changed" } else { "gone" })),
        Err(refusal) => refused(&visit, refusal),
    }
}

/// GET: asks.
///
/// # Errors
/// A page.
pub async fn ask_remove(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require_fresh(&visit)?;
    let params = visit.query()?;
    let id = named(&params);
    // Come back from a proof that a form asked for: which one it was about is chosen again.
    if id.is_empty() {
        return Ok(redirect(&visit, &visit.own(PATH)));
    }
    let all = addresses::further(&visit.app, &who.user).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let Some(address) = all.into_iter().find(|address| address.id == id) else { return Ok(back(&visit, "gone")) };
    let question = Question {
        title: format!("Remove {}?", address.email),
        consequences: vec![
            "No link to reset your password can be sent there any more, and links that were sent there stop working."
                .to_owned(),
            "Your other addresses stay as they are. All of them are told, this one too.".to_owned(),
        ],
        action: visit.own(REMOVE_PATH),
        carried: vec![Hidden::new("address", id)],
        typed: None,
        submit: "Remove",
        cancel: visit.own(PATH),
        error: None,
    };
    Ok(ask(&visit, StatusCode::OK, question))
}

/// POST: removes it. What is gone already is no error.
///
/// # Errors
/// A page.
pub async fn remove(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    match addresses::remove_own(&visit.app, &visit.caller, who, named(&params)).await {
        Ok(done) => Ok(back(&visit, if done { "removed" } else { "gone" })),
        Err(refusal) => refused(&visit, refusal),
    }
}

fn back(visit: &Visit, done: &str) -> HttpResponse {
    redirect(visit, &visit.own(&format!("{PATH}?done={done}")))
}

fn refused(visit: &Visit, refusal: PersonRefusal) -> Result<HttpResponse, Error> {
    if let PersonRefusal::Unavailable(error) = refusal {
        return Err(visit.refuse(ENDPOINT, error));
    }
    let shown = NoticePage {
        frame: visit.frame(),
        kind: NoticeKind::Refused,
        title: "This was not done".to_owned(),
        text: refusal.to_string(),
        next: Some(Link { label: "Your e-mail addresses".to_owned(), href: visit.own(PATH) }),
    };
    Ok(page(visit, StatusCode::CONFLICT, Forms::Here, &shown))
}
