//! The playground's routes, mounted on a development server only.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::act;
use super::answer::{self, Carrier};
use super::runs::{Run, Runs};
use super::{start, view};
use crate::crypto::random;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::{Link, NoticeKind, NoticePage, PlaygroundFragmentPage};
use crate::http::request::form;
use crate::http::visit::Visit;
use crate::protocol::params::Params;

/// `GET /playground`: the choices, perhaps those of an earlier run.
///
/// # Errors
/// A page.
pub async fn choices(visit: Visit, runs: web::Data<Runs>) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    let like = params.once("again").ok().flatten().and_then(|id| runs.find(&visit.browser, id));
    let run = new_run(&visit);
    let shown = start::page(&visit.app, visit.frame(), visit.csrf_token(), &run, like.as_ref(), None);
    runs.insert(run);
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// `POST /playground/start`: off to the authorization endpoint.
///
/// # Errors
/// A page.
pub async fn start(visit: Visit, runs: web::Data<Runs>, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let id = params.once("run").ok().flatten().unwrap_or_default();
    // A page that was sent before, or forgotten, gets a run of its own: state and verifier are never used twice.
    let unused = runs.find(&visit.browser, id).filter(|run| run.client.is_none());
    let mut run = unused.unwrap_or_else(|| new_run(&visit));
    if let Err(error) = start::choose(&visit.app, &mut run, &params) {
        let error = Some(error.to_owned());
        let shown = start::page(&visit.app, visit.frame(), visit.csrf_token(), &run, None, error);
        return Ok(page(&visit, StatusCode::BAD_REQUEST, Forms::Here, &shown));
    }
    Ok(leave(&visit, &runs, run))
}

/// `GET /playground/callback`: the answer in the query, or perhaps in the fragment.
///
/// # Errors
/// A page.
pub async fn callback(visit: Visit, runs: web::Data<Runs>) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    if params.iter().next().is_some() {
        return Ok(arrived(&visit, &runs, Carrier::Query, &params));
    }
    let nonce = random::url_safe_text(16);
    let shown = PlaygroundFragmentPage {
        frame: visit.frame(),
        action: visit.own("/playground/callback"),
        csrf_token: visit.csrf_token(),
        start_href: visit.own("/playground"),
        nonce: nonce.clone(),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Sent(&nonce), &shown))
}

/// `POST /playground/callback`: the answer as a form, or the fragment handed over. Any client's callback takes forms
/// from elsewhere; what keeps others out is the state, which only this browser's run has.
///
/// # Errors
/// A page.
pub async fn posted(visit: Visit, runs: web::Data<Runs>, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = form::body(&visit.app, &visit.request, payload).await.map_err(|refusal| visit.unreadable(refusal))?;
    let fragment = params.once("fragment").ok().flatten().map(|text| text.trim().trim_start_matches('#').to_owned());
    match fragment {
        Some(text) => {
            let answer = Params::parse(text.as_bytes())
                .map_err(|error| visit.refuse("playground", crate::protocol::error::OAuthError::from(error)))?;
            Ok(arrived(&visit, &runs, Carrier::Fragment, &answer))
        }
        None => Ok(arrived(&visit, &runs, Carrier::FormPost, &params)),
    }
}

/// `GET /playground/runs/{id}`: the timeline.
///
/// # Errors
/// A page.
pub async fn run(visit: Visit, runs: web::Data<Runs>, id: web::Path<String>) -> Result<HttpResponse, Error> {
    let Some(run) = runs.find(&visit.browser, &id) else { return Ok(unknown(&visit)) };
    let shown = view::run_page(visit.frame(), visit.csrf_token(), &run, visit.app.clock.now());
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// `POST /playground/act`: one of the buttons.
///
/// # Errors
/// A page.
pub async fn button(visit: Visit, runs: web::Data<Runs>, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let field = |name| params.once(name).ok().flatten().unwrap_or_default();
    let Some(mut run) = runs.find(&visit.browser, field("run")) else { return Ok(unknown(&visit)) };
    match field("do") {
        "again" => return Ok(redirect(&visit, &visit.own(&format!("/playground?again={}", run.id)))),
        "repeat" => {
            let mut next = new_run(&visit);
            start::choose_again(&mut next, &run);
            return Ok(leave(&visit, &runs, next));
        }
        other => act::act(&visit.app, &mut run, other).await,
    }
    let location = timeline(&visit, &run);
    runs.replace(run);
    Ok(redirect(&visit, &location))
}

fn new_run(visit: &Visit) -> Run {
    let now = visit.app.clock.now();
    Run::new(&visit.browser, now, random::url_safe_text(16), random::url_safe_text(16), random::url_safe_text(32))
}

fn leave(visit: &Visit, runs: &Runs, run: Run) -> HttpResponse {
    let location = start::location(&visit.app, &run);
    runs.insert(run);
    redirect(visit, &location)
}

fn arrived(visit: &Visit, runs: &Runs, carrier: Carrier, params: &Params) -> HttpResponse {
    let state = params.once("state").ok().flatten().unwrap_or_default();
    let Some(mut run) = runs.awaiting(&visit.browser, state) else { return unknown(visit) };
    answer::take(&visit.app, &mut run, carrier, params);
    let location = timeline(visit, &run);
    runs.replace(run);
    redirect(visit, &location)
}

/// The run's page, at its newest step.
fn timeline(visit: &Visit, run: &Run) -> String {
    visit.own(&format!("/playground/runs/{}#step-{}", run.id, run.exchanges.len()))
}

fn unknown(visit: &Visit) -> HttpResponse {
    let notice = NoticePage {
        frame: visit.frame(),
        kind: NoticeKind::Refused,
        title: "No run waits for this".to_owned(),
        text:
            "The state of this answer is not one that this browser sent, or the run is more than an hour old. A good \
               client stops here: somebody else may have started it."
                .to_owned(),
        next: Some(Link { label: "Go to the playground".to_owned(), href: visit.own("/playground") }),
    };
    page(visit, StatusCode::BAD_REQUEST, Forms::Here, &notice)
}
