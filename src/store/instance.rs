//! Table `instance`: the one row that says which master key and which epoch this database belongs to.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::instance;
use crate::protocol::NumericDate;

/// The only row's id.
pub const ID: i64 = 1;

/// What the server must know before it serves.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = instance, treat_none_as_default_value = false)]
pub struct InstanceRow {
    /// Always [`ID`].
    pub id: i64,
    /// An id: a restore raises it, and codes, refresh tokens and sessions with smaller ids are refused.
    pub epoch: i64,
    /// A known text sealed under the master key: opens only with the right one.
    pub key_check: Vec<u8>,
    /// Digest of the one-time set-up link, while there is no administrator.
    pub setup_digest: Option<Vec<u8>>,
    /// When the database was first used.
    pub created_at: NumericDate,
    /// The key pairwise subjects are made with, sealed.
    pub pairwise_key: Option<Vec<u8>>,
}

/// The row, once the server has started once.
pub fn get(conn: &mut Conn) -> QueryResult<Option<InstanceRow>> {
    instance::table.find(ID).select(InstanceRow::as_select()).first(conn).optional()
}

/// Adds the row; a second node's attempt is a unique violation.
pub fn insert(write: &mut Write<'_>, row: &InstanceRow) -> QueryResult<usize> {
    diesel::insert_into(instance::table).values(row).execute(&mut **write)
}

/// Sets the key of pairwise subjects, unless there is one: names made with another could never be found again.
pub fn set_pairwise_key(write: &mut Write<'_>, sealed: &[u8]) -> QueryResult<usize> {
    diesel::update(instance::table.find(ID).filter(instance::pairwise_key.is_null()))
        .set(instance::pairwise_key.eq(sealed))
        .execute(&mut **write)
}

/// Replaces the set-up link.
pub fn set_setup(write: &mut Write<'_>, digest: Option<&[u8]>) -> QueryResult<usize> {
    diesel::update(instance::table.find(ID)).set(instance::setup_digest.eq(digest)).execute(&mut **write)
}

/// Uses the set-up link up: 1 for the one use, 0 for everybody else.
pub fn use_setup(write: &mut Write<'_>, digest: &[u8]) -> QueryResult<usize> {
    diesel::update(instance::table.find(ID).filter(instance::setup_digest.eq(digest)))
        .set(instance::setup_digest.eq(None::<Vec<u8>>))
        .execute(&mut **write)
}

/// Holds the row until the end of the transaction: what two at once must not both decide is decided behind it.
pub fn hold(write: &mut Write<'_>) -> QueryResult<usize> {
    diesel::update(instance::table.find(ID)).set(instance::epoch.eq(instance::epoch)).execute(&mut **write)
}

/// Begins a new epoch.
pub fn raise_epoch(write: &mut Write<'_>, epoch: i64) -> QueryResult<usize> {
    diesel::update(instance::table.find(ID)).set(instance::epoch.eq(epoch)).execute(&mut **write)
}
