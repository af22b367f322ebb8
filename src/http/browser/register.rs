//! `/register`: anybody makes an account, where the operator lets them; with an invitation, everywhere.

use actix_web::http::{StatusCode, header};
use actix_web::{Error, HttpResponse, web};

use super::faults::{self, Faults, input};
use super::invitation;
use super::sign_in::{opened, with_return_to};
use crate::flows::people::{NewPerson, PersonRefusal, register};
use crate::flows::sign_in;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::{Hidden, Link, NoticeKind, NoticePage, RegisterPage};
use crate::http::visit::Visit;
use crate::protocol::error::OAuthError;

const ENDPOINT: &str = "register";
/// Below the issuer.
pub const PATH: &str = "/register";

/// The way here for a request that asks for a new account, whoever is signed in.
pub fn anew(visit: &Visit, return_to: &str) -> String {
    format!("{}&anew=1", with_return_to(&visit.own(PATH), Some(return_to)))
}

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    let return_to = visit.return_to(&params);
    let offer = invitation::behind(&visit, return_to).await;
    if !visit.app.config.sign_in.registration && offer.is_none() {
        return Ok(closed(&visit));
    }
    if visit.who.is_some() && !params.present("anew") {
        return Ok(redirect(&visit, &visit.own(return_to.unwrap_or("/"))));
    }
    let typed = NewPerson { email: offer.map(|offer| offer.email), ..NewPerson::default() };
    Ok(page(&visit, StatusCode::OK, Forms::AtClient, &form(&visit, return_to, &typed, Faults::default())))
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let field = |name| params.once_even_empty(name).ok().flatten().unwrap_or_default().to_owned();
    let return_to = visit.return_to(&params);
    let typed = NewPerson {
        login: field("username"),
        name: field("name"),
        email: Some(field("email")),
        ..NewPerson::default()
    };
    let new = NewPerson { password: Some(field("password")), ..typed.clone() };
    let invitation = return_to.and_then(invitation::token_of);
    match register::register(&visit.app, &visit.caller, new, invitation).await {
        Ok(user) => {
            let session = sign_in::open(&visit.app, &visit.caller, visit.who.as_ref(), &user, "pwd").await;
            let session = session.map_err(|refusal| visit.refuse(ENDPOINT, OAuthError::from(refusal)))?;
            Ok(opened(&visit, session.cookie.expose(), return_to))
        }
        Err(PersonRefusal::RegistrationClosed) => Ok(closed(&visit)),
        Err(PersonRefusal::Unavailable(error)) => Err(visit.refuse(ENDPOINT, error)),
        Err(refusal) => {
            let (status, wait) = faults::status(&refusal);
            let shown = form(&visit, return_to, &typed, Faults::of(&refusal));
            let mut answer = page(&visit, status, Forms::AtClient, &shown);
            if let Some(seconds) = wait {
                answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            Ok(answer)
        }
    }
}

fn form(visit: &Visit, return_to: Option<&str>, typed: &NewPerson, faults: Faults) -> RegisterPage {
    RegisterPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        carried: return_to.map(|path| Hidden::new("return_to", path)).into_iter().collect(),
        sign_in_href: with_return_to(&visit.own("/login"), return_to),
        error: faults.form,
        login: input(&typed.login, faults.login),
        name: input(&typed.name, faults.name),
        email: input(typed.email.as_deref().unwrap_or_default(), faults.email),
        password: input("", faults.password),
        password_rules: faults::password_rules(),
    }
}

fn closed(visit: &Visit) -> HttpResponse {
    let notice = NoticePage {
        frame: visit.frame(),
        kind: NoticeKind::Refused,
        title: "Registration is closed".to_owned(),
        text: "Accounts on this server are made by its operator. Ask them for one.".to_owned(),
        next: Some(Link { label: "Sign in".to_owned(), href: visit.own("/login") }),
    };
    page(visit, StatusCode::FORBIDDEN, Forms::Here, &notice)
}
