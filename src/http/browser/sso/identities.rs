//! `/account/identities`: which accounts elsewhere open this one, and the end of that.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use crate::flows::sso::identities;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::signed_in::{require, require_fresh};
use crate::http::pages::{IdentitiesPage, IdentityLine};
use crate::http::visit::Visit;
use crate::http::words::moment;

const ENDPOINT: &str = "identities";
/// Below the issuer.
pub const PATH: &str = "/account/identities";

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let params = visit.query()?;
    let now = visit.app.clock.now();
    let listed = identities::list(&visit.app, &who.user).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let lines = listed.into_iter().map(|one| IdentityLine {
        id: one.id.to_string(),
        organization: one.organization,
        provider: one.provider.to_owned(),
        account: one.account,
        linked: moment::at(one.created_at, now),
        vouched: moment::ago(one.last_verified, now),
        invalid: one.invalid,
        only_way_in: one.only_way_in,
        link_href: visit.own(&format!("/link/{}", one.slug)),
    });
    let shown = IdentitiesPage {
        frame: visit.frame(),
        csrf_token: visit.csrf_token(),
        unlink_action: visit.own(PATH),
        identities: lines.collect(),
        done: (params.once("done").ok().flatten() == Some("unlinked")).then(|| "The identity is unlinked.".to_owned()),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// POST: unlinks one. Somebody else's, or one that is gone, is no error and nothing happens (C70).
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    let id = params.once("identity").ok().flatten().and_then(|id| id.parse().ok()).unwrap_or_default();
    let unlinked = identities::unlink(&visit.app, &visit.caller, who, id).await;
    unlinked.map_err(|error| visit.refuse(ENDPOINT, error))?;
    Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=unlinked"))))
}
