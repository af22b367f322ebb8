//! `/orgs/{org}/members`: who belongs to it, and who is asked to.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::enter::{Inside, enter};
use super::frame::{Page, frame};
use super::{ENDPOINT, refused, words};
use crate::flows::organizations::invitations::list::InvitationLine;
use crate::flows::organizations::invitations::{self, revoke, send};
use crate::flows::organizations::members::list::{self, MemberLine};
use crate::flows::organizations::show;
use crate::flows::organizations::teams::access::{self, Eyes};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::pages::orgs::{InvitationItem, MemberItem, MembersPage};
use crate::http::visit::Visit;
use crate::http::words::moment;
use crate::protocol::params::Params;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter(&visit, Page::Members.needs()).await?;
    let params = visit.query()?;
    let field = |name| params.once(name).ok().flatten().unwrap_or_default();
    let (search, after) = (field("q"), field("after"));
    let organization = inside.membership.organization();
    let failed = |error| visit.refuse(ENDPOINT, error);
    let mut found = list::page(&visit.app, organization, after, search).await.map_err(failed)?;
    let eyes = Eyes::Member(inside.membership.member());
    access::leave_visible(&visit.app, organization, eyes, &mut found.members).await.map_err(failed)?;
    let counts = show::counts(&visit.app, organization).await.map_err(failed)?;
    let may_invite = inside.allows(&visit.app, "member:write");
    let waiting = match may_invite {
        true => invitations::list::list(&visit.app, organization).await.map_err(failed)?,
        false => Vec::new(),
    };
    let here = inside.own(&visit, "/members");
    let next = found.next.map(|after| {
        let pairs: Params = [("q", search), ("after", after.as_str())].into_iter().collect();
        format!("{here}?{}", pairs.encode())
    });
    let shown = MembersPage {
        frame: visit.frame(),
        org: frame(&visit, &inside, Page::Members, params.once("done").ok().flatten().and_then(done)),
        count: format!("{} in all.", words::count(usize::try_from(counts.members).unwrap_or_default(), "member")),
        search_action: here,
        search: search.to_owned(),
        members: found.members.into_iter().map(|line| item(&visit, &inside, line)).collect(),
        next_href: next,
        invite_href: may_invite.then(|| inside.own(&visit, "/members/invite")),
        invitations: waiting.into_iter().map(|line| waiting_item(&visit, &inside, line)).collect(),
        again_action: inside.own(&visit, "/members/invite/again"),
        revoke_action: inside.own(&visit, "/members/invite/revoke"),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "invited" => Some("The invitations are on their way."),
        "again" => Some("A new invitation is on its way. The link in the earlier one does not work any more."),
        "revoked" => Some("The invitation is taken back: its link does not work any more."),
        "removed" => Some("The member is removed."),
        _ => None,
    }
}

fn item(visit: &Visit, inside: &Inside<'_>, line: MemberLine) -> MemberItem {
    MemberItem {
        href: inside.own(visit, &format!("/members/{}", line.sub)),
        me: line.sub == inside.who.user.sub,
        trouble: words::trouble(line.standing, line.usable),
        name: line.name,
        login: line.login,
        email: line.email,
        role: line.role,
        teams: line.teams.join(", "),
    }
}

fn waiting_item(visit: &Visit, inside: &Inside<'_>, line: InvitationLine) -> InvitationItem {
    let now = visit.app.clock.now();
    let by = line.invited_by.map(|login| format!(" by {login}")).unwrap_or_default();
    let teams = if line.teams.is_empty() { String::new() } else { format!(" · {}", line.teams.join(", ")) };
    let end = match line.expired {
        true => "the link does not work any more".to_owned(),
        false => format!("good for {}", moment::span(line.expires_at - now)),
    };
    InvitationItem {
        text: format!("Sent {}{by} · {end}{teams}", moment::ago(line.created_at, now)),
        mine_to_manage: visit.app.roles.reaches(&inside.membership.member().role, &line.role),
        email: line.email,
        role: line.role,
        expired: line.expired,
    }
}

/// POST `/members/invite/again`.
///
/// # Errors
/// A page.
pub async fn again(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter(&visit, Some("member:write")).await?;
    let email = params.once("email").ok().flatten().unwrap_or_default();
    match send::again(&visit.app, inside.by(&visit), inside.membership.organization(), email).await {
        Ok(_) => Ok(redirect(&visit, &inside.own(&visit, "/members?done=again"))),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}

/// POST `/members/invite/revoke`.
///
/// # Errors
/// A page.
pub async fn revoke(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter(&visit, Some("member:write")).await?;
    let email = params.once("email").ok().flatten().unwrap_or_default();
    match revoke::revoke(&visit.app, inside.by(&visit), inside.membership.organization(), email).await {
        Ok(()) => Ok(redirect(&visit, &inside.own(&visit, "/members?done=revoked"))),
        Err(refusal) => refused::answer(&visit, &refusal),
    }
}
