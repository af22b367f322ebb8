//! What happened, in an organization or on the whole server, to be read: filtered, in pages of bounded size, from a cursor that only this server
//! can make and only for this organization (C68, C74).

pub mod export;
mod filter;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::protocol::error::OAuthError;
use crate::protocol::rfc3339;
use crate::store::StoreError;
use crate::store::audit_events::{self, AuditEventRow};

pub use filter::{Filter, FilterFault};

/// Events on a page unless asked otherwise, and at most.
pub const PAGE: usize = 50;
const LONGEST_PAGE: usize = 200;

/// One event, for people and programs.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Entry {
    /// Name of the event's row.
    pub id: String,
    /// When, such as `2026-11-22T04:30:00Z`.
    pub at: String,
    /// What.
    pub event: String,
    /// Who; empty when nobody is known.
    pub actor: String,
    /// What kind of thing it was done to.
    pub target_kind: String,
    /// To what, in words that outlive it.
    pub target: String,
    /// Where the request came from; empty for the command line.
    pub address: String,
    /// More.
    pub data: Value,
}

impl Entry {
    fn of(row: AuditEventRow) -> Entry {
        Entry {
            id: row.id.to_string(),
            at: rfc3339::text(row.at),
            event: row.event,
            actor: row.actor_label,
            target_kind: row.target_kind,
            target: row.target_label,
            address: row.address,
            data: serde_json::from_str(&row.data).unwrap_or_default(),
        }
    }
}

/// Some events, newest first.
pub struct LogPage {
    /// The events.
    pub entries: Vec<Entry>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// Why there is no page.
#[derive(Debug)]
pub enum AuditLogRefusal {
    /// The cursor is none of this log's.
    Cursor,
    /// The server cannot answer now.
    Unavailable(OAuthError),
}

impl From<StoreError> for AuditLogRefusal {
    fn from(error: StoreError) -> Self {
        AuditLogRefusal::Unavailable(error.into())
    }
}

/// A page of the log, from `cursor` on or from the newest event. `size` is kept within bounds, whatever is asked.
///
/// # Errors
/// [`AuditLogRefusal`].
pub async fn page(
    app: &App,
    organization_id: i64,
    filter: &Filter,
    cursor: Option<&str>,
    size: usize,
) -> Result<LogPage, AuditLogRefusal> {
    let below = match cursor {
        Some(cursor) => open_cursor(app, organization_id, cursor).ok_or(AuditLogRefusal::Cursor)?,
        None => i64::MAX,
    };
    let size = size.clamp(1, LONGEST_PAGE);
    let (entries, next) = chunk(app, Some(organization_id), filter, below, size).await?;
    Ok(LogPage { entries, next: next.map(|id| cursor_at(app, organization_id, id)) })
}

/// Events of the whole server below a row, newest first; and the row the next ones are below of.
///
/// # Errors
/// The store's.
pub async fn of_server(
    app: &App,
    filter: &Filter,
    below: i64,
    size: usize,
) -> Result<(Vec<Entry>, Option<i64>), StoreError> {
    chunk(app, None, filter, below, size.clamp(1, LONGEST_PAGE)).await
}

/// At most `size` events below a row, newest first, and the row the next ones are below of.
///
/// # Errors
/// The store's.
pub async fn chunk(
    app: &App,
    organization_id: Option<i64>,
    filter: &Filter,
    below: i64,
    size: usize,
) -> Result<(Vec<Entry>, Option<i64>), StoreError> {
    let query = filter.of(organization_id);
    // One more than asked for tells whether there is more.
    let limit = i64::try_from(size).unwrap_or(i64::MAX - 1) + 1;
    let mut rows = app.store.read(move |conn| audit_events::page(conn, &query, below, limit)).await?;
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().map(|row| row.id).filter(|_| more);
    Ok((rows.into_iter().map(Entry::of).collect(), next))
}

fn purpose(organization_id: i64) -> String {
    format!("audit_log/cursor/{organization_id}")
}

/// Sealed: a cursor is eight bytes of ours or nothing, and tells no row id.
fn cursor_at(app: &App, organization_id: i64, id: i64) -> String {
    URL_SAFE_NO_PAD.encode(app.keys.master.seal(&purpose(organization_id), &id.to_be_bytes()))
}

fn open_cursor(app: &App, organization_id: i64, cursor: &str) -> Option<i64> {
    let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let plain = app.keys.master.open(&purpose(organization_id), &sealed).ok()?;
    Some(i64::from_be_bytes(plain.try_into().ok()?))
}
