//! What waits to be done, and when the work in the background was last done.

use serde::Serialize;

use crate::app::App;
use crate::protocol::NumericDate;
use crate::store::{StoreError, mails, overview};

const DAY: i64 = 24 * 3600;
/// Deletions told at most.
const MOST: i64 = 100;

/// Everything that waits.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Jobs {
    /// Mails that wait to be sent.
    pub mails_waiting: i64,
    /// Since when the oldest of them waits.
    pub mails_waiting_since: Option<NumericDate>,
    /// Mails given up within the last day.
    pub mails_given_up: i64,
    /// Identities whose provider is to be asked again by now.
    pub rechecks_due: i64,
    /// Since when the first of them is due.
    pub rechecks_due_since: Option<NumericDate>,
    /// Clients and organizations that are about to be deleted, soonest first within their kind; 100 of each at most.
    pub deletions: Vec<Deletion>,
    /// When this node last finished a round of housekeeping; null before the first one.
    pub housekeeping_at: Option<NumericDate>,
    /// Writes that wait on this node (SQLite).
    pub writes_waiting: u64,
}

/// Something that is about to be deleted.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Deletion {
    /// `client` or `organization`.
    pub kind: String,
    /// `client_id` or slug.
    pub id: String,
    /// Display name.
    pub name: String,
    /// When.
    pub delete_at: Option<NumericDate>,
}

/// What waits now.
///
/// # Errors
/// The store's.
pub async fn jobs(app: &App) -> Result<Jobs, StoreError> {
    let now = app.clock.now();
    let (waiting, (rechecks_due, rechecks_due_since), clients, organizations) = app
        .store
        .read(move |conn| {
            Ok((
                mails::waiting(conn, now - DAY)?,
                overview::rechecks_due(conn, now)?,
                overview::clients_to_go(conn, MOST)?,
                overview::organizations_to_go(conn, MOST)?,
            ))
        })
        .await?;
    let deletion = |kind: &str, id, name, delete_at| Deletion { kind: kind.to_owned(), id, name, delete_at };
    let clients = clients.into_iter().map(|row| deletion("client", row.client_id, row.name, row.delete_at));
    let organizations =
        organizations.into_iter().map(|row| deletion("organization", row.slug, row.name, row.delete_at));
    Ok(Jobs {
        mails_waiting: waiting.count,
        mails_waiting_since: waiting.since,
        mails_given_up: waiting.given_up,
        rechecks_due,
        rechecks_due_since,
        deletions: clients.chain(organizations).collect(),
        housekeeping_at: app.metrics.housekeeping_at(),
        writes_waiting: app.store.writes_waiting(),
    })
}
