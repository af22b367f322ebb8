//! `/orgs/{org}/settings/delete`: asking for the end of an organization, with a fresh proof and its address typed.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::confirm::{Question, ask};
use super::enter::{Inside, enter_fresh};
use super::{refused, words};
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
    question(&visit, &inside, "", None).await
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
        Err(refusal @ Refusal::NotConfirmed) => question(&visit, &inside, confirmed, Some(&refusal)).await,
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

async fn question(
    visit: &Visit,
    inside: &Inside<'_>,
    confirmed: &str,
    refusal: Option<&Refusal>,
) -> Result<HttpResponse, Error> {
    let organization = inside.membership.organization();
    let ends = delete::what_ends(&visit.app, organization).await;
    let ends = ends.map_err(|error| visit.refuse(super::ENDPOINT, error))?;
    let count = |number: i64, what: &str| words::count(usize::try_from(number).unwrap_or_default(), what);
    let delay = visit.app.config.organizations.deletion_delay;
    let question = Question {
        title: format!("Delete {}?", organization.name),
        consequences: vec![
            format!(
                "Its pages close at once for {}. It loses {} at once, and applications the access that members gave them {}.",
                count(ends.members, "member"),
                count(ends.keys, "API key"),
                count(ends.authorizations, "time"),
            ),
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
    Ok(ask(visit, refusal.map_or(StatusCode::OK, refused::status), question))
}
