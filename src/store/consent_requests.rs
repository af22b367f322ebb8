//! Table `consent_requests`: one stored authorization request per consent page, single-use, expiring, bound to the
//! session that started it, so that several tabs never mix.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::consent_requests;
use crate::protocol::NumericDate;

/// A request waiting for its user's decision.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = consent_requests, treat_none_as_default_value = false)]
pub struct ConsentRequestRow {
    /// Row id, part of the page's token.
    pub id: i64,
    /// Digest of that token.
    pub digest: Vec<u8>,
    /// The session that started it.
    pub session_id: i64,
    /// Its user.
    pub user_id: i64,
    /// The client's row.
    pub client: i64,
    /// The request as JSON.
    pub request: String,
    /// When the page was made.
    pub created_at: NumericDate,
    /// When it expires.
    pub expires_at: NumericDate,
    /// When it was answered.
    pub used_at: Option<NumericDate>,
}

/// One request by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<ConsentRequestRow>> {
    consent_requests::table.find(id).select(ConsentRequestRow::as_select()).first(conn).optional()
}

/// Adds a request.
pub fn insert(write: &mut Write<'_>, row: &ConsentRequestRow) -> QueryResult<usize> {
    diesel::insert_into(consent_requests::table).values(row).execute(&mut **write)
}

/// Deletes a session's requests but the newest `keep`.
pub fn keep_newest(write: &mut Write<'_>, session_id: i64, keep: i64) -> QueryResult<usize> {
    let surplus: Vec<i64> = consent_requests::table
        .filter(consent_requests::session_id.eq(session_id))
        .order(consent_requests::id.desc())
        .offset(keep)
        .limit(100)
        .select(consent_requests::id)
        .load(&mut **write)?;
    match surplus.is_empty() {
        true => Ok(0),
        false => {
            diesel::delete(consent_requests::table.filter(consent_requests::id.eq_any(surplus))).execute(&mut **write)
        }
    }
}

/// Answers it: 1 for the one answer, 0 for everybody else.
pub fn answer(write: &mut Write<'_>, id: i64, session_id: i64, now: NumericDate) -> QueryResult<usize> {
    diesel::update(
        consent_requests::table
            .find(id)
            .filter(consent_requests::used_at.is_null().and(consent_requests::session_id.eq(session_id)))
            .filter(consent_requests::expires_at.gt(now)),
    )
    .set(consent_requests::used_at.eq(now))
    .execute(&mut **write)
}
