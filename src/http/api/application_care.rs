//! Below `/api/v1/applications/{client_id}`: new secrets, how much it is used, why its requests are refused.

use actix_web::web;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::create::{self, Made, SecretMember};
use super::page::{self, Asked};
use super::{Answer, Call, Problem, body};
use crate::crypto::token::TokenKind;
use crate::flows::applications;
use crate::flows::explain::Explanation;

/// What a rotation may say.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rotation {
    /// Seconds the older secrets go on working; the server's own overlap is the usual and the most.
    pub overlap: Option<i64>,
}

/// A new secret.
#[derive(Serialize, ToSchema)]
pub struct RotatedApplication {
    /// The application.
    pub client_id: String,
    /// The last four characters of the new secret.
    pub last_four: String,
    /// The last moment an older secret works, in seconds since 1970.
    pub others_end_at: i64,
    /// Told here and never again.
    pub client_secret: String,
}

/// A number that may stand for more.
#[derive(Serialize, ToSchema)]
pub struct Count {
    /// How many were counted.
    pub count: usize,
    /// There may be more.
    pub more: bool,
}

impl From<applications::Counted> for Count {
    fn from(counted: applications::Counted) -> Count {
        Count { count: counted.count, more: counted.more }
    }
}

/// How much an application is used.
#[derive(Serialize, ToSchema)]
pub struct ApplicationStatistics {
    /// People who let it do something; one in two organizations counts twice.
    pub users: Count,
    /// Access and refresh tokens that work now.
    pub live_tokens: Count,
    /// When it last got a token, in seconds since 1970, to the minute.
    pub last_used_at: Option<i64>,
}

/// A refused request of an application, explained.
#[derive(Serialize, ToSchema)]
pub struct ApplicationRefusal {
    /// What the answer or the page showed.
    pub reference: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Which endpoint refused.
    pub endpoint: String,
    /// The error's code.
    pub code: String,
    /// What the answer said.
    pub description: String,
    /// Rule, specification, received, expected, hint: what there is.
    #[schema(value_type = Object)]
    pub detail: Value,
}

impl From<Explanation> for ApplicationRefusal {
    /// Without the address of whoever sent the request: they are the application's users.
    fn from(one: Explanation) -> ApplicationRefusal {
        ApplicationRefusal {
            reference: one.reference,
            at: one.at,
            endpoint: one.endpoint,
            code: one.code,
            description: one.description,
            detail: one.detail,
        }
    }
}

/// Makes a new secret.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(post, path = "/api/v1/applications/{client_id}/rotate-secret", tag = "Applications",
    summary = "Make a new secret", request_body = Rotation,
    params(("client_id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The secret is told here and never again.", body = RotatedApplication)))]
pub async fn rotate_secret(call: Call, payload: web::Payload) -> Answer {
    let (rotation, bytes) = body::read::<Rotation>(&call.app, &call.request, payload).await?;
    let client_id = call.segment("client_id")?;
    if rotation.overlap.is_some_and(|seconds| seconds < 0) {
        return Err(Problem::field("overlap", "a number of seconds, 0 or more"));
    }
    let secret = Some(SecretMember("client_secret", TokenKind::ClientSecret));
    create::create(&call, &bytes, secret, async |id, bytes| {
        let (app, overlap) = (&call.app, rotation.overlap);
        let rotated =
            applications::rotate_secret(app, &call.caller, &call.credential, &client_id, overlap, id, bytes).await?;
        let body = serde_json::json!({
            "client_id": client_id, "last_four": rotated.last_four, "others_end_at": rotated.others_end_at,
        });
        Ok(Made { body, location: None, secret: rotated.secret })
    })
    .await
}

/// Counts.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(get, path = "/api/v1/applications/{client_id}/statistics", tag = "Applications",
    summary = "How much an application is used", params(("client_id" = String, Path)),
    responses((status = 200, description = "Counted to 1000.", body = ApplicationStatistics)))]
pub async fn statistics(call: Call) -> Answer {
    let found = applications::statistics(&call.app, call.user()?, &call.segment("client_id")?).await?;
    Ok(call.ok(&ApplicationStatistics {
        users: found.users.into(),
        live_tokens: found.live_tokens.into(),
        last_used_at: found.last_used_at,
    }))
}

/// Its newest refusals.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(get, path = "/api/v1/applications/{client_id}/refusals", tag = "Applications",
    summary = "Why requests of an application were refused",
    description = "The newest ones first, as long as they are kept; there is no second page.",
    params(("client_id" = String, Path), ("limit" = Option<i64>, Query)),
    responses((status = 200, description = "Newest first.", body = Vec<ApplicationRefusal>)))]
pub async fn refusals(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let found = applications::refusals(&call.app, call.user()?, &call.segment("client_id")?, asked.limit).await?;
    let entries: Vec<ApplicationRefusal> = found.into_iter().map(ApplicationRefusal::from).collect();
    Ok(page::answer(&call, &asked, &entries, None))
}
