//! `/recover`: a new password by mail. The answer is the same for people who exist and who do not (C61).

use actix_web::http::{StatusCode, header};
use actix_web::{Error, HttpResponse, web};

use super::faults::{self, Faults, input};
use crate::flows::mail::{self, links::LinkKind};
use crate::flows::people::{PersonRefusal, recover};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::{Hidden, Input, Link, NewPasswordPage, NoticeKind, NoticePage, RecoverPage};
use crate::http::visit::Visit;
use crate::http::words::moment;

const ENDPOINT: &str = "recover";
/// Below the issuer.
pub const PATH: &str = "/recover";
/// Where links lead, below the issuer.
pub const NEW_PATH: &str = "/recover/new";

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    if !mail::is_on(&visit.app) {
        return Ok(no_mail(&visit));
    }
    match params.once("done").ok().flatten() {
        Some("sent") => Ok(sent(&visit)),
        Some("set") => Ok(set(&visit)),
        _ => Ok(page(&visit, StatusCode::OK, Forms::Here, &form(&visit, "", None))),
    }
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    if !mail::is_on(&visit.app) {
        return Ok(no_mail(&visit));
    }
    let typed = params.once("username").ok().flatten().unwrap_or_default();
    match recover::ask(&visit.app, &visit.caller, typed).await {
        Ok(()) => Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=sent")))),
        Err(PersonRefusal::Throttled(retry)) => {
            let wait = i64::try_from(retry.seconds()).unwrap_or(i64::MAX);
            let shown = form(&visit, typed, Some(moment::span(wait)));
            let mut answer = page(&visit, StatusCode::TOO_MANY_REQUESTS, Forms::Here, &shown);
            answer.headers_mut().insert(header::RETRY_AFTER, retry.seconds().into());
            Ok(answer)
        }
        Err(PersonRefusal::Unavailable(error)) => Err(visit.refuse(ENDPOINT, error)),
        Err(refusal) => {
            let shown = RecoverPage { login: input(typed, Some(refusal.to_string())), ..form(&visit, typed, None) };
            Ok(page(&visit, faults::status(&refusal).0, Forms::Here, &shown))
        }
    }
}

/// GET: shows the form and uses nothing up, so that a mail scanner or a preview cannot.
///
/// # Errors
/// A page.
pub async fn get_new(visit: Visit) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    let token = params.once("token").ok().flatten().unwrap_or_default();
    new_form(&visit, StatusCode::OK, token, Faults::default()).await
}

/// POST: sets the password and signs nobody in.
///
/// # Errors
/// A page.
pub async fn post_new(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let field = |name| params.once_even_empty(name).ok().flatten().unwrap_or_default();
    let (token, password) = (field("token"), field("password").to_owned());
    match recover::set(&visit.app, &visit.caller, token, password).await {
        Ok(()) => Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=set")))),
        Err(PersonRefusal::Unavailable(error)) => Err(visit.refuse(ENDPOINT, error)),
        Err(refusal) => new_form(&visit, faults::status(&refusal).0, token, Faults::of(&refusal)).await,
    }
}

async fn new_form(visit: &Visit, status: StatusCode, token: &str, faults: Faults) -> Result<HttpResponse, Error> {
    let link = match recover::check(&visit.app, token).await {
        Ok(link) => link,
        Err(PersonRefusal::Unavailable(error)) => return Err(visit.refuse(ENDPOINT, error)),
        Err(_) => return Ok(void(visit)),
    };
    let shown = NewPasswordPage {
        frame: visit.frame(),
        action: visit.own(NEW_PATH),
        csrf_token: visit.csrf_token(),
        carried: vec![Hidden::new("token", token)],
        login: link.user.login,
        first: link.kind == LinkKind::SetPassword,
        error: faults.form,
        password: input("", faults.password),
        password_rules: faults::password_rules(),
    };
    Ok(page(visit, status, Forms::Here, &shown))
}

fn form(visit: &Visit, typed: &str, wait: Option<String>) -> RecoverPage {
    RecoverPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        login: Input { value: typed.to_owned(), error: None },
        wait,
        sign_in_href: visit.own("/login"),
    }
}

fn notice(
    visit: &Visit,
    status: StatusCode,
    kind: NoticeKind,
    title: &str,
    text: String,
    next: (&str, &str),
) -> HttpResponse {
    let (label, path) = next;
    let next = Some(Link { label: label.to_owned(), href: visit.own(path) });
    let shown = NoticePage { frame: visit.frame(), kind, title: title.to_owned(), text, next };
    page(visit, status, Forms::Here, &shown)
}

fn sent(visit: &Visit) -> HttpResponse {
    let text = format!(
        "If there is such an account, a mail with a link is on its way to its address. The link works once, within an \
         hour. If nothing comes, look among unwanted mail, or ask {}.",
        mail::contact(&visit.app)
    );
    let next = if visit.app.mailer.is_none() { ("See the mailbox", "/mailbox") } else { ("Back to sign-in", "/login") };
    notice(visit, StatusCode::OK, NoticeKind::Done, "Look into your mailbox", text, next)
}

fn set(visit: &Visit) -> HttpResponse {
    let text = "Sign in with it. Every browser was signed out, and applications have to ask you again.".to_owned();
    notice(visit, StatusCode::OK, NoticeKind::Done, "Your password is set", text, ("Sign in", "/login"))
}

fn void(visit: &Visit) -> HttpResponse {
    let text = "A link works once, within an hour, and only until the password or the address of the account changes."
        .to_owned();
    let title = "This link does not work any more";
    notice(visit, StatusCode::GONE, NoticeKind::Refused, title, text, ("Ask for a new link", PATH))
}

fn no_mail(visit: &Visit) -> HttpResponse {
    let text = format!("This server sends no mail. To get a new password, ask {}.", mail::contact(&visit.app));
    notice(visit, StatusCode::OK, NoticeKind::Refused, "Forgot your password?", text, ("Back to sign-in", "/login"))
}
