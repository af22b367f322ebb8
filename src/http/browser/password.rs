//! `/account/password`: changing one's own, with the current one and a fresh proof (ASVS 6.2.2, 6.2.3).

use actix_web::http::{StatusCode, header};
use actix_web::{Error, HttpResponse, web};

use super::faults::{self, Faults, input};
use super::sessions;
use super::sign_in::opened;
use super::signed_in::require_fresh;
use crate::flows::people::{PersonRefusal, password};
use crate::http::answer::page::{Forms, page, redirecting};
use crate::http::pages::ChangePasswordPage;
use crate::http::visit::{Visit, cookies};

const ENDPOINT: &str = "password";
/// Below the issuer.
pub const PATH: &str = "/account/password";

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require_fresh(&visit)?;
    Ok(page(&visit, StatusCode::OK, Forms::Here, &form(&visit, &who.user.login, Faults::default())))
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    let field = |name| params.once_even_empty(name).ok().flatten().unwrap_or_default().to_owned();
    match password::change(&visit.app, &visit.caller, who, field("current"), field("password")).await {
        Ok(Some(new)) => Ok(opened(&visit, new.cookie.expose(), Some(&format!("{}?done=password", sessions::PATH)))),
        Ok(None) => {
            let forget = cookies::forget_session(&visit.app.issuer);
            Ok(redirecting(&visit, &visit.own("/login")).cookie(forget).finish())
        }
        Err(PersonRefusal::Unavailable(error)) => Err(visit.refuse(ENDPOINT, error)),
        Err(refusal) => {
            let (status, wait) = faults::status(&refusal);
            let mut answer = page(&visit, status, Forms::Here, &form(&visit, &who.user.login, Faults::of(&refusal)));
            if let Some(seconds) = wait {
                answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            Ok(answer)
        }
    }
}

fn form(visit: &Visit, login: &str, faults: Faults) -> ChangePasswordPage {
    ChangePasswordPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        login: login.to_owned(),
        error: faults.form,
        current: input("", faults.current),
        password: input("", faults.password),
        password_rules: faults::password_rules(),
    }
}
