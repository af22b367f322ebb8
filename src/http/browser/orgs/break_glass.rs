//! `/orgs/{org}/break-glass`: an organization's only owner gets in without its provider, for an hour and on the record.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::confirm::{Question, ask};
use super::enter::{instead, knock, not_found};
use super::refused;
use crate::flows::organizations::door::Door;
use crate::flows::organizations::show;
use crate::flows::sso::break_glass::{self, BreakGlassRefusal};
use crate::http::answer::page::redirect;
use crate::http::browser::signed_in::require_fresh;
use crate::http::visit::Visit;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let slug = closed(&visit).await?;
    Ok(question(&visit, &slug, None))
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let slug = closed(&visit).await?;
    let who = require_fresh(&visit)?;
    let organization = match show::by_slug(&visit.app, &slug).await {
        Ok(organization) => organization,
        Err(refusal) => return refused::answer(&visit, &refusal),
    };
    match break_glass::open(&visit.app, Some(&visit.caller), &organization, &who.user, break_glass::USUAL).await {
        Ok(_) => Ok(redirect(&visit, &visit.own(&format!("/orgs/{slug}")))),
        Err(refusal) => Ok(question(&visit, &slug, Some(refusal))),
    }
}

/// The slug, for a member whom only the provider keeps out and who has just typed their password.
async fn closed(visit: &Visit) -> Result<String, Error> {
    require_fresh(visit)?;
    let slug = visit.request.match_info().get("org").unwrap_or_default().to_owned();
    match knock(visit).await?.1 {
        Door::ProviderFirst => Ok(slug),
        Door::NotHere => Err(instead(not_found(visit))),
        _ => Err(instead(redirect(visit, &visit.own(&format!("/orgs/{slug}"))))),
    }
}

fn question(visit: &Visit, slug: &str, refusal: Option<BreakGlassRefusal>) -> HttpResponse {
    let status = match refusal {
        None => StatusCode::OK,
        Some(BreakGlassRefusal::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
        Some(_) => StatusCode::FORBIDDEN,
    };
    let question = Question {
        title: "Break the glass?".to_owned(),
        consequences: vec![
            "You get in without the organization's provider for an hour. Use it to mend single sign-on, or to switch it off."
                .to_owned(),
            "Only the organization's only owner may do this. Everybody who reads the audit log will see it.".to_owned(),
        ],
        action: visit.own(&format!("/orgs/{slug}/break-glass")),
        carried: Vec::new(),
        typed: None,
        submit: "Get in for an hour",
        cancel: visit.own(&format!("/login/{slug}")),
        error: refusal.map(|refusal| format!("Not done: {refusal}.")),
    };
    ask(visit, status, question)
}
