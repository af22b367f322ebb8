//! How much a client is used, counted within bounds: token tables have no index by client, so only so many of the newest
//! rows are looked at.

use std::collections::HashSet;

use diesel::prelude::*;

use super::connection::Conn;
use super::schema::{access_tokens, authorizations, grants, users};
use crate::protocol::NumericDate;

/// Rows of the token table looked at.
const LOOKED_AT: i64 = 100_000;
/// Ids in one query.
const CHUNK: usize = 500;

/// A number that may stand for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How many were counted.
    pub count: usize,
    /// There may be more.
    pub more: bool,
}

/// Access tokens of a client that work now, at most `limit`.
pub fn live_tokens(conn: &mut Conn, client: i64, now: NumericDate, limit: usize) -> QueryResult<Counted> {
    let oldest: Option<i64> = access_tokens::table
        .order(access_tokens::id.desc())
        .offset(LOOKED_AT)
        .select(access_tokens::id)
        .first(conn)
        .optional()?;
    let found: Vec<Option<i64>> = access_tokens::table
        .filter(access_tokens::id.gt(oldest.unwrap_or(-1)))
        .filter(access_tokens::client.eq(client))
        .filter(access_tokens::expires_at.gt(now).and(access_tokens::revoked_at.is_null()))
        .order(access_tokens::id.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
        .select(access_tokens::grant_id)
        .load(conn)?;
    let more = oldest.is_some() || found.len() > limit;
    let families: HashSet<i64> = found.iter().copied().flatten().collect();
    let alive = alive(conn, families.into_iter().collect())?;
    let count = found.iter().take(limit).filter(|grant| grant.is_none_or(|grant| alive.contains(&grant))).count();
    Ok(Counted { count, more })
}

/// Grants among these that nobody revoked, of authorizations that are still there, and of people who neither were shut out
/// nor signed out everywhere since.
fn alive(conn: &mut Conn, families: Vec<i64>) -> QueryResult<HashSet<i64>> {
    let mut alive = HashSet::new();
    for chunk in families.chunks(CHUNK) {
        let living: Vec<i64> = grants::table
            .inner_join(authorizations::table.on(authorizations::id.eq(grants::authorization_id)))
            .inner_join(users::table.on(users::id.eq(grants::user_id)))
            .filter(users::status.eq("active").and(users::valid_from.le(grants::id)))
            .filter(grants::id.eq_any(chunk.to_vec()).and(grants::revoked_at.is_null()))
            .select(grants::id)
            .load(conn)?;
        alive.extend(living);
    }
    Ok(alive)
}

/// When the newest `limit` authorizations of a client were last used, the latest of them.
pub fn last_used(conn: &mut Conn, client: i64, limit: i64) -> QueryResult<Option<NumericDate>> {
    let uses: Vec<Option<NumericDate>> = authorizations::table
        .filter(authorizations::client.eq(client))
        .order(authorizations::id.desc())
        .limit(limit)
        .select(authorizations::last_used_at)
        .load(conn)?;
    Ok(uses.into_iter().flatten().max())
}
