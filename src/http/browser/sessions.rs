//! `/account/sessions`: where you are signed in, and the end of it (ASVS 7.5.2).

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::account::{cursor, position, with};
use super::orgs::confirm::{Question, ask};
use super::signed_in::require;
use crate::flows::audit::Actor;
use crate::flows::device;
use crate::flows::session;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::{SessionLine, SessionsPage};
use crate::http::visit::Visit;
use crate::http::words::moment;

const ENDPOINT: &str = "sessions";
/// Below the issuer.
pub const PATH: &str = "/account/sessions";
/// Below the issuer.
pub const END_PATH: &str = "/account/sessions/end";
/// Below the issuer.
pub const END_OTHERS_PATH: &str = "/account/sessions/end-others";

/// Sessions on one page.
const PAGE: usize = 25;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let params = visit.query()?;
    let (now, after) = (visit.app.clock.now(), position(&params));
    let found = session::page(&visit.app, &who.user, &after, PAGE).await;
    let found = found.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let others = found.next.is_some() || !after.is_empty() || found.sessions.len() > 1;
    let next = found.next;
    let lines = found.sessions.into_iter().map(|row| SessionLine {
        device: device::name(&row.user_agent),
        started: moment::at(row.created_at, now),
        last_seen: moment::ago(row.last_seen_at, now),
        current: row.id == who.session.id,
        sid: row.sid,
        address: row.address,
    });
    let shown = SessionsPage {
        frame: visit.frame(),
        csrf_token: visit.csrf_token(),
        end_action: visit.own(END_PATH),
        end_others_href: others.then(|| visit.own(END_OTHERS_PATH)),
        next_href: next.map(|after| with(&visit, PATH, &[("after", &cursor(&after))])),
        sessions: lines.collect(),
        done: params.once("done").ok().flatten().and_then(done).map(str::to_owned),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// Our own words only: an address must not be able to put a sentence into our mouth.
fn done(what: &str) -> Option<&'static str> {
    match what {
        "ended" => Some("The session has ended."),
        "others" => Some("All other sessions have ended."),
        "password" => Some("Your password is changed. Every other session has ended."),
        _ => None,
    }
}

/// POST: ends one. Somebody else's session, or one that is over, is no error and nothing happens (C70).
///
/// # Errors
/// A page.
pub async fn end(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require(&visit)?;
    let sid = params.once("session").ok().flatten().unwrap_or_default();
    let ended = session::end(&visit.app, &visit.caller, Actor::User(&who.user), &who.user, sid).await;
    ended.map_err(|error| visit.refuse(ENDPOINT, error))?;
    Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=ended"))))
}

/// GET: asks.
///
/// # Errors
/// A page.
pub async fn ask_end_others(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let open = session::list(&visit.app, &who.user).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let others = open.iter().filter(|row| row.id != who.session.id).count();
    let more = if open.len() >= session::MOST { " or more" } else { "" };
    let count = if others == 1 { "One other browser".to_owned() } else { format!("{others}{more} other browsers") };
    let question = Question {
        title: "End all other sessions?".to_owned(),
        consequences: vec![
            format!("{count} will have to sign in again; what was being typed there is lost."),
            "Applications used there are told, and lose what they got for as long as you were signed in.".to_owned(),
            "What you let applications do while you are away stays: take that back under Applications.".to_owned(),
        ],
        action: visit.own(END_OTHERS_PATH),
        carried: Vec::new(),
        typed: None,
        submit: "End all others",
        cancel: visit.own(PATH),
        error: None,
    };
    Ok(ask(&visit, StatusCode::OK, question))
}

/// POST: ends all but this one.
///
/// # Errors
/// A page.
pub async fn end_others(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let who = require(&visit)?;
    let ended =
        session::end_others(&visit.app, &visit.caller, Actor::User(&who.user), &who.user, Some(who.session.id)).await;
    ended.map_err(|error| visit.refuse(ENDPOINT, error))?;
    Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=others"))))
}
