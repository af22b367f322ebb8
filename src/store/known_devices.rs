//! Table `known_devices`: browsers and networks a user has signed in from, so that a new one is told.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::known_devices;
use crate::protocol::NumericDate;

/// A device in a network.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = known_devices, treat_none_as_default_value = false)]
pub struct KnownDeviceRow {
    /// Row id.
    pub id: i64,
    /// The user.
    pub user_id: i64,
    /// Digest of the device cookie.
    pub device: Vec<u8>,
    /// The /24 or /48.
    pub network: String,
    /// When it was first used.
    pub first_seen_at: NumericDate,
    /// When it was last used.
    pub last_seen_at: NumericDate,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<KnownDeviceRow>> {
    known_devices::table.find(id).select(KnownDeviceRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &KnownDeviceRow) -> QueryResult<usize> {
    diesel::insert_into(known_devices::table).values(row).execute(&mut **write)
}

/// Everything a user has signed in from, the latest first.
pub fn of_user(conn: &mut Conn, user_id: i64) -> QueryResult<Vec<KnownDeviceRow>> {
    known_devices::table
        .filter(known_devices::user_id.eq(user_id))
        .order(known_devices::last_seen_at.desc())
        .select(KnownDeviceRow::as_select())
        .load(conn)
}

/// Notes another use; never moves back. 0 when the row is gone.
pub fn seen(write: &mut Write<'_>, id: i64, now: NumericDate) -> QueryResult<usize> {
    diesel::update(known_devices::table.find(id))
        .filter(known_devices::last_seen_at.le(now))
        .set(known_devices::last_seen_at.eq(now))
        .execute(&mut **write)
}

/// Forgets everything about a user.
pub fn delete_of_user(write: &mut Write<'_>, user_id: i64) -> QueryResult<usize> {
    diesel::delete(known_devices::table.filter(known_devices::user_id.eq(user_id))).execute(&mut **write)
}

/// Forgets rows by id.
pub fn delete(write: &mut Write<'_>, ids: &[i64]) -> QueryResult<usize> {
    diesel::delete(known_devices::table.filter(known_devices::id.eq_any(ids.to_vec()))).execute(&mut **write)
}
