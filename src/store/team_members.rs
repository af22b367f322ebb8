//! Table `team_members`: which members are in which teams.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::team_members;
use crate::protocol::NumericDate;

/// A place in a team.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = team_members, treat_none_as_default_value = false)]
pub struct TeamMemberRow {
    /// Row id.
    pub id: i64,
    /// The team.
    pub team_id: i64,
    /// The membership.
    pub member_id: i64,
    /// Since when.
    pub joined_at: NumericDate,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<TeamMemberRow>> {
    team_members::table.find(id).select(TeamMemberRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &TeamMemberRow) -> QueryResult<usize> {
    diesel::insert_into(team_members::table).values(row).execute(&mut **write)
}
