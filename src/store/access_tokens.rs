//! Table `access_tokens`: append-only, found by id, no secondary index.

use diesel::prelude::*;

use super::connection::Conn;
use super::rows::CachedRow;
use super::schema::access_tokens;
use super::types::TextArray;
use super::{Table, Write};
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;

/// One access token (RFC 6749 section 1.4).
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = access_tokens, treat_none_as_default_value = false)]
pub struct AccessTokenRow {
    /// Row id, part of the token's text.
    pub id: i64,
    /// The family it belongs to; none for client credentials.
    pub grant_id: Option<i64>,
    /// The client's row.
    pub client: i64,
    /// What it may do.
    pub scopes: ScopeList,
    /// Identifiers of the resource servers it is for.
    pub audience: TextArray,
    /// Digest of the whole text.
    pub digest: Vec<u8>,
    /// The last four characters.
    pub last_four: String,
    /// When it was issued.
    pub created_at: NumericDate,
    /// When it expires.
    pub expires_at: NumericDate,
    /// When it was revoked by itself.
    pub revoked_at: Option<NumericDate>,
}

impl CachedRow for AccessTokenRow {
    const TABLE: Table = Table::AccessToken;
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<AccessTokenRow>> {
        access_tokens::table.find(id).select(AccessTokenRow::as_select()).first(conn).optional()
    }
}

/// Adds a token.
pub fn insert(write: &mut Write<'_>, row: &AccessTokenRow) -> QueryResult<usize> {
    write.touch(Table::AccessToken, row.id);
    diesel::insert_into(access_tokens::table).values(row).execute(&mut **write)
}

/// Revokes one token; 0 when it was before.
pub fn revoke(write: &mut Write<'_>, id: i64, now: NumericDate) -> QueryResult<usize> {
    write.touch(Table::AccessToken, id);
    diesel::update(access_tokens::table.find(id).filter(access_tokens::revoked_at.is_null()))
        .set(access_tokens::revoked_at.eq(now))
        .execute(&mut **write)
}
