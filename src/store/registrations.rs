//! Tables `initial_access_tokens` and `client_registrations`: who may register clients, and the clients that did
//! (RFC 7591, RFC 7592).

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::{authorizations, client_registrations, clients, initial_access_tokens};
use crate::protocol::NumericDate;

/// What lets somebody register clients.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = initial_access_tokens, treat_none_as_default_value = false)]
pub struct InitialAccessTokenRow {
    /// Row id, part of the token's text.
    pub id: i64,
    /// Digest of the whole text.
    pub digest: Vec<u8>,
    /// The last four characters.
    pub last_four: String,
    /// What people call it.
    pub name: String,
    /// The organization it belongs to, and its clients with it.
    pub organization_id: Option<i64>,
    /// Who made it; nobody for the operator's.
    pub created_by: Option<i64>,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it stops working.
    pub expires_at: Option<NumericDate>,
    /// Clients it may still register; any number where absent.
    pub uses_left: Option<i64>,
}

/// A client that registered itself.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = client_registrations, primary_key(client), treat_none_as_default_value = false)]
pub struct ClientRegistrationRow {
    /// The client's row, whose id is part of the token's text.
    pub client: i64,
    /// Digest of the registration access token.
    pub digest: Vec<u8>,
    /// Its last four characters.
    pub last_four: String,
    /// When it registered.
    pub registered_at: NumericDate,
    /// With which initial access token.
    pub initial_token: Option<i64>,
    /// The organization that let it in.
    pub organization_id: Option<i64>,
}

/// One initial access token.
pub fn token(conn: &mut Conn, id: i64) -> QueryResult<Option<InitialAccessTokenRow>> {
    initial_access_tokens::table.find(id).select(InitialAccessTokenRow::as_select()).first(conn).optional()
}

/// Initial access tokens older than `below`, whoever they belong to, newest first.
pub fn page(conn: &mut Conn, below: i64, limit: i64) -> QueryResult<Vec<InitialAccessTokenRow>> {
    initial_access_tokens::table
        .filter(initial_access_tokens::id.lt(below))
        .order(initial_access_tokens::id.desc())
        .limit(limit)
        .select(InitialAccessTokenRow::as_select())
        .load(conn)
}

/// The same of one organization.
pub fn page_of(conn: &mut Conn, organization: i64, below: i64, limit: i64) -> QueryResult<Vec<InitialAccessTokenRow>> {
    initial_access_tokens::table
        .filter(initial_access_tokens::organization_id.eq(organization).and(initial_access_tokens::id.lt(below)))
        .order(initial_access_tokens::id.desc())
        .limit(limit)
        .select(InitialAccessTokenRow::as_select())
        .load(conn)
}

/// How many of an organization's could register something now.
pub fn living(conn: &mut Conn, organization: i64, now: NumericDate) -> QueryResult<i64> {
    let in_time = initial_access_tokens::expires_at.is_null().or(initial_access_tokens::expires_at.gt(now));
    let left = initial_access_tokens::uses_left.is_null().or(initial_access_tokens::uses_left.gt(0));
    initial_access_tokens::table
        .filter(initial_access_tokens::organization_id.eq(organization))
        .filter(in_time)
        .filter(left)
        .count()
        .get_result(conn)
}

/// Adds an initial access token.
pub fn insert_token(write: &mut Write<'_>, row: &InitialAccessTokenRow) -> QueryResult<usize> {
    diesel::insert_into(initial_access_tokens::table).values(row).execute(&mut **write)
}

/// Deletes an initial access token; clients it registered stay.
pub fn delete_token(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    diesel::delete(initial_access_tokens::table.find(id)).execute(&mut **write)
}

/// Deletes what an organization handed out: clients registered with it stay.
pub fn delete_of_organization(write: &mut Write<'_>, organization: i64) -> QueryResult<usize> {
    let own = initial_access_tokens::organization_id.eq(organization);
    diesel::delete(initial_access_tokens::table.filter(own)).execute(&mut **write)
}

/// Uses the token once: 1 if it still had a use and time for it.
pub fn use_token(write: &mut Write<'_>, id: i64, now: NumericDate) -> QueryResult<usize> {
    let in_time = initial_access_tokens::expires_at.is_null().or(initial_access_tokens::expires_at.gt(now));
    let left = initial_access_tokens::uses_left.is_null().or(initial_access_tokens::uses_left.gt(0));
    // NULL minus one is NULL: any number stays any number.
    diesel::update(initial_access_tokens::table.find(id).filter(in_time).filter(left))
        .set(initial_access_tokens::uses_left.eq(initial_access_tokens::uses_left - 1))
        .execute(&mut **write)
}

/// How a client registered, if it did so itself.
pub fn of_client(conn: &mut Conn, client: i64) -> QueryResult<Option<ClientRegistrationRow>> {
    client_registrations::table.find(client).select(ClientRegistrationRow::as_select()).first(conn).optional()
}

/// For every client there is that registered with one of these tokens: which one.
pub fn made_by(conn: &mut Conn, tokens: &[i64]) -> QueryResult<Vec<Option<i64>>> {
    let tokens: Vec<Option<i64>> = tokens.iter().copied().map(Some).collect();
    client_registrations::table
        .filter(client_registrations::initial_token.eq_any(tokens))
        .select(client_registrations::initial_token)
        .load(conn)
}

/// Clients that registered for an organization, newest first.
pub fn of_organization(conn: &mut Conn, organization: i64, limit: i64) -> QueryResult<Vec<ClientRegistrationRow>> {
    client_registrations::table
        .filter(client_registrations::organization_id.eq(organization))
        .order(client_registrations::client.desc())
        .limit(limit)
        .select(ClientRegistrationRow::as_select())
        .load(conn)
}

/// How many clients registered themselves without a token.
pub fn count_without_token(conn: &mut Conn) -> QueryResult<i64> {
    client_registrations::table.filter(client_registrations::initial_token.is_null()).count().get_result(conn)
}

/// Clients that registered themselves without a token before `before`, that nobody answers for and nobody allows anything:
/// at most `limit` of those after the row `after`, in order.
pub fn unused(conn: &mut Conn, before: NumericDate, after: i64, limit: i64) -> QueryResult<Vec<i64>> {
    let old = client_registrations::initial_token.is_null().and(client_registrations::registered_at.lt(before));
    let nobodys = clients::owner_id.is_null().and(clients::verified.eq(false)).and(clients::status.eq("active"));
    let allowed = authorizations::table.filter(authorizations::client.eq(client_registrations::client));
    client_registrations::table
        .inner_join(clients::table.on(clients::id.eq(client_registrations::client)))
        .filter(old.and(client_registrations::client.gt(after)))
        .filter(nobodys)
        .filter(not(exists(allowed)))
        .order(client_registrations::client)
        .limit(limit)
        .select(client_registrations::client)
        .load(conn)
}

/// Adds one.
pub fn insert(write: &mut Write<'_>, row: &ClientRegistrationRow) -> QueryResult<usize> {
    diesel::insert_into(client_registrations::table).values(row).execute(&mut **write)
}

/// Puts a new registration access token in the place of the one that was presented: 1 unless another change came first.
pub fn rotate(write: &mut Write<'_>, client: i64, presented: &[u8], new: &[u8], last_four: &str) -> QueryResult<usize> {
    let still = client_registrations::digest.eq(presented);
    diesel::update(client_registrations::table.find(client).filter(still))
        .set((client_registrations::digest.eq(new), client_registrations::last_four.eq(last_four)))
        .execute(&mut **write)
}

/// Forgets how a client registered: its token dies with it.
pub fn delete_of_client(write: &mut Write<'_>, client: i64) -> QueryResult<usize> {
    diesel::delete(client_registrations::table.find(client)).execute(&mut **write)
}
