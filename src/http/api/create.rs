//! Creating, also when the request comes twice: `Idempotency-Key` makes the second one hear the first one's answer.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde_json::Value;

use super::Answer;
use super::call::{Call, render};
use super::problem::Problem;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::api::idempotency::{self, Seen};

/// The header.
pub const KEY: &str = "idempotency-key";

/// What was made.
pub struct Made {
    /// Its representation without the secret.
    pub body: Value,
    /// Below the API: where it is.
    pub location: Option<String>,
    /// Told once.
    pub secret: Option<PlainToken>,
}

/// The member that carries the secret, and the secret's kind.
#[derive(Clone, Copy)]
pub struct SecretMember(pub &'static str, pub TokenKind);

/// Runs `act` with the new row's id and 32 bytes for its secret; 201 with what it made. With a key `act` runs once.
///
/// # Errors
/// Those of `act`, and of the key.
pub async fn create<F>(call: &Call, body: &[u8], member: Option<SecretMember>, act: F) -> Answer
where
    F: AsyncFnOnce(i64, &[u8; 32]) -> Result<Made, Problem>,
{
    let mut keys = call.request.headers().get_all(KEY);
    let Some(key) = keys.next() else {
        let made = act(call.app.store.next_id()?, random::secret().expose()).await?;
        return Ok(created(made.body, made.location, member, made.secret.as_ref()));
    };
    let key = key.to_str().unwrap_or_default();
    let route = format!("{} {}", call.request.method(), call.request.uri().path());
    match idempotency::begin(&call.app, &call.credential.name(), &route, key, body).await? {
        Seen::Again(again) => {
            let stored: Value = serde_json::from_str(&again.answer).unwrap_or_default();
            let location = stored.get("location").and_then(Value::as_str).map(str::to_owned);
            // What was made without a secret, such as a public client, has none the second time either.
            let told = stored.get("secret").and_then(Value::as_bool).unwrap_or_default();
            let secret = member.filter(|_| told).map(|SecretMember(_, kind)| again.secret(kind));
            Ok(created(stored.get("body").cloned().unwrap_or_default(), location, member, secret.as_ref()))
        }
        Seen::First(first) => match act(first.row_id(), first.secret()).await {
            Ok(made) => {
                let kept = serde_json::json!({
                    "body": made.body, "location": made.location, "secret": made.secret.is_some(),
                });
                let kept = kept.to_string();
                idempotency::answered(&call.app, &first, 201, kept).await?;
                Ok(created(made.body, made.location, member, made.secret.as_ref()))
            }
            Err(problem) => {
                // What the store does not know may have been done: that one stays claimed until it can be told.
                if problem.status < 500 {
                    idempotency::made_nothing(&call.app, &first).await?;
                }
                Err(problem)
            }
        },
    }
}

fn created(
    mut body: Value,
    location: Option<String>,
    member: Option<SecretMember>,
    secret: Option<&PlainToken>,
) -> HttpResponse {
    if let (Some(SecretMember(name, _)), Some(secret), Value::Object(members)) = (member, secret, &mut body) {
        members.insert(name.to_owned(), Value::String(secret.expose().to_owned()));
    }
    let mut answer = render(StatusCode::CREATED, &body);
    if let Some(value) = location.and_then(|location| location.parse().ok()) {
        answer.headers_mut().insert(header::LOCATION, value);
    }
    answer
}
