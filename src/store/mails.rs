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
