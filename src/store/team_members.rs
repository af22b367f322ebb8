//! Table `team_members`: which members are in which teams.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::organization_members::MemberRow;
use super::schema::{organization_members, team_members, teams, users};
use super::users::UserRow;
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
    /// It follows a claim of the provider's; a place given by hand does not.
    pub by_claim: bool,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<TeamMemberRow>> {
    team_members::table.find(id).select(TeamMemberRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &TeamMemberRow) -> QueryResult<usize> {
    diesel::insert_into(team_members::table).values(row).execute(&mut **write)
}

/// Everybody in a team, with membership and account, by login.
pub fn list(conn: &mut Conn, team_id: i64) -> QueryResult<Vec<(MemberRow, UserRow)>> {
    team_members::table
        .inner_join(organization_members::table.on(organization_members::id.eq(team_members::member_id)))
        .inner_join(users::table.on(users::id.eq(organization_members::user_id)))
        .filter(team_members::team_id.eq(team_id).and(organization_members::status.eq("active")))
        .order(users::login_key)
        .select((MemberRow::as_select(), UserRow::as_select()))
        .load(conn)
}

/// Every place in the teams of an organization: team and member.
pub fn of_organization(conn: &mut Conn, organization_id: i64) -> QueryResult<Vec<(i64, i64)>> {
    team_members::table
        .inner_join(teams::table.on(teams::id.eq(team_members::team_id)))
        .filter(teams::organization_id.eq(organization_id))
        .select((team_members::team_id, team_members::member_id))
        .load(conn)
}

/// Places of these members: member and slug of the team.
pub fn of_members(conn: &mut Conn, members: Vec<i64>) -> QueryResult<Vec<(i64, String)>> {
    team_members::table
        .inner_join(teams::table.on(teams::id.eq(team_members::team_id)))
        .filter(team_members::member_id.eq_any(members))
        .order(teams::slug)
        .select((team_members::member_id, teams::slug))
        .load(conn)
}

/// A member's places, each with its team's slug.
pub fn of_member(conn: &mut Conn, member_id: i64) -> QueryResult<Vec<(TeamMemberRow, String)>> {
    team_members::table
        .inner_join(teams::table.on(teams::id.eq(team_members::team_id)))
        .filter(team_members::member_id.eq(member_id))
        .order(teams::slug)
        .select((TeamMemberRow::as_select(), teams::slug))
        .load(conn)
}

/// Makes a place that followed the claim one given by hand; 0 when there is none such.
pub fn keep(write: &mut Write<'_>, team_id: i64, member_id: i64) -> QueryResult<usize> {
    let followed = team_members::team_id.eq(team_id).and(team_members::member_id.eq(member_id));
    diesel::update(team_members::table.filter(followed.and(team_members::by_claim.eq(true))))
        .set(team_members::by_claim.eq(false))
        .execute(&mut **write)
}

/// Gives a place up; 0 when there was none.
pub fn delete(write: &mut Write<'_>, team_id: i64, member_id: i64) -> QueryResult<usize> {
    let of_the_pair = team_members::team_id.eq(team_id).and(team_members::member_id.eq(member_id));
    diesel::delete(team_members::table.filter(of_the_pair)).execute(&mut **write)
}

/// Gives all of a member's places up.
pub fn delete_of_member(write: &mut Write<'_>, member_id: i64) -> QueryResult<usize> {
    diesel::delete(team_members::table.filter(team_members::member_id.eq(member_id))).execute(&mut **write)
}
