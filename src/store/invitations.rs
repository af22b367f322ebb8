//! Table `invitations`: people asked by mail to join; each link works once.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::invitations;
use super::types::TextArray;
use crate::protocol::NumericDate;

/// An invitation.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
pub struct InvitationRow {
    /// Row id, part of the link's token.
    pub id: i64,
    /// The organization.
    pub organization_id: i64,
    /// Where it was sent.
    pub email: String,
    /// The address folded, so that all spellings are one invitation.
    pub email_key: String,
    /// Role on acceptance.
    pub role: String,
    /// Slugs of the teams to join.
    pub teams: TextArray,
    /// Digest of the link's token.
    pub digest: Vec<u8>,
    /// The person who invited; none for the operator and for keys.
    pub invited_by: Option<i64>,
    /// When it was sent.
    pub created_at: NumericDate,
    /// When it ends.
    pub expires_at: NumericDate,
    /// When it was accepted.
    pub accepted_at: Option<NumericDate>,
    /// By whom.
    pub accepted_by: Option<i64>,
    /// When it was taken back.
    pub revoked_at: Option<NumericDate>,
    /// The organization's key that invited, if one did.
    pub invited_by_key: Option<i64>,
}

impl InvitationRow {
    /// Whether its link works at `now`.
    pub fn is_open(&self, now: NumericDate) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none() && now < self.expires_at
    }
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<InvitationRow>> {
    invitations::table.find(id).select(InvitationRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &InvitationRow) -> QueryResult<usize> {
    diesel::insert_into(invitations::table).values(row).execute(&mut **write)
}

/// Invitations nobody accepted or took back, newest first; some may have expired.
pub fn pending(conn: &mut Conn, organization_id: i64) -> QueryResult<Vec<InvitationRow>> {
    invitations::table
        .filter(invitations::organization_id.eq(organization_id))
        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
        .order(invitations::id.desc())
        .select(InvitationRow::as_select())
        .load(conn)
}

/// The one of them that was sent to this address.
pub fn pending_for(conn: &mut Conn, organization_id: i64, email_key: &str) -> QueryResult<Option<InvitationRow>> {
    invitations::table
        .filter(invitations::organization_id.eq(organization_id).and(invitations::email_key.eq(email_key)))
        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
        .select(InvitationRow::as_select())
        .first(conn)
        .optional()
}

/// Those of them that a key sent.
pub fn pending_by_key(conn: &mut Conn, organization_id: i64, key: i64) -> QueryResult<Vec<InvitationRow>> {
    invitations::table
        .filter(invitations::organization_id.eq(organization_id).and(invitations::invited_by_key.eq(key)))
        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
        .select(InvitationRow::as_select())
        .load(conn)
}

/// How many an organization sent with ids from `from` on.
pub fn count_from(conn: &mut Conn, organization_id: i64, from: i64) -> QueryResult<i64> {
    invitations::table
        .filter(invitations::id.ge(from).and(invitations::organization_id.eq(organization_id)))
        .count()
        .get_result(conn)
}

/// Uses it: 1 for the one acceptance, 0 for everybody else, and for everybody once it is over.
pub fn accept(write: &mut Write<'_>, id: i64, user_id: i64, now: NumericDate) -> QueryResult<usize> {
    diesel::update(
        invitations::table
            .find(id)
            .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
            .filter(invitations::expires_at.gt(now)),
    )
    .set((invitations::accepted_at.eq(now), invitations::accepted_by.eq(user_id)))
    .execute(&mut **write)
}

/// Takes it back; 0 when it was accepted or taken back before.
pub fn revoke(write: &mut Write<'_>, id: i64, now: NumericDate) -> QueryResult<usize> {
    diesel::update(
        invitations::table.find(id).filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null())),
    )
    .set(invitations::revoked_at.eq(now))
    .execute(&mut **write)
}

/// Deletes at most `limit` with ids below `below`.
pub fn delete_old(write: &mut Write<'_>, below: i64, limit: i64) -> QueryResult<usize> {
    let ids: Vec<i64> = invitations::table
        .filter(invitations::id.lt(below))
        .order(invitations::id)
        .limit(limit)
        .select(invitations::id)
        .load(&mut **write)?;
    match ids.is_empty() {
        true => Ok(0),
        false => diesel::delete(invitations::table.filter(invitations::id.eq_any(ids))).execute(&mut **write),
    }
}
