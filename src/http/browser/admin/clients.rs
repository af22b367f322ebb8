//! `/admin/clients`: every application, and what an administrator may do to one.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::ENDPOINT;
use super::enter::{administrator, answer, frame, fresh, nothing, own};
use super::lists::{Asked, PAGE, counted_so, grouped};
use super::user::refused;
use crate::flows::administration::{ClientRow, find};
use crate::flows::applications;
use crate::flows::audit::Actor;
use crate::flows::client_lookup;
use crate::flows::clients::{ClientFailure, delete, show, status};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::orgs::confirm::{Question, ask as ask_page};
use crate::http::browser::orgs::enter::segment;
use crate::http::pages::Link;
use crate::http::pages::admin::{Action, Fact, ListPage, Pill, Row, Section, ThingPage};
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
    let below = asked.after().parse().unwrap_or(i64::MAX);
    let found = find::clients(&visit.app, asked.wanted(), below, PAGE).await.map_err(failed)?;
    let totals = find::totals(&visit.app).await.map_err(failed)?;
    let statuses = [("active", "Active"), ("inactive", "Switched off"), ("pending_deletion", "About to be deleted")];
    let shown = ListPage {
        frame: visit.frame(),
        admin: frame(&visit, "/clients"),
        title: "Applications",
        lead: format!("{} in all, newest first.", grouped(totals.clients)),
        action: own(&visit, "/clients"),
        search_label: "Part of the name, or a client_id",
        search: asked.search().to_owned(),
        statuses: asked.statuses(&statuses),
        filtered: asked.is_filtered(),
        rows: found.rows.iter().map(|client| row(&visit, client)).collect(),
        empty: "No application is like that. Register one with `grantor client create`, a file, or the API.",
        next_href: found.next.map(|id| asked.next(&visit, "/clients", &id.to_string())),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn row(visit: &Visit, client: &ClientRow) -> Row {
    Row {
        title: client.name.clone(),
        text: format!("{} · {}", client.client_id, client.kind),
        pills: pills(client),
        href: Some(own(visit, &format!("/clients/{}", client.client_id))),
        link: None,
    }
}

fn pills(client: &ClientRow) -> Vec<Pill> {
    let all = [
        (client.verified, Pill::new("Verified", "good")),
        (client.status == "inactive", Pill::new("Switched off", "warn")),
        (client.status == "pending_deletion", Pill::new("About to be deleted", "bad")),
        (client.managed_by.is_some(), Pill::new("Declared by a file", "")),
    ];
    all.into_iter().filter(|(is, _)| *is).map(|(_, pill)| pill).collect()
}

async fn named(visit: &Visit) -> Result<Arc<ClientRow>, Error> {
    let found = client_lookup::find(&visit.app, segment(visit, "client")).await;
    found.map_err(|error| visit.refuse(ENDPOINT, error))?.ok_or_else(|| nothing(visit))
}

/// "12 users, 31 live tokens".
async fn breaks(visit: &Visit, client: &ClientRow) -> Result<String, Error> {
    let failed = |error| visit.refuse(ENDPOINT, error);
    let used = applications::usage(&visit.app, client.id).await.map_err(failed)?;
    Ok(format!("{}, {}", counted_so(used.users, "user"), counted_so(used.live_tokens, "live token")))
}

/// Path, heading, words on the link, and whether something breaks; by status.
fn deeds(client: &ClientRow) -> Vec<(&'static str, &'static str, &'static str, bool)> {
    let delete = ("delete", "Delete the application", "Delete", true);
    match client.status.as_str() {
        "active" => vec![("disable", "Switch the application off", "Switch off", true), delete],
        "inactive" => vec![("enable", "Switch the application on", "Switch on", false), delete],
        _ => vec![("restore", "Take the deletion back", "Restore", false)],
    }
}

fn consequence(visit: &Visit, path: &str, breaks: &str) -> String {
    match path {
        "disable" => format!("{breaks}: all of it is refused until the application is switched on again."),
        "enable" => "What it had works again, unless it ended meanwhile.".to_owned(),
        "restore" => "The application stays, and is off until it is switched on.".to_owned(),
        _ => {
            let delay = moment::span(visit.app.config.clients.deletion_delay);
            format!(
                "{breaks}: all of it is refused at once, and gone for good in {delay}. Until then it can be restored."
            )
        }
    }
}

/// GET: one of them.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let client = named(&visit).await?;
    let breaks = breaks(&visit, &client).await?;
    let here = format!("/clients/{}", client.client_id);
    let action = |(path, title, label, danger): (&'static str, &'static str, &'static str, bool)| Action {
        id: format!("client-{path}"),
        title,
        text: consequence(&visit, path, &breaks),
        label,
        href: own(&visit, &format!("{here}/{path}")),
        danger,
    };
    let shown = ThingPage {
        frame: visit.frame(),
        admin: frame(&visit, "/clients"),
        back: Some(Link { label: "Applications".to_owned(), href: own(&visit, "/clients") }),
        title: client.name.clone(),
        lead: format!("{breaks}."),
        pills: pills(&client),
        sections: sections(&visit, &client).await?,
        actions: deeds(&client).into_iter().map(action).collect(),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

async fn sections(visit: &Visit, client: &ClientRow) -> Result<Vec<Section>, Error> {
    let now = visit.app.clock.now();
    let view = match show::show(&visit.app, &client.client_id).await {
        Ok(view) => view,
        Err(ClientFailure::Store(error)) => return Err(visit.refuse(ENDPOINT, error)),
        Err(_) => return Err(nothing(visit)),
    };
    let list = |items: &[String]| if items.is_empty() { "none".to_owned() } else { items.join(" ") };
    let metadata = &view.metadata;
    let mut facts = vec![
        Fact::code("client_id", client.client_id.clone()),
        Fact::new("Kind", client.kind.clone()),
        Fact::new("Owner", metadata.owner.clone().unwrap_or_else(|| "nobody".to_owned())),
        Fact::code("Redirect URIs", list(&client.redirect_uris.0)),
        Fact::code("Grant types", list(&client.grant_types.0)),
        Fact::code("Scopes", list(client.scopes.as_slice())),
        Fact::code("Origins", list(&client.allowed_origins.0)),
        Fact::new("Registered", moment::at(client.created_at, now)),
        Fact::new("Changed", moment::at(client.updated_at, now)),
    ];
    if let Some(at) = client.delete_at {
        facts.push(Fact::new("Deleted", moment::at(at, now)));
    }
    if let Some(file) = &client.managed_by {
        facts.push(Fact::new("Declared by", file.clone()));
    }
    let secret = |one: &show::SecretView| {
        let used = one.last_used_at.map_or("never used".to_owned(), |at| format!("used {}", moment::ago(at, now)));
        let end = one.expires_at.map(|at| format!(" · ends {}", moment::at(at, now))).unwrap_or_default();
        let mut row = Row::plain(
            format!("..{}", one.last_four),
            format!("made {} · {used}{end}", moment::at(one.created_at, now)),
        );
        row.pills = if one.live { Vec::new() } else { vec![Pill::new("Over", "bad")] };
        row
    };
    let secrets = view.secrets.iter().map(secret).collect();
    Ok(vec![
        Section::facts("registration", "Registration", facts),
        Section::rows("secrets", "Secrets", secrets, "None: a public client keeps no secret."),
    ])
}

/// GET `/{action}`: a second look.
///
/// # Errors
/// A page.
pub async fn ask(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let client = named(&visit).await?;
    let wanted = segment(&visit, "action");
    let Some((path, title, submit, _)) = deeds(&client).into_iter().find(|(path, ..)| *path == wanted) else {
        return Err(nothing(&visit));
    };
    fresh(&visit)?;
    let here = format!("/clients/{}", client.client_id);
    let question = Question {
        title: format!("{title}: {}?", client.name),
        consequences: vec![consequence(&visit, path, &breaks(&visit, &client).await?)],
        action: own(&visit, &format!("{here}/{path}")),
        carried: Vec::new(),
        typed: None,
        submit,
        cancel: own(&visit, &here),
        error: None,
    };
    Ok(ask_page(&visit, StatusCode::OK, question))
}

/// POST `/{action}`.
///
/// # Errors
/// A page.
pub async fn act(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let client = named(&visit).await?;
    visit.form(payload).await?;
    let who = fresh(&visit)?;
    let by = visit.caller.as_administrator(&who.user);
    let (app, caller, actor, id) = (&visit.app, Some(&by), Actor::User(&who.user), &client.client_id);
    let here = own(&visit, &format!("/clients/{id}"));
    let done = match segment(&visit, "action") {
        "disable" => status::disable(app, caller, actor, id).await.map(|_| "done"),
        "enable" => status::enable(app, caller, actor, id).await.map(|_| "done"),
        "restore" => delete::abort(app, caller, actor, id).await.map(|()| "done"),
        "delete" => delete::request(app, caller, actor, id, None).await.map(|_| "waits"),
        _ => return Err(nothing(&visit)),
    };
    match done {
        Ok(done) => Ok(redirect(&visit, &format!("{here}?done={done}"))),
        Err(ClientFailure::Store(error)) => Err(visit.refuse(ENDPOINT, error)),
        Err(failure) => Err(answer(refused(&visit, &failure.to_string(), here))),
    }
}
