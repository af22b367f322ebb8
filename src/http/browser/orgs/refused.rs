//! What was not done to an organization, as a page or as a fault in a form.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse};

use super::{ENDPOINT, enter};
use crate::flows::organizations::OrganizationRefusal as Refusal;
use crate::http::answer::page::{Forms, page};
use crate::http::pages::{Link, NoticeKind, NoticePage};
use crate::http::visit::Visit;

/// The status that says it.
pub fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotFound | Refusal::MemberUnknown | Refusal::TeamUnknown | Refusal::ApplicationUnknown => {
            StatusCode::NOT_FOUND
        }
        Refusal::NotAllowed { .. }
        | Refusal::RoleTooHigh { .. }
        | Refusal::TeamsClosed
        | Refusal::NotInTeam
        | Refusal::CreationClosed(_) => StatusCode::FORBIDDEN,
        Refusal::LastOwner(_)
        | Refusal::AlreadyMember(_)
        | Refusal::PendingDeletion
        | Refusal::NotPending
        | Refusal::Ownerless(_)
        | Refusal::SlugTaken
        | Refusal::TeamTaken
        | Refusal::TooManyAsked(_)
        | Refusal::TeamsFull(_)
        | Refusal::OrganizationsFull(_)
        | Refusal::Changed
        | Refusal::InvitationUnknown(_) => StatusCode::CONFLICT,
        Refusal::TooSoon(_) | Refusal::TooManyToday(_) => StatusCode::TOO_MANY_REQUESTS,
        Refusal::InvitationVoid => StatusCode::GONE,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// A page that says why, with a way back to the organization.
///
/// # Errors
/// The page of a server that has no answer.
pub fn answer(visit: &Visit, refusal: &Refusal) -> Result<HttpResponse, Error> {
    let title = match refusal {
        Refusal::Unavailable(error) => return Err(visit.refuse(ENDPOINT, error.clone())),
        Refusal::NotFound | Refusal::MemberUnknown | Refusal::TeamUnknown | Refusal::ApplicationUnknown => {
            return Ok(enter::not_found(visit));
        }
        Refusal::NotAllowed { .. } | Refusal::RoleTooHigh { .. } | Refusal::TeamsClosed => {
            "Your role does not allow this"
        }
        Refusal::NotInTeam => "This team is closed",
        Refusal::CreationClosed(_) => "You cannot make organizations",
        Refusal::LastOwner(_) => "Somebody has to stay",
        Refusal::InvitationVoid => "This invitation does not work any more",
        _ => "This was not done",
    };
    let back = match visit.request.match_info().get("org") {
        Some(slug) => Link { label: "Back to the organization".to_owned(), href: visit.own(&format!("/orgs/{slug}")) },
        None => Link { label: "Go to your account".to_owned(), href: visit.own("/") },
    };
    let notice = NoticePage {
        frame: visit.frame(),
        kind: NoticeKind::Refused,
        title: title.to_owned(),
        text: refusal.to_string(),
        next: Some(back),
    };
    Ok(page(visit, status(refusal), Forms::Here, &notice))
}
