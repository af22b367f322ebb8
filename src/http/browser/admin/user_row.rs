//! The second look before one thing of somebody else's account ends: a session, an application's access, a token, an address.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse};

use super::ENDPOINT;
use super::enter::own;
use crate::flows::administration::UserRow;
use crate::flows::device;
use crate::flows::people::{addresses, authorizations};
use crate::flows::personal_tokens::{self, PersonalTokenRefusal};
use crate::flows::session;
use crate::http::answer::page::redirect;
use crate::http::browser::account::with;
use crate::http::browser::orgs::confirm::{Question, ask};
use crate::http::pages::Hidden;
use crate::http::pages::admin::RowLink;
use crate::http::visit::Visit;
use crate::http::words::moment;

/// In the address.
pub const END_SESSION: &str = "end-session";
/// In the address.
pub const REVOKE: &str = "revoke";
/// In the address.
pub const DELETE_TOKEN: &str = "delete-token";
/// In the address.
pub const REMOVE_EMAIL: &str = "remove-email";

/// The link behind a line to its question.
pub fn link(visit: &Visit, user: &UserRow, label: &'static str, action: &str, one: &str) -> RowLink {
    RowLink { label, href: with(visit, &format!("/admin/users/{}/{action}", user.sub), &[("one", one)]) }
}

/// A client and the organization it is bound to, out of what a line carries.
pub fn bound(one: &str) -> (&str, Option<&str>) {
    one.split_once('/').map_or((one, None), |(client, slug)| (client, Some(slug)))
}

/// The question; back to the account where there is nothing to ask about any more.
pub async fn question(visit: &Visit, user: &UserRow, action: &str) -> Result<HttpResponse, Error> {
    let params = visit.query()?;
    let one = params.once("one").ok().flatten().unwrap_or_default();
    let failed = |error| visit.refuse(ENDPOINT, error);
    let now = visit.app.clock.now();
    let back = own(visit, &format!("/users/{}", user.sub));
    let asked = match action {
        END_SESSION => {
            let open = session::list(&visit.app, user).await.map_err(failed)?;
            open.into_iter().find(|row| row.sid == one).map(|row| {
                let seen = moment::ago(row.last_seen_at, now);
                let browser = format!("{} at {}, last seen {seen}", device::name(&row.user_agent), row.address);
                let breaks = format!("{browser}, is signed out at once. What its person allowed applications stays.");
                (format!("End a session of {}?", user.login), breaks, "End session")
            })
        }
        DELETE_TOKEN => {
            let found = match personal_tokens::show(&visit.app, user, one).await {
                Err(PersonalTokenRefusal::Unavailable(error)) => return Err(visit.refuse(ENDPOINT, error)),
                found => found.ok(),
            };
            found.map(|view| {
                let breaks = format!(
                    "Whatever uses “{}” (it ends with {}) stops working at once. {} may make another one.",
                    view.row.name, view.row.last_four, user.login
                );
                (format!("Delete a token of {}?", user.login), breaks, "Delete")
            })
        }
        REMOVE_EMAIL => {
            let further = addresses::further(&visit.app, user).await.map_err(failed)?;
            further.into_iter().find(|address| address.id == one).map(|address| {
                let breaks = format!(
                    "No link to reset the password of {} can be sent to {} any more. All addresses of the account are told.",
                    user.login, address.email
                );
                (format!("Remove an address of {}?", user.login), breaks, "Remove")
            })
        }
        _ => {
            let (client, within) = bound(one);
            let found = authorizations::find(&visit.app, user, client, within).await.map_err(failed)?;
            found.map(|one| {
                let place = one.organization.map(|place| format!(" in {}", place.name)).unwrap_or_default();
                let used = one.last_used_at.map_or("It was never used.".to_owned(), |at| {
                    format!("It was last used {}.", moment::ago(at, now))
                });
                let breaks = format!(
                    "All of its tokens for {}{place} end at once, refresh tokens included: {}. {used} It may ask again.",
                    user.login, one.scopes
                );
                (format!("Revoke access of {} to {}?", one.client, user.login), breaks, "Revoke")
            })
        }
    };
    let Some((title, breaks, submit)) = asked else { return Ok(redirect(visit, &back)) };
    let question = Question {
        title,
        consequences: vec![breaks],
        action: own(visit, &format!("/users/{}/{action}", user.sub)),
        carried: vec![Hidden::new("one", one)],
        typed: None,
        submit,
        cancel: back,
        error: None,
    };
    Ok(ask(visit, StatusCode::OK, question))
}
