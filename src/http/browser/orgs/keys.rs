//! `/orgs/{org}/api-keys`: owners make, change and delete keys, having proven lately who they are.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::confirm::{Question, ask};
use super::enter::{self, Inside, enter_fresh, instead};
use super::frame::{Page, frame};
use super::key_form::{self, Fault};
use super::refused;
use crate::crypto::random;
use crate::flows::api_keys::{self, ApiKeyRefusal, KeyView};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::once;
use crate::http::pages::orgs::{KeyItem, KeyMadePage, KeysPage};
use crate::http::visit::Visit;
use crate::http::words::moment;
use crate::protocol::NumericDate;

/// Keys on one page.
const PAGE: i64 = 50;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter_fresh(&visit, Page::ApiKeys.needs()).await?;
    let params = visit.query()?;
    let done = match params.once("done").ok().flatten() {
        Some("saved") => Some("Saved."),
        Some("deleted") => Some("The key is deleted. Scripts that used it do nothing any more."),
        _ => None,
    };
    // A position made up by somebody is a position all the same: nothing hangs on it.
    let below = params.once("below").ok().flatten().and_then(|text| text.parse().ok()).unwrap_or(i64::MAX);
    let found = api_keys::page(&visit.app, inside.membership.organization(), below, PAGE).await;
    let found = found.map_err(|error| visit.refuse(super::ENDPOINT, error))?;
    let now = visit.app.clock.now();
    let shown = KeysPage {
        frame: visit.frame(),
        org: frame(&visit, &inside, Page::ApiKeys, done),
        keys: found.keys.iter().map(|key| item(&visit, &inside, key, now)).collect(),
        next_href: found.next.map(|id| inside.own(&visit, &format!("/api-keys?below={id}"))),
        new_href: inside.own(&visit, "/api-keys/new"),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn item(visit: &Visit, inside: &Inside<'_>, key: &KeyView, now: NumericDate) -> KeyItem {
    let row = &key.row;
    let scopes = if row.scopes.is_empty() { "no scopes".to_owned() } else { row.scopes.to_string() };
    let used = row.last_used_at.map_or("never used".to_owned(), |at| format!("used {}", moment::at(at, now)));
    KeyItem {
        label: row.label.clone(),
        href: inside.own(visit, &format!("/api-keys/{}", row.public_id)),
        text: format!("..{} · {scopes} · {used}", row.last_four),
        trouble: match () {
            () if row.status != "active" => Some("Switched off"),
            () if !row.is_live(now) => Some("Ended"),
            () => None,
        },
    }
}

/// GET `/new`.
///
/// # Errors
/// A page.
pub async fn get_new(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter_fresh(&visit, Page::ApiKeys.needs()).await?;
    Ok(key_form::show(&visit, &inside, None, &key_form::Typed::usual(&visit), None))
}

/// POST `/new`: the answer is the one page that shows the value.
///
/// # Errors
/// A page.
pub async fn post_new(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter_fresh(&visit, Page::ApiKeys.needs()).await?;
    let typed = key_form::Typed::of(&params);
    let organization = inside.membership.organization();
    // Drawn first: where there is none, nothing was made and the form stays good.
    let id = visit.app.store.next_id().map_err(|error| visit.refuse(super::ENDPOINT, error))?;
    once::require(&visit, inside.who, &params, ("All keys", inside.own(&visit, "/api-keys"))).await?;
    let made = match typed.new_key() {
        Ok(new) => {
            let secret = random::secret();
            api_keys::create(&visit.app, inside.by(&visit), organization, new, id, secret.expose()).await
        }
        Err(refusal) => Err(refusal),
    };
    let made = match made {
        Ok(made) => made,
        Err(refusal) => {
            once::refused(&visit, inside.who, &params).await?;
            return refuse(&visit, &inside, None, &typed, refusal);
        }
    };
    let nonce = random::url_safe_text(16);
    let shown = KeyMadePage {
        frame: visit.frame(),
        org: frame(&visit, &inside, Page::ApiKeys, None),
        label: made.row.label,
        key: made.key.expose().to_owned(),
        example: visit.app.issuer.endpoint(&format!("/api/v1/organizations/{}", organization.slug)),
        nonce: nonce.clone(),
        keys_href: inside.own(&visit, "/api-keys"),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Sent(&nonce), &shown))
}

/// GET `/{key}`.
///
/// # Errors
/// A page.
pub async fn get_one(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter_fresh(&visit, Page::ApiKeys.needs()).await?;
    let key = of_the_path(&visit, &inside).await?;
    Ok(key_form::show(&visit, &inside, Some(&key), &key_form::Typed::from(&key), None))
}

/// POST `/{key}`.
///
/// # Errors
/// A page.
pub async fn post_one(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let inside = enter_fresh(&visit, Page::ApiKeys.needs()).await?;
    let key = of_the_path(&visit, &inside).await?;
    if params.once(key_form::SEEN).ok().flatten() != Some(key_form::tag(&key).as_str()) {
        return Ok(key_form::show(&visit, &inside, Some(&key), &key_form::Typed::from(&key), Some(Fault::Meanwhile)));
    }
    let typed = key_form::Typed::of(&params);
    let organization = inside.membership.organization();
    let changed = match typed.changes(&key) {
        Ok(changes) => api_keys::update(&visit.app, inside.by(&visit), organization, &key.row.public_id, changes).await,
        Err(refusal) => Err(refusal),
    };
    match changed {
        Ok(_) => Ok(redirect(&visit, &inside.own(&visit, "/api-keys?done=saved"))),
        Err(refusal) => refuse(&visit, &inside, Some(&key), &typed, refusal),
    }
}

/// GET `/{key}/delete`.
///
/// # Errors
/// A page.
pub async fn ask_delete(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter_fresh(&visit, Page::ApiKeys.needs()).await?;
    let key = of_the_path(&visit, &inside).await?.row;
    let now = visit.app.clock.now();
    let used = key.last_used_at.map_or("It was never used.".to_owned(), |at| {
        format!("It was last used {}: whatever uses it stops working.", moment::at(at, now))
    });
    let here = inside.own(&visit, &format!("/api-keys/{}", key.public_id));
    let question = Question {
        title: format!("Delete the key {}?", key.label),
        consequences: vec![
            used,
            "Invitations it sent that nobody has accepted do not work any more.".to_owned(),
            "A deleted key does not come back. To stop it for a while, switch it off.".to_owned(),
        ],
        action: format!("{here}/delete"),
        carried: Vec::new(),
        typed: None,
        submit: "Delete",
        cancel: here,
        error: None,
    };
    Ok(ask(&visit, StatusCode::OK, question))
}

/// POST `/{key}/delete`.
///
/// # Errors
/// A page.
pub async fn delete(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    visit.form(payload).await?;
    let inside = enter_fresh(&visit, Page::ApiKeys.needs()).await?;
    let (organization, key) = (inside.membership.organization(), enter::segment(&visit, "key"));
    match api_keys::delete(&visit.app, inside.by(&visit), organization, key).await {
        Ok(()) => Ok(redirect(&visit, &inside.own(&visit, "/api-keys?done=deleted"))),
        Err(ApiKeyRefusal::NotFound) => Ok(enter::not_found(&visit)),
        Err(ApiKeyRefusal::Organization(refusal)) => refused::answer(&visit, &refusal),
        Err(_) => Ok(redirect(&visit, &inside.own(&visit, "/api-keys"))),
    }
}

async fn of_the_path(visit: &Visit, inside: &Inside<'_>) -> Result<KeyView, Error> {
    let found = api_keys::show(&visit.app, inside.membership.organization(), enter::segment(visit, "key")).await;
    match found {
        Ok(key) => Ok(key),
        Err(ApiKeyRefusal::Organization(refusal)) => Err(instead(refused::answer(visit, &refusal)?)),
        Err(_) => Err(instead(enter::not_found(visit))),
    }
}

fn refuse(
    visit: &Visit,
    inside: &Inside<'_>,
    key: Option<&KeyView>,
    typed: &key_form::Typed,
    refusal: ApiKeyRefusal,
) -> Result<HttpResponse, Error> {
    match refusal {
        ApiKeyRefusal::NotFound => Ok(enter::not_found(visit)),
        ApiKeyRefusal::Organization(refusal) => refused::answer(visit, &refusal),
        refusal => Ok(key_form::show(visit, inside, key, typed, Some(Fault::Refused(&refusal)))),
    }
}
