//! `/api/v1/admin/..`: keys, audit log, statistics, jobs, configuration and refusals of the server.

use serde::Serialize;
use utoipa::ToSchema;

use super::text;
use crate::app::start::StartError;
use crate::flows::administration::{configuration, find, jobs, statistics};
use crate::flows::audit_log::{self, Entry, Filter};
use crate::flows::derivation::{self, KeyView};
use crate::flows::explain::{self, Explanation};
use crate::flows::scope_holders::{self, ScopeHolders};
use crate::http::api::create::{self, Made};
use crate::http::api::page::{self, Asked, Cursor};
use crate::http::api::{Answer, Call, Problem};

/// What there is, and what happened lately.
#[derive(Serialize, ToSchema)]
pub struct Statistics {
    /// Accounts that are not deleted.
    pub users: i64,
    /// Active administrators.
    pub administrators: i64,
    /// Applications.
    pub clients: i64,
    /// Organizations.
    pub organizations: i64,
    /// Personal tokens.
    pub personal_tokens: i64,
    /// API keys of organizations.
    pub api_keys: i64,
    /// First second of the first hour told, in seconds since 1970.
    pub since: i64,
    /// Counts of all nodes by the hour, oldest first; at most a minute late.
    pub hourly: Vec<HourlyCount>,
}

/// How often something happened within an hour.
#[derive(Serialize, ToSchema)]
pub struct HourlyCount {
    /// The hour's first second.
    pub hour: i64,
    /// `sign_in`, `issued`, `refused` or `introspection`.
    pub name: String,
    /// Which kind of it, such as `failed wrong_password` or `token invalid_grant`.
    pub label: String,
    /// How often.
    pub count: i64,
}

/// The keys that refresh tokens are derived with, newest first. What they are is never told.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/keys", tag = "Administration: server", summary = "List derivation keys",
    responses((status = 200, description = "Newest first.", body = Vec<KeyView>)))]
pub async fn keys(call: Call) -> Answer {
    Ok(call.ok(&derivation::list(&call.app).await?))
}

/// Makes a new key and retires the others; no token stops working.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/admin/keys/rotate", tag = "Administration: server",
    summary = "Rotate the derivation key", params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The key in use from now on.", body = KeyView)))]
pub async fn rotate(call: Call) -> Answer {
    create::create(&call, b"", None, async |_, _| {
        let key = derivation::rotate(&call.app, Some(&call.caller), call.credential.actor()).await;
        let key = key.map_err(|error| match error {
            StartError::Store(error) => Problem::from(error),
            error => {
                tracing::error!(%error, "derivation keys cannot be opened");
                crate::protocol::error::OAuthError::new(crate::protocol::error::ErrorCode::ServerError, "").into()
            }
        })?;
        Ok(Made { body: serde_json::json!(key), location: None, secret: None })
    })
    .await
}

/// Who holds a scope, itself or by one that implies it: before it is renamed, narrowed or given away.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/scopes/{scope}/holders", tag = "Administration: server",
    summary = "Find out who holds a scope",
    params(("scope" = String, Path), ("limit" = Option<i64>, Query, minimum = 1, maximum = 100,
        description = "Of each kind.")),
    responses((status = 200, description = "Counted to 1000, the newest listed; where there are more, some of them.", body = ScopeHolders)))]
pub async fn holders(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let limit = usize::try_from(asked.limit).unwrap_or(1);
    Ok(call.ok(&scope_holders::of(&call.app, &call.segment("scope")?, limit).await?))
}

/// What happened on the server.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/audit-log", tag = "Administration: server",
    summary = "Read the audit log of the server",
    params(("event" = Option<String>, Query, description = "An event, or all below a name: `org` finds `org.rename`."),
        ("actor" = Option<String>, Query, description = "Who, as the log says it."),
        ("since" = Option<String>, Query, description = "Such as 2026-11-22 or 2026-11-22T04:30Z."),
        ("until" = Option<String>, Query, description = "The same; a day is that whole day."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first.", body = Vec<Entry>)))]
pub async fn audit(call: Call) -> Answer {
    let params = call.query()?;
    let asked = Asked::of(&params)?;
    let word = |name| text(&params, name).map(Option::unwrap_or_default);
    let filter = Filter::parse(word("event")?, word("actor")?, word("since")?, word("until")?);
    let filter = filter.map_err(Problem::bad_request)?;
    let size = usize::try_from(asked.limit).unwrap_or(1);
    let (entries, next) = audit_log::of_server(&call.app, &filter, asked.below()?, size).await?;
    Ok(page::answer(&call, &asked, &entries, next.map(Cursor::Id)))
}

/// What there is, and what happened lately.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/statistics", tag = "Administration: server", summary = "Read statistics",
    params(("hours" = Option<i64>, Query, minimum = 1, maximum = 744, description = "24 where absent.")),
    responses((status = 200, description = "Totals as of now, and counts by the hour.", body = Statistics)))]
pub async fn statistics(call: Call) -> Answer {
    let params = call.query()?;
    let hours = match text(&params, "hours")? {
        None => 24,
        Some(text) => {
            text.parse().ok().filter(|hours| (1..=statistics::MOST_HOURS).contains(hours)).ok_or_else(|| {
                Problem::bad_request(format!("hours is a number from 1 to {}.", statistics::MOST_HOURS))
            })?
        }
    };
    let totals = find::totals(&call.app).await?;
    let rows = statistics::hourly(&call.app, hours).await?;
    let hourly =
        rows.into_iter().map(|row| HourlyCount { hour: row.hour, name: row.name, label: row.label, count: row.count });
    Ok(call.ok(&Statistics {
        users: totals.users,
        administrators: totals.administrators,
        clients: totals.clients,
        organizations: totals.organizations,
        personal_tokens: totals.personal_tokens,
        api_keys: totals.api_keys,
        since: statistics::begin(call.app.clock.now(), hours),
        hourly: hourly.collect(),
    }))
}

/// What waits to be done.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/jobs", tag = "Administration: server", summary = "Show what waits",
    responses((status = 200, description = "As of now.", body = jobs::Jobs)))]
pub async fn waiting(call: Call) -> Answer {
    Ok(call.ok(&jobs::jobs(&call.app).await?))
}

/// The configuration in force, by section and key; secrets are hidden.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/configuration", tag = "Administration: server",
    summary = "Show the configuration in force",
    responses((status = 200, description = "Sections with their keys.", body = serde_json::Value)))]
pub async fn in_force(call: Call) -> Answer {
    Ok(call.ok(&configuration::in_force(&call.app)))
}

/// The newest refusals with what stood behind them.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/refusals", tag = "Administration: server", summary = "List recent refusals",
    params(("client_id" = Option<String>, Query, description = "Of one application only."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100)),
    responses((status = 200, description = "Newest first; the oldest are overwritten.", body = Vec<Explanation>)))]
pub async fn refusals(call: Call) -> Answer {
    let params = call.query()?;
    let asked = Asked::of(&params)?;
    let found = explain::recent(&call.app, text(&params, "client_id")?, asked.limit).await?;
    Ok(page::answer(&call, &asked, &found, None))
}

/// What stood behind one refusal.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/refusals/{reference}", tag = "Administration: server",
    summary = "Explain a refusal", params(("reference" = String, Path, description = "As the answer or the page told it.")),
    responses((status = 200, description = "The rule that failed.", body = Explanation)))]
pub async fn explain(call: Call) -> Answer {
    let found = explain::explain(&call.app, &call.segment("reference")?).await?;
    Ok(call.ok(&found.ok_or_else(Problem::not_found)?))
}
