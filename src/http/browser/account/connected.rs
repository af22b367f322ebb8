//! `/account/applications`: what you let applications do, and the end of it.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::application_words::count;
use super::{cursor, done, failed, field, position, search, with};
use crate::flows::audit::Actor;
use crate::flows::people::authorizations::{self, Authorized};
use crate::flows::people::ending;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::orgs::confirm::{Question, ask};
use crate::http::browser::orgs::enter::not_found;
use crate::http::browser::signed_in::require;
use crate::http::pages::Hidden;
use crate::http::pages::account::{ConnectedItem, ConnectedPage};
use crate::http::visit::Visit;
use crate::http::words::moment;

/// Below the issuer.
pub const PATH: &str = "/account/applications";
/// Below the issuer.
pub const REVOKE_PATH: &str = "/account/applications/revoke";
/// Applications on one page.
const PAGE: usize = 25;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let params = visit.query()?;
    let (search, after) = (search(&params), position(&params));
    let found = authorizations::page(&visit.app, &who.user, search, &after, PAGE).await;
    let found = found.map_err(|error| failed(&visit, error))?;
    let shown = ConnectedPage {
        frame: visit.frame(),
        searchable: found.next.is_some() || !search.is_empty() || !after.is_empty(),
        search: search.to_owned(),
        search_action: visit.own(PATH),
        next_href: found.next.map(|after| with(&visit, PATH, &[("q", search), ("after", &cursor(&after))])),
        applications: found.authorizations.into_iter().map(|one| item(&visit, one)).collect(),
        done: done(&params, &[("revoked", "The application may do nothing any more.")]),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn item(visit: &Visit, one: Authorized) -> ConnectedItem {
    let now = visit.app.clock.now();
    let slug = one.organization.as_ref().map_or("", |organization| organization.slug.as_str());
    ConnectedItem {
        revoke_href: with(visit, REVOKE_PATH, &[("client_id", &one.client_id), ("organization", slug)]),
        organization: one.organization.map(|organization| organization.name),
        since: moment::at(one.created_at, now),
        used: one.last_used_at.map_or("never used".to_owned(), |at| format!("last used {}", moment::ago(at, now))),
        open_url: one.open_url,
        off: one.status != "active",
        name: one.client,
        owner: one.owner,
        verified: one.verified,
        texts: one.texts,
    }
}

/// GET: asks.
///
/// # Errors
/// A page.
pub async fn ask_revoke(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let params = visit.query()?;
    let (client_id, organization) = (field(&params, "client_id"), field(&params, "organization"));
    // Come back from a proof that a form asked for: which one it was about is chosen again.
    if client_id.is_empty() {
        return Ok(redirect(&visit, &visit.own(PATH)));
    }
    let within = Some(organization).filter(|slug| !slug.is_empty());
    let found = authorizations::find(&visit.app, &who.user, client_id, within).await;
    let Some(one) = found.map_err(|error| failed(&visit, error))? else { return Ok(not_found(&visit)) };
    let tokens = ending::of_authorization(&visit.app, &one).await.map_err(|error| failed(&visit, error))?;
    let used = one.last_used_at.map_or("It never used that.".to_owned(), |at| {
        format!("It last did {}.", moment::ago(at, visit.app.clock.now()))
    });
    let place = one.organization.as_ref().map(|organization| format!(" in {}", organization.name)).unwrap_or_default();
    let question = Question {
        title: format!("Revoke access of {}?", one.client),
        consequences: vec![
            format!(
                "{} is signed out of your account{place} at once, on every device it runs on, and loses {}. {used}",
                one.client,
                count(tokens, "live token")
            ),
            "What it keeps about you stays with it. It can ask you again.".to_owned(),
        ],
        action: visit.own(REVOKE_PATH),
        carried: vec![Hidden::new("client_id", client_id), Hidden::new("organization", organization)],
        typed: None,
        submit: "Revoke",
        cancel: visit.own(PATH),
        error: None,
    };
    Ok(ask(&visit, StatusCode::OK, question))
}

/// POST: takes it back. What is gone already is no error.
///
/// # Errors
/// A page.
pub async fn revoke(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require(&visit)?;
    let (client_id, organization) = (field(&params, "client_id"), field(&params, "organization"));
    let within = Some(organization).filter(|slug| !slug.is_empty());
    let actor = Actor::User(&who.user);
    let revoked = authorizations::revoke(&visit.app, Some(&visit.caller), actor, &who.user, client_id, within).await;
    revoked.map_err(|error| failed(&visit, error))?;
    Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=revoked"))))
}
