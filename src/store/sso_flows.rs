//! Table `sso_flows`: a browser on its way to an upstream and back; ten minutes, each step once, bound to browser, user, organization and provider row.

use diesel::prelude::*;

use super::Write;
use super::connection::Conn;
use super::schema::sso_flows;
use crate::protocol::NumericDate;

/// A flow.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = sso_flows, treat_none_as_default_value = false)]
pub struct SsoFlowRow {
    /// Row id, part of `state`.
    pub id: i64,
    /// Digest of `state`.
    pub digest: Vec<u8>,
    /// Digest of the cookie of the browser that began it.
    pub browser_digest: Vec<u8>,
    /// `sign_in`, `set_up` or `link`.
    pub flow: String,
    /// The organization.
    pub organization_id: i64,
    /// The provider row; none while it is being set up.
    pub provider_id: Option<i64>,
    /// Who began it, if somebody was signed in.
    pub user_id: Option<i64>,
    /// Their session.
    pub session_id: Option<i64>,
    /// 0 begun, 1 back from the upstream, 2 finished.
    pub step: i64,
    /// Nonce, PKCE verifier, draft settings, the identity that came back: JSON, sealed.
    pub sealed: Vec<u8>,
    /// The own path that waits.
    pub return_to: Option<String>,
    /// When it began.
    pub created_at: NumericDate,
    /// When it ends.
    pub expires_at: NumericDate,
    /// When it was finished.
    pub finished_at: Option<NumericDate>,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<SsoFlowRow>> {
    sso_flows::table.find(id).select(SsoFlowRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &SsoFlowRow) -> QueryResult<usize> {
    diesel::insert_into(sso_flows::table).values(row).execute(&mut **write)
}

/// The browser is back: 1 for the one callback that counts. From then on only the new token's `digest` names the flow.
pub fn take(write: &mut Write<'_>, id: i64, digest: &[u8], now: NumericDate) -> QueryResult<usize> {
    let waiting = sso_flows::step.eq(0).and(sso_flows::expires_at.gt(now));
    diesel::update(sso_flows::table.find(id).filter(waiting))
        .set((sso_flows::step.eq(1), sso_flows::digest.eq(digest)))
        .execute(&mut **write)
}

/// Keeps what the upstream said until the person has decided.
pub fn keep(write: &mut Write<'_>, id: i64, sealed: &[u8]) -> QueryResult<usize> {
    diesel::update(sso_flows::table.find(id).filter(sso_flows::step.eq(1)))
        .set(sso_flows::sealed.eq(sealed))
        .execute(&mut **write)
}

/// Finishes, and erases what it carried: 1 for the one that does, 0 for everybody else and when it is too late.
pub fn finish(write: &mut Write<'_>, id: i64, now: NumericDate) -> QueryResult<usize> {
    let waiting = sso_flows::step.eq(1).and(sso_flows::expires_at.gt(now));
    diesel::update(sso_flows::table.find(id).filter(waiting))
        .set((sso_flows::step.eq(2), sso_flows::finished_at.eq(now), sso_flows::sealed.eq(Vec::<u8>::new())))
        .execute(&mut **write)
}
