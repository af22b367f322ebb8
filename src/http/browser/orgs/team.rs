//! `/orgs/{org}/teams/{team}`: one team, who is in it, and what it is called.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::confirm::{Question, ask};
use super::enter::{self, Inside, enter, instead};
use super::frame::{Page, frame};
use super::teams::of_the_form;
use super::{ENDPOINT, refused};
use crate::flows::organizations::teams::access::{self, Eyes};
use crate::flows::organizations::teams::edit;
use crate::flows::organizations::teams::list::{self, TeamLine, TeamMember};
use crate::flows::organizations::teams::places::{self, Place};
use crate::flows::organizations::{OrganizationRefusal as Refusal, members};
use crate::flows::people::{PersonRefusal, find};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::faults::input;
use crate::http::pages::orgs::{TeamMemberItem, TeamPage};
use crate::http::visit::Visit;

/// What was typed, and why it was refused.
#[derive(Default)]
struct Typed<'a> {
    login: &'a str,
    login_fault: Option<String>,
    renamed: Option<(&'a str, &'a str)>,
    rename_fault: Option<&'a Refusal>,
}

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter(&visit, Page::Teams.needs()).await?;
    let params = visit.query()?;
    let done = params.once("done").ok().flatten().and_then(done);
    show(&visit, &inside, Typed::default(), StatusCode::OK, done).await
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "made" => Some("The team is made."),
        "joined" => Some("You are in this team now."),
        "left" => Some("You left this team."),
        "added" => Some("The member is in this team now."),
        "removed" => Some("The member is out of this team."),
        "renamed" => Some("Saved."),
        _ => None,
    }
}

/// POST `/join`.
///
/// # Errors
/// A page.
pub async fn join(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    move_self(visit, payload, Place::Taken, "joined").await
}

/// POST `/leave`.
///
/// # Errors
/// A page.
pub async fn leave(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    move_self(visit, payload, Place::GivenUp, "left").await
}

async fn move_self(visit: Visit, payload: web::Payload, place: Place, done: &str) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let inside = enter(&visit, Page::Teams.needs()).await?;
    let (organization, user) = (inside.membership.organization(), &inside.who.user);
    match places::set(&visit.app, inside.by(&visit), organization, slug(&visit), user, place).await {
        Ok(_) => Ok(back(&visit, &inside, slug(&visit), done)),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// POST `/add`: by user name.
///
/// # Errors
/// A page.
pub async fn add(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter(&visit, Some("team:write")).await?;
    let login = params.once("login").ok().flatten().unwrap_or_default();
    let placed = match find::by_login(&visit.app, login).await {
        Ok(user) => {
            let organization = inside.membership.organization();
            places::set(&visit.app, inside.by(&visit), organization, slug(&visit), &user, Place::Taken).await
        }
        Err(PersonRefusal::Unavailable(error)) => return Err(visit.refuse(ENDPOINT, error)),
        // Whether there is such an account elsewhere is nobody's business here.
        Err(_) => Err(Refusal::MemberUnknown),
    };
    match placed {
        Ok(_) => Ok(back(&visit, &inside, slug(&visit), "added")),
        Err(refusal @ Refusal::MemberUnknown) => {
            let typed = Typed { login, login_fault: Some(refusal.to_string()), ..Typed::default() };
            show(&visit, &inside, typed, StatusCode::BAD_REQUEST, None).await
        }
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// POST `/remove`.
///
/// # Errors
/// A page.
pub async fn remove(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter(&visit, Some("team:write")).await?;
    let organization = inside.membership.organization();
    let sub = params.once("member").ok().flatten().unwrap_or_default();
    let found = members::by_sub(&visit.app, organization, sub).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let Some((_, user)) = found else { return Ok(enter::not_found(&visit)) };
    match places::set(&visit.app, inside.by(&visit), organization, slug(&visit), &user, Place::GivenUp).await {
        Ok(_) => Ok(back(&visit, &inside, slug(&visit), "removed")),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// POST `/rename`.
///
/// # Errors
/// A page.
pub async fn rename(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter(&visit, Some("team:write")).await?;
    let field = |name| params.once(name).ok().flatten().unwrap_or_default();
    let (name, new_slug) = (field("name"), field("slug"));
    let organization = inside.membership.organization();
    match edit::rename(&visit.app, inside.by(&visit), organization, slug(&visit), name, new_slug).await {
        Ok(slug) => Ok(back(&visit, &inside, &slug, "renamed")),
        Err(refusal) if of_the_form(&refusal) => {
            let typed = Typed { renamed: Some((name, new_slug)), rename_fault: Some(&refusal), ..Typed::default() };
            show(&visit, &inside, typed, refused::status(&refusal), None).await
        }
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// GET `/delete`.
///
/// # Errors
/// A page.
pub async fn ask_delete(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter(&visit, Some("team:write")).await?;
    let (team, members) = of_the_path(&visit, &inside).await?;
    let question = Question {
        title: format!("Delete the team {}?", team.name),
        consequences: vec![match members.len() {
            0 => "Nobody is in it.".to_owned(),
            1 => "The one member in it stays a member of the organization.".to_owned(),
            number => format!("The {number} members in it stay members of the organization."),
        }],
        action: inside.own(&visit, &format!("/teams/{}/delete", team.slug)),
        carried: Vec::new(),
        typed: None,
        submit: "Delete",
        cancel: inside.own(&visit, &format!("/teams/{}", team.slug)),
        error: None,
    };
    Ok(ask(&visit, StatusCode::OK, question))
}

/// POST `/delete`.
///
/// # Errors
/// A page.
pub async fn delete(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let inside = enter(&visit, Some("team:write")).await?;
    match edit::delete(&visit.app, inside.by(&visit), inside.membership.organization(), slug(&visit)).await {
        Ok(()) => Ok(redirect(&visit, &inside.own(&visit, "/teams?done=deleted"))),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

fn slug(visit: &Visit) -> &str {
    enter::segment(visit, "team")
}

fn back(visit: &Visit, inside: &Inside<'_>, slug: &str, done: &str) -> HttpResponse {
    redirect(visit, &inside.own(visit, &format!("/teams/{slug}?done={done}")))
}

async fn of_the_path(visit: &Visit, inside: &Inside<'_>) -> Result<(TeamLine, Vec<TeamMember>), Error> {
    let (organization, member) = (inside.membership.organization(), inside.membership.member());
    let found = list::show(&visit.app, organization, slug(visit), member.id).await;
    let found = found.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let (team, members) = found.ok_or_else(|| instead(enter::not_found(visit)))?;
    match access::see_into(&visit.app, organization, Eyes::Member(member), team.mine) {
        Ok(()) => Ok((team, members)),
        Err(refusal) => Err(instead(refused::answer(visit, &refusal)?)),
    }
}

async fn show(
    visit: &Visit,
    inside: &Inside<'_>,
    typed: Typed<'_>,
    status: StatusCode,
    done: Option<&str>,
) -> Result<HttpResponse, Error> {
    let (team, members) = of_the_path(visit, inside).await?;
    let may_write = inside.allows(&visit.app, "team:write");
    let text = typed.rename_fault.map(ToString::to_string);
    let of_the_name = matches!(typed.rename_fault, Some(Refusal::TeamNameMalformed));
    let (name_fault, slug_fault) = if of_the_name { (text, None) } else { (None, text) };
    let (new_name, new_slug) = typed.renamed.unwrap_or((&team.name, &team.slug));
    let shown = TeamPage {
        frame: visit.frame(),
        org: frame(visit, inside, Page::Teams, done),
        href: inside.own(visit, &format!("/teams/{}", team.slug)),
        teams_href: inside.own(visit, "/teams"),
        members: members
            .into_iter()
            .map(|member| TeamMemberItem {
                href: inside.own(visit, &format!("/members/{}", member.sub)),
                sub: member.sub,
                name: member.name,
                login: member.login,
                role: member.role,
            })
            .collect(),
        mine: team.mine,
        may_move: may_write || inside.membership.organization().open_membership,
        may_write,
        login: input(typed.login, typed.login_fault),
        new_name: input(new_name, name_fault),
        new_slug: input(new_slug, slug_fault),
        name: team.name.clone(),
    };
    Ok(page(visit, status, Forms::Here, &shown))
}
