//! `/admin/users/{user}`: one account, and what an administrator may do to it.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::ENDPOINT;
use super::enter::{administrator, answer, frame, fresh, nothing, own};
use super::lists::counted;
use super::user_row::{self, DELETE_TOKEN, END_SESSION, REMOVE_EMAIL, REVOKE, bound};
use super::users::pills;
use crate::flows::administration::{UserRow, access};
use crate::flows::audit::Actor;
use crate::flows::device;
use crate::flows::people::{
    PersonRefusal, addresses, administrator as rights, authorizations, find, sign_out_everywhere, status,
};
use crate::flows::personal_tokens::{self, PersonalTokenRefusal, TokenView};
use crate::flows::session;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::faults::input;
use crate::http::browser::orgs::confirm::{Question, ask as ask_page};
use crate::http::browser::orgs::enter::segment;
use crate::http::pages::admin::{Action, Fact, Row, Section, ThingPage};
use crate::http::pages::orgs::Typed;
use crate::http::pages::{Link, NoticeKind, NoticePage};
use crate::http::visit::Visit;
use crate::http::words::moment;

/// What can be done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Disable,
    Enable,
    MakeAdministrator,
    TakeAdministrator,
    SignOut,
    Delete,
}

impl Deed {
    /// In the address.
    fn path(self) -> &'static str {
        match self {
            Deed::Disable => "disable",
            Deed::Enable => "enable",
            Deed::MakeAdministrator => "make-administrator",
            Deed::TakeAdministrator => "take-administrator",
            Deed::SignOut => "sign-out",
            Deed::Delete => "delete",
        }
    }

    /// What may be done to this account now.
    fn open_for(user: &UserRow) -> Vec<Deed> {
        let status = if user.is_active() { Deed::Disable } else { Deed::Enable };
        let rights = if user.administrator { Deed::TakeAdministrator } else { Deed::MakeAdministrator };
        vec![Deed::SignOut, rights, status, Deed::Delete]
    }

    /// Heading of the line, words on the link.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Deed::Disable => ("Disable the account", "Disable"),
            Deed::Enable => ("Enable the account", "Enable"),
            Deed::MakeAdministrator => ("Make an administrator", "Make administrator"),
            Deed::TakeAdministrator => ("Take the administrator's rights", "Take rights"),
            Deed::SignOut => ("Sign out everywhere", "Sign out"),
            Deed::Delete => ("Delete the account", "Delete"),
        }
    }

    /// What will happen, and what breaks.
    fn consequence(self, has: &str) -> String {
        match self {
            Deed::Disable => format!("Nobody can sign in to it. {has} end at once, and so do its personal tokens."),
            Deed::Enable => "Its person can sign in again. What ended stays ended.".to_owned(),
            Deed::MakeAdministrator => "Its person may see and change everything on this server.".to_owned(),
            Deed::TakeAdministrator => "Its person may no longer see these pages, nor use tokens for them.".to_owned(),
            Deed::SignOut => format!("{has} end at once. Its person can sign in again."),
            Deed::Delete => format!("{has} end at once, memberships and links too. It cannot be taken back."),
        }
    }
}

/// Tokens of one person: no more can be made.
const TOKENS: i64 = 100;

/// What a token may do, where, and until when.
fn token_words(view: &TokenView, now: i64) -> String {
    let row = &view.row;
    let place = view.organization.as_ref().map(|slug| format!(" · in {slug}")).unwrap_or_default();
    let used = row.last_used_at.map_or("never used".to_owned(), |at| format!("used {}", moment::ago(at, now)));
    let end = row.expires_at.map_or("no end".to_owned(), |at| format!("ends {}", moment::at(at, now)));
    format!("..{} · {}{place} · {end} · {used}", row.last_four, row.scopes)
}

async fn named(visit: &Visit) -> Result<UserRow, Error> {
    match find::by_sub(&visit.app, segment(visit, "user")).await {
        Ok(user) => Ok(user),
        Err(PersonRefusal::Unavailable(error)) => Err(visit.refuse(ENDPOINT, error)),
        Err(_) => Err(nothing(visit)),
    }
}

/// "3 sessions and 2 applications' access".
async fn has(visit: &Visit, user: &UserRow) -> Result<String, Error> {
    let failed = |error| visit.refuse(ENDPOINT, error);
    let sessions = session::list(&visit.app, user).await.map_err(failed)?.len();
    let clients = authorizations::list(&visit.app, user).await.map_err(failed)?.len();
    let (sessions, clients) =
        (counted(sessions, session::MOST, "session"), counted(clients, authorizations::MOST, "application"));
    Ok(format!("{sessions} and what {clients} may do"))
}

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let user = named(&visit).await?;
    let has = has(&visit, &user).await?;
    let own = |path: &str| own(&visit, &format!("/users/{}{path}", user.sub));
    let action = |deed: Deed| {
        let (title, label) = deed.words();
        Action {
            id: format!("user-{}", deed.path()),
            title,
            text: deed.consequence(&has),
            label,
            href: own(&format!("/{}", deed.path())),
            danger: !matches!(deed, Deed::Enable | Deed::MakeAdministrator),
        }
    };
    let shown = ThingPage {
        frame: visit.frame(),
        admin: frame(&visit, "/users"),
        back: Some(Link { label: "Users".to_owned(), href: super::enter::own(&visit, "/users") }),
        title: user.login.clone(),
        lead: user.name.clone(),
        pills: pills(&user),
        sections: sections(&visit, &user).await?,
        actions: Deed::open_for(&user).into_iter().map(action).collect(),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

async fn sections(visit: &Visit, user: &UserRow) -> Result<Vec<Section>, Error> {
    let failed = |error| visit.refuse(ENDPOINT, error);
    let (app, now) = (&visit.app, visit.app.clock.now());
    let verified = if user.email_verified_at.is_some() { "" } else { " (not verified)" };
    let mut facts = vec![
        Fact::new("E-mail", user.email.as_ref().map_or("none".to_owned(), |email| format!("{email}{verified}"))),
        Fact::new("Password", if user.password_hash.is_some() { "set" } else { "none" }),
        Fact::new("Made", moment::at(user.created_at, now)),
        Fact::new("Last sign-in", user.last_sign_in_at.map_or("never".to_owned(), |at| moment::at(at, now))),
        Fact::code("sub", user.sub.clone()),
    ];
    if let Some(slug) = access::manager(app, user).await.map_err(failed)? {
        facts.push(Fact::new("Managed by", slug));
    }
    let session = |row: &crate::flows::administration::SessionRow| {
        let text = format!("seen {} · {}", moment::ago(row.last_seen_at, now), row.address);
        let end = user_row::link(visit, user, "End", END_SESSION, &row.sid);
        Row { link: Some(end), ..Row::plain(device::name(&row.user_agent), text) }
    };
    let client = |one: &authorizations::Authorized| {
        let used = one.last_used_at.map_or("never used".to_owned(), |at| format!("used {}", moment::ago(at, now)));
        let within = one.organization.as_ref().map(|organization| organization.slug.as_str());
        let value = within.map_or(one.client_id.clone(), |slug| format!("{}/{slug}", one.client_id));
        let revoke = user_row::link(visit, user, "Revoke", REVOKE, &value);
        let place = within.map(|slug| format!(" · in {slug}")).unwrap_or_default();
        let text = format!("{}{place} · since {} · {used}", one.scopes, moment::at(one.created_at, now));
        Row { link: Some(revoke), ..Row::plain(one.client.clone(), text) }
    };
    let place = |one: &access::Place| Row {
        href: Some(super::enter::own(visit, &format!("/organizations/{}", one.slug))),
        ..Row::plain(one.name.clone(), format!("{} · {}", one.slug, one.role))
    };
    let linked = |one: &access::Linked| {
        let email = one.email.as_ref().map(|email| format!(" · {email}")).unwrap_or_default();
        let text = format!("{} at {}{email} · {}", one.provider, one.organization, one.status);
        Row::plain(one.subject.clone(), text)
    };
    let token = |view: &TokenView| {
        let delete = user_row::link(visit, user, "Delete", DELETE_TOKEN, &view.row.public_id);
        Row { link: Some(delete), ..Row::plain(view.row.name.clone(), token_words(view, now)) }
    };
    let address = |one: &addresses::Address| {
        let remove = user_row::link(visit, user, "Remove", REMOVE_EMAIL, &one.id);
        Row {
            link: Some(remove),
            ..Row::plain(one.email.clone(), format!("verified {}", moment::at(one.verified_at, now)))
        }
    };
    let further = addresses::further(app, user).await.map_err(failed)?;
    let tokens = personal_tokens::page(app, user, i64::MAX, TOKENS).await.map_err(failed)?;
    let sessions = session::list(app, user).await.map_err(failed)?;
    let clients = authorizations::list(app, user).await.map_err(failed)?;
    let places = access::places(app, user).await.map_err(failed)?;
    let identities = access::linked(app, user).await.map_err(failed)?;
    Ok(vec![
        Section::facts("about", "Account", facts),
        Section::rows(
            "addresses",
            "Further addresses",
            further.iter().map(address).collect(),
            "Has none besides the main one.",
        ),
        Section::rows("sessions", "Sessions", sessions.iter().map(session).collect(), "Signed in nowhere."),
        Section::rows(
            "applications",
            "Applications",
            clients.iter().map(client).collect(),
            "No application has access.",
        ),
        Section::rows("tokens", "Personal tokens", tokens.tokens.iter().map(token).collect(), "Has none."),
        Section::rows("memberships", "Organizations", places.iter().map(place).collect(), "Belongs to none."),
        Section::rows("identities", "Linked identities", identities.iter().map(linked).collect(), "None is linked."),
    ])
}

/// GET `/{action}`: a second look.
///
/// # Errors
/// A page.
pub async fn ask(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let user = named(&visit).await?;
    if let action @ (END_SESSION | REVOKE | DELETE_TOKEN | REMOVE_EMAIL) = segment(&visit, "action") {
        fresh(&visit)?;
        return user_row::question(&visit, &user, action).await;
    }
    let deed = deed(&visit, &user)?;
    fresh(&visit)?;
    question(&visit, &user, deed, StatusCode::OK, None).await
}

fn deed(visit: &Visit, user: &UserRow) -> Result<Deed, Error> {
    let path = segment(visit, "action");
    Deed::open_for(user).into_iter().find(|deed| deed.path() == path).ok_or_else(|| nothing(visit))
}

async fn question(
    visit: &Visit,
    user: &UserRow,
    deed: Deed,
    status: StatusCode,
    fault: Option<String>,
) -> Result<HttpResponse, Error> {
    let (title, submit) = deed.words();
    let typed = Typed { expected: user.login.clone(), input: input("", fault.clone()) };
    Ok(ask_page(
        visit,
        status,
        Question {
            title: format!("{title}: {}?", user.login),
            consequences: vec![deed.consequence(&has(visit, user).await?)],
            action: own(visit, &format!("/users/{}/{}", user.sub, deed.path())),
            carried: Vec::new(),
            typed: (deed == Deed::Delete).then_some(typed),
            submit,
            cancel: own(visit, &format!("/users/{}", user.sub)),
            error: fault.filter(|_| deed != Deed::Delete),
        },
    ))
}

/// POST `/{action}`.
///
/// # Errors
/// A page.
pub async fn act(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let user = named(&visit).await?;
    let params = visit.form(payload).await?;
    let who = fresh(&visit)?;
    let by = visit.caller.as_administrator(&who.user);
    let (app, caller, actor) = (&visit.app, Some(&by), Actor::User(&who.user));
    let failed = |error| visit.refuse(ENDPOINT, error);
    let here = own(&visit, &format!("/users/{}", user.sub));
    let one = params.once("one").ok().flatten().unwrap_or_default();
    match segment(&visit, "action") {
        END_SESSION => {
            access::end_session(app, &by, actor, &user, one).await.map_err(failed)?;
            return Ok(redirect(&visit, &format!("{here}?done=done")));
        }
        REVOKE => {
            let (client, within) = bound(one);
            authorizations::revoke(app, caller, actor, &user, client, within).await.map_err(failed)?;
            return Ok(redirect(&visit, &format!("{here}?done=done")));
        }
        DELETE_TOKEN => {
            match personal_tokens::remove(app, &by, actor, &user, one).await {
                Err(PersonalTokenRefusal::Unavailable(error)) => return Err(visit.refuse(ENDPOINT, error)),
                // Gone already is gone.
                Ok(()) | Err(_) => return Ok(redirect(&visit, &format!("{here}?done=done"))),
            }
        }
        REMOVE_EMAIL => {
            match addresses::remove(app, &visit.caller, actor, &user, one).await {
                Err(PersonRefusal::Unavailable(error)) => return Err(visit.refuse(ENDPOINT, error)),
                Err(refusal) => return Err(answer(refused(&visit, &refusal.to_string(), here))),
                // Gone already is gone.
                Ok(_) => return Ok(redirect(&visit, &format!("{here}?done=done"))),
            }
        }
        _ => {}
    }
    let deed = deed(&visit, &user)?;
    if deed == Deed::Delete && params.once("confirmed").ok().flatten().map(str::trim) != Some(user.login.as_str()) {
        let fault = Some("Please type the user name as it stands there.".to_owned());
        return question(&visit, &user, deed, StatusCode::BAD_REQUEST, fault).await;
    }
    let done = match deed {
        Deed::Disable => status::disable(app, caller, actor, &user).await,
        Deed::Enable => status::enable(app, caller, actor, &user).await.map_err(PersonRefusal::from),
        Deed::MakeAdministrator => rights::set_administrator(app, caller, actor, &user, true).await,
        Deed::TakeAdministrator => rights::set_administrator(app, caller, actor, &user, false).await,
        Deed::SignOut => {
            let ended = sign_out_everywhere::sign_out_everywhere(app, caller, actor, &user).await;
            ended.map(|_| true).map_err(PersonRefusal::from)
        }
        Deed::Delete => status::delete(app, caller, actor, &user).await,
    };
    match done {
        Ok(_) if deed == Deed::Delete => Ok(redirect(&visit, &format!("{}?done=deleted", own(&visit, "/users")))),
        Ok(_) => Ok(redirect(&visit, &format!("{here}?done=done"))),
        Err(PersonRefusal::Unavailable(error)) => Err(visit.refuse(ENDPOINT, error)),
        Err(refusal) => Err(answer(refused(&visit, &refusal.to_string(), here))),
    }
}

/// A page that says why it was not done.
pub(super) fn refused(visit: &Visit, text: &str, back: String) -> HttpResponse {
    let notice = NoticePage {
        frame: visit.frame(),
        kind: NoticeKind::Refused,
        title: "This was not done".to_owned(),
        text: text.to_owned(),
        next: Some(Link { label: "Back".to_owned(), href: back }),
    };
    page(visit, StatusCode::CONFLICT, Forms::Here, &notice)
}
