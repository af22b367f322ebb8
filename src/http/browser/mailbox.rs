//! `/mailbox`, on development servers only: what would have been sent.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use crate::flows::mail::mailbox::{self, ShownMail};
use crate::http::answer::page::{Forms, page, sandboxed};
use crate::http::pages::{MailLine, MailPage, MailboxPage, NoticePage, TextLine};
use crate::http::visit::Visit;
use crate::http::words::moment;

const ENDPOINT: &str = "mailbox";
/// Below the issuer.
pub const PATH: &str = "/mailbox";

/// GET: all of them.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let mails = mailbox::list(&visit.app).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let now = visit.app.clock.now();
    let line = |mail: ShownMail| MailLine {
        href: visit.own(&format!("{PATH}/{}", mail.name)),
        subject: mail.subject,
        to: mail.to,
        when: moment::at(mail.at, now),
    };
    let shown = MailboxPage {
        frame: visit.frame(),
        mails: mails.into_iter().map(line).collect(),
        recover_href: visit.own(super::recover::PATH),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// GET: one as text, its links leading to this server.
///
/// # Errors
/// A page.
pub async fn one(visit: Visit, name: web::Path<String>) -> Result<HttpResponse, Error> {
    let Some(mail) = find(&visit, &name).await? else { return Ok(nothing(&visit)) };
    let own = visit.app.issuer.endpoint("/");
    let line = |line: &str| TextLine {
        href: line.strip_prefix(&own).map(|rest| visit.own(&format!("/{rest}"))),
        text: line.to_owned(),
    };
    let shown = MailPage {
        frame: visit.frame(),
        lines: mail.text.lines().filter(|line| !line.is_empty()).map(line).collect(),
        when: moment::at(mail.at, visit.app.clock.now()),
        html_href: visit.own(&format!("{PATH}/{}/html", mail.name)),
        mailbox_href: visit.own(PATH),
        subject: mail.subject,
        to: mail.to,
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// GET: one as HTML, as mail programs show it.
///
/// # Errors
/// A page.
pub async fn html(visit: Visit, name: web::Path<String>) -> Result<HttpResponse, Error> {
    match find(&visit, &name).await? {
        Some(mail) => Ok(sandboxed(mail.html)),
        None => Ok(nothing(&visit)),
    }
}

async fn find(visit: &Visit, name: &str) -> Result<Option<ShownMail>, Error> {
    mailbox::find(&visit.app, name).await.map_err(|error| visit.refuse(ENDPOINT, error))
}

fn nothing(visit: &Visit) -> HttpResponse {
    page(visit, StatusCode::NOT_FOUND, Forms::Here, &NoticePage::not_found(visit.frame()))
}
