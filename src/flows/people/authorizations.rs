//! What a person lets applications have: the list, and taking it back.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::client_lookup;
use crate::flows::openid::subject;
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::protocol::initiated_login;
use crate::protocol::scope::ScopeList;
use crate::store::authorizations::{self, AuthorizationRow};
use crate::store::clients::ClientRow;
use crate::store::organizations::{self, OrganizationRow};
use crate::store::users::UserRow;
use crate::store::{StoreError, audit_events};

/// One application and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorized {
    /// Row id.
    pub id: i64,
    /// The client's identifier.
    pub client_id: String,
    /// The client's name.
    pub client: String,
    /// Login of the person who answers for it.
    pub owner: Option<String>,
    /// Its home page.
    pub homepage_url: Option<String>,
    /// Where a sign-in there begins, if it can begin here.
    pub open_url: Option<String>,
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

/// Told at once at most, wherever nobody asks for a page.
pub const MOST: usize = 1000;

/// Some of them by the applications' names, and where the rest begins.
#[derive(Debug)]
pub struct Found {
    /// The authorizations.
    pub authorizations: Vec<Authorized>,
    /// After what the rest begins.
    pub next: Option<String>,
}

/// The first [`MOST`] of the person's authorizations by the names of the applications (S59).
///
/// # Errors
/// The store's.
pub async fn list(app: &App, user: &UserRow) -> Result<Vec<Authorized>, StoreError> {
    Ok(page(app, user, "", "", MOST).await?.authorizations)
}

/// Those after `after`, a position or nothing, of applications whose name holds `search`. A position that is none is the
/// beginning.
///
/// # Errors
/// The store's.
pub async fn page(app: &App, user: &UserRow, search: &str, after: &str, limit: usize) -> Result<Found, StoreError> {
    let (id, typed, folded, after) = (user.id, search.to_owned(), search.to_lowercase(), after.to_owned());
    let beyond = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let rows = app
        .store
        .read(move |conn| authorizations::page_of_user(conn, id, position_of(&after), (&folded, &typed), beyond));
    let mut rows = rows.await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|(row, client)| position(row, client));
    Ok(Found { authorizations: told(app, user, rows).await?, next })
}

/// Where an authorization stands in the list.
fn position(row: &AuthorizationRow, client: &ClientRow) -> String {
    format!("{}\n{}\n{}", client.name, client.client_id, row.id)
}

fn position_of(text: &str) -> (&str, &str, i64) {
    let mut parts = text.splitn(3, '\n');
    match (parts.next(), parts.next(), parts.next().and_then(|id| id.parse().ok())) {
        (Some(name), Some(client_id), Some(id)) => (name, client_id, id),
        _ => ("", "", 0),
    }
}

/// The hint is the login, but not for clients that shall not know it.
fn open_url(app: &App, user: &UserRow, client: &ClientRow) -> Option<String> {
    let begin = client.metadata.0.initiate_login_uri.as_deref().filter(|_| client.is_active())?;
    let hint = Some(user.login.as_str()).filter(|_| !subject::is_pairwise(client));
    initiated_login::url(begin, app.issuer.as_str(), hint, client.homepage_url.as_deref())
}

async fn told(
    app: &App,
    user: &UserRow,
    rows: Vec<(AuthorizationRow, ClientRow)>,
) -> Result<Vec<Authorized>, StoreError> {
    let ids: HashSet<i64> = rows.iter().filter_map(|(row, _)| row.organization_id).collect();
    let owners: HashSet<i64> = rows.iter().filter_map(|(_, client)| client.owner_id).collect();
    let (organizations, owners) = app
        .store
        .view(move |found| {
            let (mut organizations, mut people) = (HashMap::new(), HashMap::new());
            for id in &ids {
                if let Some(row) = found.get::<OrganizationRow>(*id)? {
                    organizations.insert(*id, row);
                }
            }
            for id in &owners {
                if let Some(owner) = found.get::<UserRow>(*id)?.filter(|owner| owner.is_active()) {
                    people.insert(*id, owner.login.clone());
                }
            }
            Ok((organizations, people))
        })
        .await?;
    let authorized = rows.into_iter().map(|(row, client)| {
        let lines = app.catalogue.strongest_lines(&row.scopes);
        let organization = row.organization_id.and_then(|id| organizations.get(&id));
        Authorized {
            id: row.id,
            owner: client.owner_id.and_then(|id| owners.get(&id).cloned()),
            open_url: open_url(app, user, &client),
            client_id: client.client_id,
            client: client.name,
            homepage_url: client.homepage_url,
            verified: client.verified,
            status: client.status,
            texts: lines.into_iter().map(|line| line.text.to_owned()).collect(),
            organization: organization.map(|row| OrganizationName { slug: row.slug.clone(), name: row.name.clone() }),
            scopes: row.scopes,
            created_at: row.created_at,
            updated_at: row.updated_at,
            last_used_at: row.last_used_at,
        }
    });
    Ok(authorized.collect())
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
    let Some(client) = client_lookup::find(app, client_id).await? else { return Ok(None) };
    let organization = match organization {
        None => None,
        Some(named) => match named_so(app, named).await? {
            Some(row) => Some(row.id),
            None => return Ok(None),
        },
    };
    let (user_id, id) = (user.id, client.id);
    let row = app.store.read(move |conn| authorizations::find(conn, user_id, id, organization)).await?;
    let rows = row.map(|row| (row, ClientRow::clone(&client))).into_iter().collect();
    Ok(told(app, user, rows).await?.pop())
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
    terms::of(app, caller)
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
