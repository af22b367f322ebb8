//! `/orgs/{org}/settings/delete`: asking for the end of an organization, with a fresh proof and its address typed.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::confirm::{Question, ask};
use super::enter::{Inside, enter_fresh};
use super::refused;
use crate::flows::organizations::OrganizationRefusal as Refusal;
use crate::flows::organizations::delete;
use crate::http::answer::page::redirect;
use crate::http::browser::faults::input;
use crate::http::pages::orgs::Typed;
use crate::http::visit::Visit;
use crate::http::words::moment;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter_fresh(&visit, Some("org:admin")).await?;
    Ok(question(&visit, &inside, "", None))
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter_fresh(&visit, Some("org:admin")).await?;
    let confirmed = params.once("confirmed").ok().flatten().unwrap_or_default();
    let asked = delete::request(&visit.app, inside.by(&visit), inside.membership.organization(), confirmed, None).await;
    match asked {
        Ok(_) => Ok(redirect(&visit, &visit.own("/orgs?done=deleted"))),
        Err(refusal @ Refusal::NotConfirmed) => Ok(question(&visit, &inside, confirmed, Some(&refusal))),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

fn question(visit: &Visit, inside: &Inside<'_>, confirmed: &str, refusal: Option<&Refusal>) -> HttpResponse {
    let organization = inside.membership.organization();
    let delay = visit.app.config.organizations.deletion_delay;
    let question = Question {
        title: format!("Delete {}?", organization.name),
        consequences: vec![
            "Its pages close at once, for everybody, and applications lose all access to it.".to_owned(),
            format!(
                "In {} it is gone for good, with members, teams, invitations and sign-in settings. Until then, an owner \
                 can take this back.",
                moment::span(delay)
            ),
        ],
        action: inside.own(visit, "/settings/delete"),
        carried: Vec::new(),
        typed: Some(Typed {
            expected: organization.slug.clone(),
            input: input(confirmed, refusal.map(ToString::to_string)),
        }),
        submit: "Delete",
        cancel: inside.own(visit, "/settings"),
        error: None,
    };
    ask(visit, refusal.map_or(StatusCode::OK, refused::status), question)
}
