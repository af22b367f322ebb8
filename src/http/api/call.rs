//! A request to the API after its door: who asks, that they may, and what the answer carries besides.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, web};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;

use super::problem::Problem;
use crate::app::App;
use crate::flows::api::credential::{self, Acting, Credential, Person};
use crate::flows::api::organization::{self, Inside};
use crate::flows::api::{ApiRefusal, Needs, needs};
use crate::flows::caller::Caller;
use crate::flows::refusal;
use crate::flows::terms::Seen;
use crate::http::answer::json;
use crate::http::request::{caller, form};
use crate::http::visit::Visit;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::origin_pattern;
use crate::protocol::params::Params;

/// What the table of routes says of each method of a path.
pub struct NeedsOf(pub Vec<(Method, Needs)>);

/// Headers of the answer that are known before there is one.
#[derive(Default)]
pub struct AnswerHeaders(pub Vec<(HeaderName, HeaderValue)>);

/// A request that may go on.
pub struct Call {
    /// The app.
    pub app: web::Data<App>,
    /// The request.
    pub request: HttpRequest,
    /// Its sender.
    pub caller: Caller,
    /// Who asks.
    pub credential: Credential,
    inside: Option<Inside>,
}

impl FromRequest for Call {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Call, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move { Call::of(request).await }.boxed_local()
    }
}

impl Call {
    async fn of(request: HttpRequest) -> Result<Call, Problem> {
        let Some(app) = request.app_data::<web::Data<App>>().cloned() else { return Err(Problem::not_found()) };
        let caller = caller::of(&app, &request);
        let needs = request
            .app_data::<NeedsOf>()
            .and_then(|table| table.0.iter().find(|(method, _)| method == request.method()).map(|(_, needs)| *needs));
        // A route that is not in the table is nobody's.
        let Some(needs) = needs else { return Err(Problem::not_found()) };
        let (credential, session) = who(&app, &request, &caller).await?;
        let judged = judge(&app, &request, &credential, session.as_ref(), needs).await;
        match judged {
            Ok(Some(inside)) => Ok(Call { app, request, caller, credential, inside: Some(inside) }),
            // Inside an organization the flows judge credential and role together; all others by this.
            Ok(None) => {
                let administration = matches!(needs, Needs::Administrator(_));
                let caller = caller.with_credential(&credential, administration, app.clock.now());
                Ok(Call { app, request, caller, credential, inside: None })
            }
            Err(refusal) => {
                record(&app, &caller, &credential, &refusal);
                Err(refusal.into())
            }
        }
    }

    /// The organization the path names, and whoever is inside.
    ///
    /// # Errors
    /// 404 on a route that names none.
    pub fn inside(&self) -> Result<&Inside, Problem> {
        self.inside.as_ref().ok_or_else(Problem::not_found)
    }

    /// The person who asks.
    ///
    /// # Errors
    /// 403 for whatever speaks for no person.
    pub fn user(&self) -> Result<&Arc<Person>, Problem> {
        Ok(self.credential.user().ok_or(ApiRefusal::NoPerson)?)
    }

    /// Whoever acts, for the flows that change organizations: `By::Api(&call.acting("org:write"))`.
    pub fn acting(&self, scope: &'static str) -> Acting<'_> {
        Acting {
            credential: &self.credential,
            caller: &self.caller,
            scopes: self.credential.scopes(&self.app),
            administrator: organization::may_as_administrator(&self.app, &self.credential, scope),
        }
    }

    /// Its sender, who changes what they saw and nothing newer, where they say what they saw.
    pub fn seeing(&self, seen: Option<impl Into<Seen>>) -> Caller {
        seen.map_or_else(|| self.caller.clone(), |seen| self.caller.seeing(seen))
    }

    /// A segment of the path.
    ///
    /// # Errors
    /// 404 for what is no segment of ours.
    pub fn segment(&self, name: &str) -> Result<String, Problem> {
        segment(&self.request, name).ok_or_else(Problem::not_found)
    }

    /// The query's parameters.
    ///
    /// # Errors
    /// 400.
    pub fn query(&self) -> Result<Params, Problem> {
        form::query(&self.request).map_err(|error| Problem::bad_request(error.description))
    }

    /// 200 with a body.
    pub fn ok(&self, body: &impl Serialize) -> HttpResponse {
        render(StatusCode::OK, body)
    }

    /// 204.
    pub fn done(&self) -> HttpResponse {
        json::no_store(StatusCode::NO_CONTENT).finish()
    }
}

/// A body with a status.
pub fn render(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(body) {
        Ok(bytes) => json::no_store(status).content_type("application/json").body(bytes),
        Err(_) => json::no_store(StatusCode::INTERNAL_SERVER_ERROR).finish(),
    }
}

/// The credential, and the visit when it is a browser's session.
async fn who(
    app: &web::Data<App>,
    request: &HttpRequest,
    caller: &Caller,
) -> Result<(Credential, Option<Visit>), Problem> {
    let params = form::query(request).map_err(|error| Problem::bad_request(error.description))?;
    if params.present("access_token") {
        return Err(ApiRefusal::InAddress.into());
    }
    let mut headers = request.headers().get_all(header::AUTHORIZATION);
    let header = headers.next();
    if headers.next().is_some() {
        return Err(ApiRefusal::TwoCredentials.into());
    }
    let Some(header) = header else {
        // The only thing that can fail here is the store.
        let visit = Visit::extract(request).await.map_err(|_| Problem::from(busy()))?;
        let credential = credential::authenticate(app, caller, None, visit.who.clone()).await?;
        return Ok((credential, Some(visit)));
    };
    let text = header.to_str().map_err(|_| ApiRefusal::Malformed("it is not ASCII text"));
    let answer = match text {
        Ok(text) => credential::authenticate(app, caller, Some(text), None).await,
        Err(refusal) => Err(refusal),
    };
    let basic = header.as_bytes().get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case(b"basic"));
    answer.map(|credential| (credential, None)).map_err(|refusal| {
        let problem = Problem::from(refusal);
        // RFC 7617 asks for its own challenge; only whoever used the scheme hears it, so that no browser asks a person.
        match basic && problem.status == 401 {
            true => problem.with_header(header::WWW_AUTHENTICATE, "Basic realm=\"grantor\", charset=\"UTF-8\""),
            false => problem,
        }
    })
}

fn busy() -> OAuthError {
    OAuthError::new(ErrorCode::TemporarilyUnavailable, "the server is busy, try again")
}

async fn judge(
    app: &App,
    request: &HttpRequest,
    credential: &Credential,
    session: Option<&Visit>,
    needs: Needs,
) -> Result<Option<Inside>, ApiRefusal> {
    origin(app, request, credential, session)?;
    limit(app, request, credential)?;
    needs::judge(app, credential, needs)?;
    let Some((scope, even_if_closed)) = needs.inside() else { return Ok(None) };
    let named = segment(request, "org").ok_or(ApiRefusal::NotFound)?;
    let inside = organization::enter(app, credential, &named, scope, even_if_closed).await?;
    // Whoever is nobody there learns nothing of it.
    needs::proof(app, credential, needs)?;
    Ok(Some(inside))
}

/// A browser's script: of our own pages with the session's token, or of a site the credential's registration lists
/// (A09, C72).
fn origin(
    app: &App,
    request: &HttpRequest,
    credential: &Credential,
    session: Option<&Visit>,
) -> Result<(), ApiRefusal> {
    if let Some(visit) = session {
        let safe = matches!(*request.method(), Method::GET | Method::HEAD);
        return if safe || visit.is_own_script() { Ok(()) } else { Err(ApiRefusal::Forged) };
    }
    let Some(value) = request.headers().get(header::ORIGIN) else { return Ok(()) };
    let text = value.to_str().unwrap_or_default();
    if text == app.issuer.origin() {
        return Ok(());
    }
    if !origin_pattern::any_matches(credential.allowed_origins(), text) {
        return Err(ApiRefusal::Origin(text.to_owned()));
    }
    note(request, header::ACCESS_CONTROL_ALLOW_ORIGIN, value.clone());
    note(request, header::VARY, HeaderValue::from_static("Origin"));
    let exposed = "link, etag, location, ratelimit, ratelimit-policy, x-request-id, www-authenticate, retry-after";
    note(request, header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(exposed));
    Ok(())
}

fn limit(app: &App, request: &HttpRequest, credential: &Credential) -> Result<(), ApiRefusal> {
    let quota = app.config.api.requests_per_minute;
    let policy = format!("\"default\";q={quota};w=60");
    let name = credential.name();
    let checked = app.throttles.api.check(&name);
    let left = match checked {
        Ok(()) => format!("\"default\";r={}", app.throttles.api.left(&name)),
        Err(retry) => {
            tracing::info!(credential = name, "a credential asks too often");
            format!("\"default\";r=0;t={}", retry.seconds())
        }
    };
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", left)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            note(request, HeaderName::from_static(name), value);
        }
    }
    checked.map_err(ApiRefusal::Throttled)
}

fn note(request: &HttpRequest, name: HeaderName, value: HeaderValue) {
    let mut extensions = request.extensions_mut();
    if extensions.get::<AnswerHeaders>().is_none() {
        extensions.insert(AnswerHeaders::default());
    }
    if let Some(headers) = extensions.get_mut::<AnswerHeaders>() {
        headers.0.push((name, value));
    }
}

/// What the owner of an application sees of its requests that were refused.
fn record(app: &App, caller: &Caller, credential: &Credential, refused: &ApiRefusal) {
    let Some(client) = credential.client() else { return };
    let detail = Detail::new("api", "RFC 6750 section 3.1").hint(refused.to_string());
    let error = OAuthError::new(ErrorCode::InsufficientScope, "the API refused").with_detail(detail);
    refusal::record(app, caller, "api", Some(&client.client_id), error);
}

/// A NUL, which PostgreSQL does not take as text, is in no name.
fn segment(request: &HttpRequest, name: &str) -> Option<String> {
    let text = request.match_info().get(name)?;
    (!text.is_empty() && text.len() <= 200 && !text.contains('\0')).then(|| text.to_owned())
}
