//! Table `mail_links`: links sent by mail, each good for one purpose, once, for an hour.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::organization_members::lower;
use super::schema::mail_links;
use crate::protocol::NumericDate;

/// A link.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = mail_links, treat_none_as_default_value = false)]
pub struct MailLinkRow {
    /// Row id, part of the link's token.
    pub id: i64,
    /// `verify_email`, `change_email`, `add_email`, `reset_password` or `set_password`.
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

/// Uses a link: 0 when it was used before, or is over (C60, C62).
pub fn use_up(write: &mut Write<'_>, id: i64, now: NumericDate) -> QueryResult<usize> {
    diesel::update(mail_links::table.find(id).filter(mail_links::used_at.is_null().and(mail_links::expires_at.gt(now))))
        .set(mail_links::used_at.eq(now))
        .execute(&mut **write)
}

/// No link of this person works any more; the count of those that did.
pub fn void_all(write: &mut Write<'_>, user_id: i64, now: NumericDate) -> QueryResult<usize> {
    diesel::update(mail_links::table.filter(mail_links::user_id.eq(user_id).and(mail_links::used_at.is_null())))
        .set(mail_links::used_at.eq(now))
        .execute(&mut **write)
}

/// No link of this person that was sent to this address, in any case of its letters, works any more; the count of those
/// that did.
pub fn void_at(write: &mut Write<'_>, user_id: i64, email: &str, now: NumericDate) -> QueryResult<usize> {
    let there = mail_links::email.eq(email).or(lower(mail_links::email).eq(email.to_lowercase()));
    let open = mail_links::user_id.eq(user_id).and(mail_links::used_at.is_null());
    diesel::update(mail_links::table.filter(open.and(there))).set(mail_links::used_at.eq(now)).execute(&mut **write)
}
