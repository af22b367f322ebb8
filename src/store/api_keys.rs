//! Table `api_keys`: keys of organizations. They belong to no person and outlive whoever made them.

use diesel::prelude::*;

use super::connection::Conn;
use super::rows::CachedRow;
use super::schema::api_keys;
use super::types::TextArray;
use super::{Table, Write};
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;

/// An API key.
#[derive(Clone, PartialEq, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
pub struct ApiKeyRow {
    /// Row id, part of the key's text unless it was imported.
    pub id: i64,
    /// Random name for the API and pages.
    pub public_id: String,
    /// Whose it is.
    pub organization_id: i64,
    /// What people call it.
    pub label: String,
    /// What it may do; none means nothing.
    pub scopes: ScopeList,
    /// Origins whose scripts may use it.
    pub allowed_origins: TextArray,
    /// `active` or `inactive`.
    pub status: String,
    /// `exempt`: single sign-on is nothing to it; `creator`: it works while its maker's membership opens the organization.
    pub sso_policy: String,
    /// The membership of whoever made it; none for the command line's.
    pub creator_id: Option<i64>,
    /// Digest of the whole text.
    pub digest: Vec<u8>,
    /// The last four characters, to tell keys apart.
    pub last_four: String,
    /// Made elsewhere: its text names no row.
    pub imported: bool,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it was last changed.
    pub updated_at: NumericDate,
    /// When it stops working.
    pub expires_at: Option<NumericDate>,
    /// When it last worked, to the minute.
    pub last_used_at: Option<NumericDate>,
}

impl ApiKeyRow {
    /// Whether it is switched on and its time is not over.
    pub fn is_live(&self, now: NumericDate) -> bool {
        self.status == "active" && self.expires_at.is_none_or(|end| now < end)
    }
}

impl CachedRow for ApiKeyRow {
    const TABLE: Table = Table::ApiKey;
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<ApiKeyRow>> {
        api_keys::table.find(id).select(ApiKeyRow::as_select()).first(conn).optional()
    }
}

/// Adds a key.
pub fn insert(write: &mut Write<'_>, row: &ApiKeyRow) -> QueryResult<usize> {
    write.touch(Table::ApiKey, row.id);
    diesel::insert_into(api_keys::table).values(row).execute(&mut **write)
}

/// An organization's keys older than `below`, newest first.
pub fn page(conn: &mut Conn, organization_id: i64, below: i64, limit: i64) -> QueryResult<Vec<ApiKeyRow>> {
    api_keys::table
        .filter(api_keys::organization_id.eq(organization_id).and(api_keys::id.lt(below)))
        .order(api_keys::id.desc())
        .limit(limit)
        .select(ApiKeyRow::as_select())
        .load(conn)
}

/// How many an organization has.
pub fn count(conn: &mut Conn, organization_id: i64) -> QueryResult<i64> {
    api_keys::table.filter(api_keys::organization_id.eq(organization_id)).count().get_result(conn)
}

/// An organization's key by its public name: another organization's is not found (C70).
pub fn find_of_organization(conn: &mut Conn, organization_id: i64, public_id: &str) -> QueryResult<Option<ApiKeyRow>> {
    api_keys::table
        .filter(api_keys::public_id.eq(public_id).and(api_keys::organization_id.eq(organization_id)))
        .select(ApiKeyRow::as_select())
        .first(conn)
        .optional()
}

/// Keys that follow this member and are switched on.
pub fn followers(conn: &mut Conn, organization_id: i64, member_id: i64) -> QueryResult<Vec<ApiKeyRow>> {
    api_keys::table
        .filter(api_keys::organization_id.eq(organization_id).and(api_keys::creator_id.eq(member_id)))
        .filter(api_keys::sso_policy.eq("creator").and(api_keys::status.eq("active")))
        .order(api_keys::id)
        .select(ApiKeyRow::as_select())
        .load(conn)
}

/// Writes everything that can change.
pub fn update(write: &mut Write<'_>, row: &ApiKeyRow) -> QueryResult<usize> {
    write.touch(Table::ApiKey, row.id);
    diesel::update(api_keys::table.find(row.id))
        .set((
            api_keys::label.eq(&row.label),
            api_keys::scopes.eq(&row.scopes),
            api_keys::allowed_origins.eq(&row.allowed_origins),
            api_keys::status.eq(&row.status),
            api_keys::sso_policy.eq(&row.sso_policy),
            api_keys::updated_at.eq(row.updated_at),
            api_keys::expires_at.eq(row.expires_at),
        ))
        .execute(&mut **write)
}

/// Deletes one.
pub fn delete(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    write.touch(Table::ApiKey, id);
    diesel::delete(api_keys::table.find(id)).execute(&mut **write)
}

/// Deletes all of an organization.
pub fn delete_of_organization(write: &mut Write<'_>, organization_id: i64) -> QueryResult<usize> {
    write.touch_table(Table::ApiKey);
    diesel::delete(api_keys::table.filter(api_keys::organization_id.eq(organization_id))).execute(&mut **write)
}

/// Origins of every key that is switched on, for preflights, which name no key.
pub fn origins(conn: &mut Conn) -> QueryResult<Vec<TextArray>> {
    api_keys::table.filter(api_keys::status.eq("active")).select(api_keys::allowed_origins).distinct().load(conn)
}

/// Notes a use; never moves back.
pub fn used(write: &mut Write<'_>, id: i64, at: NumericDate) -> QueryResult<usize> {
    write.touch(Table::ApiKey, id);
    let earlier = api_keys::last_used_at.is_null().or(api_keys::last_used_at.lt(at));
    diesel::update(api_keys::table.find(id).filter(earlier)).set(api_keys::last_used_at.eq(at)).execute(&mut **write)
}
