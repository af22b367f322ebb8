//! Table `organization_members`: who belongs to an organization, and who no longer does.

use diesel::prelude::*;

use super::connection::Conn;
use super::schema::organization_members;
use super::{Table, Write};
use crate::protocol::NumericDate;

/// A membership.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = organization_members, treat_none_as_default_value = false)]
pub struct MemberRow {
    /// Row id.
    pub id: i64,
    /// The organization.
    pub organization_id: i64,
    /// The person.
    pub user_id: i64,
    /// Name of a configured role.
    pub role: String,
    /// `active` or `removed`; a removed row keeps single sign-on from bringing the person back.
    pub status: String,
    /// Until when single sign-on is not asked of this member (explicit, audited).
    pub break_glass_until: Option<NumericDate>,
    /// When the person joined, or joined again.
    pub created_at: NumericDate,
    /// When they were removed or left.
    pub removed_at: Option<NumericDate>,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<MemberRow>> {
    organization_members::table.find(id).select(MemberRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &MemberRow) -> QueryResult<usize> {
    write.touch(Table::Member, row.id);
    diesel::insert_into(organization_members::table).values(row).execute(&mut **write)
}

/// A person's membership of an organization, removed or not.
pub fn find_of_user(conn: &mut Conn, organization_id: i64, user_id: i64) -> QueryResult<Option<MemberRow>> {
    let of_the_pair =
        organization_members::organization_id.eq(organization_id).and(organization_members::user_id.eq(user_id));
    organization_members::table.filter(of_the_pair).select(MemberRow::as_select()).first(conn).optional()
}
