//! `/admin/users`: everybody with an account.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse};

use super::ENDPOINT;
use super::enter::{administrator, frame, own};
use super::lists::{Asked, PAGE, grouped};
use crate::flows::administration::{UserRow, find};
use crate::http::answer::page::{Forms, page};
use crate::http::pages::admin::{ListPage, Pill, Row};
use crate::http::visit::Visit;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let asked = Asked::of(&visit)?;
    let failed = |error| visit.refuse(ENDPOINT, error);
    let found = find::users(&visit.app, asked.wanted(), asked.after(), PAGE).await.map_err(failed)?;
    let totals = find::totals(&visit.app).await.map_err(failed)?;
    let shown = ListPage {
        frame: visit.frame(),
        admin: frame(&visit, "/users"),
        title: "Users",
        lead: format!("{} in all, {} of them administrators.", grouped(totals.users), grouped(totals.administrators)),
        action: own(&visit, "/users"),
        search_label: "Part of user name, name or address",
        search: asked.search().to_owned(),
        statuses: asked.statuses(&[("active", "Active"), ("disabled", "Disabled")]),
        filtered: asked.is_filtered(),
        rows: found.rows.iter().map(|user| row(&visit, user)).collect(),
        empty: "No account is like that. New ones are made by registration, by invitation, or by the command line.",
        next_href: found.next.map(|place| asked.next(&visit, "/users", &place)),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn row(visit: &Visit, user: &UserRow) -> Row {
    let email = user.email.as_ref().map(|email| format!(" · {email}")).unwrap_or_default();
    Row {
        title: user.login.clone(),
        text: format!("{}{email}", user.name),
        pills: pills(user),
        href: Some(own(visit, &format!("/users/{}", user.sub))),
        link: None,
    }
}

/// What stands out of an account.
pub(super) fn pills(user: &UserRow) -> Vec<Pill> {
    let all = [
        (user.administrator, Pill::new("Administrator", "good")),
        (!user.is_active(), Pill::new("Disabled", "bad")),
        (user.managed_by.is_some(), Pill::new("Managed by an organization", "")),
    ];
    all.into_iter().filter(|(is, _)| *is).map(|(_, pill)| pill).collect()
}
