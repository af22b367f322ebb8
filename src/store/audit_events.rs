//! Table `audit_events`: who did what to whom, append-only, written in the transaction of the change itself.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::ids::first_id_of;
use super::schema::{audit_events, users};
use crate::protocol::NumericDate;

/// One state change a person, an administrator or an attack made. Never holds a secret.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub struct AuditEventRow {
    /// Row id.
    pub id: i64,
    /// When.
    pub at: NumericDate,
    /// What, such as `consent.grant`.
    pub event: String,
    /// The person who did it.
    pub actor_user: Option<i64>,
    /// The client that did it.
    pub actor_client: Option<i64>,
    /// Who, in words that outlive the row named.
    pub actor_label: String,
    /// `user`, `client`, `grant` ..
    pub target_kind: String,
    /// The row concerned.
    pub target_id: Option<i64>,
    /// What, in words that outlive the row named.
    pub target_label: String,
    /// The organization concerned.
    pub organization_id: Option<i64>,
    /// Where the request came from; empty for the command line.
    pub address: String,
    /// More, as a JSON object.
    pub data: String,
    /// The organization's API key that did it.
    pub actor_key: Option<i64>,
    /// The personal token the person did it with.
    pub actor_token: Option<i64>,
}

/// Seconds an id may be older than the time of its event.
const ID_SLACK: i64 = 600;

/// Later times have no id.
const LAST_SECOND: NumericDate = 3_900_000_000;

/// Adds an event.
pub fn insert(write: &mut Write<'_>, row: &AuditEventRow) -> QueryResult<usize> {
    diesel::insert_into(audit_events::table).values(row).execute(&mut **write)
}

/// The newest events, newest first.
pub fn newest(conn: &mut Conn, limit: i64) -> QueryResult<Vec<AuditEventRow>> {
    audit_events::table.order(audit_events::id.desc()).limit(limit).select(AuditEventRow::as_select()).load(conn)
}

/// The events about one target, oldest first.
pub fn about(conn: &mut Conn, target_kind: &str, target_id: i64) -> QueryResult<Vec<AuditEventRow>> {
    audit_events::table
        .filter(audit_events::target_kind.eq(target_kind).and(audit_events::target_id.eq(target_id)))
        .order(audit_events::id)
        .select(AuditEventRow::as_select())
        .load(conn)
}

/// The newest events that a person caused, or that are about them, newest first; each half has an index of its own.
pub fn of_person(conn: &mut Conn, user_id: i64, limit: i64) -> QueryResult<Vec<AuditEventRow>> {
    let mut rows: Vec<AuditEventRow> = audit_events::table
        .filter(audit_events::actor_user.eq(user_id))
        .order(audit_events::id.desc())
        .limit(limit)
        .select(AuditEventRow::as_select())
        .load(conn)?;
    let told: Vec<AuditEventRow> = audit_events::table
        .filter(audit_events::target_kind.eq("user").and(audit_events::target_id.eq(user_id)))
        .order(audit_events::id.desc())
        .limit(limit)
        .select(AuditEventRow::as_select())
        .load(conn)?;
    rows.extend(told.into_iter().filter(|row| row.actor_user != Some(user_id)));
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    rows.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(rows)
}

/// The newest events of one kind about one target since `since`, newest first.
pub fn newest_of_kind(
    conn: &mut Conn,
    target_kind: &str,
    target_id: i64,
    event: &str,
    since: NumericDate,
    limit: i64,
) -> QueryResult<Vec<AuditEventRow>> {
    audit_events::table
        .filter(audit_events::target_kind.eq(target_kind).and(audit_events::target_id.eq(target_id)))
        .filter(audit_events::event.eq(event).and(audit_events::at.ge(since)))
        .order(audit_events::id.desc())
        .limit(limit)
        .select(AuditEventRow::as_select())
        .load(conn)
}

/// Every event of one kind about targets of one kind, oldest first.
pub fn all_of_kind(conn: &mut Conn, target_kind: &str, event: &str) -> QueryResult<Vec<AuditEventRow>> {
    audit_events::table
        .filter(audit_events::target_kind.eq(target_kind).and(audit_events::event.eq(event)))
        .order(audit_events::id)
        .select(AuditEventRow::as_select())
        .load(conn)
}

/// The deletion of every account that is one no more, oldest first: the only place that still knows its login.
pub fn deletions_of_users(conn: &mut Conn) -> QueryResult<Vec<AuditEventRow>> {
    audit_events::table
        .inner_join(users::table.on(users::id.nullable().eq(audit_events::target_id)))
        .filter(users::status.eq("deleted"))
        .filter(audit_events::target_kind.eq("user").and(audit_events::event.eq("user.delete")))
        .order(audit_events::id)
        .select(AuditEventRow::as_select())
        .load(conn)
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Those of one organization; all there are without.
    pub organization_id: Option<i64>,
    /// One event by its name, or all below a name: `org` is `org` and `org.rename`.
    pub event: Option<String>,
    /// Who, as the label says.
    pub actor: Option<String>,
    /// Not before.
    pub since: Option<NumericDate>,
    /// Before.
    pub until: Option<NumericDate>,
}

/// The newest events with an id below `below`, newest first.
pub fn page(conn: &mut Conn, query: &AuditQuery, below: i64, limit: i64) -> QueryResult<Vec<AuditEventRow>> {
    let since = query.since.unwrap_or(NumericDate::MIN);
    // Ids are about as old as their events: this only spares the index what lies far before.
    let oldest = first_id_of(since.saturating_sub(ID_SLACK).clamp(0, LAST_SECOND) * 1000);
    let mut found = audit_events::table
        .filter(audit_events::id.lt(below).and(audit_events::id.ge(oldest)))
        .filter(audit_events::at.ge(since).and(audit_events::at.lt(query.until.unwrap_or(NumericDate::MAX))))
        .order(audit_events::id.desc())
        .limit(limit)
        .select(AuditEventRow::as_select())
        .into_boxed();
    if let Some(organization_id) = query.organization_id {
        found = found.filter(audit_events::organization_id.eq(organization_id));
    }
    if let Some(event) = &query.event {
        let below = format!("{event}.%");
        found = found.filter(audit_events::event.eq(event).or(audit_events::event.like(below)));
    }
    if let Some(actor) = &query.actor {
        found = found.filter(audit_events::actor_label.eq(actor));
    }
    found.load(conn)
}
