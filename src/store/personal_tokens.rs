//! Table `personal_tokens`: made by people for scripts. No client, no refresh, an end only if one was asked for.

use diesel::prelude::*;

use super::connection::Conn;
use super::rows::CachedRow;
use super::schema::personal_tokens;
use super::types::TextArray;
use super::{Table, Write};
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;

/// A personal token.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = personal_tokens, treat_none_as_default_value = false)]
pub struct PersonalTokenRow {
    /// Row id, part of the token's text unless it was imported.
    pub id: i64,
    /// Random name for the API and pages.
    pub public_id: String,
    /// Whom it speaks for.
    pub user_id: i64,
    /// What its maker calls it.
    pub name: String,
    /// What it may do, at most.
    pub scopes: ScopeList,
    /// Resource servers it is for; empty for this server's own API.
    pub audience: TextArray,
    /// The one organization it is good for.
    pub organization_id: Option<i64>,
    /// The membership it lives by then.
    pub member_id: Option<i64>,
    /// Digest of the whole text.
    pub digest: Vec<u8>,
    /// The last four characters, to tell tokens apart.
    pub last_four: String,
    /// Made elsewhere: its text names no row.
    pub imported: bool,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it stops working.
    pub expires_at: Option<NumericDate>,
    /// When it last worked, to the minute.
    pub last_used_at: Option<NumericDate>,
}

impl PersonalTokenRow {
    /// Whether its time is not over (S54).
    pub fn is_live(&self, now: NumericDate) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

impl CachedRow for PersonalTokenRow {
    const TABLE: Table = Table::PersonalToken;
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<PersonalTokenRow>> {
        personal_tokens::table.find(id).select(PersonalTokenRow::as_select()).first(conn).optional()
    }
}

/// Adds a token.
pub fn insert(write: &mut Write<'_>, row: &PersonalTokenRow) -> QueryResult<usize> {
    write.touch(Table::PersonalToken, row.id);
    diesel::insert_into(personal_tokens::table).values(row).execute(&mut **write)
}

/// A person's tokens older than `below`, newest first.
pub fn page_of_user(conn: &mut Conn, user_id: i64, below: i64, limit: i64) -> QueryResult<Vec<PersonalTokenRow>> {
    personal_tokens::table
        .filter(personal_tokens::user_id.eq(user_id).and(personal_tokens::id.lt(below)))
        .order(personal_tokens::id.desc())
        .limit(limit)
        .select(PersonalTokenRow::as_select())
        .load(conn)
}

/// How many a person has.
pub fn count_of_user(conn: &mut Conn, user_id: i64) -> QueryResult<i64> {
    personal_tokens::table.filter(personal_tokens::user_id.eq(user_id)).count().get_result(conn)
}

/// A person's token by its public name.
pub fn find_of_user(conn: &mut Conn, user_id: i64, public_id: &str) -> QueryResult<Option<PersonalTokenRow>> {
    personal_tokens::table
        .filter(personal_tokens::public_id.eq(public_id).and(personal_tokens::user_id.eq(user_id)))
        .select(PersonalTokenRow::as_select())
        .first(conn)
        .optional()
}

/// Deletes one.
pub fn delete(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    write.touch(Table::PersonalToken, id);
    diesel::delete(personal_tokens::table.find(id)).execute(&mut **write)
}

/// Deletes those that live by a membership.
pub fn delete_of_member(write: &mut Write<'_>, member_id: i64) -> QueryResult<usize> {
    write.touch_table(Table::PersonalToken);
    diesel::delete(personal_tokens::table.filter(personal_tokens::member_id.eq(member_id))).execute(&mut **write)
}

/// Deletes all of a person's.
pub fn delete_of_user(write: &mut Write<'_>, user_id: i64) -> QueryResult<usize> {
    write.touch_table(Table::PersonalToken);
    diesel::delete(personal_tokens::table.filter(personal_tokens::user_id.eq(user_id))).execute(&mut **write)
}

/// Deletes those bound to an organization.
pub fn delete_of_organization(write: &mut Write<'_>, organization_id: i64) -> QueryResult<usize> {
    write.touch_table(Table::PersonalToken);
    let bound = personal_tokens::table.filter(personal_tokens::organization_id.eq(organization_id));
    diesel::delete(bound).execute(&mut **write)
}

/// Notes a use; never moves back.
pub fn used(write: &mut Write<'_>, id: i64, at: NumericDate) -> QueryResult<usize> {
    write.touch(Table::PersonalToken, id);
    let earlier = personal_tokens::last_used_at.is_null().or(personal_tokens::last_used_at.lt(at));
    diesel::update(personal_tokens::table.find(id).filter(earlier))
        .set(personal_tokens::last_used_at.eq(at))
        .execute(&mut **write)
}
