//! Table `resource_servers`: who owns which scope sets, and which client may introspect for them.

use diesel::prelude::*;

use super::connection::Conn;
use super::rows::CachedRow;
use super::schema::resource_servers;
use super::types::TextArray;
use super::{Table, Write};
use crate::protocol::NumericDate;

/// A resource server (RFC 6749 section 1.1) and the audience it stands for.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = resource_servers, treat_none_as_null = true, treat_none_as_default_value = false)]
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
    /// Access tokens for it are JWTs (RFC 9068) signed with this; without it the client's registration decides.
    pub access_token_alg: Option<String>,
}

/// All of them under the one key [`ResourceServers::ALL`]: they are few, each token issued asks for them, and every
/// change of the table is marked for the table as a whole.
pub struct ResourceServers(pub Vec<ResourceServerRow>);

impl ResourceServers {
    /// The key of the list.
    pub const ALL: i64 = 0;
}

impl CachedRow for ResourceServers {
    const TABLE: Table = Table::ResourceServer;
    fn load(conn: &mut Conn, _all: i64) -> QueryResult<Option<ResourceServers>> {
        list(conn).map(|rows| Some(ResourceServers(rows)))
    }
}

/// Every resource server, by identifier.
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

/// No resource server introspects through this client any more.
pub fn forget_client(write: &mut Write<'_>, client: i64) -> QueryResult<usize> {
    write.touch_table(Table::ResourceServer);
    diesel::update(resource_servers::table.filter(resource_servers::client.eq(client)))
        .set(resource_servers::client.eq(None::<i64>))
        .execute(&mut **write)
}

/// Deletes one.
pub fn delete(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    write.touch_table(Table::ResourceServer);
    diesel::delete(resource_servers::table.find(id)).execute(&mut **write)
}
