//! `/orgs/{org}/applications`: what members let applications have here, the owners' word, and the end of it for all.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::confirm::{Question, ask};
use super::enter::{Inside, enter, enter_fresh};
use super::frame::{Page, frame};
use super::{ENDPOINT, refused, words};
use crate::flows::organizations::applications::list::{self as lines, ApplicationLine};
use crate::flows::organizations::applications::{ALLOWED, ASKED, REFUSED, Word, ask as asking, decide, revoke};
use crate::flows::organizations::settings::{self, APPROVAL, Changes, OPEN};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::account::{cursor, position, search, with};
use crate::http::pages::orgs::{ApplicationItem, ApplicationsPage, Choice, Pill};
use crate::http::pages::{Hidden, Link, NoticeKind, NoticePage};
use crate::http::visit::Visit;
use crate::http::words::moment;
use crate::protocol::NumericDate;

/// Applications on one page.
const PAGE: usize = 25;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter(&visit, Page::Applications.needs()).await?;
    let params = visit.query()?;
    let done = match params.once("done").ok().flatten() {
        Some("allowed") => Some("Members may use the application."),
        Some("refused") => {
            Some("Members may not use the application. What they allowed before stays until you revoke it.")
        }
        Some("revoked") => Some("Revoked for all members."),
        Some("saved") => Some("Saved."),
        _ => None,
    };
    let organization = inside.membership.organization();
    let (search, after) = (search(&params), position(&params));
    let after = after.split_once('\n').unwrap_or_default();
    let found = lines::page(&visit.app, organization, search, after, PAGE).await;
    let found = found.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let next = found.lines.last().filter(|_| found.more).map(|line| format!("{}\n{}", line.name, line.client_id));
    let here = format!("/orgs/{}/applications", organization.slug);
    let (approval, now) = (organization.application_policy == APPROVAL, visit.app.clock.now());
    let owner = inside.allows(&visit.app, "org:admin");
    let policy = |value: &str, label: &str, text: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        text: text.to_owned(),
        chosen: organization.application_policy == value,
    };
    let shown = ApplicationsPage {
        frame: visit.frame(),
        org: frame(&visit, &inside, Page::Applications, done),
        approval,
        searchable: found.more || !search.is_empty() || !after.0.is_empty(),
        search: search.to_owned(),
        search_action: visit.own(&here),
        next_href: next.map(|next| with(&visit, &here, &[("q", search), ("after", &cursor(&next))])),
        applications: found.lines.iter().map(|line| item(&visit, &inside, line, approval, owner, now)).collect(),
        decide_action: owner.then(|| inside.own(&visit, "/applications/decide")),
        policy_action: owner.then(|| inside.own(&visit, "/applications/policy")),
        policies: vec![
            policy(OPEN, "Any application", "Members decide for themselves, within their own role."),
            policy(APPROVAL, "Allowed applications only", "Members ask, owners decide."),
        ],
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn item(
    visit: &Visit,
    inside: &Inside<'_>,
    line: &ApplicationLine,
    approval: bool,
    owner: bool,
    now: NumericDate,
) -> ApplicationItem {
    let status = line.status.as_deref();
    let mut text = vec![words::count(line.members, "member")];
    if !line.scopes.is_empty() {
        text.push(line.scopes.to_string());
    }
    if let Some(at) = line.last_used_at {
        text.push(format!("used {}", moment::at(at, now)));
    }
    if let (Some(who), Some(ASKED)) = (&line.asked_by, status) {
        text.push(format!("{who} asks"));
    }
    let pill = |text, class| Some(Pill { text, class });
    ApplicationItem {
        name: line.name.clone(),
        client_id: line.client_id.clone(),
        text: text.join(" · "),
        word: match status {
            Some(ALLOWED) => pill("Allowed", "good"),
            Some(REFUSED) => pill("Refused", "bad"),
            Some(_) => pill("Waits for a decision", "warn"),
            None if approval => pill("Not allowed", "warn"),
            None => None,
        },
        may_allow: status != Some(ALLOWED),
        may_refuse: status != Some(REFUSED),
        revoke_href: (owner && line.members > 0)
            .then(|| inside.own(visit, &format!("/applications/revoke?client_id={}", encoded(&line.client_id)))),
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// POST `/decide`.
///
/// # Errors
/// A page.
pub async fn decide(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter_fresh(&visit, Some("org:admin")).await?;
    let field = |name| params.once(name).ok().flatten().unwrap_or_default();
    let organization = inside.membership.organization();
    let status = field("status");
    match decide::decide(&visit.app, inside.by(&visit), organization, field("client_id"), status).await {
        Ok(_) => Ok(redirect(&visit, &inside.own(&visit, &format!("/applications?done={status}")))),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// POST `/policy`.
///
/// # Errors
/// A page.
pub async fn policy(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter_fresh(&visit, Some("org:admin")).await?;
    let policy = params.once("policy").ok().flatten().unwrap_or_default().to_owned();
    let changes = Changes { application_policy: Some(policy), ..Changes::default() };
    match settings::edit(&visit.app, inside.by(&visit), inside.membership.organization(), changes).await {
        Ok(_) => Ok(redirect(&visit, &inside.own(&visit, "/applications?done=saved"))),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// GET `/revoke`.
///
/// # Errors
/// A page.
pub async fn ask_revoke(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter_fresh(&visit, Some("org:admin")).await?;
    let params = visit.query()?;
    let client_id = params.once("client_id").ok().flatten().unwrap_or_default();
    // Come back from a proof that a form asked for: which one it was about is chosen again.
    if client_id.is_empty() {
        return Ok(redirect(&visit, &inside.own(&visit, "/applications")));
    }
    let line = match lines::show(&visit.app, inside.membership.organization(), client_id).await {
        Ok(line) => line,
        Err(refusal) => return refused::answer(&visit, &refusal),
    };
    let question = Question {
        title: format!("Revoke {} for all members?", line.name),
        consequences: vec![
            format!(
                "{} gave it access to this organization. All of its tokens for it end at once, refresh tokens \
                 included.",
                words::count(line.members, "member")
            ),
            "Members may give it access again, unless you refuse it.".to_owned(),
        ],
        action: inside.own(&visit, "/applications/revoke"),
        carried: vec![Hidden::new("client_id", line.client_id)],
        typed: None,
        submit: "Revoke for all",
        cancel: inside.own(&visit, "/applications"),
        error: None,
    };
    Ok(ask(&visit, StatusCode::OK, question))
}

/// POST `/revoke`.
///
/// # Errors
/// A page.
pub async fn revoke(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter_fresh(&visit, Some("org:admin")).await?;
    let client_id = params.once("client_id").ok().flatten().unwrap_or_default();
    match revoke::revoke(&visit.app, inside.by(&visit), inside.membership.organization(), client_id).await {
        Ok(_) => Ok(redirect(&visit, &inside.own(&visit, "/applications?done=revoked"))),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// POST `/ask`: a member asks the owners.
///
/// # Errors
/// A page.
pub async fn ask_owners(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter(&visit, None).await?;
    let client_id = params.once("client_id").ok().flatten().unwrap_or_default();
    let organization = inside.membership.organization();
    let (kind, title, text) = match asking::ask(&visit.app, inside.by(&visit), organization, client_id).await {
        Ok(Word::Allowed) => {
            (NoticeKind::Done, "It is allowed", "Owners have allowed the application: start again from there.")
        }
        Ok(Word::Asked | Word::Unasked) => {
            (NoticeKind::Done, "The owners are asked", "Start again from the application once they have allowed it.")
        }
        Ok(Word::Refused) => (
            NoticeKind::Refused,
            "It is refused",
            "Owners have refused the application. Speak with them if you need it.",
        ),
        Err(refusal) => return refused::answer(&visit, &refusal),
    };
    let back = Link { label: "Go to the organization".to_owned(), href: inside.own(&visit, "") };
    let notice =
        NoticePage { frame: visit.frame(), kind, title: title.to_owned(), text: text.to_owned(), next: Some(back) };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &notice))
}
