//! `/sso/confirm`: what is asked of somebody who is back from a provider. The page decides nothing: the answer is judged
//! again.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::refused;
use crate::flows::sso::act::{self, Op};
use crate::flows::sso::callback::{self, Flow, judge};
use crate::flows::sso::finish::{Decision, Errand};
use crate::flows::sso::luggage::Profile;
use crate::flows::sso::{SsoRefusal, providers};
use crate::http::answer::page::{Forms, page};
use crate::http::browser::sign_in::{opened, with_return_to};
use crate::http::pages::{Fact, Link, SsoChoice as Choice, SsoConfirmPage};
use crate::http::visit::Visit;

/// Below the issuer.
pub const PATH: &str = "/sso/confirm";

/// The page's own path for a flow.
pub fn address(token: &str) -> String {
    format!("{PATH}?flow={token}")
}

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    let token = params.once("flow").ok().flatten().unwrap_or_default();
    let browser = visit.as_browser();
    let flow = match callback::open(&visit.app, &browser, token, 1).await {
        Ok(flow) => flow,
        Err(refusal) => return Ok(refused::page(&visit, refusal, None, Errand::SignIn)),
    };
    match judge(&visit.app, &browser, &flow).await {
        Ok((_, Decision::Refuse(refusal))) => Ok(refused_at(&visit, SsoRefusal::Finish(refusal), &flow)),
        Ok((_, decision)) => Ok(page(&visit, StatusCode::OK, Forms::AtClient, &asks(&visit, token, &flow, decision))),
        Err(refusal) => Ok(refused_at(&visit, refusal, &flow)),
    }
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let field = |name| params.once(name).ok().flatten().unwrap_or_default();
    let browser = visit.as_browser();
    let flow = match callback::open(&visit.app, &browser, field("flow"), 1).await {
        Ok(flow) => flow,
        Err(refusal) => return Ok(refused::page(&visit, refusal, None, Errand::SignIn)),
    };
    let op = match field("op") {
        "sign_in" => Op::SignIn,
        "switch" => Op::Switch,
        "link" => Op::Link,
        "new" => Op::New,
        "set_up" => Op::SetUp,
        _ => return Ok(refused_at(&visit, SsoRefusal::Changed, &flow)),
    };
    match act::act(&visit.app, &visit.caller, &browser, &flow, op).await {
        Ok(acted) => Ok(opened(&visit, acted.session.expose(), Some(&acted.return_to))),
        Err(refusal) => Ok(refused_at(&visit, refusal, &flow)),
    }
}

fn refused_at(visit: &Visit, refusal: SsoRefusal, flow: &Flow) -> HttpResponse {
    refused::page(visit, refusal, Some(&flow.organization.slug), flow.errand)
}

fn asks(visit: &Visit, token: &str, flow: &Flow, decision: Decision) -> SsoConfirmPage {
    let organization = flow.organization.name.as_str();
    let kind = flow.provider.as_ref().map(|row| row.kind.as_str());
    let kind = kind.or(flow.luggage.draft.as_ref().map(|draft| draft.kind.as_str())).unwrap_or_default();
    let provider = providers::label(kind);
    let login = visit.who.as_ref().map(|who| who.user.login.as_str()).unwrap_or_default();
    let profile = flow.luggage.profile.clone().unwrap_or_default();
    let choice = |op: &str, label: String, calm| Choice { op: op.to_owned(), label, calm };
    let sign_in_first = Link {
        label: "Sign in to my account".to_owned(),
        href: with_return_to(&visit.own("/login"), Some(&address(token))),
    };
    let mut facts = about(provider, &profile);
    let (title, text, choices, links) = match decision {
        Decision::Link { replaces, .. } => (
            "Link this account?".to_owned(),
            format!(
                "From now on whoever signs in at {provider} as this account gets into your account {login} for \
                 {organization}.{}",
                if replaces { " Your earlier link there ends." } else { "" }
            ),
            vec![choice("link", format!("Link to {login}"), false)],
            vec![Link { label: "Do not link".to_owned(), href: visit.own("/") }],
        ),
        Decision::Switch { .. } => (
            "Continue as somebody else?".to_owned(),
            format!("You are signed in as {login}, but this account at {provider} belongs to another account here."),
            vec![choice("switch", "Switch to that account".to_owned(), false)],
            vec![Link { label: format!("Stay {login}"), href: visit.own("/") }],
        ),
        Decision::ProveAccount { or_new } => (
            "Is this your account?".to_owned(),
            format!(
                "There is an account here with this address already. If it is yours, sign in to it first: then it can \
                 be linked to {provider}."
            ),
            or_new.then(|| choice("new", "Make another account".to_owned(), true)).into_iter().collect(),
            vec![sign_in_first],
        ),
        Decision::New => (
            format!("Join {organization}"),
            format!(
                "Nobody here is linked to this account at {provider} yet. An account is made for you; {organization} \
                 manages it."
            ),
            vec![choice("new", "Make my account".to_owned(), false)],
            vec![Link { label: "I have an account here".to_owned(), ..sign_in_first }],
        ),
        Decision::SetUp => {
            facts.extend(super::preview::said(&profile));
            (
                format!("Switch {provider} on for {organization}?"),
                "This is what came back for you. If it is right, members link their accounts from now on.".to_owned(),
                vec![choice("set_up", "Switch on".to_owned(), false)],
                vec![Link {
                    label: "Change the settings".to_owned(),
                    href: visit.own(&format!("/orgs/{}/sso", flow.organization.slug)),
                }],
            )
        }
        Decision::SignIn { .. } | Decision::Refuse(_) => (
            "Continue".to_owned(),
            format!("{provider} knows you."),
            vec![choice("sign_in", format!("Continue to {organization}"), false)],
            Vec::new(),
        ),
    };
    SsoConfirmPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        flow: token.to_owned(),
        title,
        text,
        facts,
        choices,
        links,
    }
}

fn about(provider: &str, profile: &Profile) -> Vec<Fact> {
    let mut facts = vec![Fact::new("Provider", provider)];
    if let Some(name) = &profile.name {
        facts.push(Fact::new("Name there", name));
    }
    if let Some(email) = &profile.email {
        let verified = if profile.email_verified { "" } else { " (not verified there)" };
        facts.push(Fact::new("E-mail there", format!("{email}{verified}")));
    }
    if profile.name.is_none() && profile.email.is_none() {
        facts.push(Fact::new("Account there", &profile.subject));
    }
    facts
}
