//! `/orgs/{org}/members/{member}`: one member, their role, their removal.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::confirm::{Question, ask};
use super::enter::{self, Inside, enter, instead};
use super::frame::{Page, frame};
use super::{ENDPOINT, refused, words};
use crate::flows::organizations::OrganizationRefusal as Refusal;
use crate::flows::organizations::members::list::MemberLine;
use crate::flows::organizations::members::{self, remove, role};
use crate::flows::organizations::teams::access::{self, Eyes};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::orgs::MemberPage;
use crate::http::visit::Visit;
use crate::http::words::moment;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter(&visit, Page::Members.needs()).await?;
    let params = visit.query()?;
    let done = params.once("done").ok().flatten().filter(|what| *what == "role").map(|_| "The role is changed.");
    let line = of_the_path(&visit, &inside).await?;
    Ok(show(&visit, &inside, line, done, None))
}

/// POST `/role`.
///
/// # Errors
/// A page.
pub async fn set_role(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter(&visit, Page::Members.needs()).await?;
    let (organization, sub) = (inside.membership.organization(), sub(&visit));
    let wanted = params.once("role").ok().flatten().unwrap_or_default();
    let found = members::by_sub(&visit.app, organization, sub).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let Some((line, user)) = found else { return Ok(enter::not_found(&visit)) };
    let line = as_seen(&visit, &inside, line).await?;
    match role::set_role(&visit.app, inside.by(&visit), organization, &user, wanted).await {
        Ok(_) => Ok(redirect(&visit, &inside.own(&visit, &format!("/members/{sub}?done=role")))),
        Err(refusal @ (Refusal::LastOwner(_) | Refusal::RoleUnknown(_))) => {
            Ok(show(&visit, &inside, line, None, Some(&refusal)))
        }
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// GET `/remove`.
///
/// # Errors
/// A page.
pub async fn ask_remove(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter(&visit, Some("member:write")).await?;
    let line = of_the_path(&visit, &inside).await?;
    Ok(question(&visit, &inside, &line, None))
}

/// POST `/remove`.
///
/// # Errors
/// A page.
pub async fn remove(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let inside = enter(&visit, Some("member:write")).await?;
    let organization = inside.membership.organization();
    let found = members::by_sub(&visit.app, organization, sub(&visit)).await;
    let found = found.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let Some((line, user)) = found else { return Ok(enter::not_found(&visit)) };
    match remove::remove(&visit.app, inside.by(&visit), organization, &user).await {
        Ok(()) if user.id == inside.who.user.id => Ok(redirect(&visit, &visit.own("/orgs?done=left"))),
        Ok(()) => Ok(redirect(&visit, &inside.own(&visit, "/members?done=removed"))),
        Err(refusal @ Refusal::LastOwner(_)) => Ok(question(&visit, &inside, &line, Some(&refusal))),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

fn sub(visit: &Visit) -> &str {
    enter::segment(visit, "member")
}

async fn of_the_path(visit: &Visit, inside: &Inside<'_>) -> Result<MemberLine, Error> {
    let found = members::by_sub(&visit.app, inside.membership.organization(), sub(visit)).await;
    let found = found.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let line = found.map(|(line, _)| line).ok_or_else(|| instead(enter::not_found(visit)))?;
    as_seen(visit, inside, line).await
}

/// Without closed teams that whoever looks does not see into.
async fn as_seen(visit: &Visit, inside: &Inside<'_>, mut line: MemberLine) -> Result<MemberLine, Error> {
    let (organization, eyes) = (inside.membership.organization(), Eyes::Member(inside.membership.member()));
    let left = access::leave_visible(&visit.app, organization, eyes, std::slice::from_mut(&mut line)).await;
    left.map_err(|error| visit.refuse(ENDPOINT, error))?;
    Ok(line)
}

fn question(visit: &Visit, inside: &Inside<'_>, line: &MemberLine, refusal: Option<&Refusal>) -> HttpResponse {
    let organization = &inside.membership.organization().name;
    let question = Question {
        title: format!("Remove {} from {organization}?", line.name),
        consequences: vec![
            format!(
                "{} ({}) loses access at once, leaves every team, and applications lose what they may do here in this \
                 person's name.",
                line.name, line.login
            ),
            "API keys that follow them are switched off, and stay off if they come back.".to_owned(),
            "Their account stays. Single sign-on does not bring them back; a new invitation does.".to_owned(),
        ],
        action: inside.own(visit, &format!("/members/{}/remove", line.sub)),
        carried: Vec::new(),
        typed: None,
        submit: "Remove",
        cancel: inside.own(visit, &format!("/members/{}", line.sub)),
        error: refusal.map(ToString::to_string),
    };
    ask(visit, refusal.map_or(StatusCode::OK, refused::status), question)
}

fn show(
    visit: &Visit,
    inside: &Inside<'_>,
    line: MemberLine,
    done: Option<&str>,
    refusal: Option<&Refusal>,
) -> HttpResponse {
    let mine = &inside.membership.member().role;
    let manages = inside.allows(&visit.app, "member:write") && visit.app.roles.reaches(mine, &line.role);
    let me = line.sub == inside.who.user.sub;
    let own = |path: &str| inside.own(visit, &format!("/members/{}{path}", line.sub));
    let remove_href = match (me, manages) {
        (true, _) => Some(inside.own(visit, "/leave")),
        (false, true) => Some(own("/remove")),
        (false, false) => None,
    };
    let shown = MemberPage {
        frame: visit.frame(),
        org: frame(visit, inside, Page::Members, done),
        role_action: own("/role"),
        roles: if manages { words::roles(&visit.app, mine, &line.role, true) } else { Vec::new() },
        error: refusal.map(ToString::to_string),
        remove_href,
        me,
        joined: moment::at(line.joined_at, visit.app.clock.now()),
        teams: line.teams.join(", "),
        sign_in: words::standing(line.standing).map(str::to_owned),
        name: line.name,
        login: line.login,
        email: line.email,
        role: line.role,
        members_href: inside.own(visit, "/members"),
    };
    page(visit, refusal.map_or(StatusCode::OK, refused::status), Forms::Here, &shown)
}
