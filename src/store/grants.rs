//! Table `grants`: one issued authorization each, the code's row and the root of its token family.

use diesel::prelude::*;

use super::connection::Conn;
use super::rows::CachedRow;
use super::schema::grants;
use super::types::{Json, TextArray};
use super::{Table, Write, prepared_update};
use crate::protocol::NumericDate;
use crate::protocol::openid_grant::OpenIdGrant;
use crate::protocol::scope::ScopeList;

/// The authorization code (RFC 6749 section 4.1.2) and what hangs on it: revoke the row and the family falls.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = grants, treat_none_as_default_value = false)]
pub struct GrantRow {
    /// Row id, part of the code's text.
    pub id: i64,
    /// The authorization it was issued under; deleting that kills it.
    pub authorization_id: i64,
    /// Who allowed it.
    pub user_id: i64,
    /// The client's row.
    pub client: i64,
    /// The organization it is bound to.
    pub organization_id: Option<i64>,
    /// The session it ends with, or the first of those that one goes on from; none where it outlives it.
    pub session_id: Option<i64>,
    /// The scopes of this request, never the later union.
    pub scopes: ScopeList,
    /// When the user had proven who they are.
    pub authenticated_at: NumericDate,
    /// Digest of the code; none for the implicit flow.
    pub code_digest: Option<Vec<u8>>,
    /// When the code expires.
    pub code_expires_at: Option<NumericDate>,
    /// The redirection endpoint used.
    pub redirect_uri: Option<String>,
    /// Whether the request named it, and the redemption must name it too.
    pub redirect_uri_sent: bool,
    /// PKCE S256 challenge (RFC 7636 section 4.2).
    pub code_challenge: Option<String>,
    /// When the code was redeemed.
    pub redeemed_at: Option<NumericDate>,
    /// The access token of that redemption, to recognise it after a lost commit.
    pub redeemed_by: Option<i64>,
    /// When the family was revoked.
    pub revoked_at: Option<NumericDate>,
    /// Why: `code_replayed`, `refresh_token_reused`, `revoked_by_client` ..
    pub revocation_reason: Option<String>,
    /// When the family ends, used or not.
    pub expires_at: NumericDate,
    /// When it was made.
    pub created_at: NumericDate,
    /// What its ID tokens say; none without the scope `openid`.
    pub openid: Option<Json<OpenIdGrant>>,
    /// The resources its request named (RFC 8707); empty for all owners of the scopes.
    pub resources: TextArray,
}

impl CachedRow for GrantRow {
    const TABLE: Table = Table::Grant;
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<GrantRow>> {
        grants::table.find(id).select(GrantRow::as_select()).first(conn).optional()
    }
}

/// Adds a grant.
pub fn insert(write: &mut Write<'_>, row: &GrantRow) -> QueryResult<usize> {
    write.touch(Table::Grant, row.id);
    diesel::insert_into(grants::table).values(row).execute(&mut **write)
}

/// The newest grant's id; 0 when there is none.
pub fn newest(conn: &mut Conn) -> QueryResult<i64> {
    let newest: Option<i64> = grants::table.order(grants::id.desc()).select(grants::id).first(conn).optional()?;
    Ok(newest.unwrap_or(0))
}

/// Redeems the code: 1 for the one winner, 0 for everybody else (RFC 6749 section 4.1.2).
pub fn redeem(write: &mut Write<'_>, id: i64, redeemed_by: i64, now: NumericDate) -> QueryResult<usize> {
    write.touch(Table::Grant, id);
    let unredeemed =
        grants::redeemed_at.is_null().and(grants::revoked_at.is_null()).and(grants::code_expires_at.gt(now));
    prepared_update(
        grants::table,
        (grants::redeemed_at.eq(now), grants::redeemed_by.eq(redeemed_by)),
        grants::id.eq(id).and(unredeemed.assume_not_null()),
    )
    .execute(write.conn())
}

/// Revokes the family: 1 for the first, 0 when it was revoked before.
pub fn revoke(write: &mut Write<'_>, id: i64, reason: &str, now: NumericDate) -> QueryResult<usize> {
    write.touch(Table::Grant, id);
    diesel::update(grants::table.find(id).filter(grants::revoked_at.is_null()))
        .set((grants::revoked_at.eq(now), grants::revocation_reason.eq(reason)))
        .execute(&mut **write)
}

/// Row ids of the grants that end with a session and have not ended.
pub fn living_of_session(conn: &mut Conn, session_id: i64, now: NumericDate) -> QueryResult<Vec<i64>> {
    grants::table
        .filter(grants::session_id.eq(session_id).and(grants::revoked_at.is_null()))
        .filter(grants::expires_at.gt(now))
        .order(grants::id)
        .select(grants::id)
        .load(conn)
}

/// Holds the row until the end of the transaction; 0 when the family is revoked.
pub fn hold(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    prepared_update(
        grants::table,
        grants::redirect_uri_sent.eq(grants::redirect_uri_sent),
        grants::id.eq(id).and(grants::revoked_at.is_null()),
    )
    .execute(write.conn())
}
