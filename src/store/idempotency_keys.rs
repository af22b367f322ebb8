//! Table `idempotency_keys`: what was answered to a request that may come again.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::idempotency_keys;
use crate::protocol::NumericDate;

/// A request that names itself.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
pub struct IdempotencyKeyRow {
    /// Row id.
    pub id: i64,
    /// Digest of credential, route and key.
    pub digest: Vec<u8>,
    /// Digest of the body.
    pub body_digest: Vec<u8>,
    /// Row id of what is made.
    pub row_id: i64,
    /// Status of the answer, once there is one.
    pub status: Option<i64>,
    /// The answer without its secret.
    pub answer: Option<String>,
    /// Until then the first request may still be at work.
    pub claimed_until: NumericDate,
    /// When it is forgotten.
    pub expires_at: NumericDate,
}

/// Adds one; a digest that is there is a unique violation.
pub fn insert(write: &mut Write<'_>, row: &IdempotencyKeyRow) -> QueryResult<usize> {
    diesel::insert_into(idempotency_keys::table).values(row).execute(&mut **write)
}

/// By its digest.
pub fn find(conn: &mut Conn, digest: &[u8]) -> QueryResult<Option<IdempotencyKeyRow>> {
    idempotency_keys::table
        .filter(idempotency_keys::digest.eq(digest))
        .select(IdempotencyKeyRow::as_select())
        .first(conn)
        .optional()
}

/// Keeps the answer.
pub fn answered(write: &mut Write<'_>, id: i64, status: i64, answer: &str) -> QueryResult<usize> {
    diesel::update(idempotency_keys::table.find(id))
        .set((idempotency_keys::status.eq(status), idempotency_keys::answer.eq(answer)))
        .execute(&mut **write)
}

/// Forgets one, because nothing was made.
pub fn delete(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    diesel::delete(idempotency_keys::table.find(id)).execute(&mut **write)
}
