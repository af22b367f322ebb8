//! `/orgs/{org}/sso`: owners choose a provider, try it before it counts, change what may be changed, and switch it off.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::refused;
use crate::crypto::random;
use crate::flows::sso::finish::Errand;
use crate::flows::sso::providers::settings::{Claims, Field};
use crate::flows::sso::providers::{self, CLAIM_FIELDS, Provider};
use crate::flows::sso::settings::{self, Edit, ProviderView};
use crate::flows::sso::who_joins::WhoJoins;
use crate::flows::sso::{CALLBACK, SsoRefusal, UpstreamError, begin};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::api::entity;
use crate::http::browser::faults::CHANGED_MEANWHILE;
use crate::http::browser::orgs::confirm::{Question, ask};
use crate::http::browser::orgs::enter::{Inside, enter_fresh};
use crate::http::browser::orgs::frame::{Page, frame};
use crate::http::pages::orgs::{Choice, OrgFrame};
use crate::http::pages::{Fact, Hidden, KindLink, SsoField, SsoKindsPage, SsoSetUpPage, SsoSettingsPage};
use crate::http::visit::Visit;
use crate::http::words::moment;

/// GET: the provider, or the choice, or with `kind` the form.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter_fresh(&visit, Page::SingleSignOn.needs()).await?;
    let params = visit.query()?;
    let kind = params.once("kind").ok().flatten();
    if let Some(provider) = kind.and_then(|kind| providers::find(&visit.app, kind)) {
        return Ok(form(&visit, &inside, provider, &|_| String::new(), None));
    }
    let done = params.once("done").ok().flatten().and_then(done);
    match settings::view(&visit.app, inside.membership.organization()).await {
        Ok(Some(view)) if kind.is_none() => Ok(show(&visit, &inside, &view, Said::Done(done))),
        Ok(view) => Ok(choices(&visit, &inside, view.is_some(), done)),
        // A provider whose settings this server cannot read can still be replaced.
        Err(SsoRefusal::Upstream(UpstreamError::Settings(_))) => Ok(choices(&visit, &inside, true, done)),
        Err(refusal) => Ok(refused_here(&visit, &inside, refusal)),
    }
}

/// POST `/set-up`: goes upstream; nothing counts before the owner has come back and said so.
///
/// # Errors
/// A page.
pub async fn set_up(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter_fresh(&visit, Page::SingleSignOn.needs()).await?;
    let typed = |key: &str| params.once_even_empty(key).ok().flatten().unwrap_or_default().to_owned();
    let Some(provider) = providers::find(&visit.app, &typed("kind")) else {
        return Ok(choices(&visit, &inside, false, None));
    };
    let organization = inside.membership.organization();
    let begun = match settings::draft(&visit.app, provider.kind(), &typed).await {
        Ok(draft) => begin::begin_set_up(&visit.app, &visit.caller, &visit.as_browser(), organization, draft).await,
        Err(refusal) => Err(refusal),
    };
    match begun {
        Ok(begun) => Ok(redirect(&visit, &begun.location)),
        Err(SsoRefusal::Upstream(error)) => Ok(form(&visit, &inside, provider, &typed, Some(error.to_string()))),
        Err(refusal) => Ok(refused_here(&visit, &inside, refusal)),
    }
}

/// POST `/edit`.
///
/// # Errors
/// A page.
pub async fn edit(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter_fresh(&visit, Page::SingleSignOn.needs()).await?;
    let typed = |key: &str| params.once_even_empty(key).ok().flatten().unwrap_or_default().to_owned();
    let organization = inside.membership.organization();
    let view = match settings::view(&visit.app, organization).await {
        Ok(Some(view)) => view,
        Ok(None) => return Ok(refused_here(&visit, &inside, SsoRefusal::NoProvider)),
        Err(refusal) => return Ok(refused_here(&visit, &inside, refusal)),
    };
    // Sent as it was filled, it would undo what another owner did meanwhile.
    if typed(SEEN) != entity::tag(&view.seen) {
        return Ok(show(&visit, &inside, &view, Said::ChangedMeanwhile));
    }
    let edit = Edit {
        claims: settings::claims(&typed).into(),
        secret: Some(typed("secret").trim().to_owned()).filter(|secret| !secret.is_empty()),
        allow_unlinked: Some(typed("require") != "yes"),
        joining: WhoJoins::parse(&typed("joining")),
        seen: Some(view.seen),
    };
    match settings::edit(&visit.app, inside.by(&visit), organization, edit).await {
        Ok(()) => Ok(redirect(&visit, &inside.own(&visit, "/sso?done=saved"))),
        Err(SsoRefusal::NotAsSeen) => match settings::view(&visit.app, organization).await {
            Ok(Some(view)) => Ok(show(&visit, &inside, &view, Said::ChangedMeanwhile)),
            _ => Ok(refused_here(&visit, &inside, SsoRefusal::NotAsSeen)),
        },
        Err(refusal) => Ok(refused_here(&visit, &inside, refusal)),
    }
}

/// POST `/remind`.
///
/// # Errors
/// A page.
pub async fn remind(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let inside = enter_fresh(&visit, Page::SingleSignOn.needs()).await?;
    match settings::remind(&visit.app, inside.by(&visit), inside.membership.organization()).await {
        Ok(_) => Ok(redirect(&visit, &inside.own(&visit, "/sso?done=reminded"))),
        Err(refusal) => Ok(refused_here(&visit, &inside, refusal)),
    }
}

/// GET `/disable`.
///
/// # Errors
/// A page.
pub async fn ask_disable(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter_fresh(&visit, Page::SingleSignOn.needs()).await?;
    let question = Question {
        title: "Switch single sign-on off?".to_owned(),
        consequences: vec![
            "Every link between members and the provider is removed. Members are told by mail.".to_owned(),
            "Accounts the provider brought belong to their people from then on; those without a password get a link to \
             set one."
                .to_owned(),
        ],
        action: inside.own(&visit, "/sso/disable"),
        carried: Vec::new(),
        typed: None,
        submit: "Switch off",
        cancel: inside.own(&visit, "/sso"),
        error: None,
    };
    Ok(ask(&visit, StatusCode::OK, question))
}

/// POST `/disable`.
///
/// # Errors
/// A page.
pub async fn disable(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let inside = enter_fresh(&visit, Page::SingleSignOn.needs()).await?;
    let organization = inside.membership.organization();
    match settings::disable(&visit.app, inside.by(&visit), organization).await {
        Ok(()) => Ok(redirect(&visit, &inside.own(&visit, "/sso?done=disabled"))),
        Err(refusal) => Ok(refused_here(&visit, &inside, refusal)),
    }
}

fn refused_here(visit: &Visit, inside: &Inside<'_>, refusal: SsoRefusal) -> HttpResponse {
    refused::page(visit, refusal, Some(&inside.membership.organization().slug), Errand::SetUp)
}

/// Our own words only: an address must not be able to put a sentence into our mouth.
fn done(what: &str) -> Option<&'static str> {
    match what {
        "saved" => Some("Saved."),
        "reminded" => Some("Members who are not linked yet get a mail."),
        "disabled" => Some("Single sign-on is off. Members are told by mail."),
        _ => None,
    }
}

fn org(visit: &Visit, inside: &Inside<'_>, done: Option<&str>) -> OrgFrame {
    frame(visit, inside, Page::SingleSignOn, done)
}

fn choices(visit: &Visit, inside: &Inside<'_>, replaces: bool, done: Option<&str>) -> HttpResponse {
    let kinds = providers::offered(&visit.app).map(|provider| KindLink {
        label: provider.label().to_owned(),
        about: provider.about().to_owned(),
        href: inside.own(visit, &format!("/sso?kind={}", provider.kind())),
    });
    let shown = SsoKindsPage { frame: visit.frame(), org: org(visit, inside, done), replaces, kinds: kinds.collect() };
    page(visit, StatusCode::OK, Forms::Here, &shown)
}

fn form(
    visit: &Visit,
    inside: &Inside<'_>,
    provider: &dyn Provider,
    typed: &dyn Fn(&str) -> String,
    error: Option<String>,
) -> HttpResponse {
    let nonce = random::url_safe_text(16);
    let field = |field: &Field, shown: bool| SsoField {
        key: field.key.to_owned(),
        label: field.label.to_owned(),
        hint: field.hint.to_owned(),
        value: if shown { typed(field.key) } else { String::new() },
        secret: !shown,
        optional: field.optional,
    };
    let mapped = matches!(provider.kind(), "oidc" | "oauth2");
    let shown = SsoSetUpPage {
        frame: visit.frame(),
        org: org(visit, inside, None),
        action: inside.own(visit, "/sso/set-up"),
        back_href: inside.own(visit, "/sso"),
        kind: provider.kind().to_owned(),
        label: provider.label().to_owned(),
        about: provider.about().to_owned(),
        callback: visit.app.issuer.endpoint(CALLBACK),
        origin: visit.app.issuer.origin().to_owned(),
        fields: provider.fields().iter().map(|one| field(one, one.key != "secret")).collect(),
        claims: if mapped { CLAIM_FIELDS.iter().map(|one| field(one, true)).collect() } else { Vec::new() },
        require: error.is_none() || typed("require") == "yes",
        joining: joining(WhoJoins::parse(&typed("joining")).unwrap_or(WhoJoins::usual(provider.kind()))),
        nonce: nonce.clone(),
        status_bad: error.is_some(),
        error,
    };
    let status = if shown.status_bad { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    page(visit, status, Forms::Sent(&nonce), &shown)
}

/// The hidden field that says what the form was filled with.
const SEEN: &str = "seen";

/// What stands above the settings.
#[derive(Clone, Copy)]
enum Said<'a> {
    /// What has just been done, if anything.
    Done(Option<&'a str>),
    /// Sent as it was filled, the form would undo what another owner did.
    ChangedMeanwhile,
}

fn show(visit: &Visit, inside: &Inside<'_>, view: &ProviderView, said: Said<'_>) -> HttpResponse {
    let (status, done, error) = match said {
        Said::Done(done) => (StatusCode::OK, done, None),
        Said::ChangedMeanwhile => (StatusCode::CONFLICT, None, Some(CHANGED_MEANWHILE.to_owned())),
    };
    let settings = &view.settings;
    let known = [
        ("Issuer", settings.issuer.clone()),
        ("Client ID", settings.client_id.clone()),
        ("Authorization endpoint", settings.authorization_endpoint.clone()),
        ("Token endpoint", settings.token_endpoint.clone()),
        ("User endpoint", settings.userinfo_endpoint.clone()),
        ("Scopes", settings.scopes.clone()),
        ("Domains", settings.domains.join(", ")),
        ("Organization there", settings.organization.clone()),
    ];
    let mut facts = vec![Fact::new("Provider", view.provider.label())];
    facts
        .extend(known.into_iter().filter(|(_, value)| !value.is_empty()).map(|(label, value)| Fact::new(label, value)));
    facts.push(Fact::new("Client secret", if view.has_secret { "kept sealed" } else { "none" }));
    facts.push(Fact::new("Switched on", moment::at(view.created_at, visit.app.clock.now())));
    facts.push(Fact::new("Callback", visit.app.issuer.endpoint(CALLBACK)));
    let mapped = matches!(view.provider.kind(), "oidc" | "oauth2");
    let paths = |field: &&Field| mapped && field.key != "claims.subject";
    let shown = SsoSettingsPage {
        frame: visit.frame(),
        org: org(visit, inside, done),
        facts,
        linked: view.linked,
        unlinked: view.unlinked,
        require: !view.allow_unlinked,
        joining: joining(view.joining),
        has_secret: view.has_secret,
        claims: CLAIM_FIELDS.iter().filter(paths).map(|field| claim(field, &settings.claims)).collect(),
        edit_action: inside.own(visit, "/sso/edit"),
        remind_action: inside.own(visit, "/sso/remind"),
        disable_href: inside.own(visit, "/sso/disable"),
        replace_href: inside.own(visit, "/sso?kind=another"),
        carried: vec![Hidden::new(SEEN, entity::tag(&view.seen))],
        error,
    };
    page(visit, status, Forms::Here, &shown)
}

/// Both answers to who may join.
fn joining(chosen: WhoJoins) -> Vec<Choice> {
    let choice = |who: WhoJoins, label: &str, text: &str| Choice {
        value: who.as_str().to_owned(),
        label: label.to_owned(),
        text: text.to_owned(),
        chosen: who == chosen,
    };
    vec![
        choice(
            WhoJoins::Everyone,
            "Everybody the provider lets in",
            "They get the organization's default role, or that of an invitation to their address. Right where only your \
             own people have accounts there.",
        ),
        choice(
            WhoJoins::Invited,
            "Only people you have invited",
            "An open invitation has to wait at an address that the provider says it verified; it is used up. Right where \
             strangers have accounts there too.",
        ),
    ]
}

fn claim(field: &Field, claims: &Claims) -> SsoField {
    let value = match field.key {
        "claims.legacy_subject" => &claims.legacy_subject,
        "claims.email" => &claims.email,
        "claims.email_verified" => &claims.email_verified,
        "claims.name" => &claims.name,
        "claims.teams" => &claims.teams,
        _ => &claims.subject,
    };
    SsoField {
        key: field.key.to_owned(),
        label: field.label.to_owned(),
        hint: field.hint.to_owned(),
        value: value.clone(),
        secret: false,
        optional: true,
    }
}
