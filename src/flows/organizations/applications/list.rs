//! Which applications there are in an organization.

use crate::app::App;
use crate::flows::client_lookup;
use crate::flows::organizations::OrganizationRefusal;
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;
use crate::store::clients::ClientRow;
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, Conn, QueryResult, StoreError, organization_clients, organization_use};

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

/// Some of them, and where the rest begins.
#[derive(Debug)]
pub struct Found {
    /// The applications.
    pub lines: Vec<ApplicationLine>,
    /// There are more after the last.
    pub more: bool,
}

/// By name, those after (name, client identifier) whose name holds `search`.
///
/// # Errors
/// The store's.
pub async fn page(
    app: &App,
    organization: &OrganizationRow,
    search: &str,
    after: (&str, &str),
    limit: usize,
) -> Result<Found, StoreError> {
    let (id, typed, folded) = (organization.id, search.to_owned(), search.to_lowercase());
    let (name, client_id) = (after.0.to_owned(), after.1.to_owned());
    let read = app.store.read(move |conn| {
        let rows = organization_use::page_by_name(conn, id, (&name, &client_id), (&folded, &typed), beyond(limit))?;
        lines(conn, id, rows, limit)
    });
    read.await
}

/// By client identifier, those after `after`.
///
/// # Errors
/// The store's.
pub async fn by_client_id(
    app: &App,
    organization: &OrganizationRow,
    after: &str,
    limit: usize,
) -> Result<Found, StoreError> {
    let (id, after) = (organization.id, after.to_owned());
    let read = app.store.read(move |conn| {
        let rows = organization_use::page_by_client_id(conn, id, &after, beyond(limit))?;
        lines(conn, id, rows, limit)
    });
    read.await
}

/// One of them, however many there are besides.
///
/// # Errors
/// [`OrganizationRefusal::ApplicationUnknown`] for one that nobody here has anything to do with, or the store's.
pub async fn show(
    app: &App,
    organization: &OrganizationRow,
    client_id: &str,
) -> Result<ApplicationLine, OrganizationRefusal> {
    let client = client_lookup::find(app, client_id).await?.ok_or(OrganizationRefusal::ApplicationUnknown)?;
    let id = organization.id;
    let line = app.store.read(move |conn| line(conn, id, &client)).await?;
    let known = line.members > 0 || line.status.is_some();
    if known { Ok(line) } else { Err(OrganizationRefusal::ApplicationUnknown) }
}

fn beyond(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

fn lines(conn: &mut Conn, organization: i64, mut rows: Vec<ClientRow>, limit: usize) -> QueryResult<Found> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let lines: QueryResult<Vec<ApplicationLine>> = rows.iter().map(|row| line(conn, organization, row)).collect();
    Ok(Found { lines: lines?, more })
}

fn line(conn: &mut Conn, organization: i64, client: &ClientRow) -> QueryResult<ApplicationLine> {
    let used = organization_use::of(conn, organization, client.id)?;
    let word = organization_clients::find(conn, organization, client.id)?;
    let asked_by = match word.as_ref().and_then(|word| word.asked_by) {
        Some(user) => UserRow::load(conn, user)?.map(|user| user.login),
        None => None,
    };
    Ok(ApplicationLine {
        client_id: client.client_id.clone(),
        name: client.name.clone(),
        verified: client.verified,
        members: used.members,
        scopes: used.scopes,
        last_used_at: used.last_used_at,
        asked_at: word.as_ref().map(|word| word.created_at),
        status: word.map(|word| word.status),
        asked_by,
    })
}
