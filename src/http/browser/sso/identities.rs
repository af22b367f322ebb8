//! `/account/identities`: which accounts elsewhere open this one, and the end of that.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use crate::flows::sso::identities;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::orgs::confirm::{Question, ask};
use crate::http::browser::signed_in::{require, require_fresh};
use crate::http::pages::{Hidden, IdentitiesPage, IdentityLine};
use crate::http::visit::Visit;
use crate::http::words::moment;
use crate::protocol::params::Params;

const ENDPOINT: &str = "identities";
/// Below the issuer.
pub const PATH: &str = "/account/identities";
/// Below the issuer.
pub const UNLINK_PATH: &str = "/account/identities/unlink";

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
        unlink_href: visit.own(&format!("{UNLINK_PATH}?identity={}", one.id)),
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
        identities: lines.collect(),
        done: (params.once("done").ok().flatten() == Some("unlinked")).then(|| "The identity is unlinked.".to_owned()),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// GET: asks. Somebody else's, or one that is gone, leads back to the list (C70).
///
/// # Errors
/// A page.
pub async fn ask_unlink(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require_fresh(&visit)?;
    let params = visit.query()?;
    let id = named(&params);
    let listed = identities::list(&visit.app, &who.user).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let Some(one) = listed.into_iter().find(|one| one.id == id) else {
        return Ok(redirect(&visit, &visit.own(PATH)));
    };
    let mut consequences = vec![format!(
        "{} does not know you any more: its pages close, and applications and tokens for it stop working, until you link an \
         account there again. You stay a member.",
        one.organization
    )];
    if one.only_way_in {
        consequences
            .push("This is the only way into your account: set a password first, or nobody gets in.".to_owned());
    }
    let question = Question {
        title: format!("Unlink {} at {}?", one.account, one.organization),
        consequences,
        action: visit.own(UNLINK_PATH),
        carried: vec![Hidden::new("identity", id.to_string())],
        typed: None,
        submit: "Unlink",
        cancel: visit.own(PATH),
        error: None,
    };
    Ok(ask(&visit, StatusCode::OK, question))
}

fn named(params: &Params) -> i64 {
    params.once("identity").ok().flatten().and_then(|id| id.parse().ok()).unwrap_or_default()
}

/// POST: unlinks one. Somebody else's, or one that is gone, is no error and nothing happens (C70).
///
/// # Errors
/// A page.
pub async fn unlink(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    let unlinked = identities::unlink(&visit.app, &visit.caller, who, named(&params)).await;
    unlinked.map_err(|error| visit.refuse(ENDPOINT, error))?;
    Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=unlinked"))))
}
