//! Table `used_marks`: one-time values that travel outside the database, remembered until they expire.

use diesel::prelude::*;

use super::Write;
use super::schema::used_marks;
use crate::protocol::NumericDate;

/// Whether this is the first use of `digest`; remembers it until `expires_at`.
pub fn first_use(write: &mut Write<'_>, digest: &[u8], expires_at: NumericDate) -> QueryResult<bool> {
    let inserted = write.unless_taken(|write| {
        diesel::insert_into(used_marks::table)
            .values((used_marks::digest.eq(digest), used_marks::expires_at.eq(expires_at)))
            .execute(&mut **write)
    })?;
    Ok(inserted.is_some())
}

/// Forgets a mark: what it stood for was not done.
pub fn forget(write: &mut Write<'_>, digest: &[u8]) -> QueryResult<usize> {
    diesel::delete(used_marks::table.find(digest)).execute(&mut **write)
}

/// Deletes a batch of marks that expired before `before`; the count of those deleted.
pub fn delete_old(write: &mut Write<'_>, before: NumericDate, batch: i64) -> QueryResult<usize> {
    let old: Vec<Vec<u8>> = used_marks::table
        .filter(used_marks::expires_at.lt(before))
        .limit(batch)
        .select(used_marks::digest)
        .load(&mut **write)?;
    let mut deleted = 0;
    for digest in old {
        deleted += diesel::delete(used_marks::table.find(digest)).execute(&mut **write)?;
    }
    Ok(deleted)
}
