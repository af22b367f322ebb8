//! `/`: who you are here, and what you should know.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse};

use super::orgs::list;
use super::signed_in::require_any;
use crate::flows::people::notices::{self, Notice, NoticeKind};
use crate::http::answer::page::{Forms, page};
use crate::http::pages::{HomePage, SecurityNotice};
use crate::http::visit::Visit;
use crate::http::words::moment;
use crate::protocol::NumericDate;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require_any(&visit)?;
    let now = visit.app.clock.now();
    let notices = notices::of(&visit.app, &who.user).await.map_err(|error| visit.refuse("home", error))?;
    let with = if who.session.authentication_method == "pwd" { ", with a password" } else { "" };
    let user = &who.user;
    // An organization's provider alone shows no more than its own organization.
    let whole = who.has_local_factor(now);
    let organizations = list::lines(&visit, user.id).await?;
    let shown = HomePage {
        frame: visit.frame(),
        login: user.login.clone(),
        name: Some(user.name.clone()).filter(|name| *name != user.login),
        email: user.email.clone().filter(|_| whole),
        administrator: whole && user.administrator,
        signed_in: format!("{}{with}", moment::at(who.session.authenticated_at, now)),
        notices: notices.iter().filter(|_| whole).map(|notice| in_words(notice, now)).collect(),
        sessions_href: visit.own("/account/sessions"),
        identities_href: visit.own(super::sso::identities::PATH),
        organizations,
        organizations_href: visit.own(list::PATH),
        email_href: visit.own("/account/email"),
        mailbox_href: visit.app.config.dev.then(|| visit.own("/mailbox")),
        playground_href: visit.app.config.dev.then(|| visit.own("/playground")),
        password_href: user.password_hash.is_some().then(|| visit.own("/account/password")),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn in_words(notice: &Notice, now: NumericDate) -> SecurityNotice {
    let when = moment::at(notice.at, now);
    let (title, what) = match notice.kind {
        NoticeKind::RefreshTokenReused => ("A used token came back.", "sent a refresh token again long after its use"),
        NoticeKind::CodeReplayed => ("A used code came back.", "sent an authorization code a second time"),
    };
    SecurityNotice {
        title: title.to_owned(),
        text: format!(
            "{} {what} {when}, from {}. Somebody may have copied it, so everything that came from it was ended. If you \
             still trust the application, sign in to it again.",
            notice.client, notice.address
        ),
    }
}
