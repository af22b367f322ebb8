//! `/login`: user name and password.

use actix_web::http::{StatusCode, header};
use actix_web::{Error, HttpResponse, web};

use super::invitation;
use crate::app::throttle::spelling_key;
use crate::flows::client_lookup;
use crate::flows::organizations::address_of;
use crate::flows::refusal;
use crate::flows::sign_in::{self, SignInRefusal};
use crate::http::answer::page::{Forms, page, redirect, redirecting};
use crate::http::pages::{ClientBanner, Hidden, SignInPage};
use crate::http::visit::{Posted, Visit, cookies, csrf};
use crate::protocol::endpoints;
use crate::protocol::params::Params;

const ENDPOINT: &str = "login";
const WRONG: &str = "User name or password is wrong.";
const STALE: &str = "You signed in or out in another tab after this page was made. Please sign in here once more.";
const NO_COOKIE: &str = "Your browser did not send this site's cookie. Please allow cookies here and sign in again.";

/// What the sign-in page shows.
#[derive(Default)]
pub struct Form<'a> {
    /// The own path that waits.
    pub return_to: Option<&'a str>,
    /// The name of the client that asks.
    pub client: Option<&'a str>,
    /// Filled in.
    pub login: String,
    /// Why it is shown to somebody who did not expect it.
    pub notice: Option<&'static str>,
    /// Why it is shown again.
    pub fault: Option<&'static str>,
    /// Seconds to wait.
    pub wait: Option<u64>,
}

/// The page, at `/login` and in place of the one that needs somebody signed in.
pub fn show(visit: &Visit, status: StatusCode, form: Form<'_>) -> HttpResponse {
    let carried = form.return_to.map(|path| Hidden::new("return_to", path));
    let invited = form.return_to.is_some_and(|path| invitation::token_of(path).is_some());
    let registration = visit.app.config.sign_in.registration || invited;
    let shown = SignInPage {
        frame: visit.frame(),
        action: visit.own("/login"),
        csrf_token: visit.csrf_token(),
        carried: carried.into_iter().collect(),
        client: form.client.map(|name| ClientBanner { name: name.to_owned() }),
        login: form.login,
        notice: form.notice.map(str::to_owned),
        error: form.fault.map(str::to_owned),
        wait: form.wait.map(in_words),
        recover_href: Some(visit.own("/recover")),
        organization_action: visit.own("/login"),
        register_href: registration.then(|| with_return_to(&visit.own("/register"), form.return_to)),
    };
    page(visit, status, Forms::AtClient, &shown)
}

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    let return_to = visit.return_to(&params);
    // Whether there is such an organization is not told here, nor by the page this leads to.
    let slug = params.once("organization").ok().flatten().map(address_of).filter(|slug| !slug.is_empty());
    if let Some(slug) = slug {
        return Ok(redirect(&visit, &with_return_to(&visit.own(&format!("/login/{slug}")), return_to)));
    }
    if visit.who.is_some() && return_to.is_none() {
        return Ok(redirect(&visit, &visit.own("/")));
    }
    let client = waiting_client(&visit, return_to).await;
    Ok(show(&visit, StatusCode::OK, Form { return_to, client: client.as_deref(), ..Form::default() }))
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = match visit.posted(payload).await? {
        Posted::Current(params) => params,
        Posted::Stale(params) => return Ok(once_more(&visit, &params).await),
    };
    let (login, return_to) = (field(&params, "username"), visit.return_to(&params));
    let password = field(&params, "password").to_owned();
    let verdict = sign_in::sign_in(&visit.app, &visit.caller, visit.who.as_ref(), login, password).await;
    let client = if verdict.is_err() { waiting_client(&visit, return_to).await } else { None };
    let again = |fault, wait| {
        let (login, client) = (login.to_owned(), client.as_deref());
        Form { return_to, login, fault, wait, client, notice: None }
    };
    match verdict {
        Ok(new) => Ok(opened(&visit, new.cookie.expose(), return_to)),
        Err(SignInRefusal::Wrong) => Ok(show(&visit, StatusCode::BAD_REQUEST, again(Some(WRONG), None))),
        Err(SignInRefusal::Throttled(retry)) => {
            let mut answer = show(&visit, StatusCode::TOO_MANY_REQUESTS, again(None, Some(retry.seconds())));
            answer.headers_mut().insert(header::RETRY_AFTER, retry.seconds().into());
            Ok(answer)
        }
        Err(SignInRefusal::Unavailable(error)) => Err(visit.refuse(ENDPOINT, error)),
    }
}

/// A form from before this browser signed in or out, as in a second tab: nothing in it is tried. Whoever is signed in by
/// now under the very login typed goes on to what waits, as a link would lead there; everybody else is asked again, lest
/// the request be answered for somebody they did not mean.
async fn once_more(visit: &Visit, params: &Params) -> HttpResponse {
    let (login, return_to) = (field(params, "username"), visit.return_to(params));
    if visit.who.as_ref().is_some_and(|who| who.user.login_key == spelling_key(login)) {
        return redirect(visit, &visit.own(return_to.unwrap_or("/")));
    }
    refusal::record(&visit.app, &visit.caller, ENDPOINT, None, csrf::refusal());
    let client = waiting_client(visit, return_to).await;
    let fault = Some(if visit.new_browser { NO_COOKIE } else { STALE });
    let form = Form { return_to, login: login.to_owned(), fault, client: client.as_deref(), ..Form::default() };
    show(visit, StatusCode::FORBIDDEN, form)
}

fn field<'a>(params: &'a Params, name: &str) -> &'a str {
    params.once(name).ok().flatten().unwrap_or_default()
}

/// The name of the client whose request waits behind the sign-in.
async fn waiting_client(visit: &Visit, return_to: Option<&str>) -> Option<String> {
    let query = return_to?.strip_prefix(endpoints::AUTHORIZATION)?.strip_prefix('?')?;
    let params = Params::parse(query.as_bytes()).ok()?;
    let client = client_lookup::find(&visit.app, params.once("client_id").ok()??).await.ok()??;
    client.is_active().then(|| client.name.clone())
}

/// Gives the browser its new session and sends it on.
pub fn opened(visit: &Visit, session: &str, return_to: Option<&str>) -> HttpResponse {
    let location = visit.own(return_to.unwrap_or("/"));
    let seconds = visit.app.config.sign_in.session_lifetime;
    redirecting(visit, &location).cookie(cookies::open_session(&visit.app.issuer, session, seconds)).finish()
}

/// An address that carries on what waits.
pub fn with_return_to(href: &str, return_to: Option<&str>) -> String {
    match return_to {
        Some(path) => {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", path).finish();
            format!("{href}?{query}")
        }
        None => href.to_owned(),
    }
}

fn in_words(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}
