//! `/orgs/{org}/members/invite`: asking people to join.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::enter::{Inside, enter};
use super::frame::{Page, frame};
use super::{ENDPOINT, refused, words};
use crate::flows::organizations::OrganizationRefusal as Refusal;
use crate::flows::organizations::invitations::send::{self, NewInvitation};
use crate::flows::organizations::teams;
use crate::flows::people::is_email;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::faults::input;
use crate::http::pages::orgs::{Choice, InvitePage};
use crate::http::visit::Visit;
use crate::http::words::moment;

/// People invited by one form.
const AT_ONCE: usize = 20;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter(&visit, Some("member:write")).await?;
    let typed =
        NewInvitation { role: inside.membership.organization().default_role.clone(), ..NewInvitation::default() };
    form(&visit, &inside, &typed, None).await
}

/// POST.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter(&visit, Some("member:write")).await?;
    let field = |name| params.once(name).ok().flatten().unwrap_or_default().to_owned();
    let typed = NewInvitation {
        email: field("emails"),
        role: field("role"),
        teams: params.all("team").map(str::to_owned).collect(),
    };
    let emails = match addresses(&typed.email) {
        Ok(emails) => emails,
        Err(refusal) => return form(&visit, &inside, &typed, Some(&refusal)).await,
    };
    let mut waiting = emails.into_iter();
    while let Some(email) = waiting.next() {
        let new = NewInvitation { email: email.clone(), ..typed.clone() };
        match send::send(&visit.app, inside.by(&visit), inside.membership.organization(), new).await {
            Ok(_) => {}
            Err(refusal @ (Refusal::Unavailable(_) | Refusal::NotFound)) => return refused::answer(&visit, &refusal),
            Err(refusal) => {
                // Whoever was invited before stays so; what is left in the form is what is left to do.
                let left = std::iter::once(email).chain(waiting).collect::<Vec<_>>().join(", ");
                let typed = NewInvitation { email: left, ..typed };
                return form(&visit, &inside, &typed, Some(&refusal)).await;
            }
        }
    }
    Ok(redirect(&visit, &inside.own(&visit, "/members?done=invited")))
}

/// All of them are looked at before the first one is invited.
fn addresses(text: &str) -> Result<Vec<String>, Refusal> {
    let mut emails: Vec<String> = Vec::new();
    for email in text.split(|character: char| character.is_whitespace() || matches!(character, ',' | ';')) {
        if email.is_empty() || emails.iter().any(|known| known.eq_ignore_ascii_case(email)) {
            continue;
        }
        if !is_email(email) {
            return Err(Refusal::EmailMalformed(email.chars().take(100).collect()));
        }
        emails.push(email.to_owned());
    }
    match emails.len() {
        0 => Err(Refusal::NobodyInvited),
        1..=AT_ONCE => Ok(emails),
        _ => Err(Refusal::TooManyAtOnce(AT_ONCE)),
    }
}

async fn form(
    visit: &Visit,
    inside: &Inside<'_>,
    typed: &NewInvitation,
    refusal: Option<&Refusal>,
) -> Result<HttpResponse, Error> {
    let (organization, member) = (inside.membership.organization(), inside.membership.member());
    let teams = teams::list::list(&visit.app, organization, member.id).await;
    let teams = teams.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let of_the_addresses = matches!(
        refusal,
        Some(
            Refusal::EmailMalformed(_)
                | Refusal::NobodyInvited
                | Refusal::TooManyAtOnce(_)
                | Refusal::AlreadyMember(_)
                | Refusal::TooSoon(_)
        )
    );
    let text = refusal.map(ToString::to_string);
    let (fault, error) = if of_the_addresses { (text, None) } else { (None, text) };
    let shown = InvitePage {
        frame: visit.frame(),
        org: frame(visit, inside, Page::Members, None),
        action: inside.own(visit, "/members/invite"),
        error,
        emails: input(&typed.email, fault),
        roles: words::roles(&visit.app, &member.role, &typed.role, true),
        teams: teams
            .into_iter()
            .map(|team| Choice {
                chosen: typed.teams.contains(&team.slug),
                text: words::count(team.members, "member"),
                value: team.slug,
                label: team.name,
            })
            .collect(),
        lifetime: moment::span(visit.app.config.organizations.invitation_lifetime),
        cancel_href: inside.own(visit, "/members"),
    };
    Ok(page(visit, refusal.map_or(StatusCode::OK, refused::status), Forms::Here, &shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        let read = |text: &str| addresses(text).ok();
        assert_eq!(read("a@b.example,, B@b.example, c@d.example;a@B.example").map(|list| list.len()), Some(3));
        assert!(matches!(addresses(" ,"), Err(Refusal::NobodyInvited)));
        assert!(matches!(addresses("a@b.example evil@b@c.example"), Err(Refusal::EmailMalformed(_))));
        let many: String = (0..21).map(|number| format!("p{number}@b.example,")).collect();
        assert!(matches!(addresses(&many), Err(Refusal::TooManyAtOnce(20))));
    }
}
