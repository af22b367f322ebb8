//! `/admin/organizations`: every organization, and the end of one.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::ENDPOINT;
use super::enter::{administrator, answer, frame, fresh, nothing, own};
use super::lists::{Asked, PAGE, grouped};
use super::user::refused;
use crate::flows::administration::{OrganizationRow, find};
use crate::flows::api::Credential;
use crate::flows::api::credential::Acting;
use crate::flows::organizations::{By, OrganizationRefusal, delete, show};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::faults::input;
use crate::http::browser::orgs::confirm::{Question, ask as ask_page};
use crate::http::browser::orgs::enter::segment;
use crate::http::pages::Link;
use crate::http::pages::admin::{Action, Fact, ListPage, Pill, Row, Section, ThingPage};
use crate::http::pages::orgs::Typed;
use crate::http::visit::Visit;
use crate::http::words::moment;

/// GET: the list.
///
/// # Errors
/// A page.
pub async fn list(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let asked = Asked::of(&visit)?;
    let failed = |error| visit.refuse(ENDPOINT, error);
    let found = find::organizations(&visit.app, asked.wanted(), asked.after(), PAGE).await.map_err(failed)?;
    let totals = find::totals(&visit.app).await.map_err(failed)?;
    let row = |one: &OrganizationRow| Row {
        pills: pills(one),
        href: Some(own(&visit, &format!("/organizations/{}", one.slug))),
        ..Row::plain(one.name.clone(), one.slug.clone())
    };
    let shown = ListPage {
        frame: visit.frame(),
        admin: frame(&visit, "/organizations"),
        title: "Organizations",
        lead: format!("{} in all.", grouped(totals.organizations)),
        action: own(&visit, "/organizations"),
        search_label: "Part of the name or the address",
        search: asked.search().to_owned(),
        statuses: asked.statuses(&[("active", "Active"), ("pending_deletion", "About to be deleted")]),
        filtered: asked.is_filtered(),
        rows: found.rows.iter().map(row).collect(),
        empty: "No organization is like that. People make them at /orgs, operators with `grantor org create`.",
        next_href: found.next.map(|place| asked.next(&visit, "/organizations", &place)),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn pills(organization: &OrganizationRow) -> Vec<Pill> {
    if organization.status == "active" { Vec::new() } else { vec![Pill::new("About to be deleted", "bad")] }
}

async fn named(visit: &Visit) -> Result<OrganizationRow, Error> {
    let found = find::organization(&visit.app, segment(visit, "org")).await;
    found.map_err(|error| visit.refuse(ENDPOINT, error))?.ok_or_else(|| nothing(visit))
}

/// GET: one of them.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let organization = named(&visit).await?;
    let view = show::view(&visit.app, organization.clone()).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let now = visit.app.clock.now();
    let mut facts = vec![
        Fact::new("Address", organization.slug.clone()),
        Fact::code("id", organization.public_id.clone()),
        Fact::new("Members", grouped(view.members)),
        Fact::new("Single sign-on", view.provider.unwrap_or_else(|| "not asked for".to_owned())),
        Fact::new("Role of newcomers", view.default_role),
        Fact::new("Made", moment::at(organization.created_at, now)),
    ];
    if let Some(at) = organization.delete_at {
        facts.push(Fact::new("Deleted", moment::at(at, now)));
    }
    let (path, title, label, danger) = deed(&organization);
    let shown = ThingPage {
        frame: visit.frame(),
        admin: frame(&visit, "/organizations"),
        back: Some(Link { label: "Organizations".to_owned(), href: own(&visit, "/organizations") }),
        title: organization.name.clone(),
        lead: String::new(),
        pills: pills(&organization),
        sections: vec![Section::facts("about", "About", facts)],
        actions: vec![Action {
            id: format!("organization-{path}"),
            title,
            text: consequence(&visit, path, view.members),
            label,
            href: own(&visit, &format!("/organizations/{}/{path}", organization.slug)),
            danger,
        }],
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn deed(organization: &OrganizationRow) -> (&'static str, &'static str, &'static str, bool) {
    match organization.status.as_str() {
        "active" => ("delete", "Delete the organization", "Delete", true),
        _ => ("restore", "Take the deletion back", "Restore", false),
    }
}

fn consequence(visit: &Visit, path: &str, members: i64) -> String {
    if path == "restore" {
        return "Everything is as it was.".to_owned();
    }
    format!(
        "It closes at once for its {} members and for every application; in {} it is gone for good. Until then it can be \
         restored.",
        grouped(members),
        moment::span(visit.app.config.organizations.deletion_delay)
    )
}

/// GET `/{action}`: a second look.
///
/// # Errors
/// A page.
pub async fn ask(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let organization = named(&visit).await?;
    let (path, ..) = deed(&organization);
    if segment(&visit, "action") != path {
        return Err(nothing(&visit));
    }
    fresh(&visit)?;
    question(&visit, &organization, StatusCode::OK, None).await
}

async fn question(
    visit: &Visit,
    organization: &OrganizationRow,
    status: StatusCode,
    fault: Option<String>,
) -> Result<HttpResponse, Error> {
    let (path, title, submit, danger) = deed(organization);
    let view = show::view(&visit.app, organization.clone()).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let here = format!("/organizations/{}", organization.slug);
    let typed = Typed { expected: organization.slug.clone(), input: input("", fault) };
    let question = Question {
        title: format!("{title}: {}?", organization.name),
        consequences: vec![consequence(visit, path, view.members)],
        action: own(visit, &format!("{here}/{path}")),
        carried: Vec::new(),
        typed: danger.then_some(typed),
        submit,
        cancel: own(visit, &here),
        error: None,
    };
    Ok(ask_page(visit, status, question))
}

/// POST `/{action}`.
///
/// # Errors
/// A page.
pub async fn act(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let organization = named(&visit).await?;
    let params = visit.form(payload).await?;
    let who = fresh(&visit)?;
    let credential = Credential::Session(Box::new(who.clone()));
    let caller = visit.caller.as_administrator(&who.user);
    let acting = Acting { credential: &credential, caller: &caller, scopes: None, administrator: true };
    let (by, here) = (By::Api(&acting), own(&visit, &format!("/organizations/{}", organization.slug)));
    let confirmed = params.once("confirmed").ok().flatten().unwrap_or_default();
    let done = match segment(&visit, "action") {
        "delete" => delete::request(&visit.app, by, &organization, confirmed, None).await.map(|_| "waits"),
        "restore" => delete::restore(&visit.app, by, &organization, None).await.map(|()| "done"),
        _ => return Err(nothing(&visit)),
    };
    match done {
        Ok(done) => Ok(redirect(&visit, &format!("{here}?done={done}"))),
        Err(OrganizationRefusal::Unavailable(error)) => Err(visit.refuse(ENDPOINT, error)),
        Err(refusal @ OrganizationRefusal::NotConfirmed) => {
            question(&visit, &organization, StatusCode::BAD_REQUEST, Some(refusal.to_string())).await
        }
        Err(refusal) => Err(answer(refused(&visit, &refusal.to_string(), here))),
    }
}
