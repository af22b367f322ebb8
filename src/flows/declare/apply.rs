//! From a declaration to its plan, and from the plan to the database. Everything is checked before anything is
//! written; a step that fails all the same leaves the steps before it done, and a second run does the rest.

use std::collections::BTreeMap;

use super::file::{Declaration, DeclaredClient, DeclaredResourceServer};
use super::plan::{ClientState, ResourceServerState, Step, Undeclared, plan};
use crate::app::App;
use crate::crypto::token::PlainToken;
use crate::flows::audit::Actor;
use crate::flows::clients::secret::{self, ImportedSecret};
use crate::flows::clients::show::{self, ClientLine};
use crate::flows::clients::{ClientFailure, create, delete, rotate_secret, update};
use crate::flows::resource_servers::list::{self, ResourceServerView};
use crate::flows::resource_servers::{self, ResourceServerFailure, ResourceServerFields};
use crate::store::StoreError;

/// Why a declaration is not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyFailure {
    /// What is declared is not right; one line each.
    #[error("nothing was changed:\n{}", .0.join("\n"))]
    Declaration(Vec<String>),
    /// A client could not be written.
    #[error(transparent)]
    Client(#[from] ClientFailure),
    /// A resource server could not be written.
    #[error(transparent)]
    ResourceServer(#[from] ResourceServerFailure),
    /// The store has no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A client the apply made, or made a new secret for.
pub struct CreatedClient {
    /// The file's key.
    pub key: String,
    /// Made by the server.
    pub client_id: String,
    /// Told once; absent for public clients and imported secrets.
    pub secret: Option<PlainToken>,
}

/// Imported secrets by client key.
pub type Secrets = BTreeMap<String, ImportedSecret>;

/// What would have to be done.
///
/// # Errors
/// [`ApplyFailure::Declaration`] with every problem of every client.
pub async fn prepare(
    app: &App,
    declaration: &Declaration,
    secrets: &Secrets,
    prune: bool,
) -> Result<Vec<Step>, ApplyFailure> {
    let present = show::list(app).await?;
    let mut problems = Vec::new();
    let mut clients = Vec::new();
    for declared in &declaration.clients {
        let mark = declaration.mark(&declared.key);
        let found = present.iter().find(|client| client.managed_by.as_deref() == Some(&mark));
        match client_state(app, declared, found, secrets.get(&declared.key)).await {
            Ok(state) => clients.push(state),
            Err(ClientFailure::Store(error)) => return Err(error.into()),
            Err(failure) => {
                problems.extend(failure.to_string().lines().map(|line| format!("client {}: {line}", declared.key)));
            }
        }
    }
    let servers = list::list(app).await?;
    let mut server_states = Vec::new();
    for declared in &declaration.resource_servers {
        problems.extend(resource_server_problems(app, declaration, declared, &servers));
        server_states.push(server_state(declaration, declared, &servers, &present));
    }
    if !problems.is_empty() {
        return Err(ApplyFailure::Declaration(problems));
    }
    Ok(plan(clients, server_states, undeclared(declaration, &present, &servers), prune))
}

/// Does what `steps` says; the clients made.
///
/// # Errors
/// As its parts; steps before the failing one stay done.
pub async fn carry_out(
    app: &App,
    declaration: &Declaration,
    secrets: &Secrets,
    steps: &[Step],
) -> Result<Vec<CreatedClient>, ApplyFailure> {
    let declared = |key: &str| declaration.clients.iter().find(|client| client.key == key);
    let operator = Actor::Operator;
    let mut made = Vec::new();
    for step in steps {
        match step {
            Step::CreateClient { key } => {
                let Some(client) = declared(key) else { continue };
                let mark = Some(declaration.mark(key));
                let (metadata, secret) = (client.metadata.clone(), secrets.get(key));
                let created = create::create(app, None, operator, metadata, secret, mark).await?;
                made.push(CreatedClient { key: key.clone(), client_id: created.client_id, secret: created.secret });
            }
            Step::UpdateClient { key, client_id, .. } => {
                let Some(client) = declared(key) else { continue };
                let updated = update::update(app, None, operator, client_id, client.metadata.clone()).await?;
                if updated.secret.is_some() {
                    let client_id = client_id.clone();
                    made.push(CreatedClient { key: key.clone(), client_id, secret: updated.secret });
                }
            }
            Step::ImportSecret { key, client_id } => {
                rotate_secret::rotate_secret(app, None, operator, client_id, secrets.get(key), None).await?;
            }
            Step::PruneClient { client_id, .. } => {
                delete::request(app, None, operator, client_id, None).await?;
            }
            Step::CreateResourceServer { identifier } => {
                let Some(fields) = found_fields(app, declaration, identifier).await? else { continue };
                resource_servers::create::create(app, fields, Some(declaration.mark(identifier))).await?;
            }
            Step::UpdateResourceServer { identifier } => {
                let Some(fields) = found_fields(app, declaration, identifier).await? else { continue };
                resource_servers::update::update(app, fields).await?;
            }
            Step::PruneResourceServer { identifier } => resource_servers::delete::delete(app, identifier).await?,
            Step::KeepClient { .. }
            | Step::LeaveClient { .. }
            | Step::KeepResourceServer { .. }
            | Step::LeaveResourceServer { .. } => {}
        }
    }
    Ok(made)
}

async fn client_state(
    app: &App,
    declared: &DeclaredClient,
    found: Option<&ClientLine>,
    brought: Option<&ImportedSecret>,
) -> Result<ClientState, ClientFailure> {
    let key = declared.key.clone();
    let Some(found) = found else {
        create::check(app, &declared.metadata, brought.is_some()).await?;
        return Ok(ClientState { key, present: None });
    };
    if found.status == "pending_deletion" {
        return Err(ClientFailure::Conflict(format!(
            "it is about to be deleted: `grantor client restore {}` first",
            found.client_id
        )));
    }
    let changed = update::changes(app, &found.client_id, declared.metadata.clone()).await?;
    let import = match brought {
        Some(brought) => !secret::is_live_secret(app, &found.client_id, brought).await?,
        None => false,
    };
    if import {
        rotate_secret::check_room(app, &found.client_id).await?;
    }
    let changed = changed.into_iter().map(str::to_owned).collect();
    Ok(ClientState { key, present: Some((found.client_id.clone(), changed, import)) })
}

fn server_state(
    declaration: &Declaration,
    declared: &DeclaredResourceServer,
    servers: &[ResourceServerView],
    clients: &[ClientLine],
) -> ResourceServerState {
    let mark = declared.client.as_ref().map(|key| declaration.mark(key));
    let client = clients.iter().find(|client| mark.is_some() && client.managed_by == mark);
    let differs = servers.iter().find(|server| server.identifier == declared.identifier).map(|server| {
        let name = declared.name.as_ref().is_some_and(|name| *name != server.name);
        let mut sets = declared.scope_sets.clone();
        sets.sort_unstable();
        sets.dedup();
        let format = declared.access_token_signed_response_alg.map(|algorithm| algorithm.as_str());
        name || sets != server.scope_sets
            || server.client.as_ref() != client.map(|client| &client.client_id)
            || server.access_token_signed_response_alg.as_deref() != format
    });
    ResourceServerState { identifier: declared.identifier.clone(), differs }
}

fn resource_server_problems(
    app: &App,
    declaration: &Declaration,
    declared: &DeclaredResourceServer,
    servers: &[ResourceServerView],
) -> Vec<String> {
    let identifier = &declared.identifier;
    let mut problems: Vec<String> = Vec::new();
    if let Some(server) = servers.iter().find(|server| server.identifier == *identifier)
        && server.managed_by != Some(declaration.mark(identifier))
    {
        problems.push(format!("resource server {identifier}: it is there already and not of this file"));
    }
    let wrong = fields(declared, None).problems(app);
    problems.extend(wrong.iter().map(|problem| format!("resource server {identifier}: {problem}")));
    if let Some(key) = &declared.client
        && declaration.clients.iter().any(|client| client.key == *key && !client.metadata.may_introspect)
    {
        problems.push(format!("resource server {identifier}: client {key} needs may_introspect = true"));
    }
    problems
}

fn undeclared(declaration: &Declaration, clients: &[ClientLine], servers: &[ResourceServerView]) -> Undeclared {
    let prefix = declaration.mark("");
    let key_of = |managed_by: &Option<String>| managed_by.as_ref()?.strip_prefix(&prefix).map(str::to_owned);
    let mut left = Undeclared::default();
    for client in clients.iter().filter(|client| client.status != "pending_deletion") {
        if let Some(key) = key_of(&client.managed_by)
            && !declaration.clients.iter().any(|declared| declared.key == key)
        {
            left.clients.push((key, client.client_id.clone()));
        }
    }
    for server in servers {
        if key_of(&server.managed_by).is_some()
            && !declaration.resource_servers.iter().any(|declared| declared.identifier == server.identifier)
        {
            left.resource_servers.push(server.identifier.clone());
        }
    }
    left
}

/// What the file says of the resource server, its client's key turned into the identifier of the client there is.
async fn found_fields(
    app: &App,
    declaration: &Declaration,
    identifier: &str,
) -> Result<Option<ResourceServerFields>, ApplyFailure> {
    let declared = declaration.resource_servers.iter().find(|server| server.identifier == identifier);
    let Some(declared) = declared else { return Ok(None) };
    let mark = declared.client.as_ref().map(|key| declaration.mark(key));
    let clients = show::list(app).await?;
    let client = clients.into_iter().find(|client| mark.is_some() && client.managed_by == mark);
    Ok(Some(fields(declared, client.map(|client| client.client_id))))
}

fn fields(declared: &DeclaredResourceServer, client: Option<String>) -> ResourceServerFields {
    ResourceServerFields {
        identifier: declared.identifier.clone(),
        name: declared.name.clone(),
        scope_sets: declared.scope_sets.clone(),
        client,
        access_token_signed_response_alg: declared.access_token_signed_response_alg,
    }
}
