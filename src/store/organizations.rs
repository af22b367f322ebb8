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
    /// `open`: members authorize any application; `approval`: those the organization allowed.
    pub application_policy: String,
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

/// The organization with this public name.
pub fn find_by_public_id(conn: &mut Conn, public_id: &str) -> QueryResult<Option<OrganizationRow>> {
    organizations::table
        .filter(organizations::public_id.eq(public_id))
        .select(OrganizationRow::as_select())
        .first(conn)
        .optional()
}

/// Every organization, by slug.
pub fn list(conn: &mut Conn) -> QueryResult<Vec<OrganizationRow>> {
    organizations::table.order(organizations::slug).select(OrganizationRow::as_select()).load(conn)
}

/// Holds the row until the end of the transaction; the row as it is then. Whoever changes members, invitations or teams
/// holds it first: that is what makes "the last owner" one person at a time.
pub fn hold(write: &mut Write<'_>, id: i64) -> QueryResult<Option<OrganizationRow>> {
    diesel::update(organizations::table.find(id))
        .set(organizations::updated_at.eq(organizations::updated_at))
        .execute(&mut **write)?;
    find(write, id)
}

/// Writes everything that can change; a taken slug is a unique violation.
pub fn update(write: &mut Write<'_>, row: &OrganizationRow) -> QueryResult<usize> {
    write.touch(Table::Organization, row.id);
    write.touch_table(Table::Member);
    diesel::update(organizations::table.find(row.id))
        .set((
            organizations::slug.eq(&row.slug),
            organizations::name.eq(&row.name),
            organizations::status.eq(&row.status),
            organizations::delete_at.eq(row.delete_at),
            organizations::default_role.eq(&row.default_role),
            organizations::open_membership.eq(row.open_membership),
            organizations::token_max_age.eq(row.token_max_age),
            organizations::updated_at.eq(row.updated_at),
            organizations::application_policy.eq(&row.application_policy),
        ))
        .execute(&mut **write)
}

/// Organizations whose delayed deletion is due.
pub fn due_for_deletion(conn: &mut Conn, now: NumericDate) -> QueryResult<Vec<i64>> {
    organizations::table
        .filter(organizations::status.eq("pending_deletion").and(organizations::delete_at.le(now)))
        .select(organizations::id)
        .load(conn)
}
