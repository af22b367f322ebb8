//! Table `derivation_keys`: sealed keys of the refresh derivation, used for nothing else.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::derivation_keys;
use crate::protocol::NumericDate;

/// 32 random bytes, sealed under the master key.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = derivation_keys, treat_none_as_default_value = false)]
pub struct DerivationKeyRow {
    /// Row id, the `kid` of the construction.
    pub id: i64,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it was replaced; it goes when no row names it.
    pub retired_at: Option<NumericDate>,
}

/// Every key, newest first.
pub fn list(conn: &mut Conn) -> QueryResult<Vec<DerivationKeyRow>> {
    derivation_keys::table.order(derivation_keys::id.desc()).select(DerivationKeyRow::as_select()).load(conn)
}

/// Adds a key.
pub fn insert(write: &mut Write<'_>, row: &DerivationKeyRow) -> QueryResult<usize> {
    diesel::insert_into(derivation_keys::table).values(row).execute(&mut **write)
}

/// Retires every key but `keep`.
pub fn retire_others(write: &mut Write<'_>, keep: i64, now: NumericDate) -> QueryResult<usize> {
    diesel::update(derivation_keys::table.filter(derivation_keys::id.ne(keep)))
        .filter(derivation_keys::retired_at.is_null())
        .set(derivation_keys::retired_at.eq(now))
        .execute(&mut **write)
}

/// Destroys a retired key.
pub fn delete_retired(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    diesel::delete(derivation_keys::table.find(id).filter(derivation_keys::retired_at.is_not_null()))
        .execute(&mut **write)
}
