//! Table `signing_keys`: what the server signs with, from the day a key is published to long after it signs no more.

use diesel::prelude::*;
use serde_json::Value;

use super::Write;
use super::connection::Conn;
use super::schema::signing_keys;
use super::types::Json;
use crate::protocol::NumericDate;

/// One key. It signs from `active_from` until `retired_at`, and stands in the key set until `published_until`.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
pub struct SigningKeyRow {
    /// Row id; the private part is sealed for it.
    pub id: i64,
    /// Its name on the wire.
    pub kid: String,
    /// The value of `alg`.
    pub algorithm: String,
    /// The private part, sealed under the master key; erased when it no longer signs.
    pub sealed: Option<Vec<u8>>,
    /// The public part as published.
    pub public_jwk: Json<Value>,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it begins to sign.
    pub active_from: NumericDate,
    /// When its successor takes over; one key an algorithm has none.
    pub retired_at: Option<NumericDate>,
    /// When it leaves the key set.
    pub published_until: Option<NumericDate>,
    /// When it was given up because somebody else may have it: nothing it signed is believed.
    pub withdrawn_at: Option<NumericDate>,
}

/// Every key, newest first.
pub fn list(conn: &mut Conn) -> QueryResult<Vec<SigningKeyRow>> {
    signing_keys::table.order(signing_keys::id.desc()).select(SigningKeyRow::as_select()).load(conn)
}

/// Adds a key. A second one without a successor is a unique violation.
pub fn insert(write: &mut Write<'_>, row: &SigningKeyRow) -> QueryResult<usize> {
    diesel::insert_into(signing_keys::table).values(row).execute(&mut **write)
}

/// Says when a key's successor takes over and how long it is published afterwards; 0 rows when it has one already.
pub fn retire(write: &mut Write<'_>, id: i64, at: NumericDate, published_until: NumericDate) -> QueryResult<usize> {
    diesel::update(signing_keys::table.find(id).filter(signing_keys::retired_at.is_null()))
        .set((signing_keys::retired_at.eq(at), signing_keys::published_until.eq(published_until)))
        .execute(&mut **write)
}

/// Gives up every key of the algorithm, those too that left the key set long ago (their private parts may have been taken
/// while there were any), and erases what is left of them.
pub fn withdraw(write: &mut Write<'_>, algorithm: &str, now: NumericDate) -> QueryResult<usize> {
    let of_it = signing_keys::algorithm.eq(algorithm);
    let unretired = signing_keys::retired_at.is_null().or(signing_keys::retired_at.gt(now));
    diesel::update(signing_keys::table.filter(of_it).filter(unretired))
        .set(signing_keys::retired_at.eq(now))
        .execute(&mut **write)?;
    let published = signing_keys::published_until.is_null().or(signing_keys::published_until.gt(now));
    diesel::update(signing_keys::table.filter(of_it).filter(published))
        .set(signing_keys::published_until.eq(now))
        .execute(&mut **write)?;
    diesel::update(signing_keys::table.filter(of_it).filter(signing_keys::withdrawn_at.is_null()))
        .set((signing_keys::withdrawn_at.eq(now), signing_keys::sealed.eq(None::<Vec<u8>>)))
        .execute(&mut **write)
}

/// Erases the private parts of keys whose successors took over before `retired_before`.
pub fn erase(write: &mut Write<'_>, retired_before: NumericDate) -> QueryResult<usize> {
    diesel::update(signing_keys::table.filter(signing_keys::retired_at.lt(retired_before)))
        .filter(signing_keys::sealed.is_not_null())
        .set(signing_keys::sealed.eq(None::<Vec<u8>>))
        .execute(&mut **write)
}
