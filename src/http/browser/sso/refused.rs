//! Why single sign-on ended, in words for the person it happened to.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::flows::refusal;
use crate::flows::sso::finish::{Errand, Refusal as Finish};
use crate::flows::sso::{SsoRefusal, UpstreamError};
use crate::http::answer::page::{Forms, page as answer};
use crate::http::answer::refusal_page;
use crate::http::browser::sign_in::with_return_to;
use crate::http::pages::{ErrorDetail, ErrorPage, Link};
use crate::http::visit::Visit;

const ENDPOINT: &str = "sso";

/// The page; `slug` for the way back.
pub fn page(visit: &Visit, refusal: SsoRefusal, slug: Option<&str>, errand: Errand) -> HttpResponse {
    let refusal = match refusal {
        SsoRefusal::Unavailable(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return refusal_page::answer(visit, status, ENDPOINT, None, error);
        }
        other => other,
    };
    let (status, title, what_happened, what_to_do) = words(&refusal);
    // Whoever sets a provider up needs to know what is wrong with it; others get a reference.
    let shows = errand == Errand::SetUp || visit.app.config.dev;
    let not_invited = matches!(refusal, SsoRefusal::Finish(Finish::NotInvited));
    let error = refusal::record(&visit.app, &visit.caller, ENDPOINT, None, refusal.into_error());
    let detail = error.detail.as_ref().filter(|_| shows).map(|detail| ErrorDetail {
        rule: detail.rule.clone().into_owned(),
        received: String::new(),
        registered: Vec::new(),
        specification: detail.spec.clone().into_owned(),
        hint: detail.hint.clone().unwrap_or_default().into_owned(),
    });
    let again = match (errand, slug) {
        // A member whose account here is not linked yet gets on by proving that account.
        (Errand::SignIn, Some(slug)) if not_invited && visit.who.is_none() => {
            ("Sign in to my account", with_return_to("/login", Some(&format!("/login/{slug}"))))
        }
        (_, None) => ("Go to your account", "/".to_owned()),
        (Errand::SignIn, Some(slug)) => ("Start again", format!("/login/{slug}")),
        (Errand::Link, Some(slug)) => ("Start again", format!("/link/{slug}")),
        (Errand::SetUp, Some(slug)) => ("Back to the settings", format!("/orgs/{slug}/sso")),
    };
    let shown = ErrorPage {
        frame: visit.frame(),
        title: title.to_owned(),
        what_happened: what_happened.to_owned(),
        what_to_do: what_to_do.to_owned(),
        next: Some(Link { label: again.0.to_owned(), href: visit.own(&again.1) }),
        code: error.code.as_str().to_owned(),
        reference: error.reference.unwrap_or_default(),
        detail,
    };
    answer(visit, status, Forms::Here, &shown)
}

type Words = (StatusCode, &'static str, &'static str, &'static str);

fn words(refusal: &SsoRefusal) -> Words {
    match refusal {
        SsoRefusal::Void => (
            StatusCode::BAD_REQUEST,
            "This sign-in is over",
            "It was used already, took too long, or began in another browser.",
            "Start again, and finish in the same browser within ten minutes.",
        ),
        SsoRefusal::NoProvider => (
            StatusCode::BAD_REQUEST,
            "Single sign-on is not available",
            "The organization has no provider now, or changed it while you were there.",
            "Start again, or ask an owner of the organization.",
        ),
        SsoRefusal::Changed | SsoRefusal::NotAsSeen => (
            StatusCode::CONFLICT,
            "Something changed meanwhile",
            "What this page offered is no longer possible.",
            "Start again.",
        ),
        SsoRefusal::Throttled(_) => (
            StatusCode::TOO_MANY_REQUESTS,
            "Too many attempts",
            "Many sign-ins were begun from your network and not finished.",
            "Wait a minute, then try again.",
        ),
        SsoRefusal::Upstream(error) => upstream(error),
        SsoRefusal::Finish(refusal) => finish(*refusal),
        SsoRefusal::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "One moment, please", "", ""),
    }
}

fn upstream(error: &UpstreamError) -> Words {
    match error {
        UpstreamError::Denied(_) => (
            StatusCode::FORBIDDEN,
            "You were not signed in",
            "The provider did not sign you in, or you cancelled there.",
            "Start again if you did not mean to.",
        ),
        UpstreamError::Unreachable(_) => (
            StatusCode::BAD_GATEWAY,
            "The provider does not answer",
            "Your organization's provider cannot be reached, or is too slow. Other ways to sign in still work.",
            "Try again in a few minutes. If it lasts, tell an owner of your organization.",
        ),
        UpstreamError::NotAllowed(_) => (
            StatusCode::FORBIDDEN,
            "This account may not come in",
            "The organization's rules leave out the account you used at the provider.",
            "Sign in there with your account of the organization, or ask an owner of it.",
        ),
        UpstreamError::NotRecent => (
            StatusCode::FORBIDDEN,
            "You were not asked to sign in again",
            "A new sign-in was asked for, but the provider let you through by the one you had there already.",
            "Sign out at the provider, then start again.",
        ),
        UpstreamError::NoAuthTime => (
            StatusCode::FORBIDDEN,
            "Your provider does not say when you signed in",
            "A new sign-in was asked for. The provider answered, but does not tell when you last proved yourself there, so \
             its answer cannot be taken for a new sign-in.",
            "Tell an owner of your organization: its provider has to send auth_time. Starting again will not help until it \
             does.",
        ),
        UpstreamError::Unacceptable(_) | UpstreamError::Settings(_) => (
            StatusCode::BAD_GATEWAY,
            "The provider's answer was refused",
            "What the provider sent could not be trusted, so nobody was signed in.",
            "Try again. If it happens again, tell an owner of your organization the reference below.",
        ),
    }
}

fn finish(refusal: Finish) -> Words {
    let forbidden = StatusCode::FORBIDDEN;
    match refusal {
        Finish::SessionChanged => (
            forbidden,
            "Somebody else is signed in now",
            "You left for the provider from another session than the one in this browser now.",
            "Start again.",
        ),
        Finish::AccountInactive => (
            forbidden,
            "This account cannot be used",
            "The account here that this identity belongs to is disabled or deleted.",
            "Ask whoever runs this server.",
        ),
        Finish::MemberRemoved => (
            forbidden,
            "You are no longer a member",
            "You left this organization, or were removed. Signing in does not bring you back.",
            "Ask a manager of the organization for an invitation.",
        ),
        Finish::NotAMember => (
            forbidden,
            "You are not a member",
            "Only members of the organization link their accounts.",
            "Ask a manager of the organization for an invitation.",
        ),
        Finish::NotInvited => (
            forbidden,
            "You need an invitation",
            "The provider knows you, but this organization takes only people it has invited: no invitation waits at an \
             address that the provider says it verified.",
            "Ask a manager of the organization to invite the address you have at the provider. If your account here \
             belongs to it already, sign in to that account first, then link it.",
        ),
        Finish::BelongsToAnother => (
            forbidden,
            "This identity is linked to another account",
            "Somebody's account here is linked to the account you used at the provider.",
            "If that account is yours too, sign in to it, unlink the identity there, and link it here.",
        ),
        Finish::OwnFactorNeeded => (
            forbidden,
            "Your password is needed first",
            "You are signed in by an organization's provider only. That is not enough to link another identity.",
            "Sign in with your password, then start again.",
        ),
        Finish::OtherAccountFirst => (
            forbidden,
            "This looks like somebody else",
            "The provider names the address of another account than the one you are signed in to.",
            "Sign out, and sign in to the account with that address first.",
        ),
    }
}
