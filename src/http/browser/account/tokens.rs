//! `/account/tokens`: personal tokens, and the end of one.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::{done, failed, field, with};
use crate::flows::api::BASE;
use crate::flows::audit::Actor;
use crate::flows::personal_tokens::{self, PersonalTokenRefusal as Refusal, TokenView};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::orgs::confirm::{Question, ask};
use crate::http::browser::orgs::enter::not_found;
use crate::http::browser::signed_in::require;
use crate::http::pages::Hidden;
use crate::http::pages::account::{TokenItem, TokensPage};
use crate::http::visit::Visit;
use crate::http::words::moment;

/// Below the issuer.
pub const PATH: &str = "/account/tokens";
/// Below the issuer.
pub const DELETE_PATH: &str = "/account/tokens/delete";
/// Tokens on one page.
const PAGE: i64 = 25;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let params = visit.query()?;
    let below = field(&params, "below").parse().unwrap_or(i64::MAX);
    let found = personal_tokens::page(&visit.app, &who.user, below, PAGE).await;
    let found = found.map_err(|error| failed(&visit, error))?;
    let shown = TokensPage {
        frame: visit.frame(),
        tokens: found.tokens.into_iter().map(|view| item(&visit, view)).collect(),
        new_href: visit.own(super::token_new::PATH),
        api: visit.app.issuer.endpoint(BASE),
        next_href: found.next.map(|below| with(&visit, PATH, &[("below", &below.to_string())])),
        done: done(&params, &[("deleted", "The token is deleted: it opens nothing any more.")]),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn item(visit: &Visit, view: TokenView) -> TokenItem {
    let (row, now) = (view.row, visit.app.clock.now());
    let over = !row.is_live(now);
    TokenItem {
        delete_href: with(visit, DELETE_PATH, &[("token", &row.public_id)]),
        scopes: row.scopes.to_string(),
        organization: view.organization,
        made: moment::at(row.created_at, now),
        ends: match row.expires_at {
            None => "never ends".to_owned(),
            Some(_) if over => "its time is over".to_owned(),
            Some(end) => format!("ends in {}", moment::span(end - now)),
        },
        over,
        used: row.last_used_at.map_or("never used".to_owned(), |at| format!("last used {}", moment::ago(at, now))),
        name: row.name,
        last_four: row.last_four,
    }
}

/// GET: asks.
///
/// # Errors
/// A page.
pub async fn ask_delete(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let params = visit.query()?;
    let id = field(&params, "token");
    // Come back from a proof that a form asked for: which one it was about is chosen again.
    if id.is_empty() {
        return Ok(redirect(&visit, &visit.own(PATH)));
    }
    let view = match personal_tokens::show(&visit.app, &who.user, id).await {
        Ok(view) => view,
        Err(Refusal::Unavailable(error)) => return Err(failed(&visit, error)),
        Err(_) => return Ok(not_found(&visit)),
    };
    let now = visit.app.clock.now();
    let used = view
        .row
        .last_used_at
        .map_or("It was never used.".to_owned(), |at| format!("It was last used {}.", moment::ago(at, now)));
    let question = Question {
        title: format!("Delete the token {}?", view.row.name),
        consequences: vec![format!("Whatever script uses it stops working at once. {used}")],
        action: visit.own(DELETE_PATH),
        carried: vec![Hidden::new("token", id)],
        typed: None,
        submit: "Delete",
        cancel: visit.own(PATH),
        error: None,
    };
    Ok(ask(&visit, StatusCode::OK, question))
}

/// POST. What is gone already, or somebody else's, is no error and nothing happens (C70).
///
/// # Errors
/// A page.
pub async fn delete(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require(&visit)?;
    let (actor, id) = (Actor::User(&who.user), field(&params, "token"));
    match personal_tokens::remove(&visit.app, &visit.caller, actor, &who.user, id).await {
        Err(Refusal::Unavailable(error)) => Err(failed(&visit, error)),
        _ => Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=deleted")))),
    }
}
