//! Table `mails`: the queue; each mail is sent once, and its body is erased when it is.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::mails;
use crate::protocol::NumericDate;

/// A mail.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = mails, treat_none_as_default_value = false)]
pub struct MailRow {
    /// Row id.
    pub id: i64,
    /// Which mail, such as `invitation`.
    pub kind: String,
    /// Address.
    pub recipient: String,
    /// Subject line.
    pub subject: String,
    /// Text and HTML, sealed; none once it is sent or given up.
    pub sealed: Option<Vec<u8>>,
    /// Whom it is for, if they have an account.
    pub user_id: Option<i64>,
    /// On whose behalf.
    pub organization_id: Option<i64>,
    /// When it was queued.
    pub created_at: NumericDate,
    /// When to try; none when there is nothing left to do.
    pub next_attempt_at: Option<NumericDate>,
    /// Until when a node is sending it.
    pub claimed_until: Option<NumericDate>,
    /// How often it was tried.
    pub attempts: i64,
    /// When the mail server took it.
    pub sent_at: Option<NumericDate>,
    /// When it was given up.
    pub failed_at: Option<NumericDate>,
    /// What the mail server said.
    pub last_error: Option<String>,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<MailRow>> {
    mails::table.find(id).select(MailRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &MailRow) -> QueryResult<usize> {
    diesel::insert_into(mails::table).values(row).execute(&mut **write)
}

/// Rows whose time has come and that nobody is sending, the one that waits longest first.
pub fn due(conn: &mut Conn, now: NumericDate, limit: i64) -> QueryResult<Vec<MailRow>> {
    mails::table
        .filter(mails::next_attempt_at.le(now))
        .filter(mails::claimed_until.is_null().or(mails::claimed_until.le(now)))
        .order((mails::next_attempt_at, mails::id))
        .limit(limit)
        .select(MailRow::as_select())
        .load(conn)
}

/// Takes one for a node until `until`; 0 when another node was faster, or it is done. The attempt counts from here on.
pub fn claim(write: &mut Write<'_>, id: i64, now: NumericDate, until: NumericDate) -> QueryResult<usize> {
    let free = mails::claimed_until.is_null().or(mails::claimed_until.le(now));
    diesel::update(mails::table.find(id).filter(mails::next_attempt_at.le(now)).filter(free))
        .set((mails::claimed_until.eq(until), mails::attempts.eq(mails::attempts + 1)))
        .execute(&mut **write)
}

/// The mail server took it: nothing of its body stays.
pub fn sent(write: &mut Write<'_>, id: i64, now: NumericDate) -> QueryResult<usize> {
    diesel::update(mails::table.find(id).filter(mails::sent_at.is_null()))
        .set((
            mails::sealed.eq(None::<Vec<u8>>),
            mails::next_attempt_at.eq(None::<NumericDate>),
            mails::claimed_until.eq(None::<NumericDate>),
            mails::sent_at.eq(now),
            mails::failed_at.eq(None::<NumericDate>),
            mails::last_error.eq(None::<String>),
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
    diesel::update(mails::table.find(id).filter(mails::claimed_until.eq(claimed_until)))
        .set((
            mails::next_attempt_at.eq(next_attempt_at),
            mails::claimed_until.eq(None::<NumericDate>),
            mails::last_error.eq(error),
        ))
        .execute(&mut **write)
}

/// It is not tried again: nothing of its body stays. 0 when it was done before.
pub fn give_up(write: &mut Write<'_>, id: i64, now: NumericDate, error: &str) -> QueryResult<usize> {
    diesel::update(mails::table.find(id).filter(mails::next_attempt_at.is_not_null()))
        .set((
            mails::sealed.eq(None::<Vec<u8>>),
            mails::next_attempt_at.eq(None::<NumericDate>),
            mails::claimed_until.eq(None::<NumericDate>),
            mails::failed_at.eq(now),
            mails::last_error.eq(error),
        ))
        .execute(&mut **write)
}

/// Rows queued before `before` that nobody sent and nobody is sending.
pub fn overdue(conn: &mut Conn, now: NumericDate, before: NumericDate, limit: i64) -> QueryResult<Vec<MailRow>> {
    mails::table
        .filter(mails::next_attempt_at.is_not_null().and(mails::created_at.le(before)))
        .filter(mails::claimed_until.is_null().or(mails::claimed_until.le(now)))
        .order(mails::id)
        .limit(limit)
        .select(MailRow::as_select())
        .load(conn)
}

/// The newest, newest first.
pub fn newest(conn: &mut Conn, limit: i64) -> QueryResult<Vec<MailRow>> {
    mails::table.order(mails::id.desc()).limit(limit).select(MailRow::as_select()).load(conn)
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
    let due = mails::next_attempt_at.is_not_null();
    Ok(Waiting {
        count: mails::table.filter(due).count().get_result(conn)?,
        since: mails::table.filter(due).order(mails::id).select(mails::created_at).first(conn).optional()?,
        given_up: mails::table.filter(mails::failed_at.ge(since)).count().get_result(conn)?,
    })
}
