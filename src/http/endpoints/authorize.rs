//! The authorization endpoint (RFC 6749 section 3.1). No CORS: browsers navigate to it (RFC 9700 section 2.6).

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use crate::flows::authorize::{self, LinkPrompt, Outcome, SignInPrompt, SignInReason, first_seen};
use crate::http::answer::{authorization, page};
use crate::http::browser::{ask_owner, choose_organization, consent, register, select_account, sign_in};
use crate::http::request::form;
use crate::http::visit::Visit;
use crate::protocol::endpoints;

const ENDPOINT: &str = "authorize";
const ANOTHER_PERSON: &str = "The application asks for another account than the one you are signed in with. Sign in to \
                              the account it knows you by.";
const PASSWORD: &str = "The application asks you to sign in with your password here.";
const PROVIDER: &str = "The application asks you to sign in through your organization.";

/// GET: everything happens here.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let params =
        form::query(&visit.request).map_err(|error| visit.refuse_as(StatusCode::BAD_REQUEST, ENDPOINT, None, error))?;
    let params = first_seen::marked(&visit.app, params, &visit.as_browser());
    let outcome = authorize::authorize(&visit.app, &visit.caller, &params, &visit.as_browser()).await;
    match outcome.map_err(|error| visit.refuse(ENDPOINT, error))? {
        Outcome::Page(refusal) => {
            let client = refusal.client.as_ref().map(|client| (client.client_id.as_str(), client.name.as_str()));
            Err(visit.refuse_as(StatusCode::BAD_REQUEST, ENDPOINT, client, refusal.error))
        }
        Outcome::Respond(response) => Ok(authorization::respond(&visit, response)),
        Outcome::SignIn(prompt) => Ok(ask_to_sign_in(&visit, prompt)),
        Outcome::Register(prompt) => Ok(page::redirect(&visit, &register::anew(&visit, &prompt.return_to))),
        Outcome::SelectAccount(prompt) => Ok(select_account::ask(&visit, &prompt)),
        Outcome::Consent(prompt) => Ok(consent::ask(&visit, &prompt, &params)),
        Outcome::ChooseOrganization(prompt) => Ok(choose_organization::ask(&visit, prompt, &params)),
        Outcome::AskOwner(prompt) => Ok(ask_owner::show(&visit, &prompt, &params)),
        Outcome::LinkIdentity(prompt) => Ok(page::redirect(&visit, &to_provider(&visit, &prompt))),
    }
}

/// POST: re-enters GET with the same parameters and changes nothing, because any site may send it.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let refuse = |error| visit.refuse_as(StatusCode::BAD_REQUEST, ENDPOINT, None, error);
    let mut params = form::query(&visit.request).map_err(refuse)?;
    let body = form::body(&visit.app, &visit.request, payload).await.map_err(|refusal| visit.unreadable(refusal))?;
    params.extend(body).map_err(|error| refuse(error.into()))?;
    Ok(page::redirect(&visit, &format!("{}?{}", visit.own(endpoints::AUTHORIZATION), params.encode())))
}

/// The organization's own sign-in page, which knows whether the account is linked, and comes back here.
fn to_provider(visit: &Visit, prompt: &LinkPrompt) -> String {
    let page = visit.own(&format!("/login/{}", prompt.organization));
    let href = sign_in::with_return_to(&page, Some(&prompt.return_to));
    if prompt.reauthenticate { format!("{href}&prompt=login") } else { href }
}

fn ask_to_sign_in(visit: &Visit, prompt: SignInPrompt) -> HttpResponse {
    let again = visit.who.as_ref().filter(|_| prompt.reauthenticate).map(|who| who.user.login.clone());
    let form = sign_in::Form {
        return_to: Some(&prompt.return_to),
        client: Some(&prompt.client.name),
        login: prompt.login_hint.or(again).unwrap_or_default(),
        notice: match prompt.reason {
            SignInReason::Plain => None,
            SignInReason::AnotherPerson => Some(ANOTHER_PERSON),
            SignInReason::Password => Some(PASSWORD),
            SignInReason::Provider => Some(PROVIDER),
        },
        ..sign_in::Form::default()
    };
    sign_in::show(visit, StatusCode::OK, form)
}
