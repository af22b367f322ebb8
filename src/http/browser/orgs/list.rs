//! `/orgs`: the organizations one belongs to.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse};

use super::ENDPOINT;
use crate::flows::organizations::{create, show};
use crate::http::answer::page::{Forms, page};
use crate::http::browser::signed_in::require;
use crate::http::pages::orgs::{OrgLine, OrgsPage};
use crate::http::visit::Visit;

/// Below the issuer.
pub const PATH: &str = "/orgs";

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let params = visit.query()?;
    let shown = OrgsPage {
        frame: visit.frame(),
        organizations: lines(&visit, who.user.id).await?,
        new_href: create::may_create(&visit.app, &who.user).is_ok().then(|| visit.own(super::new::PATH)),
        done: params.once("done").ok().flatten().and_then(done).map(str::to_owned),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "left" => Some("You left the organization."),
        "deleted" => Some("The organization is closed and will be deleted. Until then, an owner can take that back."),
        _ => None,
    }
}

/// The person's organizations, for this page and the home page.
///
/// # Errors
/// A page.
pub async fn lines(visit: &Visit, user_id: i64) -> Result<Vec<OrgLine>, Error> {
    let mut mine = show::mine(&visit.app, user_id).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    // Whom only a provider vouched for sees no more than that provider's organization.
    let now = visit.app.clock.now();
    let seen = |one: &show::Mine| {
        visit.who.as_ref().is_some_and(|who| who.has_local_factor(now) || who.is_proven_at(one.id, now))
    };
    mine.retain(seen);
    let line = |one: show::Mine| OrgLine {
        href: visit.own(&format!("{PATH}/{}", one.slug)),
        name: one.name,
        role: one.role,
        pending_deletion: one.pending_deletion,
    };
    Ok(mine.into_iter().map(line).collect())
}
