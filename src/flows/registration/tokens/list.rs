//! Tokens without their values, and what they registered.

use serde::Serialize;

use super::TokenRefusal;
use crate::app::App;
use crate::flows::organizations::By;
use crate::protocol::NumericDate;
use crate::store::clients::ClientRow;
use crate::store::organizations::OrganizationRow;
use crate::store::registrations::{self, InitialAccessTokenRow};
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, Conn, QueryResult, StoreError};

/// What may be known of a token.
#[derive(Clone, Debug, Serialize)]
pub struct TokenView {
    /// Row id, as text.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its last four characters.
    pub last_four: String,
    /// Slug of the organization it belongs to.
    pub organization: Option<String>,
    /// User name of whoever made it; none for the operator's and for keys'.
    pub made_by: Option<String>,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it stops working.
    pub expires_at: Option<NumericDate>,
    /// Clients it may still register.
    pub uses_left: Option<i64>,
    /// Clients it registered that are still there.
    pub clients: usize,
}

impl TokenView {
    /// Whether its time is over.
    pub fn is_over(&self, now: NumericDate) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether it registered all it may.
    pub fn is_used_up(&self) -> bool {
        self.uses_left.is_some_and(|left| left < 1)
    }
}

/// Some of them.
pub struct TokenPage {
    /// Newest first.
    pub tokens: Vec<TokenView>,
    /// Row id that the next page begins below.
    pub next: Option<i64>,
}

/// A client that registered itself.
pub struct Registered {
    /// What it calls itself.
    pub name: String,
    /// Its identifier on the wire.
    pub client_id: String,
    /// Somebody vouched for it since.
    pub verified: bool,
    /// When it registered.
    pub at: NumericDate,
}

/// Tokens below a row id, newest first; of one organization where one is named.
///
/// # Errors
/// The store's.
pub async fn page(
    app: &App,
    organization: Option<&OrganizationRow>,
    below: i64,
    limit: i64,
) -> Result<TokenPage, StoreError> {
    let organization = organization.map(|organization| organization.id);
    app.store
        .read(move |conn| {
            let mut rows = match organization {
                Some(organization) => registrations::page_of(conn, organization, below, limit + 1)?,
                None => registrations::page(conn, below, limit + 1)?,
            };
            let more = rows.len() as i64 > limit;
            rows.truncate(usize::try_from(limit).unwrap_or_default());
            let next = rows.last().filter(|_| more).map(|row| row.id);
            Ok(TokenPage { tokens: views(conn, &rows)?, next })
        })
        .await
}

/// One token; of this very organization where one is named (C70).
///
/// # Errors
/// [`TokenRefusal::NotFound`], or the store's.
pub async fn show(app: &App, organization: Option<&OrganizationRow>, id: &str) -> Result<TokenView, TokenRefusal> {
    let row = row(app, organization, id).await?;
    let views = app.store.read(move |conn| views(conn, std::slice::from_ref(&row))).await?;
    views.into_iter().next().ok_or(TokenRefusal::NotFound)
}

/// The newest clients that registered with tokens of an organization and are still there.
///
/// # Errors
/// The store's.
pub async fn registered(app: &App, organization: &OrganizationRow, limit: i64) -> Result<Vec<Registered>, StoreError> {
    let organization = organization.id;
    app.store
        .read(move |conn| {
            let mut found = Vec::new();
            for row in registrations::of_organization(conn, organization, limit)? {
                let Some(client) = ClientRow::load(conn, row.client)? else { continue };
                let (name, client_id) = (client.name.clone(), client.client_id.clone());
                found.push(Registered { name, client_id, verified: client.verified, at: row.registered_at });
            }
            Ok(found)
        })
        .await
}

pub(super) async fn row(
    app: &App,
    organization: Option<&OrganizationRow>,
    id: &str,
) -> Result<InitialAccessTokenRow, TokenRefusal> {
    let id: i64 = id.parse().map_err(|_| TokenRefusal::NotFound)?;
    let row = app.store.read(move |conn| registrations::token(conn, id)).await?;
    row.filter(|row| organization.is_none_or(|organization| row.organization_id == Some(organization.id)))
        .ok_or(TokenRefusal::NotFound)
}

/// Of one that was just made.
pub(super) fn new(row: &InitialAccessTokenRow, organization: Option<&OrganizationRow>, by: By<'_>) -> TokenView {
    let (organization, made_by) = (organization.map(|one| one.slug.clone()), by.user().map(|user| user.login.clone()));
    view(row, organization, made_by, 0)
}

fn views(conn: &mut Conn, rows: &[InitialAccessTokenRow]) -> QueryResult<Vec<TokenView>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let made = registrations::made_by(conn, &ids)?;
    let mut views = Vec::new();
    for row in rows {
        let organization = match row.organization_id {
            Some(id) => OrganizationRow::load(conn, id)?.map(|organization| organization.slug.clone()),
            None => None,
        };
        let made_by = match row.created_by {
            Some(id) => UserRow::load(conn, id)?.map(|user| user.login.clone()),
            None => None,
        };
        let clients = made.iter().filter(|token| **token == Some(row.id)).count();
        views.push(view(row, organization, made_by, clients));
    }
    Ok(views)
}

fn view(
    row: &InitialAccessTokenRow,
    organization: Option<String>,
    made_by: Option<String>,
    clients: usize,
) -> TokenView {
    TokenView {
        id: row.id.to_string(),
        name: row.name.clone(),
        last_four: row.last_four.clone(),
        organization,
        made_by,
        created_at: row.created_at,
        expires_at: row.expires_at,
        uses_left: row.uses_left,
        clients,
    }
}
