//! Table `organization_clients`: which applications an organization lets its members authorize.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::organization_clients;
use crate::protocol::NumericDate;

/// An organization's word on one application.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = organization_clients, treat_none_as_default_value = false)]
pub struct OrganizationClientRow {
    /// Row id.
    pub id: i64,
    /// The organization.
    pub organization_id: i64,
    /// The application's row.
    pub client: i64,
    /// `asked`, `allowed` or `refused`.
    pub status: String,
    /// Who asked first.
    pub asked_by: Option<i64>,
    /// Who decided.
    pub decided_by: Option<i64>,
    /// When it was asked for, or allowed without.
    pub created_at: NumericDate,
    /// When it was decided.
    pub decided_at: Option<NumericDate>,
}

/// Adds one; a second word on an application is a unique violation.
pub fn insert(write: &mut Write<'_>, row: &OrganizationClientRow) -> QueryResult<usize> {
    diesel::insert_into(organization_clients::table).values(row).execute(&mut **write)
}

/// The word on one application.
pub fn find(conn: &mut Conn, organization_id: i64, client: i64) -> QueryResult<Option<OrganizationClientRow>> {
    organization_clients::table
        .filter(organization_clients::organization_id.eq(organization_id).and(organization_clients::client.eq(client)))
        .select(OrganizationClientRow::as_select())
        .first(conn)
        .optional()
}

/// Every word of an organization, newest first.
pub fn list(conn: &mut Conn, organization_id: i64) -> QueryResult<Vec<OrganizationClientRow>> {
    organization_clients::table
        .filter(organization_clients::organization_id.eq(organization_id))
        .order(organization_clients::id.desc())
        .select(OrganizationClientRow::as_select())
        .load(conn)
}

/// How many wait for a decision.
pub fn count_asked(conn: &mut Conn, organization_id: i64) -> QueryResult<i64> {
    organization_clients::table
        .filter(organization_clients::organization_id.eq(organization_id).and(organization_clients::status.eq("asked")))
        .count()
        .get_result(conn)
}

/// Writes a decision.
pub fn decide(write: &mut Write<'_>, id: i64, status: &str, by: Option<i64>, at: NumericDate) -> QueryResult<usize> {
    diesel::update(organization_clients::table.find(id))
        .set((
            organization_clients::status.eq(status),
            organization_clients::decided_by.eq(by),
            organization_clients::decided_at.eq(at),
        ))
        .execute(&mut **write)
}

/// Deletes all words of an organization.
pub fn delete_of_organization(write: &mut Write<'_>, organization_id: i64) -> QueryResult<usize> {
    let rows = organization_clients::table.filter(organization_clients::organization_id.eq(organization_id));
    diesel::delete(rows).execute(&mut **write)
}

/// Deletes all words on an application.
pub fn delete_of_client(write: &mut Write<'_>, client: i64) -> QueryResult<usize> {
    diesel::delete(organization_clients::table.filter(organization_clients::client.eq(client))).execute(&mut **write)
}
