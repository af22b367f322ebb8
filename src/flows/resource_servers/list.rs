//! Resource servers for people to look at.

use serde::Serialize;

use super::ResourceServerFailure;
use crate::app::App;
use crate::protocol::NumericDate;
use crate::store::clients::ClientRow;
use crate::store::resource_servers::{self, ResourceServerRow};
use crate::store::{CachedRow as _, StoreError};

/// One resource server.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceServerView {
    /// The value in `aud`.
    pub identifier: String,
    /// What people call it.
    pub name: String,
    /// Names of the scope sets it owns.
    pub scope_sets: Vec<String>,
    /// `client_id` of the client that introspects for it.
    pub client: Option<String>,
    /// File and key that declare it.
    pub managed_by: Option<String>,
    /// Access tokens for it are JWTs signed with this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_signed_response_alg: Option<String>,
    /// When it was registered.
    pub created_at: NumericDate,
}

/// Every resource server, by identifier.
///
/// # Errors
/// The store's.
pub async fn list(app: &App) -> Result<Vec<ResourceServerView>, StoreError> {
    app.store
        .read(|conn| {
            let mut views = Vec::new();
            for row in resource_servers::list(conn)? {
                let client = match row.client {
                    Some(id) => ClientRow::load(conn, id)?.map(|client| client.client_id),
                    None => None,
                };
                views.push(ResourceServerView {
                    identifier: row.identifier,
                    name: row.name,
                    scope_sets: row.scope_sets.0,
                    client,
                    managed_by: row.managed_by,
                    access_token_signed_response_alg: row.access_token_alg,
                    created_at: row.created_at,
                });
            }
            Ok(views)
        })
        .await
}

/// The row of one that must be there.
pub(super) async fn row(app: &App, identifier: &str) -> Result<ResourceServerRow, ResourceServerFailure> {
    let rows = app.store.read(resource_servers::list).await?;
    let found = rows.into_iter().find(|row| row.identifier == identifier);
    found.ok_or_else(|| ResourceServerFailure::Unknown(identifier.to_owned()))
}
