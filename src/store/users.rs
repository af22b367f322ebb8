//! Table `users`: people with an account here.

use diesel::prelude::*;

use super::connection::Conn;
use super::organization_members::lower;
use super::rows::CachedRow;
use super::schema::users;
use super::types::Json;
use super::{Table, Write, prepared_update};
use crate::protocol::NumericDate;
use crate::protocol::standard_claims::StandardClaims;

/// A person. `sub` is random and never used again, not even after deletion.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub struct UserRow {
    /// Row id.
    pub id: i64,
    /// Subject identifier (OpenID Connect Core section 8).
    pub sub: String,
    /// Login name as the person typed it.
    pub login: String,
    /// The login folded, so that all spellings of a name are one account.
    pub login_key: String,
    /// Display name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// PHC string, or what an import brought until its owner signs in; none for people who cannot sign in with a password.
    pub password_hash: Option<String>,
    /// May administer the server.
    pub administrator: bool,
    /// `active`, `disabled` or `deleted`.
    pub status: String,
    /// An id: grants and sessions with smaller ids are void (password changed, signed out everywhere).
    pub valid_from: i64,
    /// When the account was made.
    pub created_at: NumericDate,
    /// When the password was last set.
    pub password_changed_at: Option<NumericDate>,
    /// When the person last signed in.
    pub last_sign_in_at: Option<NumericDate>,
    /// When a mailed link proved that `email` is the person's; only that link, or an import, sets it (C64).
    pub email_verified_at: Option<NumericDate>,
    /// The organization whose provider brought the account and is its only way in.
    pub managed_by: Option<i64>,
    /// Standard claims that are no columns of their own.
    pub claims: Json<StandardClaims>,
}

impl UserRow {
    /// Whether the account may be used at all.
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// Whether something that began with row `id` outlived the last password change or sign-out everywhere.
    pub fn still_honours(&self, id: i64) -> bool {
        self.is_active() && id >= self.valid_from
    }
}

impl CachedRow for UserRow {
    const TABLE: Table = Table::User;
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<UserRow>> {
        users::table.find(id).select(UserRow::as_select()).first(conn).optional()
    }
}

/// The account with this folded login.
pub fn find_by_login_key(conn: &mut Conn, login_key: &str) -> QueryResult<Option<UserRow>> {
    users::table.filter(users::login_key.eq(login_key)).select(UserRow::as_select()).first(conn).optional()
}

/// The account with this subject identifier.
pub fn find_by_sub(conn: &mut Conn, sub: &str) -> QueryResult<Option<UserRow>> {
    users::table.filter(users::sub.eq(sub)).select(UserRow::as_select()).first(conn).optional()
}

/// The accounts with these folded logins.
pub fn list_by_login_key(conn: &mut Conn, login_keys: &[String]) -> QueryResult<Vec<UserRow>> {
    users::table.filter(users::login_key.eq_any(login_keys.to_vec())).select(UserRow::as_select()).load(conn)
}

/// Active accounts with this address, as it is written, the verified ones first.
pub fn find_by_email(conn: &mut Conn, email: &str, limit: i64) -> QueryResult<Vec<UserRow>> {
    users::table
        .filter(users::email.eq(email).and(users::status.eq("active")))
        .order((users::email_verified_at.is_null(), users::id))
        .limit(limit)
        .select(UserRow::as_select())
        .load(conn)
}

/// Active accounts with this address, in small letters or capitals, the verified ones first.
pub fn find_by_email_in_any_case(conn: &mut Conn, email: &str, limit: i64) -> QueryResult<Vec<UserRow>> {
    users::table
        .filter(users::email.is_not_null().and(lower(users::email.assume_not_null()).eq(lower(email))))
        .filter(users::status.eq("active"))
        .order((users::email_verified_at.is_null(), users::id))
        .limit(limit)
        .select(UserRow::as_select())
        .load(conn)
}

/// Every account, by login.
pub fn list(conn: &mut Conn) -> QueryResult<Vec<UserRow>> {
    users::table.filter(users::status.ne("deleted")).order(users::login_key).select(UserRow::as_select()).load(conn)
}

/// Whether nobody has an account yet.
pub fn is_empty(conn: &mut Conn) -> QueryResult<bool> {
    let first: Option<i64> = users::table.select(users::id).first(conn).optional()?;
    Ok(first.is_none())
}

/// Whether this account, and no other, is an administrator who can sign in.
pub fn is_last_administrator(conn: &mut Conn, id: i64) -> QueryResult<bool> {
    let acting = users::administrator.eq(true).and(users::status.eq("active"));
    let two: Vec<i64> = users::table.filter(acting).limit(2).select(users::id).load(conn)?;
    Ok(two == [id])
}

/// Adds an account; a taken login is a unique violation.
pub fn insert(write: &mut Write<'_>, row: &UserRow) -> QueryResult<usize> {
    write.touch(Table::User, row.id);
    diesel::insert_into(users::table).values(row).execute(&mut **write)
}

/// Sets the password and voids everything that began before `valid_from`; 0 when the account is deleted.
pub fn set_password(
    write: &mut Write<'_>,
    id: i64,
    hash: &str,
    valid_from: i64,
    now: NumericDate,
) -> QueryResult<usize> {
    write.touch(Table::User, id);
    diesel::update(users::table.find(id).filter(users::status.ne("deleted")))
        .set((users::password_hash.eq(hash), users::valid_from.eq(valid_from), users::password_changed_at.eq(now)))
        .execute(&mut **write)
}

/// Replaces the stored hash of an unchanged password (stronger parameters).
pub fn rehash(write: &mut Write<'_>, id: i64, old: &str, new: &str) -> QueryResult<usize> {
    write.touch(Table::User, id);
    diesel::update(users::table.find(id).filter(users::password_hash.eq(old)))
        .set(users::password_hash.eq(new))
        .execute(&mut **write)
}

/// Signs the person out everywhere: sessions and grants that began before `valid_from` are void; 0 when the account is
/// deleted.
pub fn set_valid_from(write: &mut Write<'_>, id: i64, valid_from: i64) -> QueryResult<usize> {
    write.touch(Table::User, id);
    diesel::update(users::table.find(id).filter(users::status.ne("deleted")))
        .set(users::valid_from.eq(valid_from))
        .execute(&mut **write)
}

/// Writes name and address as `row` has them; 0 when the account is deleted.
pub fn update_details(write: &mut Write<'_>, row: &UserRow) -> QueryResult<usize> {
    write.touch(Table::User, row.id);
    diesel::update(users::table.find(row.id).filter(users::status.ne("deleted")))
        .set((
            users::name.eq(&row.name),
            users::email.eq(&row.email),
            users::email_verified_at.eq(row.email_verified_at),
        ))
        .execute(&mut **write)
}

/// Gives an account its first password; 0 when it has one.
pub fn give_password(write: &mut Write<'_>, id: i64, hash: &str) -> QueryResult<usize> {
    write.touch(Table::User, id);
    diesel::update(users::table.find(id).filter(users::password_hash.is_null()))
        .set(users::password_hash.eq(hash))
        .execute(&mut **write)
}

/// Enables or disables the account; 0 when it is so already, or deleted.
pub fn set_status(write: &mut Write<'_>, id: i64, status: &str) -> QueryResult<usize> {
    write.touch(Table::User, id);
    diesel::update(users::table.find(id).filter(users::status.ne("deleted").and(users::status.ne(status))))
        .set(users::status.eq(status))
        .execute(&mut **write)
}

/// Gives the account another display name; 0 when it is not active.
pub fn set_name(write: &mut Write<'_>, id: i64, name: &str) -> QueryResult<usize> {
    write.touch(Table::User, id);
    diesel::update(users::table.find(id).filter(users::status.eq("active")))
        .set(users::name.eq(name))
        .execute(&mut **write)
}

/// Puts these claims in the place of those that are there; 0 when the account is deleted.
pub fn set_claims(write: &mut Write<'_>, id: i64, claims: &StandardClaims) -> QueryResult<usize> {
    write.touch(Table::User, id);
    diesel::update(users::table.find(id).filter(users::status.ne("deleted")))
        .set(users::claims.eq(Json(claims.clone())))
        .execute(&mut **write)
}

/// Makes an administrator, or a person again; 0 when it is so already, or the account is deleted.
pub fn set_administrator(write: &mut Write<'_>, id: i64, administrator: bool) -> QueryResult<usize> {
    write.touch(Table::User, id);
    let other = users::status.ne("deleted").and(users::administrator.ne(administrator));
    diesel::update(users::table.find(id).filter(other))
        .set(users::administrator.eq(administrator))
        .execute(&mut **write)
}

/// A mailed link proved the address: it is the account's, and verified (C64). 0 when the account is not active.
pub fn set_email(write: &mut Write<'_>, id: i64, email: &str, now: NumericDate) -> QueryResult<usize> {
    write.touch(Table::User, id);
    diesel::update(users::table.find(id).filter(users::status.eq("active")))
        .set((users::email.eq(email), users::email_verified_at.eq(now)))
        .execute(&mut **write)
}

/// Holds the row until the end of the transaction, so that nobody draws a new `valid_from` meanwhile.
pub fn hold(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    diesel::update(users::table.find(id)).set(users::valid_from.eq(users::valid_from)).execute(&mut **write)
}

/// Holds the row of an account that still honours row `since`: 0 when it was disabled, or voided `since`, meanwhile.
pub fn hold_honouring(write: &mut Write<'_>, id: i64, since: i64) -> QueryResult<usize> {
    prepared_update(
        users::table,
        users::valid_from.eq(users::valid_from),
        users::id.eq(id).and(users::status.eq("active")).and(users::valid_from.le(since)),
    )
    .execute(write.conn())
}

/// Notes a sign-in: 0 when the account was disabled or voided after `valid_from` was read, because then the password
/// that was checked counts no more.
pub fn signed_in(write: &mut Write<'_>, id: i64, valid_from: i64, now: NumericDate) -> QueryResult<usize> {
    write.touch(Table::User, id);
    diesel::update(users::table.find(id).filter(users::status.eq("active").and(users::valid_from.eq(valid_from))))
        .set(users::last_sign_in_at.eq(now))
        .execute(&mut **write)
}

/// Removes the person and keeps the row as a tombstone, so that `sub` and id are never used again; 0 when it is one.
pub fn entomb(write: &mut Write<'_>, id: i64, login_key: &str) -> QueryResult<usize> {
    write.touch(Table::User, id);
    diesel::update(users::table.find(id).filter(users::status.ne("deleted")))
        .set((
            users::status.eq("deleted"),
            users::login.eq(""),
            users::login_key.eq(login_key),
            users::name.eq(""),
            users::email.eq(None::<String>),
            users::email_verified_at.eq(None::<NumericDate>),
            users::password_hash.eq(None::<String>),
            users::administrator.eq(false),
            users::claims.eq(Json(StandardClaims::default())),
        ))
        .execute(&mut **write)
}

/// Writes name and address down as somebody who looks after accounts says they are; what is not proven is not verified.
/// 0 when the account is deleted.
pub fn correct(
    write: &mut Write<'_>,
    id: i64,
    name: &str,
    email: Option<&str>,
    verified_at: Option<NumericDate>,
) -> QueryResult<usize> {
    write.touch(Table::User, id);
    diesel::update(users::table.find(id).filter(users::status.ne("deleted")))
        .set((users::name.eq(name), users::email.eq(email), users::email_verified_at.eq(verified_at)))
        .execute(&mut **write)
}

/// Accounts in use with one of these addresses, verified here or not; at most `limit`. A hint and never a proof.
pub fn list_active_by_email(conn: &mut Conn, emails: &[String], limit: i64) -> QueryResult<Vec<UserRow>> {
    users::table
        .filter(users::status.eq("active").and(users::email.eq_any(emails.to_vec())))
        .order(users::id)
        .limit(limit)
        .select(UserRow::as_select())
        .load(conn)
}

/// Accounts an organization's provider brought.
pub fn list_managed_by(conn: &mut Conn, organization_id: i64) -> QueryResult<Vec<UserRow>> {
    users::table.filter(users::managed_by.eq(organization_id)).select(UserRow::as_select()).load(conn)
}

/// The account is its person's own from now on.
pub fn release(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    write.touch(Table::User, id);
    diesel::update(users::table.find(id)).set(users::managed_by.eq(None::<i64>)).execute(&mut **write)
}
