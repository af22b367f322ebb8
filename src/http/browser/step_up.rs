//! `/step-up`: the password again before something dangerous; whoever has none goes on to the provider of the organization
//! that manages them. Who is asked comes from the session, never from the form (C53), and the proof makes a new session
//! (ASVS 7.2.4).

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{Error, HttpResponse, web};

use super::sign_in::{opened, with_return_to};
use super::signed_in::require_any;
use crate::flows::people::find;
use crate::flows::session::SignedIn;
use crate::flows::sign_in::{self, SignInRefusal};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::{Hidden, NoticePage, StepUpPage};
use crate::http::visit::Visit;
use crate::http::words::moment;

const ENDPOINT: &str = "step_up";
/// Below the issuer.
pub const PATH: &str = "/step-up";

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    let who = require_any(&visit)?;
    if who.user.password_hash.is_none() {
        return upstream(&visit, who, visit.return_to(&params)).await;
    }
    show(&visit, StatusCode::OK, visit.return_to(&params), None, None)
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require_any(&visit)?;
    let return_to = visit.return_to(&params);
    // No password is right, and a try would count as a failed sign-in.
    if who.user.password_hash.is_none() {
        return upstream(&visit, who, return_to).await;
    }
    let password = params.once_even_empty("password").ok().flatten().unwrap_or_default().to_owned();
    match sign_in::sign_in(&visit.app, &visit.caller, Some(who), &who.user.login, password).await {
        Ok(new) => Ok(opened(&visit, new.cookie.expose(), return_to)),
        Err(SignInRefusal::Wrong) => {
            let error = Some("The password is wrong.".to_owned());
            show(&visit, StatusCode::BAD_REQUEST, return_to, error, None)
        }
        Err(SignInRefusal::Throttled(retry)) => {
            show(&visit, StatusCode::TOO_MANY_REQUESTS, return_to, None, Some(retry.seconds()))
        }
        Err(SignInRefusal::Unavailable(error)) => Err(visit.refuse(ENDPOINT, error)),
    }
}

/// Where somebody without a password proves who they are.
async fn upstream(visit: &Visit, who: &SignedIn, return_to: Option<&str>) -> Result<HttpResponse, Error> {
    let slug = find::manager(&visit.app, &who.user).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    Ok(match slug {
        Some(slug) => redirect(visit, &with_return_to(&visit.own(&format!("/login/{slug}")), return_to)),
        None => page(visit, StatusCode::FORBIDDEN, Forms::Here, &NoticePage::own_factor_needed(visit.frame())),
    })
}

fn show(
    visit: &Visit,
    status: StatusCode,
    return_to: Option<&str>,
    error: Option<String>,
    wait: Option<u64>,
) -> Result<HttpResponse, Error> {
    let who = require_any(visit)?;
    let shown = StepUpPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        carried: return_to.map(|path| Hidden::new("return_to", path)).into_iter().collect(),
        login: who.user.login.clone(),
        reason: "What comes next is worth a second look. Enter your password once more.".to_owned(),
        error,
        wait: wait.map(|seconds| moment::span(i64::try_from(seconds).unwrap_or(i64::MAX))),
    };
    let mut answer = page(visit, status, Forms::Here, &shown);
    if let Some(seconds) = wait {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(answer)
}
