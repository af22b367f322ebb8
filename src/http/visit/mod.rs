//! A browser's request to a page: who calls, which browser, which session. Handlers of pages take a [`Visit`].

pub mod back;
pub mod cookies;
pub mod csrf;
pub mod return_to;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{Error, FromRequest, HttpRequest, web};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use super::answer::refusal_page;
use super::pages::{Frame, SignedIn as Account};
use super::request::{caller, form};
use crate::app::App;
use crate::crypto::digest::sha256;
use crate::crypto::random;
use crate::flows::authorize::Browser;
use crate::flows::caller::Caller;
use crate::flows::logout::resting;
use crate::flows::session::{self, SignedIn};
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;

/// Characters of the browser cookie: 128 random bits.
const BROWSER_LENGTH: usize = 22;

/// A request to a page.
pub struct Visit {
    /// The app.
    pub app: web::Data<App>,
    /// The request.
    pub request: HttpRequest,
    /// Its sender.
    pub caller: Caller,
    /// Whoever is signed in.
    pub who: Option<SignedIn>,
    /// The browser cookie's value.
    pub browser: String,
    /// The browser had no cookie: the answer's page sets it.
    pub new_browser: bool,
    session: String,
}

/// A form of our own pages, judged by its token.
pub enum Posted {
    /// Made for this browser and session.
    Current(Params),
    /// Made for another browser, or before this one signed in or out: it must change nothing.
    Stale(Params),
}

impl Visit {
    async fn of(app: web::Data<App>, request: HttpRequest) -> Result<Visit, Error> {
        let session = cookies::session(&app.issuer, &request).unwrap_or_default();
        let known = cookies::browser(&app.issuer, &request)
            .filter(|text| text.len() == BROWSER_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let new_browser = known.is_none();
        let browser = known.unwrap_or_else(|| random::url_safe_text(16));
        // A digest: what is kept of a device must not be good for pretending to be it.
        let device = Some(sha256(&[b"grantor/device/v1", browser.as_bytes()]));
        let caller = Caller { device, ..caller::of(&app, &request) };
        let mut visit = Visit { app, request, caller, who: None, browser, new_browser, session };
        if !visit.session.is_empty() {
            let found = session::current(&visit.app, &visit.session).await;
            visit.who = found.map_err(|error| visit.refuse("page", error))?;
            if let Some(who) = &visit.who {
                visit.caller = visit.caller.clone().in_session(who, visit.app.clock.now());
            }
        }
        Ok(visit)
    }

    /// Whoever was signed in until the session ran out, if nobody is now and nobody ended it.
    ///
    /// # Errors
    /// A page.
    pub async fn resting(&self, endpoint: &'static str) -> Result<Option<SignedIn>, Error> {
        if self.who.is_some() || self.session.is_empty() {
            return Ok(None);
        }
        resting::of_cookie(&self.app, &self.session).await.map_err(|error| self.refuse(endpoint, error))
    }

    /// What the authorization endpoint needs to know of the browser.
    pub fn as_browser(&self) -> Browser<'_> {
        Browser { signed_in: self.who.as_ref(), browser_cookie: &self.browser, address: self.caller.address }
    }

    /// The token for this visit's forms.
    pub fn csrf_token(&self) -> String {
        csrf::token(&self.app, &self.browser, &self.session)
    }

    /// What surrounds a page.
    pub fn frame(&self) -> Frame {
        let account = |who: &SignedIn| Account { login: who.user.login.clone(), csrf_token: self.csrf_token() };
        Frame {
            brand: self.app.config.server.brand.clone(),
            base: self.app.issuer.path().to_owned(),
            user: self.who.as_ref().map(account),
            dev: self.app.config.dev,
        }
    }

    /// The address of an own path.
    pub fn own(&self, path: &str) -> String {
        format!("{}{path}", self.app.issuer.path())
    }

    /// The query's parameters.
    ///
    /// # Errors
    /// A page.
    pub fn query(&self) -> Result<Params, Error> {
        form::query(&self.request).map_err(|error| self.refuse("page", error))
    }

    /// The parameters of a form of ours, after both fences against forgery.
    ///
    /// # Errors
    /// A page: 403 for a form that is not this browser's and session's.
    pub async fn form(&self, payload: web::Payload) -> Result<Params, Error> {
        match self.posted(payload).await? {
            Posted::Current(params) => Ok(params),
            Posted::Stale(_) => Err(self.out_of_date()),
        }
    }

    /// A page for a form that is not this browser's and session's.
    pub fn out_of_date(&self) -> Error {
        self.refuse_as(StatusCode::FORBIDDEN, "page", None, csrf::refusal())
    }

    /// The same for a page that shows its form again instead of refusing one that is out of date.
    ///
    /// # Errors
    /// A page: 403 for a form that another site sent.
    pub async fn posted(&self, payload: web::Payload) -> Result<Posted, Error> {
        let params = form::body(&self.app, &self.request, payload).await.map_err(|refusal| self.unreadable(refusal))?;
        if !csrf::comes_from_here(self.request.headers(), self.app.issuer.origin()) {
            return Err(self.refuse_as(StatusCode::FORBIDDEN, "page", None, csrf::refusal()));
        }
        let presented = params.once(csrf::FIELD).ok().flatten().unwrap_or_default();
        let right = !self.new_browser && csrf::token_is_right(&self.app, &self.browser, &self.session, presented);
        Ok(if right { Posted::Current(params) } else { Posted::Stale(params) })
    }

    /// Whether a script's request carries this session's token and comes from our own pages: both fences.
    pub fn is_own_script(&self) -> bool {
        let presented = self.request.headers().get(csrf::HEADER).and_then(|value| value.to_str().ok());
        csrf::comes_from_here(self.request.headers(), self.app.issuer.origin())
            && !self.new_browser
            && csrf::token_is_right(&self.app, &self.browser, &self.session, presented.unwrap_or_default())
    }

    /// The `return_to` a request carries, if it is one of ours.
    pub fn return_to<'a>(&self, params: &'a Params) -> Option<&'a str> {
        params.once("return_to").ok().flatten().and_then(return_to::local)
    }

    /// A refusal, recorded, as a page to be returned with `?`.
    pub fn refuse(&self, endpoint: &'static str, error: impl Into<OAuthError>) -> Error {
        let error = error.into();
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.refuse_as(status, endpoint, None, error)
    }

    /// The same with a status and the client concerned.
    pub fn refuse_as(
        &self,
        status: StatusCode,
        endpoint: &'static str,
        client: Option<(&str, &str)>,
        error: OAuthError,
    ) -> Error {
        let answer = refusal_page::answer(self, status, endpoint, client, error);
        actix_web::error::InternalError::from_response("", answer).into()
    }

    /// A page for a form that could not be read.
    pub fn unreadable(&self, refusal: form::Unreadable) -> Error {
        self.refuse_as(refusal.status, "page", None, refusal.error)
    }
}

impl FromRequest for Visit {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Visit, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (app, request) = (web::Data::<App>::extract(request), request.clone());
        async move { Visit::of(app.await?, request).await }.boxed_local()
    }
}
