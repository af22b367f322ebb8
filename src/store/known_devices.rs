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
