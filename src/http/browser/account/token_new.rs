//! `/account/tokens/new`: a personal token, made after a fresh proof and shown once.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::secret::{self, Shown};
use super::{application_words, failed, tokens};
use crate::crypto::random;
use crate::flows::api::{BASE, Credential};
use crate::flows::organizations::show;
use crate::flows::personal_tokens::{self, NewPersonalToken, PersonalTokenRefusal as Refusal};
use crate::flows::session::SignedIn;
use crate::http::answer::page::{Forms, page};
use crate::http::browser::faults::input;
use crate::http::browser::once;
use crate::http::browser::signed_in::require_fresh;
use crate::http::pages::account::NewTokenPage;
use crate::http::pages::orgs::Choice;
use crate::http::visit::Visit;
use crate::protocol::params::Params;

/// Below the issuer.
pub const PATH: &str = "/account/tokens/new";
const DAY: i64 = 24 * 3600;
/// What the form sends, what it shows, days.
const EXPIRIES: [(&str, &str, Option<i64>); 5] = [
    ("7", "In 7 days", Some(7)),
    ("30", "In 30 days", Some(30)),
    ("90", "In 90 days", Some(90)),
    ("365", "In a year", Some(365)),
    ("never", "Never", None),
];
const USUAL_EXPIRY: &str = "90";
/// An organization's slug is never this.
const NO_ORGANIZATION: &str = "-";

/// The form as typed.
struct Typed {
    name: String,
    scopes: Vec<String>,
    expiry: String,
    organization: String,
}

impl Typed {
    fn of(params: &Params) -> Typed {
        let field = |name| params.once_even_empty(name).ok().flatten().unwrap_or_default().to_owned();
        Typed {
            name: field("name"),
            scopes: params.all("scope").map(str::to_owned).collect(),
            expiry: field("expiry"),
            organization: field("organization"),
        }
    }
}

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require_fresh(&visit)?;
    let typed = Typed {
        name: String::new(),
        scopes: Vec::new(),
        expiry: USUAL_EXPIRY.to_owned(),
        organization: NO_ORGANIZATION.to_owned(),
    };
    form(&visit, who, &typed, None).await
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    let typed = Typed::of(&params);
    let now = visit.app.clock.now();
    let days = EXPIRIES.iter().find(|(value, ..)| *value == typed.expiry).map(|(_, _, days)| *days);
    let Some(days) = days else { return form(&visit, who, &typed, Some(Refusal::Expiry)).await };
    let new = NewPersonalToken {
        name: typed.name.clone(),
        scopes: typed.scopes.clone(),
        expires_at: days.map(|days| now + days * DAY),
        organization: Some(typed.organization.clone()).filter(|slug| !slug.is_empty() && slug != NO_ORGANIZATION),
    };
    // Drawn first: where there is none, nothing was made and the form stays good.
    let id = visit.app.store.next_id().map_err(|error| failed(&visit, error))?;
    once::require(&visit, who, &params, ("Personal tokens", visit.own(tokens::PATH))).await?;
    let credential = Credential::Session(Box::new(who.clone()));
    let bytes = random::secret();
    match personal_tokens::create(&visit.app, &visit.caller, &credential, new, id, bytes.expose()).await {
        Ok(made) => {
            let shown = Shown {
                title: format!("Your token {}", made.row.name),
                facts: vec![("Address of the API".to_owned(), visit.app.issuer.endpoint(BASE))],
                label: "Token",
                secret: made.token.expose().to_owned(),
                next: ("I have copied it", visit.own(tokens::PATH)),
            };
            Ok(secret::show(&visit, shown))
        }
        Err(Refusal::Unavailable(error)) => Err(failed(&visit, error)),
        Err(refusal) => {
            once::refused(&visit, who, &params).await?;
            form(&visit, who, &typed, Some(refusal)).await
        }
    }
}

async fn form(visit: &Visit, who: &SignedIn, typed: &Typed, refusal: Option<Refusal>) -> Result<HttpResponse, Error> {
    let text = refusal.as_ref().map(ToString::to_string);
    let (name, scopes, error) = match &refusal {
        Some(Refusal::Name) => (text, None, None),
        Some(Refusal::NoScopes | Refusal::UnknownScope(_) | Refusal::AdministratorsOnly(_)) => (None, text, None),
        _ => (None, None, text),
    };
    let mine = show::mine(&visit.app, who.user.id).await.map_err(|error| failed(visit, error))?;
    let choice = |value: &str, label: String, text: &str, chosen: &str| Choice {
        value: value.to_owned(),
        label,
        text: text.to_owned(),
        chosen: value == chosen,
    };
    let everywhere = choice(
        NO_ORGANIZATION,
        "Everything of mine".to_owned(),
        "As far as its scopes go; not where single sign-on is asked for",
        &typed.organization,
    );
    let within = mine
        .into_iter()
        .filter(|one| !one.pending_deletion)
        .map(|one| choice(&one.slug, one.name, "This organization and nothing else", &typed.organization));
    let shown = NewTokenPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        carried: vec![once::field()],
        cancel_href: visit.own(tokens::PATH),
        name: input(&typed.name, name),
        groups: application_words::groups(&visit.app, &typed.scopes, who.user.administrator),
        scopes_fault: scopes,
        expiries: EXPIRIES
            .iter()
            .map(|(value, label, _)| choice(value, (*label).to_owned(), "", &typed.expiry))
            .collect(),
        organizations: std::iter::once(everywhere).chain(within).collect(),
        error,
    };
    let status = if refusal.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok(page(visit, status, Forms::Here, &shown))
}
