//! Table `sessions`: a browser's sign-in here.

use diesel::prelude::*;

use super::connection::Conn;
use super::rows::CachedRow;
use super::schema::sessions;
use super::{Table, Write};
use crate::protocol::NumericDate;

/// One sign-in. The cookie holds the secret, the row its digest.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    /// Row id; grows with time and is part of the cookie, so it never stands in a page address.
    pub id: i64,
    /// Random name of the session for pages.
    pub sid: String,
    /// Whose it is.
    pub user_id: i64,
    /// Digest of the cookie.
    pub digest: Vec<u8>,
    /// When the browser signed in.
    pub created_at: NumericDate,
    /// When the person last proved who they are.
    pub authenticated_at: NumericDate,
    /// How often the browser proved somebody, in this session and those it replaced.
    pub authentication_count: i64,
    /// How (RFC 8176 value).
    pub authentication_method: String,
    /// When a request last came.
    pub last_seen_at: NumericDate,
    /// When it ends, used or not.
    pub expires_at: NumericDate,
    /// When it was ended.
    pub ended_at: Option<NumericDate>,
    /// The browser's own name, cut.
    pub user_agent: String,
    /// Where the sign-in came from.
    pub address: String,
    /// The session of the same person in the same browser that this one goes on from, the first of them; none where it
    /// is the first.
    pub first_session: Option<i64>,
    /// That one's name; none where it is the first.
    pub client_sid: Option<String>,
}

impl SessionRow {
    /// Row id of the first of the sessions that go on from each other: what clients were given hangs on it.
    pub fn root(&self) -> i64 {
        self.first_session.unwrap_or(self.id)
    }

    /// The name clients know it by (`sid`), which stays when the person proves themselves again.
    pub fn known_as(&self) -> &str {
        self.client_sid.as_deref().unwrap_or(&self.sid)
    }
}

impl CachedRow for SessionRow {
    const TABLE: Table = Table::Session;
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<SessionRow>> {
        sessions::table.find(id).select(SessionRow::as_select()).first(conn).optional()
    }
}

/// Adds a session.
pub fn insert(write: &mut Write<'_>, row: &SessionRow) -> QueryResult<usize> {
    write.touch(Table::Session, row.id);
    diesel::insert_into(sessions::table).values(row).execute(&mut **write)
}

/// Which sessions are open.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    /// Now.
    pub now: NumericDate,
    /// Seen after this second.
    pub seen_after: NumericDate,
    /// Sign-ins with smaller ids are void.
    pub least_id: i64,
}

/// A person's open sessions, newest first: those after (time of sign-in, public name).
pub fn page_open(
    conn: &mut Conn,
    user_id: i64,
    open: Open,
    after: (NumericDate, &str),
    limit: i64,
) -> QueryResult<Vec<SessionRow>> {
    let (at, sid) = after;
    let later = sessions::created_at.lt(at).or(sessions::created_at.eq(at).and(sessions::sid.gt(sid)));
    sessions::table
        .filter(sessions::user_id.eq(user_id).and(sessions::ended_at.is_null()))
        .filter(sessions::expires_at.gt(open.now).and(sessions::last_seen_at.gt(open.seen_after)))
        .filter(sessions::id.ge(open.least_id))
        .filter(later)
        .order((sessions::created_at.desc(), sessions::sid))
        .limit(limit)
        .select(SessionRow::as_select())
        .load(conn)
}

/// All that is kept of a person's sessions, ended ones too, newest first.
pub fn kept_of_user(conn: &mut Conn, user_id: i64, limit: i64) -> QueryResult<Vec<SessionRow>> {
    sessions::table
        .filter(sessions::user_id.eq(user_id))
        .order(sessions::id.desc())
        .limit(limit)
        .select(SessionRow::as_select())
        .load(conn)
}

/// The session with this public name.
pub fn find_by_sid(conn: &mut Conn, sid: &str) -> QueryResult<Option<SessionRow>> {
    sessions::table.filter(sessions::sid.eq(sid)).select(SessionRow::as_select()).first(conn).optional()
}

/// Ends one session; 0 when it had ended before.
pub fn end(write: &mut Write<'_>, id: i64, now: NumericDate) -> QueryResult<usize> {
    write.touch(Table::Session, id);
    diesel::update(sessions::table.find(id).filter(sessions::ended_at.is_null()))
        .set(sessions::ended_at.eq(now))
        .execute(&mut **write)
}

/// All of a person's sessions that nobody ended, the oldest first.
pub fn not_ended(conn: &mut Conn, user_id: i64) -> QueryResult<Vec<SessionRow>> {
    sessions::table
        .filter(sessions::user_id.eq(user_id).and(sessions::ended_at.is_null()))
        .order(sessions::id)
        .select(SessionRow::as_select())
        .load(conn)
}

/// Those that nobody ended among a session and the ones that go on from it, the oldest first.
pub fn not_ended_from(conn: &mut Conn, root: i64) -> QueryResult<Vec<SessionRow>> {
    let Some(first) = SessionRow::load(conn, root)? else { return Ok(Vec::new()) };
    let open = not_ended(conn, first.user_id)?;
    Ok(open.into_iter().filter(|session| session.root() == root).collect())
}

/// Notes a visit; never moves back.
pub fn seen(write: &mut Write<'_>, id: i64, at: NumericDate) -> QueryResult<usize> {
    write.touch(Table::Session, id);
    diesel::update(sessions::table.find(id).filter(sessions::last_seen_at.lt(at)))
        .set(sessions::last_seen_at.eq(at))
        .execute(&mut **write)
}
