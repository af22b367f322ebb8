//! `/login/{org}`: the organization's door. Where there is none, it is the ordinary sign-in page: an address tells
//! nobody which organizations there are.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::refused;
use crate::flows::organizations::door::{self, Door};
use crate::flows::session::SignedIn;
use crate::flows::sso::entrance::{self, Entrance};
use crate::flows::sso::finish::Errand;
use crate::flows::sso::{Wish, begin, proof, sessions};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::orgs::enter::segment;
use crate::http::browser::sign_in::{self, with_return_to};
use crate::http::pages::{Hidden, Link, SsoDoorPage};
use crate::http::visit::Visit;
use crate::protocol::params::Params;

const ENDPOINT: &str = "sso_login";
/// Below the issuer.
pub const PATH: &str = "/login/{org}";

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    let return_to = visit.return_to(&params);
    let Some(entrance) = entrance(&visit).await? else {
        return Ok(sign_in::show(&visit, StatusCode::OK, sign_in::Form { return_to, ..sign_in::Form::default() }));
    };
    let again = asks_again(&params);
    // With a path that waits and an old session, somebody sent them here to prove themselves again.
    let may_pass = |who: &&SignedIn| !again && (return_to.is_none() || is_fresh(&visit, who));
    if let Some(who) = visit.who.as_ref().filter(may_pass) {
        // Not the proof alone: an identity that is stale or invalid has to be proven again.
        let door = door::knock(&visit.app, who, &entrance.organization.slug).await;
        let proof = proof::of(&visit.app, who.session.id, entrance.organization.id).await;
        let (door, proof) =
            (door.map_err(|e| visit.refuse(ENDPOINT, e))?, proof.map_err(|e| visit.refuse(ENDPOINT, e))?);
        if matches!(door, Door::Open(_)) && proof.is_some() {
            let home = format!("/orgs/{}", entrance.organization.slug);
            return Ok(redirect(&visit, &visit.own(return_to.unwrap_or(&home))));
        }
    }
    Ok(show(&visit, &entrance, return_to, again))
}

/// POST: goes upstream.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let return_to = visit.return_to(&params);
    let Some(entrance) = entrance(&visit).await? else {
        return Ok(redirect(&visit, &with_return_to(&visit.own("/login"), return_to)));
    };
    let stale = |who: &SignedIn| who.session.authentication_method == sessions::METHOD && !is_fresh(&visit, who);
    let step_up = visit.who.as_ref().is_some_and(stale);
    let wish = Wish { return_to, reauthenticate: asks_again(&params), step_up, ..Wish::default() };
    let browser = visit.as_browser();
    match begin(&visit.app, &visit.caller, &browser, &entrance.organization, Errand::SignIn, wish).await {
        Ok(begun) => Ok(redirect(&visit, &begun.location)),
        Err(refusal) => Ok(refused::page(&visit, refusal, Some(&entrance.organization.slug), Errand::SignIn)),
    }
}

fn is_fresh(visit: &Visit, who: &SignedIn) -> bool {
    who.is_fresh(visit.app.clock.now(), visit.app.config.sign_in.step_up)
}

async fn entrance(visit: &Visit) -> Result<Option<Entrance>, Error> {
    let slug = segment(visit, "org");
    entrance::find(&visit.app, slug).await.map_err(|error| visit.refuse(ENDPOINT, error))
}

/// `prompt=login`: the upstream's own session is not enough.
fn asks_again(params: &Params) -> bool {
    params.once("prompt").ok().flatten() == Some("login")
}

fn show(visit: &Visit, entrance: &Entrance, return_to: Option<&str>, again: bool) -> HttpResponse {
    let carried = return_to.map(|path| Hidden::new("return_to", path));
    let again = again.then(|| Hidden::new("prompt", "login"));
    let shown = SsoDoorPage {
        frame: visit.frame(),
        action: visit.own(&format!("/login/{}", entrance.organization.slug)),
        csrf_token: visit.csrf_token(),
        carried: carried.into_iter().chain(again).collect(),
        title: "Sign in".to_owned(),
        organization: entrance.organization.name.clone(),
        text: format!("{} signs its people in with {}.", entrance.organization.name, entrance.provider),
        button: format!("Continue with {}", entrance.provider),
        other: Some(match visit.who {
            None => Link {
                label: "Use user name and password".to_owned(),
                href: with_return_to(&visit.own("/login"), return_to),
            },
            // Said to everybody: who owns what is for the page behind it to know.
            Some(_) => Link {
                label: "You own it and cannot get in?".to_owned(),
                href: visit.own(&format!("/orgs/{}/break-glass", entrance.organization.slug)),
            },
        }),
    };
    page(visit, StatusCode::OK, Forms::AtClient, &shown)
}
