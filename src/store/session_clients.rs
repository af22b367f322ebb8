//! Table `session_clients`: which clients a browser's sign-in signed in to, so that logout knows whom to tell.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::session_clients;
use crate::protocol::NumericDate;

/// A client that got an ID token in a session.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = session_clients, treat_none_as_default_value = false)]
pub struct SessionClientRow {
    /// Row id.
    pub id: i64,
    /// The session, or the first of those it goes on from.
    pub session_id: i64,
    /// The client's row.
    pub client: i64,
    /// When it first signed in there.
    pub created_at: NumericDate,
    /// When the session ends by itself.
    pub expires_at: NumericDate,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<SessionClientRow>> {
    session_clients::table.find(id).select(SessionClientRow::as_select()).first(conn).optional()
}

/// Adds the row unless the session is known to have signed in there. Whoever calls holds the session's user.
pub fn note(write: &mut Write<'_>, row: &SessionClientRow) -> QueryResult<()> {
    let known = session_clients::session_id.eq(row.session_id).and(session_clients::client.eq(row.client));
    let found: Option<i64> =
        session_clients::table.filter(known).select(session_clients::id).first(&mut **write).optional()?;
    if found.is_none() {
        diesel::insert_into(session_clients::table).values(row).execute(&mut **write)?;
    }
    Ok(())
}

/// Row ids of the clients a session signed in to, the first one first.
pub fn clients_of(conn: &mut Conn, session_id: i64) -> QueryResult<Vec<i64>> {
    let of_it = session_clients::table.filter(session_clients::session_id.eq(session_id));
    of_it.order(session_clients::id).select(session_clients::client).load(conn)
}

/// Row ids of the sessions that signed in to a client, the newest first.
pub fn sessions_of(conn: &mut Conn, client: i64, limit: i64) -> QueryResult<Vec<i64>> {
    let of_it = session_clients::table.filter(session_clients::client.eq(client));
    of_it.order(session_clients::id.desc()).limit(limit).select(session_clients::session_id).load(conn)
}

/// Another session goes on from this one and ends later.
pub fn prolong(write: &mut Write<'_>, session_id: i64, expires_at: NumericDate) -> QueryResult<usize> {
    diesel::update(session_clients::table.filter(session_clients::session_id.eq(session_id)))
        .set(session_clients::expires_at.eq(expires_at))
        .execute(&mut **write)
}

/// The session is over. The count of its clients.
pub fn delete_of_session(write: &mut Write<'_>, session_id: i64) -> QueryResult<usize> {
    diesel::delete(session_clients::table.filter(session_clients::session_id.eq(session_id))).execute(&mut **write)
}

/// The client is told of no session any more that it knows by now.
pub fn delete_of_client(write: &mut Write<'_>, client: i64) -> QueryResult<usize> {
    diesel::delete(session_clients::table.filter(session_clients::client.eq(client))).execute(&mut **write)
}
