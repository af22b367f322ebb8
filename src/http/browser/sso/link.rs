//! `/link/{org}`: a member links their account at the organization's provider. To others there is no such page.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::refused;
use crate::flows::sso::entrance::{self, Entrance};
use crate::flows::sso::finish::Errand;
use crate::flows::sso::{Wish, begin};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::orgs::enter::segment;
use crate::http::browser::signed_in::require;
use crate::http::pages::{Link, NoticePage, SsoDoorPage};
use crate::http::visit::Visit;

const ENDPOINT: &str = "sso_link";
/// Below the issuer.
pub const PATH: &str = "/link/{org}";

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let Some(entrance) = entrance(&visit).await? else { return Ok(not_found(&visit)) };
    let Entrance { organization, provider } = &entrance;
    let shown = SsoDoorPage {
        frame: visit.frame(),
        action: visit.own(&format!("/link/{}", organization.slug)),
        csrf_token: visit.csrf_token(),
        carried: Vec::new(),
        title: "Link your account".to_owned(),
        organization: organization.name.clone(),
        text: format!(
            "{} uses {provider} to tell who its people are. Sign in there once, so that {provider} and your account {} \
             belong together.",
            organization.name, who.user.login
        ),
        button: format!("Continue with {provider}"),
        other: Some(Link { label: "Not now".to_owned(), href: visit.own("/") }),
    };
    Ok(page(&visit, StatusCode::OK, Forms::AtClient, &shown))
}

/// POST: goes upstream.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    require(&visit)?;
    let Some(entrance) = entrance(&visit).await? else { return Ok(not_found(&visit)) };
    let (browser, wish) = (visit.as_browser(), Wish::default());
    match begin(&visit.app, &visit.caller, &browser, &entrance.organization, Errand::Link, wish).await {
        Ok(begun) => Ok(redirect(&visit, &begun.location)),
        Err(refusal) => Ok(refused::page(&visit, refusal, Some(&entrance.organization.slug), Errand::Link)),
    }
}

async fn entrance(visit: &Visit) -> Result<Option<Entrance>, Error> {
    let who = require(visit)?;
    let slug = segment(visit, "org");
    entrance::find_as_member(&visit.app, who, slug).await.map_err(|error| visit.refuse(ENDPOINT, error))
}

fn not_found(visit: &Visit) -> HttpResponse {
    page(visit, StatusCode::NOT_FOUND, Forms::Here, &NoticePage::not_found(visit.frame()))
}
