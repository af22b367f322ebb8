//! `/account/developer/new` and `/account/developer/{client}/edit`: what an application is.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::application::{credential, secret_page};
use super::developer::{self, NEW_PATH, PATH, refused};
use super::{application_openid as openid, application_words as words, failed};
use crate::crypto::random;
use crate::flows::applications::{self, ApplicationFields, ApplicationRefusal as Refusal, ClientRow};
use crate::flows::session::SignedIn;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::api::entity;
use crate::http::browser::faults::CHANGED_MEANWHILE;
use crate::http::browser::once;
use crate::http::browser::orgs::enter::segment;
use crate::http::browser::signed_in::require_fresh;
use crate::http::pages::account::ApplicationFormPage;
use crate::http::pages::orgs::Choice;
use crate::http::pages::{Hidden, Input};
use crate::http::visit::Visit;
use crate::protocol::params::Params;

/// The form as typed.
#[derive(Default)]
struct Typed {
    name: String,
    kind: String,
    redirect_uris: String,
    scopes: Vec<String>,
    organization_access: bool,
    allowed_origins: String,
    homepage_url: String,
    privacy_url: String,
    terms_url: String,
    openid: openid::Typed,
}

impl Typed {
    fn of(params: &Params) -> Typed {
        let field = |name| params.once_even_empty(name).ok().flatten().unwrap_or_default().to_owned();
        Typed {
            name: field("name"),
            kind: field("kind"),
            redirect_uris: field("redirect_uris"),
            scopes: params.all("scope").map(str::to_owned).collect(),
            organization_access: field("organization_access") == "yes",
            allowed_origins: field("allowed_origins"),
            homepage_url: field("homepage_url"),
            privacy_url: field("privacy_url"),
            terms_url: field("terms_url"),
            openid: openid::Typed::of(params),
        }
    }

    fn of_row(row: &ClientRow) -> Typed {
        let url = |url: &Option<String>| url.clone().unwrap_or_default();
        Typed {
            name: row.name.clone(),
            kind: row.kind.clone(),
            redirect_uris: row.redirect_uris.0.join(" "),
            scopes: row.scopes.iter().map(str::to_owned).collect(),
            organization_access: row.organization_access,
            allowed_origins: row.allowed_origins.0.join(" "),
            homepage_url: url(&row.homepage_url),
            privacy_url: url(&row.privacy_url),
            terms_url: url(&row.terms_url),
            openid: openid::Typed::of_row(row),
        }
    }

    /// What the flows are told; an empty field is no value.
    fn fields(&self, new: bool) -> ApplicationFields {
        let entries = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let url = |text: &str| Some(Some(text.trim().to_owned()).filter(|text| !text.is_empty()));
        ApplicationFields {
            name: Some(self.name.trim().to_owned()).filter(|name| !name.is_empty()),
            kind: Some(self.kind.clone()).filter(|_| new),
            redirect_uris: Some(entries(&self.redirect_uris)),
            scopes: Some(self.scopes.clone()),
            organization_access: Some(self.organization_access),
            allowed_origins: Some(entries(&self.allowed_origins)),
            homepage_url: url(&self.homepage_url),
            privacy_url: url(&self.privacy_url),
            terms_url: url(&self.terms_url),
            openid: Some(self.openid.members()),
            ..ApplicationFields::default()
        }
    }
}

/// GET `new`.
///
/// # Errors
/// A page.
pub async fn get_new(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require_fresh(&visit)?;
    match applications::may_create(&visit.app, &who.user) {
        Ok(()) => {
            let typed = Typed { kind: "confidential".to_owned(), ..Typed::default() };
            Ok(form(&visit, who, None, &typed, None))
        }
        Err(refusal) => refused(&visit, refusal),
    }
}

/// POST `new`.
///
/// # Errors
/// A page.
pub async fn post_new(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    let typed = Typed::of(&params);
    if let Err(refusal) = applications::may_create(&visit.app, &who.user) {
        return refused(&visit, refusal);
    }
    // Drawn first: where there is none, nothing was made and the form stays good.
    let id = visit.app.store.next_id().map_err(|error| failed(&visit, error))?;
    once::require(&visit, who, &params, ("Developer applications", visit.own(PATH))).await?;
    let (credential, bytes) = (credential(who), random::secret());
    let created = applications::create(&visit.app, &visit.caller, &credential, typed.fields(true), id, bytes.expose());
    match created.await {
        Ok(made) => Ok(secret_page(&visit, &made.client_id, made.secret.map(|secret| secret.expose().to_owned()))),
        Err(refusal @ (Refusal::Fields(_) | Refusal::Conflict(_))) => {
            once::refused(&visit, who, &params).await?;
            Ok(form(&visit, who, None, &typed, Some(Fault::Refused(&refusal))))
        }
        Err(refusal) => refused(&visit, refusal),
    }
}

/// GET `edit`.
///
/// # Errors
/// A page.
pub async fn get_edit(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require_fresh(&visit)?;
    match applications::show(&visit.app, &who.user, segment(&visit, "client")).await {
        Ok(owned) => Ok(form(&visit, who, Some(&owned.row), &Typed::of_row(&owned.row), None)),
        Err(refusal) => refused(&visit, refusal),
    }
}

/// POST `edit`.
///
/// # Errors
/// A page.
pub async fn post_edit(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require_fresh(&visit)?;
    let client_id = segment(&visit, "client");
    let row = match applications::show(&visit.app, &who.user, client_id).await {
        Ok(owned) => owned.row,
        Err(refusal) => return refused(&visit, refusal),
    };
    if params.once(SEEN).ok().flatten() != Some(tag(&row).as_str()) {
        return Ok(form(&visit, who, Some(&row), &Typed::of_row(&row), Some(Fault::Meanwhile)));
    }
    let typed = Typed::of(&params);
    let updated =
        applications::update(&visit.app, &visit.caller, &credential(who), client_id, typed.fields(false)).await;
    match updated {
        Ok(_) => Ok(redirect(&visit, &visit.own(&format!("{PATH}/{client_id}?done=saved")))),
        Err(refusal @ (Refusal::Fields(_) | Refusal::Conflict(_))) => {
            Ok(form(&visit, who, Some(&row), &typed, Some(Fault::Refused(&refusal))))
        }
        Err(refusal) => refused(&visit, refusal),
    }
}

/// The hidden field that says what the form was filled with.
const SEEN: &str = "seen";

/// Of what the form changes.
fn tag(row: &ClientRow) -> String {
    entity::tag(&(
        (&row.name, &row.redirect_uris.0, &row.scopes, row.organization_access, &row.allowed_origins.0),
        (&row.homepage_url, &row.privacy_url, &row.terms_url),
        openid::Typed::of_row(row).members(),
    ))
}

/// Why the form is shown again.
enum Fault<'a> {
    /// What was typed is refused.
    Refused(&'a Refusal),
    /// Somebody else changed the application since the form was filled: sent as it was, it would undo that.
    Meanwhile,
}

/// Members that have an input of their own.
const WITH_INPUT: [&str; 7] =
    ["name", "redirect_uris", "scopes", "allowed_origins", "homepage_url", "privacy_url", "terms_url"];

fn has_input(field: &str) -> bool {
    WITH_INPUT.contains(&field) || openid::FIELDS.contains(&field) || field == "sector_identifier_uri"
}

fn form(
    visit: &Visit,
    who: &SignedIn,
    row: Option<&ClientRow>,
    typed: &Typed,
    shown_again: Option<Fault<'_>>,
) -> HttpResponse {
    let refusal = match &shown_again {
        Some(Fault::Refused(refusal)) => Some(*refusal),
        _ => None,
    };
    let problems = match refusal {
        Some(Refusal::Fields(problems)) => problems.as_slice(),
        _ => &[],
    };
    let join = |texts: Vec<String>| (!texts.is_empty()).then(|| texts.join(" "));
    let fault =
        |field: &str| join(problems.iter().filter(|one| one.field == field).map(|one| one.message.clone()).collect());
    let input = |field: &str, value: &str| Input { value: value.to_owned(), error: fault(field) };
    let rest = problems.iter().filter(|one| !has_input(one.field)).map(ToString::to_string).collect();
    let error = match refusal {
        None if shown_again.is_some() => Some(CHANGED_MEANWHILE.to_owned()),
        None | Some(Refusal::Fields(_)) => join(rest),
        Some(other) => Some(other.to_string()),
    };
    let kind = |value: &str, label: &str, text: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        text: text.to_owned(),
        chosen: typed.kind == value,
    };
    let kinds = vec![
        kind("confidential", "Yes", "It runs on a server of yours."),
        kind("public", "No", "It runs in browsers, on telephones, or on other people's machines."),
    ];
    let own = row.map(|row| format!("{PATH}/{}", row.client_id));
    let shown = ApplicationFormPage {
        frame: visit.frame(),
        title: row.map_or("New application".to_owned(), |row| format!("Edit {}", row.name)),
        new: row.is_none(),
        action: visit.own(&own.as_ref().map_or(NEW_PATH.to_owned(), |own| format!("{own}/edit"))),
        csrf_token: visit.csrf_token(),
        carried: vec![row.map_or_else(once::field, |row| Hidden::new(SEEN, tag(row)))],
        cancel_href: visit.own(own.as_deref().unwrap_or(PATH)),
        cancel_label: row.map_or("Developer applications".to_owned(), |row| row.name.clone()),
        error,
        name: input("name", &typed.name),
        kinds: if row.is_none() { kinds } else { Vec::new() },
        redirect_uris: input("redirect_uris", &typed.redirect_uris),
        groups: words::groups_of_application(&visit.app, &typed.scopes, who.user.administrator),
        scopes_fault: fault("scopes"),
        organization_access: typed.organization_access,
        allowed_origins: input("allowed_origins", &typed.allowed_origins),
        homepage_url: input("homepage_url", &typed.homepage_url),
        privacy_url: input("privacy_url", &typed.privacy_url),
        terms_url: input("terms_url", &typed.terms_url),
        openid: typed.openid.inputs(fault),
    };
    let status = match shown_again {
        Some(Fault::Meanwhile) => StatusCode::CONFLICT,
        _ => refusal.map_or(StatusCode::OK, developer::status),
    };
    page(visit, status, Forms::Here, &shown)
}
