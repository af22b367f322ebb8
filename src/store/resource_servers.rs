//! Table `resource_servers`: who owns which scope sets, and which client may introspect for them.

use diesel::prelude::*;

use super::connection::Conn;
use super::schema::resource_servers;
use super::types::TextArray;
use super::{Table, Write};
use crate::protocol::NumericDate;

/// A resource server (RFC 6749 section 1.1) and the audience it stands for.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = resource_servers, treat_none_as_null = true)]
pub struct ResourceServerRow {
    /// Row id.
    pub id: i64,
    /// Absolute URI (RFC 8707 section 2), the value in `aud`.
    pub identifier: String,
    /// What people call it.
    pub name: String,
    /// Names of the scope sets it owns.
    pub scope_sets: TextArray,
    /// Row id of the client that introspects for it.
    pub client: Option<i64>,
    /// The name of the file that declares it.
    pub managed_by: Option<String>,
    /// When it was registered.
    pub created_at: NumericDate,
}

/// Every resource server, by identifier. There are few: callers keep them.
pub fn list(conn: &mut Conn) -> QueryResult<Vec<ResourceServerRow>> {
    resource_servers::table.order(resource_servers::identifier).select(ResourceServerRow::as_select()).load(conn)
}

/// Adds a resource server; a taken identifier is a unique violation.
pub fn insert(write: &mut Write<'_>, row: &ResourceServerRow) -> QueryResult<usize> {
    write.touch_table(Table::ResourceServer);
    diesel::insert_into(resource_servers::table).values(row).execute(&mut **write)
}

/// Writes the whole row back.
pub fn update(write: &mut Write<'_>, row: &ResourceServerRow) -> QueryResult<usize> {
    write.touch_table(Table::ResourceServer);
    diesel::update(resource_servers::table.find(row.id)).set(row).execute(&mut **write)
}

/// Deletes one.
pub fn delete(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    write.touch_table(Table::ResourceServer);
    diesel::delete(resource_servers::table.find(id)).execute(&mut **write)
}
