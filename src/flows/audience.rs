//! Whom a token is for: the resource servers that own its scopes.

use std::sync::Arc;

use crate::app::App;
use crate::protocol::catalogue::Catalogue;
use crate::protocol::scope::ScopeList;
use crate::store::StoreError;
use crate::store::resource_servers::{ResourceServerRow, ResourceServers};

/// All resource servers.
pub async fn resource_servers(app: &App) -> Result<Option<Arc<ResourceServers>>, StoreError> {
    app.store.view(|rows| rows.get::<ResourceServers>(ResourceServers::ALL)).await
}

/// Identifiers of the owners of `scopes`, for `aud`.
pub async fn owners(app: &App, scopes: &ScopeList) -> Result<Vec<String>, StoreError> {
    let Some(servers) = resource_servers(app).await? else { return Ok(Vec::new()) };
    let owns = |server: &&ResourceServerRow| scopes.iter().any(|scope| owns(&app.catalogue, server, scope));
    Ok(servers.0.iter().filter(owns).map(|server| server.identifier.clone()).collect())
}

/// Whether the scope's set is one of the resource server's.
pub fn owns(catalogue: &Catalogue, server: &ResourceServerRow, scope: &str) -> bool {
    catalogue.set_of(scope).is_some_and(|set| server.scope_sets.0.contains(&set.name))
}
