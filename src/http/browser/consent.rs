//! The consent page and its answer. The form names a stored request and carries nothing that decides (A18).

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::choose_organization::own_request;
use super::sign_in::{self, with_return_to};
use crate::flows::authorize::ConsentPrompt;
use crate::flows::authorize::consent::{self, Answer, Answered, Line};
use crate::http::answer::authorization;
use crate::http::answer::page::{Forms, page};
use crate::http::pages::{
    ConsentLine, ConsentPage, ConsentingClient, ConsentingOrganization, ConsentingResource, LineState, RedirectTarget,
    SignedIn as Account, WebLink,
};
use crate::http::visit::Visit;
use crate::protocol::endpoints;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::params::Params;
use crate::protocol::trusted_redirect::TrustedRedirect;

const ENDPOINT: &str = "consent";

/// Where the page posts to.
pub const PATH: &str = "/oauth/consent";

/// The page for this request.
pub fn ask(visit: &Visit, prompt: &ConsentPrompt, params: &Params) -> HttpResponse {
    let Some(who) = &visit.who else {
        return sign_in::show(visit, StatusCode::OK, sign_in::Form::default());
    };
    let client = &prompt.checked.client;
    let link = |label, url: &Option<String>| url.as_ref().and_then(|url| WebLink::new(label, url.as_str()));
    let links = [
        link("Website", &client.homepage_url),
        link("Privacy policy", &client.privacy_url),
        link("Terms of service", &client.terms_url),
    ];
    let waiting = format!("{}?{}", endpoints::AUTHORIZATION, params.encode());
    let brand = &visit.app.config.server.brand;
    let shown = ConsentPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        consent_request: prompt.token.expose().to_owned(),
        client: ConsentingClient {
            name: client.name.clone(),
            owner: owner(prompt, brand),
            verified: client.verified,
            links: links.into_iter().flatten().collect(),
        },
        redirect: destination(&prompt.checked.redirect),
        account: Account { login: who.user.login.clone(), csrf_token: visit.csrf_token() },
        switch_account_href: with_return_to(&visit.own("/login"), Some(&waiting)),
        organization: prompt.organization.as_ref().map(|member| ConsentingOrganization {
            name: member.organization.name.clone(),
            change_href: visit.own(&own_request(params, None)),
        }),
        lines: lines(&prompt.lines),
        lifetime: lifetime(visit, prompt),
        resources: resources(prompt),
    };
    page(visit, StatusCode::OK, Forms::AtClient, &shown)
}

/// POST: the answer.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let Some(who) = &visit.who else { return Err(refuse(&visit, "nobody is signed in")) };
    let answer = match params.once("decision") {
        Ok(Some("allow")) => Answer::Allow,
        Ok(Some("deny")) => Answer::Deny,
        _ => return Err(refuse(&visit, "the form says neither allow nor deny")),
    };
    let token = params.once("consent_request").ok().flatten().unwrap_or_default();
    let answered = consent::answer(&visit.app, &visit.caller, who, token, answer).await;
    match answered.map_err(|error| visit.refuse(ENDPOINT, error))? {
        Answered::Respond(response) => Ok(authorization::respond(&visit, response)),
        Answered::Void(refusal) => {
            let client = refusal.client.as_ref().map(|client| (client.client_id.as_str(), client.name.as_str()));
            Err(visit.refuse_as(StatusCode::FORBIDDEN, ENDPOINT, client, refusal.error))
        }
    }
}

fn refuse(visit: &Visit, description: &'static str) -> Error {
    let error = OAuthError::new(ErrorCode::AccessDenied, description)
        .with_detail(Detail::new("consent_void", "RFC 6819 section 5.1.5.2"));
    visit.refuse_as(StatusCode::FORBIDDEN, ENDPOINT, None, error)
}

fn destination(redirect: &TrustedRedirect) -> RedirectTarget {
    let shown = redirect.host_for_display().to_owned();
    match redirect.is_loopback() || redirect.is_private_scheme() {
        true => RedirectTarget::Device(shown),
        false => RedirectTarget::Site(shown),
    }
}

fn resources(prompt: &ConsentPrompt) -> Vec<ConsentingResource> {
    let shown = |(name, identifier): &(String, String)| ConsentingResource {
        name: name.clone(),
        identifier: identifier.clone(),
    };
    prompt.resources.iter().map(shown).collect()
}

fn lines(lines: &[Line]) -> Vec<ConsentLine> {
    let state = |allowed| if allowed { LineState::Allowed } else { LineState::New };
    let known_before = lines.iter().any(|line| line.allowed_before);
    let account = ConsentLine { text: "Know who you are: your user name here".to_owned(), state: state(known_before) };
    let rest = lines.iter().map(|line| ConsentLine { text: line.text.clone(), state: state(line.allowed_before) });
    std::iter::once(account).chain(rest).collect()
}

/// Who answers for the client. The server's own name stands only where an administrator vouched: beside "Unverified" it
/// would read as a recommendation.
fn owner(prompt: &ConsentPrompt, brand: &str) -> Option<String> {
    match &prompt.owner {
        Some(owner) => Some(owner.login.clone()),
        None => prompt.checked.client.verified.then(|| brand.to_owned()),
    }
}

/// How long it lasts (ASVS 10.7.2).
fn lifetime(visit: &Visit, prompt: &ConsentPrompt) -> String {
    let client = &prompt.checked.client;
    let tokens = &visit.app.config.tokens;
    if client.grant_types.0.iter().any(|grant_type| grant_type == "refresh_token") {
        let seconds = client.refresh_absolute_lifetime.unwrap_or(tokens.refresh_absolute_lifetime);
        return format!("It keeps this access for up to {}. Changing your password ends it sooner.", span(seconds));
    }
    let seconds = client.access_token_lifetime.unwrap_or(tokens.access_token_lifetime);
    format!("Each time you allow it, it has this access for {}. Changing your password ends it sooner.", span(seconds))
}

fn span(seconds: i64) -> String {
    let (count, unit) = match seconds {
        172_800.. => (seconds / 86_400, "day"),
        7_200.. => (seconds / 3_600, "hour"),
        _ => (seconds / 60, "minute"),
    };
    let count = count.max(1);
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
