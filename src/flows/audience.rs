//! Whom a token is for: the resource servers that own its scopes, or those of them that were asked for (RFC 8707).

use std::sync::Arc;

use crate::app::App;
use crate::protocol::catalogue::Catalogue;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::scope::ScopeList;
use crate::protocol::signing_algorithm::SigningAlgorithm;
use crate::store::StoreError;
use crate::store::clients::ClientRow;
use crate::store::resource_servers::{ResourceServerRow, ResourceServers};

const SPEC: &str = "RFC 8707 section 2";

/// What one access token is for.
#[derive(Clone)]
pub struct Target {
    /// `aud`.
    pub audience: Vec<String>,
    /// What it may do there.
    pub scopes: ScopeList,
    /// What it is signed with as a JWT; opaque without it. Who reads the token decides before who asked for it.
    pub format: Option<SigningAlgorithm>,
}

/// All resource servers.
pub async fn resource_servers(app: &App) -> Result<Option<Arc<ResourceServers>>, StoreError> {
    app.store.view(|rows| rows.get::<ResourceServers>(ResourceServers::ALL)).await
}

/// Identifiers of the owners of `scopes`, for `aud`.
pub async fn owners(app: &App, scopes: &ScopeList) -> Result<Vec<String>, StoreError> {
    let servers = resource_servers(app).await?;
    Ok(owning(app, servers.as_deref(), scopes).map(|server| server.identifier.clone()).collect())
}

/// The target of an access token of this client: all owners of the scopes; or the resources its request named, those
/// `asked` for now before those `granted` when the person was asked. Naming a resource only ever takes away: from the
/// audience whoever was not named, from the scopes whatever they do not own.
///
/// # Errors
/// `invalid_target` for a resource that owns none of the scopes, or that the grant is not for, and where no resource is left.
pub async fn target(
    app: &App,
    client: &ClientRow,
    scopes: ScopeList,
    granted: &[String],
    asked: &[String],
) -> Result<Target, OAuthError> {
    let servers = resource_servers(app).await?;
    check(app, servers.as_deref(), &scopes, asked)?;
    if let Some(beyond) = asked.iter().find(|one| !granted.is_empty() && !granted.contains(one)) {
        let hint = "ask for it at the authorization endpoint first, where the person can see it";
        let detail = Detail::new("resource_not_granted", SPEC).received(beyond).expected(granted.join(" ")).hint(hint);
        return Err(refused("the grant is not for this resource", detail));
    }
    let named = if asked.is_empty() { granted } else { asked };
    let among: Vec<&ResourceServerRow> = owning(app, servers.as_deref(), &scopes)
        .filter(|server| named.is_empty() || named.contains(&server.identifier))
        .collect();
    // For nobody would be for this server itself, whose API nobody asked for.
    if !named.is_empty() && among.is_empty() {
        let hint =
            "none of the resources owns a scope that is left: ask for one that does, or for a grant without resources";
        let detail = Detail::new("resource_without_scope", SPEC).received(scopes.to_string()).expected(named.join(" "));
        return Err(refused("none of the scopes belongs to the resources of the grant", detail.hint(hint)));
    }
    let own = |scope: &&str| named.is_empty() || among.iter().any(|server| owns(&app.catalogue, server, scope));
    let scopes = ScopeList::from(scopes.iter().filter(own).map(str::to_owned).collect::<Vec<_>>());
    let said = among.iter().find_map(|server| SigningAlgorithm::parse(server.access_token_alg.as_deref()?));
    Ok(Target {
        audience: among.iter().map(|server| server.identifier.clone()).collect(),
        scopes,
        format: said.or(client.metadata.0.access_token_signed_response_alg),
    })
}

/// Why one of these may not be named beside these scopes: `invalid_target`.
pub async fn check_resources(
    app: &App,
    scopes: &ScopeList,
    resources: &[String],
) -> Result<Option<OAuthError>, StoreError> {
    if resources.is_empty() {
        return Ok(None);
    }
    Ok(check(app, resource_servers(app).await?.as_deref(), scopes, resources).err())
}

/// What people call these resources, beside their identifiers.
pub async fn names(app: &App, resources: &[String]) -> Result<Vec<(String, String)>, StoreError> {
    let Some(servers) = resource_servers(app).await? else { return Ok(Vec::new()) };
    let named = servers.0.iter().filter(|server| resources.contains(&server.identifier));
    Ok(named.map(|server| (server.name.clone(), server.identifier.clone())).collect())
}

fn check(
    app: &App,
    servers: Option<&ResourceServers>,
    scopes: &ScopeList,
    resources: &[String],
) -> Result<(), OAuthError> {
    for resource in resources {
        let known = servers.and_then(|servers| servers.0.iter().find(|server| server.identifier == *resource));
        let Some(server) = known else {
            let hint = "a resource is the identifier of a resource server, to the byte: `grantor resource list`";
            let detail = Detail::new("resource_unknown", SPEC).received(resource).hint(hint);
            return Err(refused("the resource is not known here", detail));
        };
        // By scopes alone it would not be in the audience either, and nobody consented to that.
        if !scopes.iter().any(|scope| owns(&app.catalogue, server, scope)) {
            let hint = "ask for at least one scope that belongs to the resource";
            let owned = server.scope_sets.0.join(" ");
            let detail = Detail::new("resource_without_scope", SPEC).received(resource).expected(owned).hint(hint);
            return Err(refused("none of the scopes belongs to this resource", detail));
        }
    }
    Ok(())
}

fn owning<'a>(
    app: &'a App,
    servers: Option<&'a ResourceServers>,
    scopes: &'a ScopeList,
) -> impl Iterator<Item = &'a ResourceServerRow> {
    let all = servers.into_iter().flat_map(|servers| servers.0.iter());
    all.filter(|server| scopes.iter().any(|scope| owns(&app.catalogue, server, scope)))
}

/// Whether the scope's set is one of the resource server's.
pub fn owns(catalogue: &Catalogue, server: &ResourceServerRow, scope: &str) -> bool {
    catalogue.set_of(scope).is_some_and(|set| server.scope_sets.0.contains(&set.name))
}

fn refused(description: &'static str, detail: Detail) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidTarget, description).with_detail(detail)
}
