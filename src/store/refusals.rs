//! Table `refusals`: a ring of fixed slots with explained refusals, bounded whatever the traffic.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::refusals;
use crate::protocol::NumericDate;

/// One refusal with the rule that failed.
#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = refusals, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RefusalRow {
    /// Place in the ring, part of the reference.
    pub slot: i64,
    /// What the wire and the page show.
    pub reference: String,
    /// When.
    pub at: NumericDate,
    /// OAuth error code.
    pub code: String,
    /// What the wire said.
    pub description: String,
    /// The client concerned, if known.
    pub client_id: Option<String>,
    /// Where the request came from.
    pub address: String,
    /// Which endpoint refused.
    pub endpoint: String,
    /// The detail as JSON.
    pub detail: String,
}

/// Writes the refusal into its slot over whatever was there.
pub fn keep(write: &mut Write<'_>, row: &RefusalRow) -> QueryResult<usize> {
    let replaced =
        diesel::update(refusals::table.filter(refusals::slot.eq(row.slot))).set(row).execute(&mut **write)?;
    if replaced > 0 {
        return Ok(replaced);
    }
    let inserted =
        write.unless_taken(|write| diesel::insert_into(refusals::table).values(row).execute(&mut **write))?;
    match inserted {
        Some(count) => Ok(count),
        None => diesel::update(refusals::table.filter(refusals::slot.eq(row.slot))).set(row).execute(&mut **write),
    }
}

/// The refusal with this reference, unless its slot was reused.
pub fn find(conn: &mut Conn, slot: i64, reference: &str) -> QueryResult<Option<RefusalRow>> {
    refusals::table
        .filter(refusals::slot.eq(slot).and(refusals::reference.eq(reference)))
        .select(RefusalRow::as_select())
        .first(conn)
        .optional()
}

/// The newest refusals of one client, newest first.
pub fn of_client(conn: &mut Conn, client_id: &str, limit: i64) -> QueryResult<Vec<RefusalRow>> {
    refusals::table
        .filter(refusals::client_id.eq(client_id))
        .order(refusals::at.desc())
        .limit(limit)
        .select(RefusalRow::as_select())
        .load(conn)
}

/// The newest refusals of all, newest first.
pub fn newest(conn: &mut Conn, limit: i64) -> QueryResult<Vec<RefusalRow>> {
    refusals::table.order(refusals::at.desc()).limit(limit).select(RefusalRow::as_select()).load(conn)
}
