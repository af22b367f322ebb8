//! Table `teams`: named groups of members.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::{team_members, teams};
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

/// How many an organization has.
pub fn count(conn: &mut Conn, organization_id: i64) -> QueryResult<i64> {
    teams::table.filter(teams::organization_id.eq(organization_id)).count().get_result(conn)
}

/// Which of these slugs are teams of an organization.
pub fn known(conn: &mut Conn, organization_id: i64, slugs: &[String]) -> QueryResult<Vec<String>> {
    teams::table
        .filter(teams::organization_id.eq(organization_id).and(teams::slug.eq_any(slugs.to_vec())))
        .select(teams::slug)
        .load(conn)
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &TeamRow) -> QueryResult<usize> {
    diesel::insert_into(teams::table).values(row).execute(&mut **write)
}

/// The teams of an organization, by slug.
pub fn list(conn: &mut Conn, organization_id: i64) -> QueryResult<Vec<TeamRow>> {
    teams::table
        .filter(teams::organization_id.eq(organization_id))
        .order(teams::slug)
        .select(TeamRow::as_select())
        .load(conn)
}

/// The team of an organization with this slug.
pub fn find_by_slug(conn: &mut Conn, organization_id: i64, slug: &str) -> QueryResult<Option<TeamRow>> {
    teams::table
        .filter(teams::organization_id.eq(organization_id).and(teams::slug.eq(slug)))
        .select(TeamRow::as_select())
        .first(conn)
        .optional()
}

/// The teams a member is in, by slug.
pub fn of_member(conn: &mut Conn, member_id: i64) -> QueryResult<Vec<TeamRow>> {
    teams::table
        .inner_join(team_members::table.on(team_members::team_id.eq(teams::id)))
        .filter(team_members::member_id.eq(member_id))
        .order(teams::slug)
        .select(TeamRow::as_select())
        .load(conn)
}

/// Gives a team another name and slug; a taken slug is a unique violation.
pub fn rename(write: &mut Write<'_>, id: i64, slug: &str, name: &str) -> QueryResult<usize> {
    diesel::update(teams::table.find(id)).set((teams::slug.eq(slug), teams::name.eq(name))).execute(&mut **write)
}

/// Deletes a team and the places in it.
pub fn delete(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    diesel::delete(team_members::table.filter(team_members::team_id.eq(id))).execute(&mut **write)?;
    diesel::delete(teams::table.find(id)).execute(&mut **write)
}
