//! `/orgs/{org}/leave`: ending one's own membership.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::confirm::{Question, ask};
use super::enter::{Inside, enter};
use super::refused;
use crate::flows::organizations::OrganizationRefusal as Refusal;
use crate::flows::organizations::members::remove;
use crate::http::answer::page::redirect;
use crate::http::visit::Visit;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter(&visit, None).await?;
    Ok(question(&visit, &inside, None))
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let inside = enter(&visit, None).await?;
    match remove::remove(&visit.app, inside.by(&visit), inside.membership.organization(), &inside.who.user).await {
        Ok(()) => Ok(redirect(&visit, &visit.own("/orgs?done=left"))),
        Err(refusal @ Refusal::LastOwner(_)) => Ok(question(&visit, &inside, Some(&refusal))),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

fn question(visit: &Visit, inside: &Inside<'_>, refusal: Option<&Refusal>) -> HttpResponse {
    let question = Question {
        title: format!("Leave {}?", inside.membership.organization().name),
        consequences: vec![
            "You lose access at once, leave every team, and applications lose what they may do here in your name."
                .to_owned(),
            "API keys that follow you are switched off, and stay off if you come back.".to_owned(),
            "To come back, you need a new invitation.".to_owned(),
        ],
        action: inside.own(visit, "/leave"),
        carried: Vec::new(),
        typed: None,
        submit: "Leave",
        cancel: inside.own(visit, ""),
        error: refusal.map(ToString::to_string),
    };
    ask(visit, refusal.map_or(StatusCode::OK, refused::status), question)
}
