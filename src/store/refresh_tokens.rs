//! Table `refresh_tokens`: one generation of a family each. What a row holds never suffices to make its successor.

use diesel::prelude::*;

use super::connection::Conn;
use super::rows::CachedRow;
use super::schema::refresh_tokens;
use super::{Table, Write, prepared_update};
use crate::protocol::NumericDate;

/// One refresh token (RFC 6749 section 1.5).
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
pub struct RefreshTokenRow {
    /// Row id, part of the token's text.
    pub id: i64,
    /// The family.
    pub grant_id: i64,
    /// 0 for the one issued with the code.
    pub generation: i64,
    /// Digest of the whole text.
    pub digest: Vec<u8>,
    /// The last four characters.
    pub last_four: String,
    /// What went into its derivation besides the key and its predecessor; erased once nobody may recompute it.
    pub salt: Option<Vec<u8>>,
    /// The derivation key it was made with; erased with the salt.
    pub derivation_key: Option<i64>,
    /// When it was issued.
    pub created_at: NumericDate,
    /// When it dies if nobody uses it.
    pub expires_at: NumericDate,
    /// When it was revoked by itself.
    pub revoked_at: Option<NumericDate>,
    /// When it was first used: the grace window counts from here and never slides.
    pub first_used_at: Option<NumericDate>,
    /// What the first use asked for: scope, resource, key.
    pub fingerprint: Option<Vec<u8>>,
    /// Its successor.
    pub next_refresh_token: Option<i64>,
    /// The access token given with the successor.
    pub next_access_token: Option<i64>,
    /// When that access token expires.
    pub next_access_expires_at: Option<NumericDate>,
    /// Access tokens given for other scopes inside the grace window.
    pub extra_access_tokens: i64,
}

/// What the first use of a token leaves in its row.
#[derive(Clone)]
pub struct FirstUse {
    /// When.
    pub at: NumericDate,
    /// What it asked for.
    pub fingerprint: Vec<u8>,
    /// The successor's row id.
    pub next_refresh_token: i64,
    /// The new access token's row id.
    pub next_access_token: i64,
    /// When that expires.
    pub next_access_expires_at: NumericDate,
}

impl CachedRow for RefreshTokenRow {
    const TABLE: Table = Table::RefreshToken;
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<RefreshTokenRow>> {
        refresh_tokens::table.find(id).select(RefreshTokenRow::as_select()).first(conn).optional()
    }
}

/// Adds a token.
pub fn insert(write: &mut Write<'_>, row: &RefreshTokenRow) -> QueryResult<usize> {
    write.touch(Table::RefreshToken, row.id);
    diesel::insert_into(refresh_tokens::table).values(row).execute(&mut **write)
}

/// Uses the token: 1 for the one first use, 0 for everybody else. Its own salt and key go, so that from now on
/// nobody can derive it again from its predecessor.
pub fn use_first(write: &mut Write<'_>, id: i64, first: &FirstUse) -> QueryResult<usize> {
    write.touch(Table::RefreshToken, id);
    prepared_update(
        refresh_tokens::table,
        (
            refresh_tokens::first_used_at.eq(first.at),
            refresh_tokens::fingerprint.eq(&first.fingerprint),
            refresh_tokens::next_refresh_token.eq(first.next_refresh_token),
            refresh_tokens::next_access_token.eq(first.next_access_token),
            refresh_tokens::next_access_expires_at.eq(first.next_access_expires_at),
            refresh_tokens::salt.eq(None::<Vec<u8>>),
            refresh_tokens::derivation_key.eq(None::<i64>),
        ),
        refresh_tokens::id
            .eq(id)
            .and(refresh_tokens::first_used_at.is_null())
            .and(refresh_tokens::revoked_at.is_null()),
    )
    .execute(write.conn())
}

/// Slides the idle limit of a token that is not rotated; 0 when it is dead.
pub fn extend(write: &mut Write<'_>, id: i64, now: NumericDate, expires_at: NumericDate) -> QueryResult<usize> {
    write.touch(Table::RefreshToken, id);
    diesel::update(
        refresh_tokens::table
            .find(id)
            .filter(refresh_tokens::revoked_at.is_null().and(refresh_tokens::expires_at.gt(now))),
    )
    .set(refresh_tokens::expires_at.eq(expires_at))
    .execute(&mut **write)
}

/// Counts one more access token for another scope; 0 when `limit` is reached.
pub fn count_extra(write: &mut Write<'_>, id: i64, limit: i64) -> QueryResult<usize> {
    write.touch(Table::RefreshToken, id);
    diesel::update(refresh_tokens::table.find(id).filter(refresh_tokens::extra_access_tokens.lt(limit)))
        .set(refresh_tokens::extra_access_tokens.eq(refresh_tokens::extra_access_tokens + 1))
        .execute(&mut **write)
}

/// The first `limit` tokens with `from <= id < below`, by id, and whether they have a salt.
pub fn salted(conn: &mut Conn, from: i64, below: i64, limit: i64) -> QueryResult<Vec<(i64, bool)>> {
    refresh_tokens::table
        .filter(refresh_tokens::id.ge(from).and(refresh_tokens::id.lt(below)))
        .order(refresh_tokens::id)
        .limit(limit)
        .select((refresh_tokens::id, refresh_tokens::salt.is_not_null()))
        .load(conn)
}

/// Erases salts and key ids: after the grace window not even the key recomputes these tokens.
pub fn erase_salts(write: &mut Write<'_>, ids: &[i64]) -> QueryResult<usize> {
    for id in ids {
        write.touch(Table::RefreshToken, *id);
    }
    diesel::update(refresh_tokens::table.filter(refresh_tokens::id.eq_any(ids.to_vec())))
        .set((refresh_tokens::salt.eq(None::<Vec<u8>>), refresh_tokens::derivation_key.eq(None::<i64>)))
        .execute(&mut **write)
}
