//! `/invite/{token}`: answering an invitation. Looking at it uses nothing up, so that a mail scanner cannot.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::orgs::refused;
use super::sign_in::with_return_to;
use super::signed_in::require;
use crate::flows::organizations::invitations::accept::{self, Offer};
use crate::flows::organizations::invitations::send;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::orgs::InvitationPage;
use crate::http::pages::{Link, SignedIn as Account};
use crate::http::visit::Visit;
use crate::http::words::moment;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let user = visit.who.as_ref().map(|who| who.user.id);
    match accept::look(&visit.app, &visit.caller, token(&visit), user).await {
        Ok(offer) => Ok(page(&visit, StatusCode::OK, Forms::Here, &shown(&visit, offer))),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let who = require(&visit)?;
    match accept::accept(&visit.app, &visit.caller, &who.user, token(&visit)).await {
        Ok(accepted) => {
            let done = if accepted.member_already { "" } else { "?done=joined" };
            Ok(redirect(&visit, &visit.own(&format!("/orgs/{}{done}", accepted.slug))))
        }
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// The offer behind a path one comes back to, if it is an invitation that works.
pub async fn behind(visit: &Visit, return_to: Option<&str>) -> Option<Offer> {
    let token = token_of(return_to?)?;
    accept::look(&visit.app, &visit.caller, token, None).await.ok()
}

/// The token in the path of an invitation.
pub fn token_of(path: &str) -> Option<&str> {
    path.strip_prefix(send::PATH).filter(|token| !token.contains('/'))
}

fn token(visit: &Visit) -> &str {
    visit.request.match_info().get("token").unwrap_or_default()
}

fn shown(visit: &Visit, offer: Offer) -> InvitationPage {
    let here = format!("{}{}", send::PATH, token(visit));
    let account = visit.who.as_ref();
    InvitationPage {
        frame: visit.frame(),
        action: visit.own(&here),
        csrf_token: visit.csrf_token(),
        inviter: offer.inviter,
        role: offer.role,
        email: offer.email,
        expires: moment::at(offer.expires_at, visit.app.clock.now()),
        account: account.map(|who| Account { login: who.user.login.clone(), csrf_token: visit.csrf_token() }),
        member_already: offer.member_already,
        sign_in_href: with_return_to(&visit.own("/login"), Some(&here)),
        register_href: with_return_to(&visit.own("/register"), Some(&here)),
        organization_link: offer.member_already.then(|| Link {
            label: format!("Go to {}", offer.organization),
            href: visit.own(&format!("/orgs/{}", offer.slug)),
        }),
        organization: offer.organization,
    }
}
