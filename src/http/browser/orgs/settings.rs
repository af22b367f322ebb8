//! `/orgs/{org}/settings`: name and address, how people come in, and how long tokens live.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::enter::{Inside, enter, enter_fresh};
use super::frame::{Page, frame};
use super::{refused, words};
use crate::flows::organizations::OrganizationRefusal as Refusal;
use crate::flows::organizations::settings::{self, Joining};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::faults::input;
use crate::http::pages::orgs::SettingsPage;
use crate::http::visit::Visit;
use crate::http::words::moment;
use crate::protocol::span;

/// Seconds; a bare number in the form counts days.
const DAY: i64 = 86_400;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter(&visit, Page::Settings.needs()).await?;
    let params = visit.query()?;
    let done = params.once("done").ok().flatten().filter(|what| *what == "saved").map(|_| "Saved.");
    Ok(show(&visit, &inside, &Typed::of(&inside), None, done))
}

/// POST `/name`.
///
/// # Errors
/// A page.
pub async fn rename(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter(&visit, Page::Settings.needs()).await?;
    let field = |name| params.once_even_empty(name).ok().flatten().unwrap_or_default().to_owned();
    let typed = Typed { name: field("name"), slug: field("slug"), ..Typed::of(&inside) };
    let organization = inside.membership.organization();
    match settings::rename(&visit.app, inside.by(&visit), organization, &typed.name, &typed.slug).await {
        Ok(_) => {
            let there = format!("/orgs/{}/settings?done=saved", typed.slug.trim());
            Ok(redirect(&visit, &visit.own(&there)))
        }
        Err(
            refusal @ (Refusal::NameMalformed | Refusal::SlugMalformed | Refusal::SlugReserved | Refusal::SlugTaken),
        ) => Ok(show(&visit, &inside, &typed, Some(&refusal), None)),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// POST `/joining`.
///
/// # Errors
/// A page.
pub async fn joining(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter(&visit, Page::Settings.needs()).await?;
    let joining = Joining {
        default_role: params.once("default_role").ok().flatten().unwrap_or_default().to_owned(),
        open_membership: params.once("open_membership").ok().flatten() == Some("yes"),
    };
    let typed = Typed { joining: joining.clone(), ..Typed::of(&inside) };
    match settings::set_joining(&visit.app, inside.by(&visit), inside.membership.organization(), joining).await {
        Ok(_) => Ok(redirect(&visit, &inside.own(&visit, "/settings?done=saved"))),
        Err(refusal @ (Refusal::RoleUnknown(_) | Refusal::DefaultRoleTooHigh(_))) => {
            Ok(show(&visit, &inside, &typed, Some(&refusal), None))
        }
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// POST `/tokens`: how long a token outlives the provider's word is the owners' to say, as at the API.
///
/// # Errors
/// A page.
pub async fn tokens(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter_fresh(&visit, Some("org:admin")).await?;
    let typed = params.once_even_empty("token_max_age").ok().flatten().unwrap_or_default().trim().to_owned();
    let typed = Typed { token_age: typed, ..Typed::of(&inside) };
    let seconds = match typed.token_age.as_str() {
        "" => Ok(None),
        age => span::parse(age, DAY).map(Some).ok_or_else(settings::token_age_refused),
    };
    let (by, organization) = (inside.by(&visit), inside.membership.organization());
    let set = match seconds {
        Ok(seconds) => settings::set_token_max_age(&visit.app, by, organization, seconds).await,
        Err(refusal) => Err(refusal),
    };
    match set {
        Ok(_) => Ok(redirect(&visit, &inside.own(&visit, "/settings?done=saved"))),
        Err(refusal @ Refusal::TokenAge(..)) => Ok(show(&visit, &inside, &typed, Some(&refusal), None)),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

struct Typed {
    name: String,
    slug: String,
    joining: Joining,
    token_age: String,
}

impl Typed {
    fn of(inside: &Inside<'_>) -> Typed {
        let organization = inside.membership.organization();
        Typed {
            name: organization.name.clone(),
            slug: organization.slug.clone(),
            joining: Joining {
                default_role: organization.default_role.clone(),
                open_membership: organization.open_membership,
            },
            token_age: organization.token_max_age.map(span::text).unwrap_or_default(),
        }
    }
}

fn show(
    visit: &Visit,
    inside: &Inside<'_>,
    typed: &Typed,
    refusal: Option<&Refusal>,
    done: Option<&str>,
) -> HttpResponse {
    let text = refusal.map(ToString::to_string);
    let (name, slug, joining, token_age) = match refusal {
        Some(Refusal::NameMalformed) => (text, None, None, None),
        Some(Refusal::RoleUnknown(_) | Refusal::DefaultRoleTooHigh(_)) => (None, None, text, None),
        Some(Refusal::TokenAge(..)) => (None, None, None, text),
        _ => (None, text, None, None),
    };
    let mine = &inside.membership.member().role;
    let shown = SettingsPage {
        frame: visit.frame(),
        org: frame(visit, inside, Page::Settings, done),
        name_action: inside.own(visit, "/settings/name"),
        name: input(&typed.name, name),
        slug: input(&typed.slug, slug),
        prefix: visit.app.issuer.endpoint("/orgs/"),
        joining_action: inside.own(visit, "/settings/joining"),
        joining_error: joining,
        roles: words::roles(&visit.app, mine, &typed.joining.default_role, false),
        open_membership: typed.joining.open_membership,
        tokens_action: inside.allows(&visit.app, "org:admin").then(|| inside.own(visit, "/settings/tokens")),
        token_age: input(&typed.token_age, token_age),
        default_token_age: span::text(visit.app.config.sso.token_max_age),
        delete_href: inside.allows(&visit.app, "org:admin").then(|| inside.own(visit, "/settings/delete")),
        delay: moment::span(visit.app.config.organizations.deletion_delay),
    };
    page(visit, refusal.map_or(StatusCode::OK, refused::status), Forms::Here, &shown)
}
