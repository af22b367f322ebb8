//! Table `providers`: the one upstream identity provider of an organization.

use diesel::prelude::*;

use super::connection::Conn;
use super::schema::providers;
use super::{Table, Write};
use crate::protocol::NumericDate;

/// A provider. Replacing issuer, endpoints, subject path or client makes a new row.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = providers, treat_none_as_default_value = false)]
pub struct ProviderRow {
    /// Row id.
    pub id: i64,
    /// The organization.
    pub organization_id: i64,
    /// Registry key: `oidc`, `google`, `github`, `oauth2`, `dummy`.
    pub kind: String,
    /// JSON without secrets: issuer, endpoints, client_id, claim paths, rules.
    pub settings: String,
    /// The upstream client secret, sealed.
    pub sealed_secret: Option<Vec<u8>>,
    /// Members without an identity get in.
    pub allow_unlinked: bool,
    /// Who becomes a member by its word: `everyone`, or `invited` people only.
    pub joining: String,
    /// `active` or `disabled`.
    pub status: String,
    /// When it was set up.
    pub created_at: NumericDate,
    /// When it was last changed.
    pub updated_at: NumericDate,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<ProviderRow>> {
    providers::table.find(id).select(ProviderRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &ProviderRow) -> QueryResult<usize> {
    write.touch_table(Table::Member);
    diesel::insert_into(providers::table).values(row).execute(&mut **write)
}

/// The provider of an organization, if it has one.
pub fn find_of_organization(conn: &mut Conn, organization_id: i64) -> QueryResult<Option<ProviderRow>> {
    providers::table
        .filter(providers::organization_id.eq(organization_id))
        .select(ProviderRow::as_select())
        .first(conn)
        .optional()
}

/// Holds the row until the end of the transaction; 0 when the provider is disabled or gone (C45).
pub fn hold_active(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    diesel::update(providers::table.find(id).filter(providers::status.eq("active")))
        .set(providers::updated_at.eq(providers::updated_at))
        .execute(&mut **write)
}

/// Changes what may be changed without making it another provider: mapping, rules, secret, policy.
pub fn update(write: &mut Write<'_>, row: &ProviderRow) -> QueryResult<usize> {
    write.touch_table(Table::Member);
    diesel::update(providers::table.find(row.id))
        .set((
            providers::settings.eq(&row.settings),
            providers::sealed_secret.eq(&row.sealed_secret),
            providers::allow_unlinked.eq(row.allow_unlinked),
            providers::joining.eq(&row.joining),
            providers::updated_at.eq(row.updated_at),
        ))
        .execute(&mut **write)
}

/// Removes the row; its identities have to be gone before.
pub fn delete(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    write.touch_table(Table::Member);
    diesel::delete(providers::table.find(id)).execute(&mut **write)
}
