//! Table `email_addresses`: addresses an account has besides its main one, each proven by a mailed link.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::organization_members::lower;
use super::schema::{email_addresses, users};
use super::users::UserRow;
use crate::protocol::NumericDate;

/// A further address.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = email_addresses, treat_none_as_default_value = false)]
pub struct EmailAddressRow {
    /// Row id.
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    /// The address as its owner wrote it.
    pub email: String,
    /// The address folded, so that an account has it once whatever its spelling.
    pub email_key: String,
    /// When a mailed link proved it (C64).
    pub verified_at: NumericDate,
    /// When it became one of the account's further ones.
    pub created_at: NumericDate,
}

/// Adds a row; one the account has already is a unique violation.
pub fn insert(write: &mut Write<'_>, row: &EmailAddressRow) -> QueryResult<usize> {
    diesel::insert_into(email_addresses::table).values(row).execute(&mut **write)
}

/// Those of one account, the oldest first.
pub fn of_user(conn: &mut Conn, user_id: i64) -> QueryResult<Vec<EmailAddressRow>> {
    email_addresses::table
        .filter(email_addresses::user_id.eq(user_id))
        .order(email_addresses::id)
        .select(EmailAddressRow::as_select())
        .load(conn)
}

/// One of an account's.
pub fn find_of_user(conn: &mut Conn, user_id: i64, email_key: &str) -> QueryResult<Option<EmailAddressRow>> {
    email_addresses::table
        .filter(email_addresses::user_id.eq(user_id).and(email_addresses::email_key.eq(email_key)))
        .select(EmailAddressRow::as_select())
        .first(conn)
        .optional()
}

/// Active accounts that have proven this address as a further one, at most `limit`.
pub fn active_by_key(conn: &mut Conn, email_key: &str, limit: i64) -> QueryResult<Vec<(EmailAddressRow, UserRow)>> {
    email_addresses::table
        .inner_join(users::table.on(users::id.eq(email_addresses::user_id)))
        .filter(email_addresses::email_key.eq(email_key).and(users::status.eq("active")))
        .order(email_addresses::id)
        .limit(limit)
        .select((EmailAddressRow::as_select(), UserRow::as_select()))
        .load(conn)
}

/// Whether an account has proven this address, as its main one or as a further one, in any spelling.
pub fn is_proven(conn: &mut Conn, email: &str, email_key: &str) -> QueryResult<bool> {
    let further = email_addresses::table.filter(email_addresses::email_key.eq(email_key)).select(email_addresses::id);
    let further: Option<i64> = further.first(conn).optional()?;
    let main = users::email.is_not_null().and(lower(users::email.assume_not_null()).eq(lower(email)));
    let main = users::table.filter(main).filter(users::email_verified_at.is_not_null()).select(users::id);
    let main: Option<i64> = main.first(conn).optional()?;
    Ok(further.is_some() || main.is_some())
}

/// Takes one from an account; 0 when it has none of that key.
pub fn delete(write: &mut Write<'_>, user_id: i64, email_key: &str) -> QueryResult<usize> {
    diesel::delete(
        email_addresses::table
            .filter(email_addresses::user_id.eq(user_id).and(email_addresses::email_key.eq(email_key))),
    )
    .execute(&mut **write)
}

/// Takes all of them.
pub fn delete_of_user(write: &mut Write<'_>, user_id: i64) -> QueryResult<usize> {
    diesel::delete(email_addresses::table.filter(email_addresses::user_id.eq(user_id))).execute(&mut **write)
}
