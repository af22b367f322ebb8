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
    /// The person who invited; none for the operator.
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
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<InvitationRow>> {
    invitations::table.find(id).select(InvitationRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &InvitationRow) -> QueryResult<usize> {
    diesel::insert_into(invitations::table).values(row).execute(&mut **write)
}
