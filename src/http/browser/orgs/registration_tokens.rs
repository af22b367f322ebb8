//! `/orgs/{org}/registration-tokens`: where the operator leaves it to organizations, owners make and delete what clients
//! register themselves with, having proven lately who they are.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::confirm::{Question, ask};
use super::enter::{self, Inside, enter_fresh, instead};
use super::frame::{Page, frame};
use super::{ENDPOINT, refused, words};
use crate::crypto::random;
use crate::flows::registration::organizations_may;
use crate::flows::registration::tokens::{self, NewToken, Registered, TokenRefusal as Refusal, TokenView};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::faults::input;
use crate::http::browser::once;
use crate::http::pages::orgs::{
    Choice, NewRegistrationTokenPage, RegisteredItem, RegistrationTokenItem, RegistrationTokenMadePage,
    RegistrationTokensPage,
};
use crate::http::visit::Visit;
use crate::http::words::moment;
use crate::protocol::NumericDate;
use crate::protocol::endpoints;
use crate::protocol::params::Params;

/// Tokens on one page.
const PAGE: i64 = 50;
/// Applications on the page.
const NEWEST: i64 = 25;
const DAY: i64 = 24 * 3600;
/// What the form sends, what it shows, days.
const ENDS: [(&str, &str, i64); 4] =
    [("1", "In a day", 1), ("7", "In 7 days", 7), ("30", "In 30 days", 30), ("90", "In 90 days", 90)];

/// An owner with a fresh proof, where organizations may.
async fn enter_open(visit: &Visit) -> Result<Inside<'_>, Error> {
    let inside = enter_fresh(visit, Page::RegistrationTokens.needs()).await?;
    if organizations_may(&visit.app) { Ok(inside) } else { Err(instead(enter::not_found(visit))) }
}

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter_open(&visit).await?;
    let params = visit.query()?;
    let done = match params.once("done").ok().flatten() {
        Some("deleted") => Some("The token is deleted. Nothing registers with it any more."),
        _ => None,
    };
    // A position made up by somebody is a position all the same: nothing hangs on it.
    let below = params.once("below").ok().flatten().and_then(|text| text.parse().ok()).unwrap_or(i64::MAX);
    let organization = inside.membership.organization();
    let found = tokens::page(&visit.app, Some(organization), below, PAGE).await;
    let found = found.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let registered = tokens::registered(&visit.app, organization, NEWEST).await;
    let registered = registered.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let now = visit.app.clock.now();
    let application = |one: &Registered| RegisteredItem {
        name: one.name.clone(),
        client_id: one.client_id.clone(),
        verified: one.verified,
        when: moment::at(one.at, now),
    };
    let shown = RegistrationTokensPage {
        frame: visit.frame(),
        org: frame(&visit, &inside, Page::RegistrationTokens, done),
        tokens: found.tokens.iter().map(|token| item(&visit, &inside, token, now)).collect(),
        next_href: found.next.map(|id| inside.own(&visit, &format!("/registration-tokens?below={id}"))),
        new_href: inside.own(&visit, "/registration-tokens/new"),
        registered: registered.iter().map(application).collect(),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn item(visit: &Visit, inside: &Inside<'_>, token: &TokenView, now: NumericDate) -> RegistrationTokenItem {
    let left = token.uses_left.map_or("any number left".to_owned(), |left| format!("{left} left"));
    let until =
        token.expires_at.map_or("until you delete it".to_owned(), |end| format!("until {}", moment::at(end, now)));
    let by = token.made_by.as_ref().map(|login| format!(" by {login}")).unwrap_or_default();
    RegistrationTokenItem {
        name: token.name.clone(),
        last_four: token.last_four.clone(),
        left: format!("{left} · {until}"),
        text: format!(
            "made {}{by} · registered {}",
            moment::at(token.created_at, now),
            words::count(token.clients, "application")
        ),
        trouble: match () {
            () if token.is_over(now) => Some("Ended"),
            () if token.is_used_up() => Some("Used up"),
            () => None,
        },
        delete_href: inside.own(visit, &format!("/registration-tokens/{}/delete", token.id)),
    }
}

/// The form as typed.
struct Typed {
    name: String,
    uses: String,
    ends: String,
}

impl Typed {
    fn usual() -> Typed {
        Typed { name: String::new(), uses: tokens::USUAL_USES.to_string(), ends: "7".to_owned() }
    }

    fn of(params: &Params) -> Typed {
        let field = |name| params.once_even_empty(name).ok().flatten().unwrap_or_default().to_owned();
        Typed { name: field("name"), uses: field("uses"), ends: field("ends") }
    }

    fn new_token(&self, now: NumericDate) -> Result<NewToken, Refusal> {
        let (_, _, days) = ENDS.iter().find(|(value, ..)| *value == self.ends).ok_or(Refusal::Expiry)?;
        let uses = self.uses.trim().parse().map_err(|_| Refusal::Uses(tokens::MOST_USES))?;
        Ok(NewToken { name: self.name.clone(), expires_at: Some(now + days * DAY), uses })
    }
}

/// GET `/new`.
///
/// # Errors
/// A page.
pub async fn get_new(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter_open(&visit).await?;
    Ok(form(&visit, &inside, &Typed::usual(), None))
}

/// POST `/new`: the answer is the one page that shows the value.
///
/// # Errors
/// A page.
pub async fn post_new(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter_open(&visit).await?;
    let (typed, organization) = (Typed::of(&params), inside.membership.organization());
    // Drawn first: where there is none, nothing was made and the form stays good.
    let id = visit.app.store.next_id().map_err(|error| visit.refuse(ENDPOINT, error))?;
    let list = inside.own(&visit, "/registration-tokens");
    once::require(&visit, inside.who, &params, ("All tokens", list.clone())).await?;
    let made = match typed.new_token(visit.app.clock.now()) {
        Ok(new) => {
            let secret = random::secret();
            tokens::hand_out(&visit.app, inside.by(&visit), organization, &new, id, secret.expose()).await
        }
        Err(refusal) => Err(refusal),
    };
    let made = match made {
        Ok(made) => made,
        Err(refusal) => {
            once::refused(&visit, inside.who, &params).await?;
            return match refusal {
                Refusal::Closed => Ok(enter::not_found(&visit)),
                Refusal::Organization(refusal) => refused::answer(&visit, &refusal),
                refusal => Ok(form(&visit, &inside, &typed, Some(&refusal))),
            };
        }
    };
    let nonce = random::url_safe_text(16);
    let shown = RegistrationTokenMadePage {
        frame: visit.frame(),
        org: frame(&visit, &inside, Page::RegistrationTokens, None),
        name: made.view.name,
        token: made.token.expose().to_owned(),
        endpoint: visit.app.issuer.endpoint(endpoints::REGISTRATION),
        nonce: nonce.clone(),
        tokens_href: list,
    };
    Ok(page(&visit, StatusCode::OK, Forms::Sent(&nonce), &shown))
}

fn form(visit: &Visit, inside: &Inside<'_>, typed: &Typed, refusal: Option<&Refusal>) -> HttpResponse {
    let text = refusal.map(ToString::to_string);
    let (name, uses, error) = match refusal {
        Some(Refusal::Name) => (text, None, None),
        Some(Refusal::Uses(_)) => (None, text, None),
        _ => (None, None, text),
    };
    let choice = |(value, label, _): &(&str, &str, i64)| Choice {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
        text: String::new(),
        chosen: *value == typed.ends,
    };
    let shown = NewRegistrationTokenPage {
        frame: visit.frame(),
        org: frame(visit, inside, Page::RegistrationTokens, None),
        action: inside.own(visit, "/registration-tokens/new"),
        carried: vec![once::field()],
        error,
        name: input(&typed.name, name),
        uses: input(&typed.uses, uses),
        ends: ENDS.iter().map(choice).collect(),
        tokens_href: inside.own(visit, "/registration-tokens"),
    };
    let status = if refusal.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    page(visit, status, Forms::Here, &shown)
}

/// GET `/{registration_token}/delete`.
///
/// # Errors
/// A page.
pub async fn ask_delete(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter_open(&visit).await?;
    let (organization, id) = (inside.membership.organization(), enter::segment(&visit, NAMED));
    let token = match tokens::show(&visit.app, Some(organization), id).await {
        Ok(token) => token,
        Err(Refusal::Organization(refusal)) => return refused::answer(&visit, &refusal),
        Err(_) => return Ok(enter::not_found(&visit)),
    };
    let (now, list) = (visit.app.clock.now(), inside.own(&visit, "/registration-tokens"));
    let works = !token.is_over(now) && !token.is_used_up();
    let breaks = match works {
        true => "Whoever still has it registers nothing more with it, at once.",
        false => "It registers nothing any more as it is.",
    };
    let stays = match token.clients {
        0 => "No application that registered with it is left.".to_owned(),
        number => format!(
            "{} that registered with it will go on as before: an administrator of the server switches them off.",
            words::count(number, "application")
        ),
    };
    let question = Question {
        title: format!("Delete the token {}?", token.name),
        consequences: vec![breaks.to_owned(), stays, "A deleted token does not come back.".to_owned()],
        action: format!("{list}/{}/delete", token.id),
        carried: Vec::new(),
        typed: None,
        submit: "Delete",
        cancel: list,
        error: None,
    };
    Ok(ask(&visit, StatusCode::OK, question))
}

/// The segment of the path that names a token.
const NAMED: &str = "registration_token";

/// POST `/{registration_token}/delete`.
///
/// # Errors
/// A page.
pub async fn delete(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let inside = enter_open(&visit).await?;
    let (organization, id) = (inside.membership.organization(), enter::segment(&visit, NAMED));
    match tokens::take_back(&visit.app, inside.by(&visit), organization, id).await {
        Ok(()) => Ok(redirect(&visit, &inside.own(&visit, "/registration-tokens?done=deleted"))),
        Err(Refusal::Organization(refusal)) => refused::answer(&visit, &refusal),
        Err(_) => Ok(enter::not_found(&visit)),
    }
}
