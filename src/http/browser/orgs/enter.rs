//! Who comes in. Whoever is no member gets the very answer an address without an organization gets, whatever they ask
//! for (C70).

use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpResponse, error};

use super::{ENDPOINT, refused};
use crate::app::App;
use crate::flows::organizations::door::{self, Door, Membership};
use crate::flows::organizations::{By, OrganizationRefusal};
use crate::flows::session::SignedIn;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::sign_in::{self, with_return_to};
use crate::http::browser::step_up;
use crate::http::pages::NoticePage;
use crate::http::visit::Visit;

/// A member inside their organization.
pub struct Inside<'a> {
    /// Whoever is signed in.
    pub who: &'a SignedIn,
    /// Their membership.
    pub membership: Membership,
}

impl<'a> Inside<'a> {
    /// An own path below this organization.
    pub fn own(&self, visit: &Visit, path: &str) -> String {
        visit.own(&format!("/orgs/{}{path}", self.membership.organization().slug))
    }

    /// Whether the member's role carries a scope.
    pub fn allows(&self, app: &App, scope: &str) -> bool {
        self.membership.allows(app, scope)
    }

    /// The one who acts, for flows.
    pub fn by(&self, visit: &'a Visit) -> By<'a> {
        By::Person(&self.who.user, &visit.caller)
    }
}

/// A member of the organization this request's path names, from a session that opens it, with a role that carries
/// `needs`.
///
/// # Errors
/// The way to sign in, here or at the organization's provider; 404 for everybody who is no member; 403 for a role that
/// is not enough.
pub async fn enter<'a>(visit: &'a Visit, needs: Option<&'static str>) -> Result<Inside<'a>, Error> {
    let (who, door) = knock(visit).await?;
    let membership = match door {
        Door::Open(membership) => membership,
        Door::PendingDeletion(membership) if *visit.request.method() == Method::GET => {
            let href = visit.own(&format!("/orgs/{}", membership.organization().slug));
            return Err(instead(redirect(visit, &href)));
        }
        Door::PendingDeletion(_) => {
            return Err(instead(refused::answer(visit, &OrganizationRefusal::PendingDeletion)?));
        }
        Door::NotHere => return Err(instead(not_found(visit))),
        Door::ProviderFirst | Door::LocalFirst => return Err(instead(elsewhere(visit, &door))),
    };
    if let Some(scope) = needs.filter(|scope| !membership.allows(&visit.app, scope)) {
        let mine = membership.member().role.clone();
        return Err(instead(refused::answer(visit, &OrganizationRefusal::NotAllowed { mine, needs: scope })?));
    }
    Ok(Inside { who, membership })
}

/// The same, for whoever proved within `sign_in.step_up` seconds who they are (ASVS 7.5.3).
///
/// # Errors
/// As [`enter`], or the way to prove it again and back here.
pub async fn enter_fresh<'a>(visit: &'a Visit, needs: Option<&'static str>) -> Result<Inside<'a>, Error> {
    let inside = enter(visit, needs).await?;
    if inside.who.is_fresh(visit.app.clock.now(), visit.app.config.sign_in.step_up) {
        return Ok(inside);
    }
    let user = &inside.who.user;
    let prove = match user.password_hash.is_some() || user.managed_by.is_some() {
        true => visit.own(step_up::PATH),
        // Nobody's account but their own, and no password yet: what opened this organization is all there is.
        false => visit.own(&format!("/login/{}", inside.membership.organization().slug)),
    };
    Err(instead(redirect(visit, &with_return_to(&prove, Some(&visit.back())))))
}

/// What the door says, for the one page that is there while an organization waits for its deletion.
///
/// # Errors
/// The way to sign in.
pub async fn knock(visit: &Visit) -> Result<(&SignedIn, Door), Error> {
    let slug = segment(visit, "org");
    let Some(who) = &visit.who else { return Err(instead(sign_in_first(visit, slug))) };
    let door = door::knock(&visit.app, who, slug).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    Ok((who, door))
}

/// The way to the organization's provider, or to a password of this server, and back.
pub fn elsewhere(visit: &Visit, door: &Door) -> HttpResponse {
    let slug = segment(visit, "org");
    // A form cannot be come back to.
    let back = match *visit.request.method() == Method::GET {
        true => visit.back(),
        false => format!("/orgs/{slug}"),
    };
    let way = match door {
        Door::LocalFirst => visit.own(step_up::PATH),
        _ => visit.own(&format!("/login/{slug}")),
    };
    redirect(visit, &with_return_to(&way, Some(&back)))
}

/// A part of the path; nothing where it holds what no name holds, which PostgreSQL would not even look for.
pub fn segment<'a>(visit: &'a Visit, name: &str) -> &'a str {
    let text = visit.request.match_info().get(name).unwrap_or_default();
    if text.chars().any(char::is_control) { "" } else { text }
}

/// 404, the same as everywhere.
pub fn not_found(visit: &Visit) -> HttpResponse {
    page(visit, StatusCode::NOT_FOUND, Forms::Here, &NoticePage::not_found(visit.frame()))
}

/// Nobody is signed in: the organization's own way in is as good a place as any, because it says nothing about which
/// organizations there are.
fn sign_in_first(visit: &Visit, slug: &str) -> HttpResponse {
    if *visit.request.method() != Method::GET {
        return sign_in::show(visit, StatusCode::UNAUTHORIZED, sign_in::Form::default());
    }
    let plain = (1..=50).contains(&slug.len()) && slug.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let way = if plain { format!("/login/{slug}") } else { "/login".to_owned() };
    redirect(visit, &with_return_to(&visit.own(&way), Some(&visit.back())))
}

/// An answer on its way as an error.
pub fn instead(answer: HttpResponse) -> Error {
    error::InternalError::from_response("", answer).into()
}
