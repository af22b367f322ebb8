//! What a person lets applications have: the list, and taking it back.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;

use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::client_lookup;
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;
use crate::store::clients::ClientRow;
use crate::store::users::UserRow;
use crate::store::{StoreError, audit_events, authorizations};

/// One application and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorized {
    /// The client's identifier.
    pub client_id: String,
    /// The client's name.
    pub client: String,
    /// Everything consented to.
    pub scopes: ScopeList,
    /// When consent was first given.
    pub created_at: NumericDate,
    /// When it was last used, to the minute.
    pub last_used_at: Option<NumericDate>,
}

/// The person's authorizations, newest first.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, user: &UserRow) -> Result<Vec<Authorized>, StoreError> {
    let id = user.id;
    let rows = app.store.read(move |conn| authorizations::list_of_user(conn, id)).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.client).collect();
    let clients: HashMap<i64, Arc<ClientRow>> = app
        .store
        .view(move |found| {
            let mut clients = HashMap::new();
            for id in &ids {
                if let Some(client) = found.get::<ClientRow>(*id)? {
                    clients.insert(*id, client);
                }
            }
            Ok(clients)
        })
        .await?;
    let authorized = rows.into_iter().filter_map(|row| {
        let client = clients.get(&row.client)?;
        Some(Authorized {
            client_id: client.client_id.clone(),
            client: client.name.clone(),
            scopes: row.scopes,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        })
    });
    Ok(authorized.collect())
}

/// Takes back everything the person lets this client have: the row goes, and with it every grant and token under it.
/// False when there was nothing to take back.
///
/// # Errors
/// The store's.
pub async fn revoke(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
    client_id: &str,
) -> Result<bool, StoreError> {
    let Some(client) = client_lookup::find(app, client_id).await? else { return Ok(false) };
    let data = json!({ "client_id": client.client_id, "client": client.name });
    let event = audit::draft(app, caller, "authorization.revoke", actor, Target::User(user), data)?;
    let (user_id, client_row) = (user.id, client.id);
    app.store
        .write(move |write| {
            let Some(row) = authorizations::find(write, user_id, client_row, None)? else { return Ok(false) };
            let revoked = authorizations::delete(write, row.id)? == 1;
            if revoked {
                audit_events::insert(write, &event)?;
            }
            Ok(revoked)
        })
        .await
}
