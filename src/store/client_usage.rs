//! How much a client is used, counted within bounds: token tables have no index by client, so only so many of the newest
//! rows are looked at.

use std::collections::HashSet;

use diesel::prelude::*;

use super::connection::Conn;
use super::schema::{access_tokens, authorizations, grants, refresh_tokens, users};
use crate::protocol::NumericDate;

/// Rows of each table looked at.
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

/// Access and refresh tokens of a client that work now, at most `limit`. What the client was given before the newest rows of
/// these tables is not seen: `more` says so.
pub fn live_tokens(conn: &mut Conn, client: i64, now: NumericDate, limit: usize) -> QueryResult<Counted> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let oldest = oldest_access_token(conn)?;
    let found: Vec<Option<i64>> = access_tokens::table
        .filter(access_tokens::id.gt(oldest.unwrap_or(-1)))
        .filter(access_tokens::client.eq(client))
        .filter(access_tokens::expires_at.gt(now).and(access_tokens::revoked_at.is_null()))
        .order(access_tokens::id.desc())
        .limit(most)
        .select(access_tokens::grant_id)
        .load(conn)?;
    let families: HashSet<i64> = found.iter().copied().flatten().collect();
    let alive = alive(conn, families.into_iter().collect())?;
    let access = found.iter().filter(|grant| grant.is_none_or(|grant| alive.contains(&grant))).count();
    let refresh = live_refresh_tokens(conn, client, now, most)?;
    let count = access + refresh.count;
    Ok(Counted { count: count.min(limit), more: oldest.is_some() || refresh.more || count > limit })
}

/// The same of refresh tokens. They name their family only, and families are far fewer than tokens: one for each time
/// somebody allowed something.
fn live_refresh_tokens(conn: &mut Conn, client: i64, now: NumericDate, most: i64) -> QueryResult<Counted> {
    let oldest = oldest_grant(conn)?;
    let families: Vec<i64> = grants::table
        .inner_join(authorizations::table.on(authorizations::id.eq(grants::authorization_id)))
        .inner_join(users::table.on(users::id.eq(grants::user_id)))
        .filter(users::status.eq("active").and(users::valid_from.le(grants::id)))
        .filter(grants::id.gt(oldest.unwrap_or(-1)).and(grants::client.eq(client)))
        .filter(grants::revoked_at.is_null().and(grants::expires_at.gt(now)))
        .order(grants::id.desc())
        .limit(most)
        .select(grants::id)
        .load(conn)?;
    let unused = unused_refresh_tokens(conn, &families, now)?;
    Ok(Counted { more: oldest.is_some() || unused.more, ..unused })
}

/// Access and refresh tokens of one authorization that work now, at most `limit`, seen as far as in [`live_tokens`].
pub fn live_tokens_of(conn: &mut Conn, authorization_id: i64, now: NumericDate, limit: usize) -> QueryResult<Counted> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let oldest = oldest_grant(conn)?;
    let families: Vec<i64> = grants::table
        .inner_join(users::table.on(users::id.eq(grants::user_id)))
        .filter(users::status.eq("active").and(users::valid_from.le(grants::id)))
        .filter(grants::id.gt(oldest.unwrap_or(-1)).and(grants::authorization_id.eq(authorization_id)))
        .filter(grants::revoked_at.is_null().and(grants::expires_at.gt(now)))
        .order(grants::id.desc())
        .limit(most)
        .select(grants::id)
        .load(conn)?;
    let refresh = unused_refresh_tokens(conn, &families, now)?;
    let oldest_token = oldest_access_token(conn)?;
    let mut count = refresh.count;
    for chunk in families.chunks(CHUNK) {
        let live: i64 = access_tokens::table
            .filter(access_tokens::id.gt(oldest_token.unwrap_or(-1)))
            .filter(access_tokens::grant_id.eq_any(chunk.iter().copied().map(Some).collect::<Vec<_>>()))
            .filter(access_tokens::expires_at.gt(now).and(access_tokens::revoked_at.is_null()))
            .count()
            .get_result(conn)?;
        count += usize::try_from(live).unwrap_or_default();
    }
    let more = oldest.is_some() || oldest_token.is_some() || refresh.more || count > limit;
    Ok(Counted { count: count.min(limit), more })
}

/// Refresh tokens of these families that nobody used yet.
fn unused_refresh_tokens(conn: &mut Conn, families: &[i64], now: NumericDate) -> QueryResult<Counted> {
    let oldest: Option<i64> = refresh_tokens::table
        .order(refresh_tokens::id.desc())
        .offset(LOOKED_AT)
        .select(refresh_tokens::id)
        .first(conn)
        .optional()?;
    let mut count = 0;
    for chunk in families.chunks(CHUNK) {
        let unused: i64 = refresh_tokens::table
            .filter(refresh_tokens::id.gt(oldest.unwrap_or(-1)))
            .filter(refresh_tokens::grant_id.eq_any(chunk.to_vec()))
            .filter(refresh_tokens::expires_at.gt(now).and(refresh_tokens::revoked_at.is_null()))
            .filter(refresh_tokens::first_used_at.is_null())
            .count()
            .get_result(conn)?;
        count += usize::try_from(unused).unwrap_or_default();
    }
    Ok(Counted { count, more: oldest.is_some() })
}

/// The newest grant that is not looked at; none where all are.
fn oldest_grant(conn: &mut Conn) -> QueryResult<Option<i64>> {
    grants::table.order(grants::id.desc()).offset(LOOKED_AT).select(grants::id).first(conn).optional()
}

/// The newest access token that is not looked at; none where all are.
fn oldest_access_token(conn: &mut Conn) -> QueryResult<Option<i64>> {
    access_tokens::table
        .order(access_tokens::id.desc())
        .offset(LOOKED_AT)
        .select(access_tokens::id)
        .first(conn)
        .optional()
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
