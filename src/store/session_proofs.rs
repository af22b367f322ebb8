//! Table `session_proofs`: at which organizations' providers a session has proven its person.

use diesel::prelude::*;

use super::connection::Conn;
use super::rows::CachedRow;
use super::schema::{session_proofs, sessions};
use super::{Table, Write};
use crate::protocol::NumericDate;

/// A proof.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = session_proofs, treat_none_as_default_value = false)]
pub struct SessionProofRow {
    /// Row id.
    pub id: i64,
    /// The session.
    pub session_id: i64,
    /// The organization.
    pub organization_id: i64,
    /// The provider row that vouched; another one's proof is void.
    pub provider_id: i64,
    /// The identity.
    pub identity_id: i64,
    /// When.
    pub proven_at: NumericDate,
    /// When it ends.
    pub expires_at: NumericDate,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<SessionProofRow>> {
    session_proofs::table.find(id).select(SessionProofRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &SessionProofRow) -> QueryResult<usize> {
    write.touch(Table::SessionProofs, row.session_id);
    diesel::insert_into(session_proofs::table).values(row).execute(&mut **write)
}

/// Adds a row in place of the session's earlier proof for the same organization.
pub fn renew(write: &mut Write<'_>, row: &SessionProofRow) -> QueryResult<usize> {
    let earlier =
        session_proofs::session_id.eq(row.session_id).and(session_proofs::organization_id.eq(row.organization_id));
    diesel::delete(session_proofs::table.filter(earlier)).execute(&mut **write)?;
    insert(write, row)
}

/// The identity is gone, or another's: whatever it proved is void. The count of proofs.
pub fn delete_of_identity(write: &mut Write<'_>, identity_id: i64) -> QueryResult<usize> {
    write.touch_table(Table::SessionProofs);
    diesel::delete(session_proofs::table.filter(session_proofs::identity_id.eq(identity_id))).execute(&mut **write)
}

/// The provider is gone: whatever it proved is void. The count of proofs.
pub fn delete_of_provider(write: &mut Write<'_>, provider_id: i64) -> QueryResult<usize> {
    write.touch_table(Table::SessionProofs);
    diesel::delete(session_proofs::table.filter(session_proofs::provider_id.eq(provider_id))).execute(&mut **write)
}

/// The person is no member any more: what was proven for the organization opens nothing. The count of proofs.
pub fn delete_of_member(write: &mut Write<'_>, organization_id: i64, user_id: i64) -> QueryResult<usize> {
    write.touch_table(Table::SessionProofs);
    let theirs = sessions::table.filter(sessions::user_id.eq(user_id)).select(sessions::id);
    let of_the_member =
        session_proofs::organization_id.eq(organization_id).and(session_proofs::session_id.eq_any(theirs));
    diesel::delete(session_proofs::table.filter(of_the_member)).execute(&mut **write)
}

/// All proofs of one session; an empty list is an answer too, so that the cache may hold it.
#[derive(Clone, Default)]
pub struct Proofs(pub Vec<SessionProofRow>);

impl CachedRow for Proofs {
    const TABLE: Table = Table::SessionProofs;
    fn load(conn: &mut Conn, session_id: i64) -> QueryResult<Option<Proofs>> {
        let of_the_session = session_proofs::table.filter(session_proofs::session_id.eq(session_id));
        of_the_session.select(SessionProofRow::as_select()).load(conn).map(|rows| Some(Proofs(rows)))
    }
}
