//! `/account/developer`: the applications a person develops.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse};

use super::{application_words as words, cursor, done, failed, position, with};
use crate::flows::applications::{self, ApplicationRefusal as Refusal};
use crate::http::answer::page::{Forms, page};
use crate::http::browser::orgs::enter::not_found;
use crate::http::browser::signed_in::require;
use crate::http::pages::account::{ApplicationItem, DeveloperPage};
use crate::http::pages::{Link, NoticeKind, NoticePage};
use crate::http::visit::Visit;

/// Below the issuer.
pub const PATH: &str = "/account/developer";
/// Below the issuer.
pub const NEW_PATH: &str = "/account/developer/new";
/// Applications on one page.
const PAGE: i64 = 25;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let params = visit.query()?;
    let found = applications::page(&visit.app, &who.user, &position(&params), PAGE).await;
    let found = found.map_err(|error| failed(&visit, error))?;
    let may = applications::may_create(&visit.app, &who.user);
    let item = |row: &applications::ClientRow| ApplicationItem {
        name: row.name.clone(),
        href: visit.own(&format!("{PATH}/{}", row.client_id)),
        client_id: row.client_id.clone(),
        kind: words::kind(row).to_owned(),
        trouble: words::trouble(row),
    };
    let shown = DeveloperPage {
        frame: visit.frame(),
        applications: found.applications.iter().map(|row| item(row)).collect(),
        new_href: may.is_ok().then(|| visit.own(NEW_PATH)),
        closed: may.err().map(|refusal| refusal.to_string()),
        next_href: found.next.map(|after| with(&visit, PATH, &[("after", &cursor(&after))])),
        done: done(&params, &[("deleted", "The application is off, and about to be deleted.")]),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// The status that says it.
pub fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::Closed | Refusal::StaffOnly | Refusal::ByApplication | Refusal::StepUp => StatusCode::FORBIDDEN,
        Refusal::Declared(_) | Refusal::PendingDeletion(_) | Refusal::Conflict(_) | Refusal::NotAsSeen => {
            StatusCode::CONFLICT
        }
        Refusal::Fields(_) | Refusal::Unavailable(_) => StatusCode::BAD_REQUEST,
    }
}

/// A page that says why not.
///
/// # Errors
/// The page of a server that has no answer.
pub fn refused(visit: &Visit, refusal: Refusal) -> Result<HttpResponse, Error> {
    let status = status(&refusal);
    match refusal {
        Refusal::Unavailable(error) => Err(failed(visit, error)),
        Refusal::NotFound => Ok(not_found(visit)),
        refusal => {
            let shown = NoticePage {
                frame: visit.frame(),
                kind: NoticeKind::Refused,
                title: "This was not done".to_owned(),
                text: refusal.to_string(),
                next: Some(Link { label: "Your applications".to_owned(), href: visit.own(PATH) }),
            };
            Ok(page(visit, status, Forms::Here, &shown))
        }
    }
}
