//! `/account`: who you are here.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::{done, failed};
use crate::flows::audit::Actor;
use crate::flows::people::{PersonRefusal, profile};
use crate::flows::session::SignedIn;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::faults::input;
use crate::http::browser::signed_in::require;
use crate::http::pages::Input;
use crate::http::pages::account::ProfilePage;
use crate::http::visit::Visit;
use crate::http::words::moment;

/// Below the issuer.
pub const PATH: &str = "/account";

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let params = visit.query()?;
    let done = done(&params, &[("saved", "Saved.")]);
    let name = if who.user.name == who.user.login { "" } else { who.user.name.as_str() };
    let shown = ProfilePage { done, ..shown(&visit, who, input(name, None)) };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// POST: another name.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require(&visit)?;
    let typed = params.once_even_empty("name").ok().flatten().unwrap_or_default();
    match profile::rename(&visit.app, &visit.caller, Actor::User(&who.user), &who.user, typed).await {
        Ok(_) => Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=saved")))),
        Err(PersonRefusal::Unavailable(error)) => Err(failed(&visit, error)),
        Err(refusal) => {
            let name = input(typed, Some(refusal.to_string()));
            Ok(page(&visit, StatusCode::BAD_REQUEST, Forms::Here, &shown(&visit, who, name)))
        }
    }
}

fn shown(visit: &Visit, who: &SignedIn, name: Input) -> ProfilePage {
    let user = &who.user;
    ProfilePage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        login: user.login.clone(),
        managed: user.managed_by.map(|_| PersonRefusal::Managed.to_string()),
        name,
        email: user.email.clone(),
        verified: user.email_verified_at.is_some(),
        administrator: user.administrator,
        since: moment::at(user.created_at, visit.app.clock.now()),
        sub: user.sub.clone(),
        done: None,
    }
}
