//! `/api/v1/sessions`: where a person is signed in.

use serde::Serialize;
use utoipa::ToSchema;

use super::page::{self, Asked, Cursor};
use super::{Answer, Call, Problem};
use crate::flows::api::Credential;
use crate::flows::device;
use crate::flows::session;

/// A browser that is signed in.
#[derive(Serialize, ToSchema)]
pub struct Session {
    /// Its public name.
    pub id: String,
    /// Browser and system, such as "Firefox on Linux".
    pub device: String,
    /// Where it signed in from.
    pub address: String,
    /// When it signed in, in seconds since 1970.
    pub created_at: i64,
    /// When it was last seen, to the minute.
    pub last_seen_at: i64,
    /// When it ends, used or not.
    pub expires_at: i64,
    /// It is the one that asks.
    pub current: bool,
}

/// Row id of the session that asks, if one does.
fn current(call: &Call) -> Option<i64> {
    match &call.credential {
        Credential::Session(who) => Some(who.session.id),
        _ => None,
    }
}

/// The person's own, newest first.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/sessions", tag = "Sessions", summary = "List where you are signed in",
    params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first.", body = Vec<Session>)))]
pub async fn list(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let (after, limit) = (asked.after()?, usize::try_from(asked.limit).unwrap_or_default());
    let found = session::page(&call.app, call.user()?, &after, limit).await?;
    let next = found.next.map(Cursor::Text);
    let current = current(&call);
    let entries: Vec<Session> = found
        .sessions
        .into_iter()
        .map(|row| Session {
            device: device::name(&row.user_agent),
            current: Some(row.id) == current,
            id: row.sid,
            address: row.address,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
        })
        .collect();
    Ok(page::answer(&call, &asked, &entries, next))
}

/// Ends one.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/sessions/{session}", tag = "Sessions", summary = "End a session",
    params(("session" = String, Path)), responses((status = 204, description = "That browser is signed out.")))]
pub async fn delete(call: Call) -> Answer {
    let (actor, sid) = (call.credential.actor(), call.segment("session")?);
    match session::end(&call.app, &call.caller, actor, call.user()?, &sid).await? {
        true => Ok(call.done()),
        false => Err(Problem::not_found()),
    }
}

/// Ends all, or all but the one that asks.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/sessions", tag = "Sessions", summary = "End all other sessions",
    description = "A session that asks stays; by a token all of them end.",
    responses((status = 204, description = "Those browsers are signed out.")))]
pub async fn delete_others(call: Call) -> Answer {
    let actor = call.credential.actor();
    session::end_others(&call.app, &call.caller, actor, call.user()?, current(&call)).await?;
    Ok(call.done())
}
