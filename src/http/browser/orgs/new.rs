//! `/orgs/new`: making an organization.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::{list, refused};
use crate::flows::organizations::create::{self, NewOrganization};
use crate::flows::organizations::{By, OrganizationRefusal as Refusal};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::faults::input;
use crate::http::browser::signed_in::require;
use crate::http::pages::orgs::NewOrgPage;
use crate::http::visit::Visit;

/// Below the issuer.
pub const PATH: &str = "/orgs/new";

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    match create::may_create(&visit.app, &who.user) {
        Ok(()) => Ok(form(&visit, &NewOrganization::default(), None)),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require(&visit)?;
    let field = |name| params.once_even_empty(name).ok().flatten().unwrap_or_default().to_owned();
    let new = NewOrganization { name: field("name"), slug: field("slug") };
    match create::create(&visit.app, By::Person(&who.user, &visit.caller), new.clone(), &who.user).await {
        Ok(row) => Ok(redirect(&visit, &visit.own(&format!("{}/{}?done=made", list::PATH, row.slug)))),
        Err(
            refusal @ (Refusal::NameMalformed | Refusal::SlugMalformed | Refusal::SlugReserved | Refusal::SlugTaken),
        ) => Ok(form(&visit, &new, Some(&refusal))),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

fn form(visit: &Visit, typed: &NewOrganization, refusal: Option<&Refusal>) -> HttpResponse {
    let of_the_name = matches!(refusal, Some(Refusal::NameMalformed));
    let text = refusal.map(ToString::to_string);
    let (name, slug) = if of_the_name { (text, None) } else { (None, text) };
    let shown = NewOrgPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        cancel_href: visit.own(list::PATH),
        prefix: visit.app.issuer.endpoint("/orgs/"),
        name: input(&typed.name, name),
        slug: input(&typed.slug, slug),
    };
    page(visit, refusal.map_or(StatusCode::OK, refused::status), Forms::Here, &shown)
}
