//! `/set-up`: the first administrator, by the one-time link that an empty server prints.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::faults::{self, Faults, input};
use super::sign_in::opened;
use crate::flows::people::{NewPerson, PersonRefusal, set_up};
use crate::flows::sign_in;
use crate::http::answer::page::{Forms, page};
use crate::http::pages::{Hidden, Link, NoticeKind, NoticePage, SetUpPage};
use crate::http::visit::Visit;
use crate::protocol::error::OAuthError;

const ENDPOINT: &str = "set_up";
/// Below the issuer.
pub const PATH: &str = "/set-up";

/// GET: shows the form and uses nothing up, so that a mail scanner or a preview cannot.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    let token = params.once("token").ok().flatten().unwrap_or_default();
    match set_up::check(&visit.app, token).await {
        Ok(()) => {
            let shown = form(&visit, token, &NewPerson::default(), Faults::default());
            Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
        }
        Err(refusal) => refused(&visit, token, &NewPerson::default(), refusal),
    }
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let field = |name| params.once_even_empty(name).ok().flatten().unwrap_or_default().to_owned();
    let token = field("token");
    let typed = NewPerson { login: field("username"), name: field("name"), ..NewPerson::default() };
    let new = NewPerson { password: Some(field("password")), ..typed.clone() };
    match set_up::set_up(&visit.app, &visit.caller, &token, new).await {
        Ok(user) => {
            let session = sign_in::open(&visit.app, &visit.caller, visit.who.as_ref(), &user, "pwd").await;
            let session = session.map_err(|refusal| visit.refuse(ENDPOINT, OAuthError::from(refusal)))?;
            Ok(opened(&visit, session.cookie.expose(), None))
        }
        Err(refusal) => refused(&visit, &token, &typed, refusal),
    }
}

fn refused(visit: &Visit, token: &str, typed: &NewPerson, refusal: PersonRefusal) -> Result<HttpResponse, Error> {
    match refusal {
        PersonRefusal::Unavailable(error) => Err(visit.refuse(ENDPOINT, error)),
        PersonRefusal::LinkVoid => Ok(void(visit)),
        refusal => {
            let shown = form(visit, token, typed, Faults::of(&refusal));
            Ok(page(visit, faults::status(&refusal).0, Forms::Here, &shown))
        }
    }
}

fn form(visit: &Visit, token: &str, typed: &NewPerson, faults: Faults) -> SetUpPage {
    SetUpPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        carried: vec![Hidden::new("token", token)],
        error: faults.form,
        login: input(&typed.login, faults.login),
        name: input(&typed.name, faults.name),
        password: input("", faults.password),
        password_rules: faults::password_rules(),
    }
}

fn void(visit: &Visit) -> HttpResponse {
    let notice = NoticePage {
        frame: visit.frame(),
        kind: NoticeKind::Refused,
        title: "This link does not work any more".to_owned(),
        text:
            "A set-up link works once, and only while the server has no accounts. If it still has none, restart it to \
               print a new link."
                .to_owned(),
        next: Some(Link { label: "Sign in".to_owned(), href: visit.own("/login") }),
    };
    page(visit, StatusCode::GONE, Forms::Here, &notice)
}
