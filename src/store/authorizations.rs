//! Table `authorizations`: what a user lets a client have. Scopes only grow here; revoking deletes the row.

use diesel::prelude::*;

use super::clients::ClientRow;
use super::connection::Conn;
use super::organization_members::{containing, lower};
use super::rows::CachedRow;
use super::schema::{authorizations, clients};
use super::{Table, Write};
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;

/// One row per user and client, and organization where bound to one.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = authorizations, treat_none_as_default_value = false)]
pub struct AuthorizationRow {
    /// Row id.
    pub id: i64,
    /// Who allowed it.
    pub user_id: i64,
    /// The client's row.
    pub client: i64,
    /// The organization it is bound to.
    pub organization_id: Option<i64>,
    /// The union of everything consented to.
    pub scopes: ScopeList,
    /// When consent was first given.
    pub created_at: NumericDate,
    /// When it last grew.
    pub updated_at: NumericDate,
    /// When one of its grants was last used, to the minute.
    pub last_used_at: Option<NumericDate>,
    /// The membership it lives by, when it is bound to an organization.
    pub member_id: Option<i64>,
}

impl CachedRow for AuthorizationRow {
    const TABLE: Table = Table::Authorization;
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<AuthorizationRow>> {
        authorizations::table.find(id).select(AuthorizationRow::as_select()).first(conn).optional()
    }
}

/// The authorization of this user for this client, organization included.
pub fn find(
    conn: &mut Conn,
    user_id: i64,
    client: i64,
    organization_id: Option<i64>,
) -> QueryResult<Option<AuthorizationRow>> {
    let of_the_pair = authorizations::table
        .filter(authorizations::user_id.eq(user_id).and(authorizations::client.eq(client)))
        .select(AuthorizationRow::as_select());
    // Spelled out, because each branch has a partial unique index of its own.
    match organization_id {
        None => of_the_pair.filter(authorizations::organization_id.is_null()).first(conn).optional(),
        Some(id) => of_the_pair.filter(authorizations::organization_id.eq(id)).first(conn).optional(),
    }
}

/// Merges `scopes` into the one row, or makes it; the row as it is afterwards.
///
/// The row is first updated without change, which holds it until the end of the transaction: two approvals at
/// once cannot both read the old list. Two first approvals meet at the unique index, the loser merges.
pub fn merge(write: &mut Write<'_>, new: &AuthorizationRow) -> QueryResult<AuthorizationRow> {
    if let Some(row) = grow(write, new)? {
        return Ok(row);
    }
    let inserted = write.unless_taken(|write| {
        write.touch(Table::Authorization, new.id);
        diesel::insert_into(authorizations::table).values(new).execute(&mut **write)
    })?;
    match inserted {
        Some(_) => Ok(new.clone()),
        None => grow(write, new)?.ok_or(diesel::result::Error::NotFound),
    }
}

fn grow(write: &mut Write<'_>, new: &AuthorizationRow) -> QueryResult<Option<AuthorizationRow>> {
    let Some(found) = find(write, new.user_id, new.client, new.organization_id)? else { return Ok(None) };
    write.touch(Table::Authorization, found.id);
    let held = diesel::update(authorizations::table.find(found.id))
        .set(authorizations::updated_at.eq(new.updated_at))
        .execute(&mut **write)?;
    if held == 0 {
        return Ok(None);
    }
    let Some(mut row) = AuthorizationRow::load(write, found.id)? else { return Ok(None) };
    row.scopes = row.scopes.union(&new.scopes);
    diesel::update(authorizations::table.find(row.id))
        .set(authorizations::scopes.eq(&row.scopes))
        .execute(&mut **write)?;
    Ok(Some(row))
}

/// What a user lets clients do, by the clients' names, those after (name, client_id, row id), whose client's name holds what
/// is searched for; `folded` as small letters, `typed` as it stands.
pub fn page_of_user(
    conn: &mut Conn,
    user_id: i64,
    after: (&str, &str, i64),
    (folded, typed): (&str, &str),
    limit: i64,
) -> QueryResult<Vec<(AuthorizationRow, ClientRow)>> {
    let (name, client_id, id) = after;
    let same_client = clients::name.eq(name).and(clients::client_id.eq(client_id));
    let later = clients::name
        .gt(name)
        .or(clients::name.eq(name).and(clients::client_id.gt(client_id)))
        .or(same_client.and(authorizations::id.gt(id)));
    let named = lower(clients::name)
        .like(containing(folded))
        .escape('\\')
        .or(clients::name.like(containing(typed)).escape('\\'));
    authorizations::table
        .inner_join(clients::table.on(clients::id.eq(authorizations::client)))
        .filter(authorizations::user_id.eq(user_id))
        .filter(later)
        .filter(named)
        .order((clients::name, clients::client_id, authorizations::id))
        .limit(limit)
        .select((AuthorizationRow::as_select(), ClientRow::as_select()))
        .load(conn)
}

/// Revokes: with the row, all its grants and tokens are dead.
pub fn delete(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    write.touch(Table::Authorization, id);
    diesel::delete(authorizations::table.find(id)).execute(&mut **write)
}

/// Revokes at most `limit` of what users let this client have; the count of those revoked.
pub fn delete_some_of_client(write: &mut Write<'_>, client: i64, limit: i64) -> QueryResult<usize> {
    let ids: Vec<i64> = authorizations::table
        .filter(authorizations::client.eq(client))
        .select(authorizations::id)
        .limit(limit)
        .load(&mut **write)?;
    delete_each(write, ids)
}

/// How many users let this client have something; counts to `limit` only.
pub fn count_of_client(conn: &mut Conn, client: i64, limit: i64) -> QueryResult<usize> {
    let ids: Vec<i64> = authorizations::table
        .filter(authorizations::client.eq(client))
        .select(authorizations::id)
        .limit(limit)
        .load(conn)?;
    Ok(ids.len())
}

/// How many clients this user lets have something; counts to `limit` only.
pub fn count_of_user(conn: &mut Conn, user_id: i64, limit: i64) -> QueryResult<usize> {
    let ids: Vec<i64> = authorizations::table
        .filter(authorizations::user_id.eq(user_id))
        .select(authorizations::id)
        .limit(limit)
        .load(conn)?;
    Ok(ids.len())
}

/// Revokes everything this user lets clients have; the count of those revoked.
pub fn delete_of_user(write: &mut Write<'_>, user_id: i64) -> QueryResult<usize> {
    let ids: Vec<i64> = authorizations::table
        .filter(authorizations::user_id.eq(user_id))
        .select(authorizations::id)
        .load(&mut **write)?;
    delete_each(write, ids)
}

/// Revokes everything a member let clients have in their organization; the count of those revoked.
pub fn delete_of_member(write: &mut Write<'_>, member_id: i64) -> QueryResult<usize> {
    let ids: Vec<i64> = authorizations::table
        .filter(authorizations::member_id.eq(member_id))
        .select(authorizations::id)
        .load(&mut **write)?;
    delete_each(write, ids)
}

fn delete_each(write: &mut Write<'_>, ids: Vec<i64>) -> QueryResult<usize> {
    for id in &ids {
        write.touch(Table::Authorization, *id);
    }
    diesel::delete(authorizations::table.filter(authorizations::id.eq_any(ids))).execute(&mut **write)
}

/// Notes a use; never moves back.
pub fn used(write: &mut Write<'_>, id: i64, at: NumericDate) -> QueryResult<usize> {
    write.touch(Table::Authorization, id);
    let earlier = authorizations::last_used_at.is_null().or(authorizations::last_used_at.lt(at));
    diesel::update(authorizations::table.find(id).filter(earlier))
        .set(authorizations::last_used_at.eq(at))
        .execute(&mut **write)
}
