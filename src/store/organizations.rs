//! Table `organizations`: people under one name, one set of roles and at most one upstream provider.

use diesel::prelude::*;

use super::connection::Conn;
use super::rows::CachedRow;
use super::schema::organizations;
use super::{Table, Write};
use crate::protocol::NumericDate;

/// An organization.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = organizations, treat_none_as_default_value = false)]
pub struct OrganizationRow {
    /// Row id; never in an address.
    pub id: i64,
    /// Random name for APIs and tokens; never used again.
    pub public_id: String,
    /// Name in addresses; changes with a rename.
    pub slug: String,
    /// Display name.
    pub name: String,
    /// `active` or `pending_deletion`.
    pub status: String,
    /// When it is really deleted.
    pub delete_at: Option<NumericDate>,
    /// Role of whoever joins without an invitation; never the top one.
    pub default_role: String,
    /// Members join and leave teams by themselves.
    pub open_membership: bool,
    /// Seconds a token may live on an identity that cannot be re-checked offline; the configuration says otherwise.
    pub token_max_age: Option<i64>,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it was last changed.
    pub updated_at: NumericDate,
}

impl CachedRow for OrganizationRow {
    const TABLE: Table = Table::Organization;
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<OrganizationRow>> {
        find(conn, id)
    }
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<OrganizationRow>> {
    organizations::table.find(id).select(OrganizationRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &OrganizationRow) -> QueryResult<usize> {
    write.touch(Table::Organization, row.id);
    write.touch_table(Table::Member);
    diesel::insert_into(organizations::table).values(row).execute(&mut **write)
}

/// The organization with this slug.
pub fn find_by_slug(conn: &mut Conn, slug: &str) -> QueryResult<Option<OrganizationRow>> {
    organizations::table
        .filter(organizations::slug.eq(slug))
        .select(OrganizationRow::as_select())
        .first(conn)
        .optional()
}
