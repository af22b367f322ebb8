//! Table `identities`: a user's account at a provider, keyed by (provider, issuer, subject), never by e-mail (ASVS 6.8.1).

use diesel::prelude::*;

use super::connection::Conn;
use super::schema::{identities, organization_members, providers};
use super::{Table, Write};
use crate::protocol::NumericDate;

/// An identity.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = identities, treat_none_as_default_value = false)]
pub struct IdentityRow {
    /// Row id.
    pub id: i64,
    /// The provider.
    pub provider_id: i64,
    /// Who vouches: the `iss` of the ID token, or the provider's own name.
    pub issuer: String,
    /// The account there (`sub`).
    pub subject: String,
    /// The user here.
    pub user_id: i64,
    /// What the upstream said; shown, never decisive.
    pub email: Option<String>,
    /// Whether it said it had verified it.
    pub email_verified: bool,
    /// Display name there.
    pub name: Option<String>,
    /// Upstream tokens for the re-check, sealed.
    pub sealed_tokens: Option<Vec<u8>>,
    /// The provider can be asked again without the user.
    pub recheckable: bool,
    /// `valid` or `invalid`.
    pub status: String,
    /// Why it is invalid, for people.
    pub invalid_reason: Option<String>,
    /// When the upstream last vouched; bumped only on success.
    pub last_verified: NumericDate,
    /// When a re-check last began.
    pub last_synced: NumericDate,
    /// When the next one is due; none when it cannot be re-checked.
    pub next_check_at: Option<NumericDate>,
    /// Transient failures in a row.
    pub check_failures: i64,
    /// Until when a node has this re-check.
    pub claimed_until: Option<NumericDate>,
    /// When it was linked.
    pub created_at: NumericDate,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<IdentityRow>> {
    identities::table.find(id).select(IdentityRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &IdentityRow) -> QueryResult<usize> {
    touch_member(write, row.provider_id, row.user_id)?;
    diesel::insert_into(identities::table).values(row).execute(&mut **write)
}

/// The identity of a user at a provider.
pub fn find_of_user(conn: &mut Conn, provider_id: i64, user_id: i64) -> QueryResult<Option<IdentityRow>> {
    let of_the_pair = identities::provider_id.eq(provider_id).and(identities::user_id.eq(user_id));
    identities::table.filter(of_the_pair).select(IdentityRow::as_select()).first(conn).optional()
}

/// The identity that is this account at a provider.
pub fn find_of_subject(
    conn: &mut Conn,
    provider_id: i64,
    issuer: &str,
    subject: &str,
) -> QueryResult<Option<IdentityRow>> {
    identities::table
        .filter(identities::provider_id.eq(provider_id))
        .filter(identities::issuer.eq(issuer).and(identities::subject.eq(subject)))
        .select(IdentityRow::as_select())
        .first(conn)
        .optional()
}

/// Every change of an identity is a change of its membership's standing; call it in each function that writes here.
pub(super) fn touch_member(write: &mut Write<'_>, provider_id: i64, user_id: i64) -> QueryResult<()> {
    let member: Option<i64> = organization_members::table
        .inner_join(providers::table.on(providers::organization_id.eq(organization_members::organization_id)))
        .filter(providers::id.eq(provider_id).and(organization_members::user_id.eq(user_id)))
        .select(organization_members::id)
        .first(&mut **write)
        .optional()?;
    if let Some(member) = member {
        write.touch(Table::Member, member);
    }
    Ok(())
}
