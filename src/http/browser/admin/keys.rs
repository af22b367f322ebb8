//! `/admin/keys`: keys that tokens are signed with, and keys that refresh tokens are derived with.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::ENDPOINT;
use super::enter::{administrator, answer, fresh, own};
use super::server::thing;
use super::user::refused;
use crate::app::start::StartError;
use crate::flows::audit::Actor;
use crate::flows::derivation::{self, KeyView};
use crate::flows::signing_keys::{self, How, SigningKeyFailure, SigningKeyState, SigningKeyView};
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::browser::orgs::confirm::{Question, ask};
use crate::http::pages::admin::{Action, Pill, Row, Section};
use crate::http::visit::Visit;
use crate::http::words::moment;
use crate::protocol::NumericDate;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::signing_algorithm::SigningAlgorithm;

const NEVER: &str = "A new key is used from now on, and the others are retired. No token stops working.";

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let now = visit.app.clock.now();
    let signing = signing_keys::list(&visit.app).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let derivation = derivation::list(&visit.app).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let lead = "Both kinds are sealed under the master key, which is not in the database.";
    let signing = signing.iter().map(|key| signing_row(key, now)).collect();
    let derivation = derivation.iter().map(|key| derivation_row(key, now)).collect();
    let sections = vec![
        Section::rows("signing-keys", "Signing keys", signing, "None yet: the server makes them when it starts."),
        Section::rows("keys", "Derivation keys", derivation, "None."),
    ];
    let mut shown = thing(&visit, "/keys", "Keys", lead, sections);
    let action = |id: &str, title, text: &str, label, path: &str, danger| Action {
        id: id.to_owned(),
        title,
        text: text.to_owned(),
        label,
        href: own(&visit, path),
        danger,
    };
    let ahead = moment::span(visit.app.config.keys.publish_ahead);
    shown.actions = vec![
        action(
            "signing-keys-rotate",
            "Rotate the signing keys",
            &format!("New keys are published now and sign in {ahead}. No token stops working."),
            "Rotate",
            "/keys/signing/rotate",
            false,
        ),
        action("keys-rotate", "Rotate the derivation key", NEVER, "Rotate", "/keys/rotate", false),
        action(
            "signing-keys-withdraw",
            "Withdraw the signing keys",
            "Somebody else may have them: new keys sign at once, and nothing signed by the others is believed.",
            "Withdraw",
            "/keys/signing/withdraw",
            true,
        ),
    ];
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn signing_row(key: &SigningKeyView, now: NumericDate) -> Row {
    use SigningKeyState as S;
    let at = |moment| moment::at(moment, now);
    let next = key.next_rotation.map(|moment| format!("the next key signs from {}", at(moment)));
    let (then, label, tone) = match key.state {
        S::Published => (Some(format!("signs from {}", at(key.active_from))), "Published", ""),
        S::Signing => (next.or(Some("no rotation by schedule".to_owned())), "Signing", "good"),
        S::Kept => (key.published_until.map(|until| format!("published until {}", at(until))), "Kept", ""),
        S::Erased | S::Withdrawn => {
            let left = key.published_until.map(|until| format!("left the key set {}", at(until)));
            if key.state == S::Erased { (left, "Erased", "") } else { (left, "Withdrawn", "bad") }
        }
    };
    let made = format!("{} · made {}", key.kid, at(key.created_at));
    let text = then.map_or(made.clone(), |then| format!("{made} · {then}"));
    Row { pills: vec![Pill::new(label, tone)], ..Row::plain(key.algorithm.clone(), text) }
}

fn derivation_row(key: &KeyView, now: NumericDate) -> Row {
    let age = format!("made {} ({} old)", moment::at(key.created_at, now), moment::span(now - key.created_at));
    let (text, pill) = match key.retired_at {
        None => (age, Pill::new("In use", "good")),
        Some(at) => (format!("{age} · retired {}", moment::at(at, now)), Pill::new("Retired", "")),
    };
    Row { pills: vec![pill], ..Row::plain(key.id.clone(), text) }
}

/// GET `/rotate`: a second look.
///
/// # Errors
/// A page.
pub async fn ask_rotate(visit: Visit) -> Result<HttpResponse, Error> {
    let consequences = vec![
        NEVER.to_owned(),
        "Do it on a schedule, or when somebody may have seen the database and the master key.".to_owned(),
    ];
    question(&visit, "Rotate the derivation key?", "/keys/rotate", "Rotate", consequences)
}

/// GET `/signing/rotate`: a second look.
///
/// # Errors
/// A page.
pub async fn ask_rotate_signing(visit: Visit) -> Result<HttpResponse, Error> {
    let ahead = moment::span(visit.app.config.keys.publish_ahead);
    let consequences = vec![
        format!(
            "A new key of each algorithm is in the key set from now on, and signs in {ahead}. No token stops working."
        ),
        "Applications that keep the key set longer than it says have to read it again by then.".to_owned(),
    ];
    question(&visit, "Rotate the signing keys?", "/keys/signing/rotate", "Rotate", consequences)
}

/// GET `/signing/withdraw`: a second look.
///
/// # Errors
/// A page.
pub async fn ask_withdraw(visit: Visit) -> Result<HttpResponse, Error> {
    let consequences = vec![
        "Every signing key leaves the key set now, and new ones sign at once.".to_owned(),
        "Signed tokens that applications hold verify nowhere any more: people sign in to them again.".to_owned(),
        "ID tokens of every key there ever was are no hints any more, either.".to_owned(),
        "Other nodes follow within a minute; what they sign until then does not verify either.".to_owned(),
        "Do it when somebody else may have the keys. To rotate them otherwise, go back.".to_owned(),
    ];
    question(&visit, "Withdraw the signing keys?", "/keys/signing/withdraw", "Withdraw", consequences)
}

fn question(
    visit: &Visit,
    title: &str,
    path: &str,
    submit: &'static str,
    consequences: Vec<String>,
) -> Result<HttpResponse, Error> {
    administrator(visit)?;
    fresh(visit)?;
    let question = Question {
        title: title.to_owned(),
        consequences,
        action: own(visit, path),
        carried: Vec::new(),
        typed: None,
        submit,
        cancel: own(visit, "/keys"),
        error: None,
    };
    Ok(ask(visit, StatusCode::OK, question))
}

/// POST `/rotate`.
///
/// # Errors
/// A page.
pub async fn rotate(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    visit.form(payload).await?;
    let who = fresh(&visit)?;
    let by = visit.caller.as_administrator(&who.user);
    match derivation::rotate(&visit.app, Some(&by), Actor::User(&who.user)).await {
        Ok(_) => Ok(redirect(&visit, &format!("{}?done=rotated", own(&visit, "/keys")))),
        Err(error) => Err(failed(&visit, error)),
    }
}

/// POST `/signing/rotate`.
///
/// # Errors
/// A page.
pub async fn rotate_signing(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    signing(visit, payload, How::Ahead, "published").await
}

/// POST `/signing/withdraw`.
///
/// # Errors
/// A page.
pub async fn withdraw(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    signing(visit, payload, How::AtOnce, "rotated").await
}

async fn signing(visit: Visit, payload: web::Payload, how: How, done: &str) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    visit.form(payload).await?;
    let who = fresh(&visit)?;
    let by = visit.caller.as_administrator(&who.user);
    let (caller, actor) = (Some(&by), Actor::User(&who.user));
    match signing_keys::rotate(&visit.app, caller, actor, &SigningAlgorithm::ALL, how).await {
        Ok(_) => Ok(redirect(&visit, &format!("{}?done={done}", own(&visit, "/keys")))),
        Err(failure @ (SigningKeyFailure::TooManyWait | SigningKeyFailure::Overtaken)) => {
            Err(answer(refused(&visit, &failure.to_string(), own(&visit, "/keys"))))
        }
        Err(SigningKeyFailure::Keys(error)) => Err(failed(&visit, error)),
        Err(SigningKeyFailure::NotMade(error)) => {
            tracing::error!(%error, "no signing key was made");
            Err(visit.refuse(ENDPOINT, OAuthError::new(ErrorCode::ServerError, "")))
        }
    }
}

fn failed(visit: &Visit, error: StartError) -> Error {
    match error {
        StartError::Store(error) => visit.refuse(ENDPOINT, error),
        error => {
            tracing::error!(%error, "keys cannot be opened");
            visit.refuse(ENDPOINT, OAuthError::new(ErrorCode::ServerError, ""))
        }
    }
}
