//! Which applications there are in an organization.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::app::App;
use crate::flows::organizations::OrganizationRefusal;
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;
use crate::store::authorizations::{self, AuthorizationRow};
use crate::store::clients::{self, ClientRow};
use crate::store::organization_clients::{self, OrganizationClientRow};
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, StoreError};

/// Authorizations that are looked at; beyond, counts are lower bounds.
pub const MOST: usize = 10_000;

/// An application that members allowed, or that the organization has a word on.
#[derive(Clone, Debug)]
pub struct ApplicationLine {
    /// The client's identifier.
    pub client_id: String,
    /// The client's name.
    pub name: String,
    /// An administrator vouched for it.
    pub verified: bool,
    /// Members who allowed it something here.
    pub members: usize,
    /// All that they allowed together.
    pub scopes: ScopeList,
    /// When anybody last used it, to the minute.
    pub last_used_at: Option<NumericDate>,
    /// `asked`, `allowed`, `refused`; none when nobody said anything.
    pub status: Option<String>,
    /// User name of whoever asked.
    pub asked_by: Option<String>,
    /// When it was asked for, or allowed unasked.
    pub asked_at: Option<NumericDate>,
}

/// By name.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, organization: &OrganizationRow) -> Result<Vec<ApplicationLine>, StoreError> {
    let id = organization.id;
    let (rows, words) = app
        .store
        .read(move |conn| {
            let limit = i64::try_from(MOST).unwrap_or(i64::MAX);
            let rows = authorizations::of_organization(conn, id, limit)?;
            let mut words = Vec::new();
            for word in organization_clients::list(conn, id)? {
                let asked_by = match word.asked_by {
                    Some(user) => UserRow::load(conn, user)?.map(|user| user.login),
                    None => None,
                };
                words.push((word, asked_by));
            }
            Ok((rows, words))
        })
        .await?;
    let ids: HashSet<i64> =
        rows.iter().map(|row| row.client).chain(words.iter().map(|(word, _)| word.client)).collect();
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
    let mut lines: HashMap<i64, ApplicationLine> = clients.iter().map(|(id, client)| (*id, line(client))).collect();
    for row in &rows {
        if let Some(line) = lines.get_mut(&row.client) {
            line.count(row);
        }
    }
    for (word, asked_by) in words {
        if let Some(line) = lines.get_mut(&word.client) {
            line.said(word, asked_by);
        }
    }
    let mut lines: Vec<ApplicationLine> = lines.into_values().collect();
    lines.sort_by(|one, other| (&one.name, &one.client_id).cmp(&(&other.name, &other.client_id)));
    Ok(lines)
}

/// One of them.
///
/// # Errors
/// [`OrganizationRefusal::ApplicationUnknown`] for one that nobody here has anything to do with, or the store's.
pub async fn show(
    app: &App,
    organization: &OrganizationRow,
    client_id: &str,
) -> Result<ApplicationLine, OrganizationRefusal> {
    let (id, client_id) = (organization.id, client_id.to_owned());
    let found = app
        .store
        .read(move |conn| {
            let Some(client) = clients::id_of(conn, &client_id)? else { return Ok(None) };
            let Some(client) = ClientRow::load(conn, client)? else { return Ok(None) };
            let limit = i64::try_from(MOST).unwrap_or(i64::MAX);
            let rows = authorizations::of_organization_and_client(conn, id, client.id, limit)?;
            let word = match organization_clients::find(conn, id, client.id)? {
                Some(word) => {
                    let asked_by = word.asked_by.map(|user| UserRow::load(conn, user)).transpose()?.flatten();
                    Some((word, asked_by.map(|user| user.login)))
                }
                None => None,
            };
            Ok(Some((client, rows, word)))
        })
        .await?;
    let Some((client, rows, word)) = found else { return Err(OrganizationRefusal::ApplicationUnknown) };
    if rows.is_empty() && word.is_none() {
        return Err(OrganizationRefusal::ApplicationUnknown);
    }
    let mut line = line(&client);
    rows.iter().for_each(|row| line.count(row));
    if let Some((word, asked_by)) = word {
        line.said(word, asked_by);
    }
    Ok(line)
}

fn line(client: &ClientRow) -> ApplicationLine {
    ApplicationLine {
        client_id: client.client_id.clone(),
        name: client.name.clone(),
        verified: client.verified,
        members: 0,
        scopes: ScopeList::empty(),
        last_used_at: None,
        status: None,
        asked_by: None,
        asked_at: None,
    }
}

impl ApplicationLine {
    fn count(&mut self, row: &AuthorizationRow) {
        self.members += 1;
        self.scopes = self.scopes.union(&row.scopes);
        self.last_used_at = self.last_used_at.max(row.last_used_at);
    }

    fn said(&mut self, word: OrganizationClientRow, asked_by: Option<String>) {
        self.status = Some(word.status);
        self.asked_by = asked_by;
        self.asked_at = Some(word.created_at);
    }
}
