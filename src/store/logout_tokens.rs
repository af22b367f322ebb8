//! Table `logout_tokens`: clients that are to be told of a logout (OpenID Connect Back-Channel Logout section 2.5).

use diesel::dsl::min;
use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::logout_tokens;
use crate::protocol::NumericDate;

/// One client, to be told that one session ended.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = logout_tokens, treat_none_as_default_value = false)]
pub struct LogoutTokenRow {
    /// Row id.
    pub id: i64,
    /// The client's row.
    pub client: i64,
    /// Whose session.
    pub user_id: i64,
    /// The name the client knows the session by.
    pub sid: String,
    /// When it ended.
    pub created_at: NumericDate,
    /// When to try; none when there is nothing left to do.
    pub next_attempt_at: Option<NumericDate>,
    /// Until when a node is sending it.
    pub claimed_until: Option<NumericDate>,
    /// How often it was tried.
    pub attempts: i64,
    /// When the client took it.
    pub sent_at: Option<NumericDate>,
    /// When it was given up.
    pub failed_at: Option<NumericDate>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<LogoutTokenRow>> {
    logout_tokens::table.find(id).select(LogoutTokenRow::as_select()).first(conn).optional()
}

/// The newest, newest first.
pub fn newest(conn: &mut Conn, limit: i64) -> QueryResult<Vec<LogoutTokenRow>> {
    logout_tokens::table.order(logout_tokens::id.desc()).limit(limit).select(LogoutTokenRow::as_select()).load(conn)
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &LogoutTokenRow) -> QueryResult<usize> {
    diesel::insert_into(logout_tokens::table).values(row).execute(&mut **write)
}

/// Clients with rows whose time has come and that nobody is sending, but for `full`; the one that waits longest first.
pub fn clients_due(conn: &mut Conn, now: NumericDate, full: &[i64], limit: i64) -> QueryResult<Vec<i64>> {
    logout_tokens::table
        .filter(logout_tokens::next_attempt_at.le(now))
        .filter(logout_tokens::claimed_until.is_null().or(logout_tokens::claimed_until.le(now)))
        .filter(logout_tokens::client.ne_all(full.to_vec()))
        .group_by(logout_tokens::client)
        .order((min(logout_tokens::next_attempt_at), logout_tokens::client))
        .select(logout_tokens::client)
        .limit(limit)
        .load(conn)
}

/// Such rows of one client, the one that waits longest first.
pub fn due_of_client(conn: &mut Conn, client: i64, now: NumericDate, limit: i64) -> QueryResult<Vec<LogoutTokenRow>> {
    logout_tokens::table
        .filter(logout_tokens::client.eq(client).and(logout_tokens::next_attempt_at.le(now)))
        .filter(logout_tokens::claimed_until.is_null().or(logout_tokens::claimed_until.le(now)))
        .order((logout_tokens::next_attempt_at, logout_tokens::id))
        .limit(limit)
        .select(LogoutTokenRow::as_select())
        .load(conn)
}

/// Whether one of the client's rows failed and is tried again.
pub fn is_in_trouble(conn: &mut Conn, client: i64) -> QueryResult<bool> {
    let failed = logout_tokens::next_attempt_at.is_not_null().and(logout_tokens::last_error.is_not_null());
    let of_it = logout_tokens::table.filter(logout_tokens::client.eq(client)).filter(failed);
    let found: Option<i64> = of_it.select(logout_tokens::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// Takes one for a node until `until`; 0 when another node was faster, or it is done. The attempt counts from here on.
pub fn claim(write: &mut Write<'_>, id: i64, now: NumericDate, until: NumericDate) -> QueryResult<usize> {
    let free = logout_tokens::claimed_until.is_null().or(logout_tokens::claimed_until.le(now));
    diesel::update(logout_tokens::table.find(id).filter(logout_tokens::next_attempt_at.le(now)).filter(free))
        .set((logout_tokens::claimed_until.eq(until), logout_tokens::attempts.eq(logout_tokens::attempts + 1)))
        .execute(&mut **write)
}

/// The client took it.
pub fn sent(write: &mut Write<'_>, id: i64, now: NumericDate) -> QueryResult<usize> {
    diesel::update(logout_tokens::table.find(id).filter(logout_tokens::sent_at.is_null()))
        .set((
            logout_tokens::next_attempt_at.eq(None::<NumericDate>),
            logout_tokens::claimed_until.eq(None::<NumericDate>),
            logout_tokens::sent_at.eq(now),
            logout_tokens::failed_at.eq(None::<NumericDate>),
            logout_tokens::last_error.eq(None::<String>),
        ))
        .execute(&mut **write)
}

/// It could not be sent and is tried again; 0 when the claim was somebody else's by then.
pub fn postpone(
    write: &mut Write<'_>,
    id: i64,
    claimed_until: NumericDate,
    next_attempt_at: NumericDate,
    error: &str,
) -> QueryResult<usize> {
    diesel::update(logout_tokens::table.find(id).filter(logout_tokens::claimed_until.eq(claimed_until)))
        .set((
            logout_tokens::next_attempt_at.eq(next_attempt_at),
            logout_tokens::claimed_until.eq(None::<NumericDate>),
            logout_tokens::last_error.eq(error),
        ))
        .execute(&mut **write)
}

/// The client does not answer, or takes its time: nothing else is tried there until `until`.
pub fn leave_alone(write: &mut Write<'_>, client: i64, now: NumericDate, until: NumericDate) -> QueryResult<usize> {
    let free = logout_tokens::claimed_until.is_null().or(logout_tokens::claimed_until.le(now));
    let waiting = logout_tokens::client.eq(client).and(logout_tokens::next_attempt_at.lt(until));
    diesel::update(logout_tokens::table.filter(waiting).filter(free))
        .set(logout_tokens::next_attempt_at.eq(until))
        .execute(&mut **write)
}

/// Nothing that waits for the client is sent.
pub fn delete_waiting(write: &mut Write<'_>, client: i64) -> QueryResult<usize> {
    let waiting = logout_tokens::client.eq(client).and(logout_tokens::next_attempt_at.is_not_null());
    diesel::delete(logout_tokens::table.filter(waiting)).execute(&mut **write)
}

/// It is not tried again; 0 when it was done before.
pub fn give_up(write: &mut Write<'_>, id: i64, now: NumericDate, error: &str) -> QueryResult<usize> {
    diesel::update(logout_tokens::table.find(id).filter(logout_tokens::next_attempt_at.is_not_null()))
        .set((
            logout_tokens::next_attempt_at.eq(None::<NumericDate>),
            logout_tokens::claimed_until.eq(None::<NumericDate>),
            logout_tokens::failed_at.eq(now),
            logout_tokens::last_error.eq(error),
        ))
        .execute(&mut **write)
}

/// What waits, for who looks after the server.
pub struct Waiting {
    /// How many.
    pub count: i64,
    /// Since when the oldest of them waits.
    pub since: Option<NumericDate>,
    /// Given up since the time asked about.
    pub given_up: i64,
}

/// Counts what waits, and what was given up since `since`.
pub fn waiting(conn: &mut Conn, since: NumericDate) -> QueryResult<Waiting> {
    let due = logout_tokens::next_attempt_at.is_not_null();
    let first = logout_tokens::table.filter(due).order(logout_tokens::id).select(logout_tokens::created_at);
    Ok(Waiting {
        count: logout_tokens::table.filter(due).count().get_result(conn)?,
        since: first.first(conn).optional()?,
        given_up: logout_tokens::table.filter(logout_tokens::failed_at.ge(since)).count().get_result(conn)?,
    })
}
