//! Table `teams`: named groups of members.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::teams;
use crate::protocol::NumericDate;

/// A team.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = teams, treat_none_as_default_value = false)]
pub struct TeamRow {
    /// Row id.
    pub id: i64,
    /// The organization.
    pub organization_id: i64,
    /// Name in addresses, unique in the organization.
    pub slug: String,
    /// Display name.
    pub name: String,
    /// When it was made.
    pub created_at: NumericDate,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<TeamRow>> {
    teams::table.find(id).select(TeamRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &TeamRow) -> QueryResult<usize> {
    diesel::insert_into(teams::table).values(row).execute(&mut **write)
}
