//! `/account/data`: everything kept about a person, for them; and the end of the account.

use actix_web::http::{StatusCode, header};
use actix_web::{Error, HttpResponse, web};

use super::application_words::count;
use super::failed;
use crate::flows::people::{PersonRefusal, ending, export, status};
use crate::flows::session::SignedIn;
use crate::http::answer::json;
use crate::http::answer::page::{Forms, page};
use crate::http::browser::faults::input;
use crate::http::browser::orgs::confirm::{Question, ask};
use crate::http::browser::signed_in::{require, require_fresh};
use crate::http::pages::account::DataPage;
use crate::http::pages::orgs::Typed;
use crate::http::pages::{NoticeKind, NoticePage};
use crate::http::visit::{Visit, cookies};

/// Below the issuer.
pub const PATH: &str = "/account/data";
/// Below the issuer.
pub const DELETE_PATH: &str = "/account/delete";

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    require(&visit)?;
    let shown = DataPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        delete_href: visit.own(DELETE_PATH),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// POST: the file.
///
/// # Errors
/// A page.
pub async fn download(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    let exported = export::export(&visit.app, &visit.caller, &who.user).await;
    let exported = exported.map_err(|error| failed(&visit, error))?;
    let text = serde_json::to_string_pretty(&exported).unwrap_or_default();
    Ok(json::no_store(StatusCode::OK)
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"account.json\""))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .body(text))
}

/// GET: asks.
///
/// # Errors
/// A page.
pub async fn ask_delete(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require_fresh(&visit)?;
    question(&visit, who, "", None).await
}

/// POST.
///
/// # Errors
/// A page.
pub async fn delete(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    let typed = params.once_even_empty("confirmed").ok().flatten().unwrap_or_default();
    match status::delete_own(&visit.app, &visit.caller, &who.user, typed).await {
        Ok(_) => {
            let mut frame = visit.frame();
            frame.user = None;
            let shown = NoticePage {
                frame,
                kind: NoticeKind::Done,
                title: "Your account is deleted".to_owned(),
                text: "Nobody can sign in to it any more, and what you let applications do has ended.".to_owned(),
                next: None,
            };
            let mut answer = page(&visit, StatusCode::OK, Forms::Here, &shown);
            let forget = cookies::forget_session(&visit.app.issuer);
            if let Ok(value) = forget.to_string().parse() {
                answer.headers_mut().append(header::SET_COOKIE, value);
            }
            Ok(answer)
        }
        Err(PersonRefusal::Unavailable(error)) => Err(failed(&visit, error)),
        Err(refusal) => question(&visit, who, typed, Some(&refusal)).await,
    }
}

async fn question(
    visit: &Visit,
    who: &SignedIn,
    typed: &str,
    refusal: Option<&PersonRefusal>,
) -> Result<HttpResponse, Error> {
    let ends = ending::of_account(&visit.app, &who.user).await.map_err(|error| failed(visit, error))?;
    let text = refusal.map(ToString::to_string);
    let (fault, error) = match refusal {
        Some(PersonRefusal::NotConfirmed) => (text, None),
        _ => (None, text),
    };
    let status = match refusal {
        None => StatusCode::OK,
        Some(PersonRefusal::NotConfirmed) => StatusCode::BAD_REQUEST,
        Some(_) => StatusCode::CONFLICT,
    };
    let question = Question {
        title: "Delete your account?".to_owned(),
        consequences: vec![
            format!(
                "At once: {} signed out, {} without access, {} deleted, {} left. This cannot be taken back.",
                count(ends.sessions, "browser"),
                count(ends.authorizations, "application"),
                count(ends.personal_tokens, "personal token"),
                count(ends.organizations, "organization"),
            ),
            format!(
                "You develop {}: they go on without anybody who answers for them. Delete those nobody shall use first.",
                count(ends.owned, "application")
            ),
            "What you did stays on the record of this server and of organizations, with your user name.".to_owned(),
        ],
        action: visit.own(DELETE_PATH),
        carried: Vec::new(),
        typed: Some(Typed { expected: who.user.login.clone(), input: input(typed, fault) }),
        submit: "Delete my account",
        cancel: visit.own(PATH),
        error,
    };
    Ok(ask(visit, status, question))
}
