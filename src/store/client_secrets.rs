//! Table `client_secrets`: several secrets a client, so that one can be rotated while another still works.

use diesel::prelude::*;

use super::connection::Conn;
use super::rows::CachedRow;
use super::schema::client_secrets;
use super::{Table, Write};
use crate::protocol::NumericDate;

/// Digest of one client secret.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = client_secrets, treat_none_as_default_value = false)]
pub struct ClientSecretRow {
    /// Row id, part of the secret's text unless it was imported.
    pub id: i64,
    /// The client's row.
    pub client: i64,
    /// Digest of the whole text.
    pub digest: Vec<u8>,
    /// The last four characters, to tell secrets apart.
    pub last_four: String,
    /// Made elsewhere: its text has no row id, it is found by its client.
    pub imported: bool,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it stops working.
    pub expires_at: Option<NumericDate>,
    /// When it last worked, to the minute.
    pub last_used_at: Option<NumericDate>,
    /// The text itself, sealed, where assertions are signed with it (`client_secret_jwt`).
    pub sealed: Option<Vec<u8>>,
}

impl ClientSecretRow {
    /// Whether it still works.
    pub fn is_live(&self, now: NumericDate) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

impl CachedRow for ClientSecretRow {
    const TABLE: Table = Table::ClientSecret;
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<ClientSecretRow>> {
        client_secrets::table.find(id).select(ClientSecretRow::as_select()).first(conn).optional()
    }
}

/// A client's secrets, newest first.
pub fn list(conn: &mut Conn, client: i64) -> QueryResult<Vec<ClientSecretRow>> {
    client_secrets::table
        .filter(client_secrets::client.eq(client))
        .order(client_secrets::id.desc())
        .select(ClientSecretRow::as_select())
        .load(conn)
}

/// Adds a secret.
pub fn insert(write: &mut Write<'_>, row: &ClientSecretRow) -> QueryResult<usize> {
    write.touch(Table::ClientSecret, row.id);
    diesel::insert_into(client_secrets::table).values(row).execute(&mut **write)
}

/// Lets every other secret of the client end at `end`, unless it ends sooner.
pub fn expire_others(write: &mut Write<'_>, client: i64, keep: i64, end: NumericDate) -> QueryResult<usize> {
    let others: Vec<i64> = client_secrets::table
        .filter(client_secrets::client.eq(client).and(client_secrets::id.ne(keep)))
        .filter(client_secrets::expires_at.is_null().or(client_secrets::expires_at.gt(end)))
        .select(client_secrets::id)
        .load(&mut **write)?;
    for id in &others {
        write.touch(Table::ClientSecret, *id);
    }
    diesel::update(client_secrets::table.filter(client_secrets::id.eq_any(others)))
        .set(client_secrets::expires_at.eq(end))
        .execute(&mut **write)
}

/// Notes a use; never moves back.
pub fn used(write: &mut Write<'_>, id: i64, at: NumericDate) -> QueryResult<usize> {
    write.touch(Table::ClientSecret, id);
    let earlier = client_secrets::last_used_at.is_null().or(client_secrets::last_used_at.lt(at));
    diesel::update(client_secrets::table.find(id).filter(earlier))
        .set(client_secrets::last_used_at.eq(at))
        .execute(&mut **write)
}

/// Deletes a client's secrets.
pub fn delete_all(write: &mut Write<'_>, client: i64) -> QueryResult<usize> {
    for row in list(write, client)? {
        write.touch(Table::ClientSecret, row.id);
    }
    diesel::delete(client_secrets::table.filter(client_secrets::client.eq(client))).execute(&mut **write)
}

/// Deletes one secret of a client.
pub fn delete(write: &mut Write<'_>, client: i64, id: i64) -> QueryResult<usize> {
    write.touch(Table::ClientSecret, id);
    diesel::delete(client_secrets::table.find(id).filter(client_secrets::client.eq(client))).execute(&mut **write)
}
