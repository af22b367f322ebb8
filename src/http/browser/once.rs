//! The second sending of a form that made a secret: what it made was shown, once, and is in the list.

use actix_web::Error;
use actix_web::http::StatusCode;

use crate::flows::once;
use crate::flows::session::SignedIn;
use crate::http::answer::page::{Forms, page};
use crate::http::pages::{Hidden, Link, NoticeKind, NoticePage};
use crate::http::visit::Visit;
use crate::protocol::params::Params;

const FIELD: &str = "form";

/// The hidden field of a new form.
pub fn field() -> Hidden {
    Hidden::new(FIELD, once::name())
}

/// Passes a form that is sent for the first time.
///
/// # Errors
/// For another one, the page that leads to the list: its label and own path.
pub async fn require(visit: &Visit, who: &SignedIn, params: &Params, list: (&str, String)) -> Result<(), Error> {
    let name = params.once(FIELD).ok().flatten().unwrap_or_default();
    let first = once::first_use(&visit.app, who, name).await.map_err(|error| visit.refuse("page", error))?;
    if first {
        return Ok(());
    }
    let notice = NoticePage {
        frame: visit.frame(),
        kind: NoticeKind::Refused,
        title: "This was made already".to_owned(),
        text:
            "The form was sent before, and nothing more was made now. What it made was shown then and is never shown \
               again: if you did not copy it, or the server could not say whether it was made, look at the list, delete \
               what is there and make another one."
                .to_owned(),
        next: Some(Link { label: list.0.to_owned(), href: list.1 }),
    };
    let answer = page(visit, StatusCode::CONFLICT, Forms::Here, &notice);
    Err(actix_web::error::InternalError::from_response("", answer).into())
}

/// The form was refused: sent again, it may do what it was for.
///
/// # Errors
/// The page of a server that has no answer.
pub async fn refused(visit: &Visit, who: &SignedIn, params: &Params) -> Result<(), Error> {
    let name = params.once(FIELD).ok().flatten().unwrap_or_default();
    once::refused(&visit.app, who, name).await.map_err(|error| visit.refuse("page", error))
}
