//! Table `mail_links`: links sent by mail, each good for one purpose, once, for an hour.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::mail_links;
use crate::protocol::NumericDate;

/// A link.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = mail_links, treat_none_as_default_value = false)]
pub struct MailLinkRow {
    /// Row id, part of the link's token.
    pub id: i64,
    /// `verify_email`, `change_email`, `reset_password` or `set_password`.
    pub kind: String,
    /// Whose it is; it changes nobody else (C62).
    pub user_id: i64,
    /// Where it was sent, and what it proves.
    pub email: String,
    /// Digest of the token.
    pub digest: Vec<u8>,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it ends.
    pub expires_at: NumericDate,
    /// When it was used.
    pub used_at: Option<NumericDate>,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<MailLinkRow>> {
    mail_links::table.find(id).select(MailLinkRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &MailLinkRow) -> QueryResult<usize> {
    diesel::insert_into(mail_links::table).values(row).execute(&mut **write)
}
