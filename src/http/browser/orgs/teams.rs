//! `/orgs/{org}/teams`: the teams there are, and a new one.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::enter::{Inside, enter};
use super::frame::{Page, frame};
use super::{ENDPOINT, refused, words};
use crate::flows::organizations::OrganizationRefusal as Refusal;
use crate::flows::organizations::teams::{edit, list};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::faults::input;
use crate::http::pages::orgs::{TeamItem, TeamsPage};
use crate::http::visit::Visit;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter(&visit, Page::Teams.needs()).await?;
    let params = visit.query()?;
    let done = params.once("done").ok().flatten().filter(|what| *what == "deleted").map(|_| "The team is deleted.");
    show(&visit, &inside, ("", ""), None, done).await
}

/// POST: a new team.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter(&visit, Some("team:write")).await?;
    let field = |name| params.once(name).ok().flatten().unwrap_or_default();
    let (name, slug) = (field("name"), field("slug"));
    match edit::create(&visit.app, inside.by(&visit), inside.membership.organization(), name, slug).await {
        Ok(slug) => Ok(redirect(&visit, &inside.own(&visit, &format!("/teams/{slug}?done=made")))),
        Err(refusal) if of_the_form(&refusal) => show(&visit, &inside, (name, slug), Some(&refusal), None).await,
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// A fault in what was typed.
pub(super) fn of_the_form(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::TeamNameMalformed | Refusal::SlugMalformed | Refusal::SlugReserved | Refusal::TeamTaken)
}

async fn show(
    visit: &Visit,
    inside: &Inside<'_>,
    typed: (&str, &str),
    refusal: Option<&Refusal>,
    done: Option<&str>,
) -> Result<HttpResponse, Error> {
    let (organization, member) = (inside.membership.organization(), inside.membership.member());
    let teams = list::list(&visit.app, organization, member.id).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let text = refusal.map(ToString::to_string);
    let (name, slug) = if matches!(refusal, Some(Refusal::TeamNameMalformed)) { (text, None) } else { (None, text) };
    let shown = TeamsPage {
        frame: visit.frame(),
        org: frame(visit, inside, Page::Teams, done),
        teams: teams
            .into_iter()
            .map(|team| TeamItem {
                href: inside.own(visit, &format!("/teams/{}", team.slug)),
                count: words::count(team.members, "member"),
                name: team.name,
                mine: team.mine,
            })
            .collect(),
        open: organization.open_membership,
        create_action: inside.allows(&visit.app, "team:write").then(|| inside.own(visit, "/teams")),
        name: input(typed.0, name),
        slug: input(typed.1, slug),
    };
    Ok(page(visit, refusal.map_or(StatusCode::OK, refused::status), Forms::Here, &shown))
}
