//! `/orgs/{org}`: what the organization is, and what one is in it. While it waits for its deletion, the only page.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::enter::{self, Inside, instead};
use super::frame::{Page, frame};
use super::{ENDPOINT, list, refused, words};
use crate::flows::organizations::door::{Door, Membership};
use crate::flows::organizations::{By, delete, show, teams};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::Link;
use crate::http::pages::orgs::{OrgLink, OverviewPage, PendingDeletionPage};
use crate::http::visit::Visit;
use crate::http::words::moment;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let (who, door) = enter::knock(&visit).await?;
    let membership = match door {
        Door::Open(membership) => membership,
        Door::PendingDeletion(membership) => return Ok(pending(&visit, &membership)),
        Door::NotHere => return Ok(enter::not_found(&visit)),
        Door::ProviderFirst | Door::LocalFirst => return Ok(enter::elsewhere(&visit, &door)),
    };
    let inside = Inside { who, membership };
    let (organization, member) = (inside.membership.organization(), inside.membership.member());
    let now = visit.app.clock.now();
    let failed = |error| visit.refuse(ENDPOINT, error);
    let counts = show::counts(&visit.app, organization).await.map_err(failed)?;
    let teams = teams::list::list(&visit.app, organization, member.id).await.map_err(failed)?;
    let params = visit.query()?;
    let done = params.once("done").ok().flatten().and_then(done);
    let shown = OverviewPage {
        frame: visit.frame(),
        org: frame(&visit, &inside, Page::Overview, done),
        role: member.role.clone(),
        role_text: words::role(&visit.app, &member.role).to_owned(),
        public_id: organization.public_id.clone(),
        sign_in: match inside.membership.provider_kind() {
            Some(_) => "Through the organization's own provider".to_owned(),
            None => format!("With your account at {}", visit.app.config.server.brand),
        },
        created: moment::at(organization.created_at, now),
        teams: teams
            .into_iter()
            .filter(|team| team.mine)
            .map(|team| Link { label: team.name, href: inside.own(&visit, &format!("/teams/{}", team.slug)) })
            .collect(),
        links: links(&visit, &inside, counts),
        leave_href: inside.own(&visit, "/leave"),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "made" => Some("The organization is made, and you are its owner."),
        "joined" => Some("Welcome: you are a member now."),
        "restored" => Some("The organization stays: everything is as it was."),
        _ => None,
    }
}

fn links(visit: &Visit, inside: &Inside<'_>, counts: show::Counts) -> Vec<OrgLink> {
    let waiting = match counts.invitations {
        0 => String::new(),
        number => format!(", {} waiting", words::count(number, "invitation")),
    };
    let members = usize::try_from(counts.members).unwrap_or_default();
    let texts = [
        (Page::Members, "i-user", format!("{}{waiting}.", words::count(members, "member"))),
        (
            Page::Teams,
            "i-people",
            match counts.teams {
                0 => "No teams yet.".to_owned(),
                number => format!("{}.", words::count(number, "team")),
            },
        ),
        (Page::SingleSignOn, "i-key", "Let members sign in through your own provider.".to_owned()),
        (Page::AuditLog, "i-list", "Who did what, and when.".to_owned()),
        (Page::Settings, "i-gear", "Name, address, how people come in.".to_owned()),
    ];
    let open = texts.into_iter().filter(|(page, ..)| page.needs().is_none_or(|scope| inside.allows(&visit.app, scope)));
    open.map(|(page, icon, text)| {
        let (path, title, _) = page.facts();
        OrgLink { icon, title, text, href: inside.own(visit, path) }
    })
    .collect()
}

fn pending(visit: &Visit, membership: &Membership) -> HttpResponse {
    let organization = membership.organization();
    let may = membership.allows(&visit.app, "org:admin");
    let when =
        organization.delete_at.map_or_else(|| "it is deleted".to_owned(), |at| moment::at(at, visit.app.clock.now()));
    let shown = PendingDeletionPage {
        frame: visit.frame(),
        name: organization.name.clone(),
        when,
        restore_action: may.then(|| visit.own(&format!("/orgs/{}/restore", organization.slug))),
        csrf_token: visit.csrf_token(),
        orgs_href: visit.own(list::PATH),
    };
    page(visit, StatusCode::OK, Forms::Here, &shown)
}

/// POST `/restore`: takes a deletion back.
///
/// # Errors
/// A page.
pub async fn restore(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let (who, door) = enter::knock(&visit).await?;
    let membership = match door {
        Door::Open(membership) | Door::PendingDeletion(membership) => membership,
        Door::NotHere => return Err(instead(enter::not_found(&visit))),
        Door::ProviderFirst | Door::LocalFirst => return Ok(enter::elsewhere(&visit, &door)),
    };
    let organization = membership.organization();
    match delete::restore(&visit.app, By::Person(&who.user, &visit.caller), organization, None).await {
        Ok(()) => Ok(redirect(&visit, &visit.own(&format!("/orgs/{}?done=restored", organization.slug)))),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}
