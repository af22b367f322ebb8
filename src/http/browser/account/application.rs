//! `/account/developer/{client}`: one application, a new secret for it, and its end.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::developer::{PATH, refused};
use super::secret::{self, Shown};
use super::{application_words as words, done, failed};
use crate::crypto::random;
use crate::flows::api::Credential;
use crate::flows::applications::{self, Owned};
use crate::flows::session::SignedIn;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::once;
use crate::http::browser::orgs::confirm::{Question, ask};
use crate::http::browser::orgs::enter::segment;
use crate::http::browser::signed_in::{require, require_fresh};
use crate::http::pages::account::ApplicationPage;
use crate::http::visit::Visit;
use crate::http::words::moment;

/// Refusals on the page.
const REFUSALS: i64 = 20;

/// Who acts, for the flows the API uses too.
pub fn credential(who: &SignedIn) -> Credential {
    Credential::Session(Box::new(who.clone()))
}

fn here(visit: &Visit, rest: &str) -> String {
    visit.own(&format!("{PATH}/{}{rest}", segment(visit, "client")))
}

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let params = visit.query()?;
    let (app, id) = (&visit.app, segment(&visit, "client"));
    let found = async {
        let owned = applications::show(app, &who.user, id).await?;
        let statistics = applications::statistics(app, &who.user, id).await?;
        let refusals = applications::refusals(app, &who.user, id, REFUSALS).await?;
        Ok((owned, statistics, refusals))
    };
    let (Owned { row, hints }, statistics, refusals) = match found.await {
        Ok(found) => found,
        Err(refusal) => return refused(&visit, refusal),
    };
    let now = app.clock.now();
    let pending = row.delete_at;
    let mine = row.managed_by.is_none();
    let trouble = match (&row.managed_by, row.status.as_str()) {
        (Some(file), _) => {
            Some(format!("Whoever runs this server declares it in a file ({file}): it is changed there."))
        }
        (None, "inactive") => {
            Some("Whoever runs this server switched it off: every request of it is refused.".to_owned())
        }
        _ => None,
    };
    let sentences = [("saved", "Saved."), ("restored", "The application is kept.")];
    let shown = ApplicationPage {
        frame: visit.frame(),
        csrf_token: visit.csrf_token(),
        list_href: visit.own(PATH),
        done: done(&params, &sentences),
        trouble,
        name: row.name.clone(),
        verified: row.verified,
        client_id: row.client_id.clone(),
        kind: format!("{} · {}", words::kind(&row), row.authentication_method),
        redirect_uris: row.redirect_uris.0.clone(),
        scopes: row.scopes.to_string(),
        origins: row.allowed_origins.0.clone(),
        organization_access: row.organization_access,
        edit_href: (mine && pending.is_none()).then(|| here(&visit, "/edit")),
        rotate_href: (row.is_confidential() && pending.is_none()).then(|| here(&visit, "/secret")),
        users: words::count(statistics.users, "user"),
        tokens: words::count(statistics.live_tokens, "live token"),
        used: statistics.last_used_at.map_or("never".to_owned(), |at| moment::ago(at, now)),
        hints: hints.iter().map(|hint| words::hint(hint, now)).collect(),
        refusals: refusals.into_iter().map(|one| words::refusal(one, now)).collect(),
        restore_action: pending.map(|_| here(&visit, "/restore")),
        deletion: pending.map(|at| format!("It is off, and gone in {}.", moment::span(at - now))).unwrap_or_default(),
        delete_href: (mine && pending.is_none()).then(|| here(&visit, "/delete")),
        delay: moment::span(app.config.clients.deletion_delay),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// GET: asks before a new secret.
///
/// # Errors
/// A page.
pub async fn ask_rotate(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require_fresh(&visit)?;
    let row = match applications::show(&visit.app, &who.user, segment(&visit, "client")).await {
        Ok(owned) => owned.row,
        Err(refusal) => return refused(&visit, refusal),
    };
    let overlap = moment::span(visit.app.config.clients.secret_overlap);
    let question = Question {
        title: format!("A new secret for {}?", row.name),
        consequences: vec![format!(
            "The secrets it has go on working for {overlap}: put the new one into your application within that time."
        )],
        action: here(&visit, "/secret"),
        carried: vec![once::field()],
        typed: None,
        submit: "Make a new secret",
        cancel: here(&visit, ""),
        error: None,
    };
    Ok(ask(&visit, StatusCode::OK, question))
}

/// POST: makes it and shows it once.
///
/// # Errors
/// A page.
pub async fn rotate(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    let (client_id, credential, bytes) = (segment(&visit, "client"), credential(who), random::secret());
    if let Err(refusal) = applications::show(&visit.app, &who.user, client_id).await {
        return refused(&visit, refusal);
    }
    // Drawn first: where there is none, nothing was made and the form stays good.
    let id = visit.app.store.next_id().map_err(|error| failed(&visit, error))?;
    once::require(&visit, who, &params, ("The application", here(&visit, ""))).await?;
    let rotated =
        applications::rotate_secret(&visit.app, &visit.caller, &credential, client_id, None, id, bytes.expose());
    match rotated.await {
        Ok(rotated) => Ok(secret_page(&visit, client_id, rotated.secret.map(|secret| secret.expose().to_owned()))),
        Err(refusal) => {
            once::refused(&visit, who, &params).await?;
            refused(&visit, refusal)
        }
    }
}

/// The page that shows a secret once; without one, the application's own.
pub fn secret_page(visit: &Visit, client_id: &str, secret: Option<String>) -> HttpResponse {
    let next = visit.own(&format!("{PATH}/{client_id}"));
    let Some(secret) = secret else { return redirect(visit, &next) };
    let shown = Shown {
        title: "Your application's secret".to_owned(),
        facts: vec![("client_id".to_owned(), client_id.to_owned())],
        label: "client_secret",
        secret,
        next: ("I have copied it", next),
    };
    secret::show(visit, shown)
}

/// GET: asks before the end, and says what it breaks.
///
/// # Errors
/// A page.
pub async fn ask_delete(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require_fresh(&visit)?;
    let id = segment(&visit, "client");
    let found = async {
        let owned = applications::show(&visit.app, &who.user, id).await?;
        Ok((owned.row, applications::statistics(&visit.app, &who.user, id).await?))
    };
    let (row, statistics) = match found.await {
        Ok(found) => found,
        Err(refusal) => return refused(&visit, refusal),
    };
    let (users, tokens) = (words::count(statistics.users, "user"), words::count(statistics.live_tokens, "live token"));
    let delay = moment::span(visit.app.config.clients.deletion_delay);
    let question = Question {
        title: format!("Delete {}?", row.name),
        consequences: vec![
            format!("It is used by {users} and has {tokens}: all of them stop working at once."),
            format!("In {delay} it is gone for good, with everything people allowed it. Until then you can keep it."),
        ],
        action: here(&visit, "/delete"),
        carried: Vec::new(),
        typed: None,
        submit: "Delete",
        cancel: here(&visit, ""),
        error: None,
    };
    Ok(ask(&visit, StatusCode::OK, question))
}

/// POST.
///
/// # Errors
/// A page.
pub async fn delete(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    let (id, credential) = (segment(&visit, "client"), credential(who));
    match applications::remove(&visit.app, &visit.caller, &credential, id).await {
        Ok(_) => Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=deleted")))),
        Err(refusal) => refused(&visit, refusal),
    }
}

/// POST: takes the deletion back.
///
/// # Errors
/// A page.
pub async fn restore(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let who = require(&visit)?;
    let (id, credential) = (segment(&visit, "client"), credential(who));
    match applications::restore(&visit.app, &visit.caller, &credential, id).await {
        Ok(()) => Ok(redirect(&visit, &here(&visit, "?done=restored"))),
        Err(refusal) => refused(&visit, refusal),
    }
}
