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
use crate::store::organizations::{self, OrganizationRow};
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, StoreError, audit_events, authorizations};

/// One application and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorized {
    /// The client's identifier.
    pub client_id: String,
    /// The client's name.
    pub client: String,
    /// Login of the person who answers for it.
    pub owner: Option<String>,
    /// Its home page.
    pub homepage_url: Option<String>,
    /// Whether the operator vouches for it.
    pub verified: bool,
    /// `active`, `inactive` or `pending_deletion`.
    pub status: String,
    /// Everything consented to.
    pub scopes: ScopeList,
    /// The same in words, one line a scope set.
    pub texts: Vec<String>,
    /// The one organization it is good for.
    pub organization: Option<OrganizationName>,
    /// When consent was first given.
    pub created_at: NumericDate,
    /// When it last grew.
    pub updated_at: NumericDate,
    /// When it was last used, to the minute.
    pub last_used_at: Option<NumericDate>,
}

/// An organization an authorization is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationName {
    /// In addresses.
    pub slug: String,
    /// Display name.
    pub name: String,
}

impl Authorized {
    /// Where it stands in the list; unique.
    pub fn position(&self) -> String {
        let organization = self.organization.as_ref().map_or("", |organization| organization.slug.as_str());
        format!("{}\n{}\n{organization}", self.client, self.client_id)
    }
}

/// The person's authorizations by the names of the applications (S59).
///
/// # Errors
/// The store's.
pub async fn list(app: &App, user: &UserRow) -> Result<Vec<Authorized>, StoreError> {
    let id = user.id;
    let (rows, organizations) = app
        .store
        .read(move |conn| {
            let rows = authorizations::list_of_user(conn, id)?;
            let mut found: HashMap<i64, OrganizationRow> = HashMap::new();
            for id in rows.iter().filter_map(|row| row.organization_id) {
                if !found.contains_key(&id)
                    && let Some(row) = OrganizationRow::load(conn, id)?
                {
                    found.insert(id, row);
                }
            }
            Ok((rows, found))
        })
        .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.client).collect();
    let clients: HashMap<i64, (Arc<ClientRow>, Option<String>)> = app
        .store
        .view(move |found| {
            let mut clients = HashMap::new();
            for id in &ids {
                let Some(client) = found.get::<ClientRow>(*id)? else { continue };
                let owner = match client.owner_id {
                    Some(owner) => found.get::<UserRow>(owner)?,
                    None => None,
                };
                let owner = owner.filter(|owner| owner.is_active()).map(|owner| owner.login.clone());
                clients.insert(*id, (client, owner));
            }
            Ok(clients)
        })
        .await?;
    let authorized = rows.into_iter().filter_map(|row| {
        let (client, owner) = clients.get(&row.client)?;
        let lines = app.catalogue.strongest_lines(&row.scopes);
        let organization = row.organization_id.and_then(|id| organizations.get(&id));
        Some(Authorized {
            client_id: client.client_id.clone(),
            client: client.name.clone(),
            owner: owner.clone(),
            homepage_url: client.homepage_url.clone(),
            verified: client.verified,
            status: client.status.clone(),
            texts: lines.into_iter().map(|line| line.text.to_owned()).collect(),
            organization: organization.map(|row| OrganizationName { slug: row.slug.clone(), name: row.name.clone() }),
            scopes: row.scopes,
            created_at: row.created_at,
            updated_at: row.updated_at,
            last_used_at: row.last_used_at,
        })
    });
    let mut authorized: Vec<Authorized> = authorized.collect();
    authorized.sort_by_cached_key(Authorized::position);
    Ok(authorized)
}

/// What the person lets one client have: in the organization named by slug or public name, or bound to none.
///
/// # Errors
/// The store's.
pub async fn find(
    app: &App,
    user: &UserRow,
    client_id: &str,
    organization: Option<&str>,
) -> Result<Option<Authorized>, StoreError> {
    let slug = match organization {
        None => None,
        Some(named) => match named_so(app, named).await? {
            Some(row) => Some(row.slug),
            None => return Ok(None),
        },
    };
    let all = list(app, user).await?;
    let is_it = |one: &Authorized| {
        one.client_id == client_id && one.organization.as_ref().map(|organization| &organization.slug) == slug.as_ref()
    };
    Ok(all.into_iter().find(is_it))
}

/// Takes back everything the person lets this client have, in the organization named or bound to none: the row goes, and
/// with it every grant, code and token under it (A65). False when there was nothing to take back.
///
/// # Errors
/// The store's.
pub async fn revoke(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
    client_id: &str,
    organization: Option<&str>,
) -> Result<bool, StoreError> {
    let Some(client) = client_lookup::find(app, client_id).await? else { return Ok(false) };
    let organization = match organization {
        None => None,
        Some(named) => match named_so(app, named).await? {
            Some(row) => Some(row.id),
            None => return Ok(false),
        },
    };
    let data = json!({ "client_id": client.client_id, "client": client.name });
    let mut event = audit::draft(app, caller, "authorization.revoke", actor, Target::User(user), data)?;
    if let Some(id) = organization {
        event = audit::of_organization(event, id);
    }
    let (user_id, client_row) = (user.id, client.id);
    app.store
        .write(move |write| {
            let Some(row) = authorizations::find(write, user_id, client_row, organization)? else { return Ok(false) };
            let revoked = authorizations::delete(write, row.id)? == 1;
            if revoked {
                audit_events::insert(write, &event)?;
            }
            Ok(revoked)
        })
        .await
}

async fn named_so(app: &App, named: &str) -> Result<Option<OrganizationRow>, StoreError> {
    let named = named.to_owned();
    app.store
        .read(move |conn| match organizations::find_by_slug(conn, &named)? {
            Some(row) => Ok(Some(row)),
            None => organizations::find_by_public_id(conn, &named),
        })
        .await
}
