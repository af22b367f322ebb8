//! Table `imported_secrets`: which row a secret made elsewhere opens. Asked only for texts without one of our prefixes.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::imported_secrets;
use crate::protocol::NumericDate;

/// One secret made elsewhere.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = imported_secrets, treat_none_as_default_value = false)]
pub struct ImportedSecretRow {
    /// Row id.
    pub id: i64,
    /// Digest of the whole text; also stands in the row it opens.
    pub digest: Vec<u8>,
    /// `access_token`, `refresh_token`, `personal_token` or `api_key`.
    pub kind: String,
    /// The row it opens.
    pub row_id: i64,
    /// When it was imported.
    pub created_at: NumericDate,
}

/// Adds one; a digest that is there is a unique violation.
pub fn insert(write: &mut Write<'_>, row: &ImportedSecretRow) -> QueryResult<usize> {
    diesel::insert_into(imported_secrets::table).values(row).execute(&mut **write)
}

/// Those of these digests that are there.
pub fn known(conn: &mut Conn, digests: &[Vec<u8>]) -> QueryResult<Vec<Vec<u8>>> {
    imported_secrets::table
        .filter(imported_secrets::digest.eq_any(digests.to_vec()))
        .select(imported_secrets::digest)
        .load(conn)
}

/// What a digest opens.
pub fn find(conn: &mut Conn, digest: &[u8]) -> QueryResult<Option<ImportedSecretRow>> {
    imported_secrets::table
        .filter(imported_secrets::digest.eq(digest))
        .select(ImportedSecretRow::as_select())
        .first(conn)
        .optional()
}
