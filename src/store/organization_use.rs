//! Applications in use in an organization: those that members let do something there, and those it has a word on; counted by
//! the database, because a large organization has more authorizations than anybody may load.

use diesel::dsl::{exists, max};
use diesel::prelude::*;

use super::clients::ClientRow;
use super::connection::Conn;
use super::organization_members::{containing, lower};
use super::schema::{authorizations, clients, organization_clients, users};
use super::{Write, authorizations as rows};
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;

/// Different lists of scopes put together; a client that has more than this many is shown with fewer scopes.
const SCOPE_LISTS: i64 = 1000;

/// What members let one application do.
#[derive(Clone, Debug)]
pub struct InUse {
    /// How many members.
    pub members: usize,
    /// All that they allowed together.
    pub scopes: ScopeList,
    /// When anybody last used it.
    pub last_used_at: Option<NumericDate>,
}

/// Applications by name, those after (name, client_id), whose name holds what is searched for; `folded` as small letters,
/// `typed` as it stands.
pub fn page_by_name(
    conn: &mut Conn,
    organization_id: i64,
    after: (&str, &str),
    (folded, typed): (&str, &str),
    limit: i64,
) -> QueryResult<Vec<ClientRow>> {
    let (name, client_id) = after;
    let later = clients::name.gt(name).or(clients::name.eq(name).and(clients::client_id.gt(client_id)));
    let named = lower(clients::name)
        .like(containing(folded))
        .escape('\\')
        .or(clients::name.like(containing(typed)).escape('\\'));
    let allowed = authorizations::table
        .filter(authorizations::organization_id.eq(organization_id).and(authorizations::client.eq(clients::id)));
    let said = organization_clients::table.filter(
        organization_clients::organization_id.eq(organization_id).and(organization_clients::client.eq(clients::id)),
    );
    clients::table
        .filter(exists(allowed).or(exists(said)))
        .filter(later)
        .filter(named)
        .order((clients::name, clients::client_id))
        .limit(limit)
        .select(ClientRow::as_select())
        .load(conn)
}

/// The same by client identifier, those after `after`.
pub fn page_by_client_id(
    conn: &mut Conn,
    organization_id: i64,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<ClientRow>> {
    let allowed = authorizations::table
        .filter(authorizations::organization_id.eq(organization_id).and(authorizations::client.eq(clients::id)));
    let said = organization_clients::table.filter(
        organization_clients::organization_id.eq(organization_id).and(organization_clients::client.eq(clients::id)),
    );
    clients::table
        .filter(exists(allowed).or(exists(said)))
        .filter(clients::client_id.gt(after))
        .order(clients::client_id)
        .limit(limit)
        .select(ClientRow::as_select())
        .load(conn)
}

/// What members let one application do there.
pub fn of(conn: &mut Conn, organization_id: i64, client: i64) -> QueryResult<InUse> {
    let of_the_pair = authorizations::organization_id.eq(organization_id).and(authorizations::client.eq(client));
    let members: i64 = authorizations::table.filter(of_the_pair).count().get_result(conn)?;
    let of_the_pair = authorizations::organization_id.eq(organization_id).and(authorizations::client.eq(client));
    let last_used_at: Option<NumericDate> =
        authorizations::table.filter(of_the_pair).select(max(authorizations::last_used_at)).get_result(conn)?;
    let of_the_pair = authorizations::organization_id.eq(organization_id).and(authorizations::client.eq(client));
    let lists: Vec<ScopeList> = authorizations::table
        .filter(of_the_pair)
        .select(authorizations::scopes)
        .distinct()
        .limit(SCOPE_LISTS)
        .load(conn)?;
    let scopes = lists.iter().fold(ScopeList::empty(), |all, some| all.union(some));
    Ok(InUse { members: usize::try_from(members).unwrap_or_default(), scopes, last_used_at })
}

/// How much members let applications do there, by member and application.
pub fn count(conn: &mut Conn, organization_id: i64) -> QueryResult<i64> {
    authorizations::table.filter(authorizations::organization_id.eq(organization_id)).count().get_result(conn)
}

/// Whose authorization it was.
#[derive(Clone, Debug)]
pub struct Whose {
    /// Row id of the person.
    pub user_id: i64,
    /// Their user name.
    pub login: String,
}

/// Revokes at most `limit` of what members let this application do there; whose that was, and whether that was all there
/// is. What its person revokes at the same moment is found and not revoked: it tells nothing of the rest.
pub fn revoke_some(
    write: &mut Write<'_>,
    organization_id: i64,
    client: i64,
    limit: i64,
) -> QueryResult<(Vec<Whose>, bool)> {
    let of_the_pair = authorizations::organization_id.eq(organization_id).and(authorizations::client.eq(client));
    let found: Vec<(i64, i64, String)> = authorizations::table
        .inner_join(users::table.on(users::id.eq(authorizations::user_id)))
        .filter(of_the_pair)
        .order(authorizations::id)
        .limit(limit)
        .select((authorizations::id, users::id, users::login))
        .load(&mut **write)?;
    let last = i64::try_from(found.len()).is_ok_and(|found| found < limit);
    let mut revoked = Vec::new();
    for (id, user_id, login) in found {
        if rows::delete(write, id)? == 1 {
            revoked.push(Whose { user_id, login });
        }
    }
    Ok((revoked, last))
}
