//! Table `clients`: applications registered here.

use diesel::prelude::*;

use super::connection::Conn;
use super::rows::CachedRow;
use super::schema::clients;
use super::types::{Json, TextArray};
use super::{Table, Write};
use crate::protocol::NumericDate;
use crate::protocol::registered_metadata::RegisteredMetadata;
use crate::protocol::scope::ScopeList;

/// An application (RFC 6749 section 2).
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = clients, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ClientRow {
    /// Row id.
    pub id: i64,
    /// Client identifier on the wire: random, made here.
    pub client_id: String,
    /// What pages call it.
    pub name: String,
    /// `confidential` or `public` (RFC 6749 section 2.1).
    pub kind: String,
    /// The one registered way to authenticate (RFC 7591 section 2).
    pub authentication_method: String,
    /// `active`, `inactive` or `pending_deletion`.
    pub status: String,
    /// When a pending deletion is carried out.
    pub delete_at: Option<NumericDate>,
    /// Who answers for it.
    pub owner_id: Option<i64>,
    /// Whether the operator vouches for it.
    pub verified: bool,
    /// Registered redirection endpoints, each kept to the byte.
    pub redirect_uris: TextArray,
    /// Grant types it may use.
    pub grant_types: TextArray,
    /// Response types it may ask for.
    pub response_types: TextArray,
    /// The most it can ever be given.
    pub scopes: ScopeList,
    /// Browser origins that may call with CORS.
    pub allowed_origins: TextArray,
    /// Its home page.
    pub homepage_url: Option<String>,
    /// Its privacy policy.
    pub privacy_url: Option<String>,
    /// Its terms of service.
    pub terms_url: Option<String>,
    /// Its logo.
    pub logo_url: Option<String>,
    /// PKCE on every code; off only for confidential clients.
    pub require_pkce: bool,
    /// Whether a front-channel access token may be given without asking again.
    pub silent_token: bool,
    /// Whether it may ask about tokens of its audiences (RFC 7662).
    pub may_introspect: bool,
    /// Whether each refresh makes a new refresh token; off only for confidential clients.
    pub rotate_refresh_tokens: bool,
    /// Seconds, where not the server's default.
    pub access_token_lifetime: Option<i64>,
    /// Seconds, where not the server's default.
    pub refresh_idle_lifetime: Option<i64>,
    /// Seconds, where not the server's default.
    pub refresh_absolute_lifetime: Option<i64>,
    /// Seconds, where not the server's default; 0 means none.
    pub refresh_grace: Option<i64>,
    /// The name of the file that declares it, for `grantor apply --prune`.
    pub managed_by: Option<String>,
    /// An id: tokens with smaller ids are void; 0 voids none.
    pub valid_from: i64,
    /// When it was registered.
    pub created_at: NumericDate,
    /// When it was last changed.
    pub updated_at: NumericDate,
    /// Each of its authorizations is bound to an organization the user chooses.
    pub organization_access: bool,
    /// What it registered beyond these columns.
    pub metadata: Json<RegisteredMetadata>,
}

impl ClientRow {
    /// Whether it may be used at all.
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// Whether it can keep a secret (RFC 6749 section 2.1).
    pub fn is_confidential(&self) -> bool {
        self.kind == "confidential"
    }
}

impl CachedRow for ClientRow {
    const TABLE: Table = Table::Client;
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<ClientRow>> {
        clients::table.find(id).select(ClientRow::as_select()).first(conn).optional()
    }
}

/// Row id of a client identifier. The pair never changes and is never used again.
pub fn id_of(conn: &mut Conn, client_id: &str) -> QueryResult<Option<i64>> {
    clients::table.filter(clients::client_id.eq(client_id)).select(clients::id).first(conn).optional()
}

/// Every client, by name.
pub fn list(conn: &mut Conn) -> QueryResult<Vec<ClientRow>> {
    clients::table.order((clients::name, clients::id)).select(ClientRow::as_select()).load(conn)
}

/// A person's clients by name, those after (name, client_id).
pub fn page_of_owner(conn: &mut Conn, owner: i64, after: (&str, &str), limit: i64) -> QueryResult<Vec<ClientRow>> {
    let (name, client_id) = after;
    let later = clients::name.gt(name).or(clients::name.eq(name).and(clients::client_id.gt(client_id)));
    clients::table
        .filter(clients::owner_id.eq(owner))
        .filter(later)
        .order((clients::name, clients::client_id))
        .limit(limit)
        .select(ClientRow::as_select())
        .load(conn)
}

/// How many clients a person has, those about to be deleted too.
pub fn count_of_owner(conn: &mut Conn, owner: i64) -> QueryResult<i64> {
    clients::table.filter(clients::owner_id.eq(owner)).count().get_result(conn)
}

/// Adds a client.
pub fn insert(write: &mut Write<'_>, row: &ClientRow) -> QueryResult<usize> {
    write.touch(Table::Client, row.id);
    diesel::insert_into(clients::table).values(row).execute(&mut **write)
}

/// Writes the whole row back.
pub fn update(write: &mut Write<'_>, row: &ClientRow) -> QueryResult<usize> {
    write.touch(Table::Client, row.id);
    diesel::update(clients::table.find(row.id)).set(row).execute(&mut **write)
}

/// Holds the row until the end of the transaction, so that what is read next is what is changed; whether it is there.
pub fn hold(write: &mut Write<'_>, id: i64) -> QueryResult<Option<ClientRow>> {
    diesel::update(clients::table.find(id)).set(clients::updated_at.eq(clients::updated_at)).execute(&mut **write)?;
    ClientRow::load(write, id)
}

/// Origins that any active client lists.
pub fn origins(conn: &mut Conn) -> QueryResult<Vec<TextArray>> {
    clients::table.filter(clients::status.eq("active")).select(clients::allowed_origins).load(conn)
}

/// Clients whose delayed deletion is due.
pub fn due_for_deletion(conn: &mut Conn, now: NumericDate) -> QueryResult<Vec<i64>> {
    clients::table
        .filter(clients::status.eq("pending_deletion").and(clients::delete_at.le(now)))
        .select(clients::id)
        .load(conn)
}

/// Deletes the row, if its deletion is still asked for and due: an abort in the meantime wins.
pub fn delete_due(write: &mut Write<'_>, id: i64, now: NumericDate) -> QueryResult<usize> {
    write.touch(Table::Client, id);
    diesel::delete(
        clients::table.find(id).filter(clients::status.eq("pending_deletion").and(clients::delete_at.le(now))),
    )
    .execute(&mut **write)
}

/// The longest grace window any client has of its own, in seconds; 0 when none has one.
pub fn longest_refresh_grace(conn: &mut Conn) -> QueryResult<i64> {
    let longest: Option<Option<i64>> = clients::table
        .filter(clients::refresh_grace.is_not_null())
        .order(clients::refresh_grace.desc())
        .select(clients::refresh_grace)
        .first(conn)
        .optional()?;
    Ok(longest.flatten().unwrap_or(0))
}
