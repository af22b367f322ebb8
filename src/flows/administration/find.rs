//! People, clients and organizations, searched and a page at a time.

use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::store::StoreError;
use crate::store::clients::ClientRow;
use crate::store::organizations::{self, OrganizationRow};
use crate::store::overview::{self, Search, Totals};
use crate::store::users::UserRow;

/// What is looked for, as typed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Part of a name; empty for everything.
    pub text: &'a str,
    /// A status.
    pub status: Option<&'a str>,
}

impl Wanted<'_> {
    fn search(self) -> Search {
        let typed = self.text.trim();
        Search {
            typed: typed.to_owned(),
            folded: spelling_key(typed),
            status: self.status.filter(|status| !status.is_empty()).map(str::to_owned),
        }
    }
}

/// Some rows, and where the next page begins.
pub struct Found<T, C> {
    /// The rows.
    pub rows: Vec<T>,
    /// None on the last page.
    pub next: Option<C>,
}

impl<T, C> Found<T, C> {
    /// From one row more than was asked for, which tells whether there is more.
    fn of(mut rows: Vec<T>, limit: i64, place: impl Fn(&T) -> C) -> Found<T, C> {
        let limit = usize::try_from(limit).unwrap_or_default();
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(place);
        Found { rows, next }
    }
}

/// People by user name, after one.
///
/// # Errors
/// The store's.
pub async fn users(
    app: &App,
    wanted: Wanted<'_>,
    after: &str,
    limit: i64,
) -> Result<Found<UserRow, String>, StoreError> {
    let (search, after) = (wanted.search(), after.to_owned());
    let rows = app.store.read(move |conn| overview::users(conn, &search, &after, limit + 1)).await?;
    Ok(Found::of(rows, limit, |row| row.login_key.clone()))
}

/// Clients, newest first, below a row.
///
/// # Errors
/// The store's.
pub async fn clients(
    app: &App,
    wanted: Wanted<'_>,
    below: i64,
    limit: i64,
) -> Result<Found<ClientRow, i64>, StoreError> {
    let search = wanted.search();
    let rows = app.store.read(move |conn| overview::clients(conn, &search, below, limit + 1)).await?;
    Ok(Found::of(rows, limit, |row| row.id))
}

/// Organizations by slug, after one.
///
/// # Errors
/// The store's.
pub async fn organizations(
    app: &App,
    wanted: Wanted<'_>,
    after: &str,
    limit: i64,
) -> Result<Found<OrganizationRow, String>, StoreError> {
    let (search, after) = (wanted.search(), after.to_owned());
    let rows = app.store.read(move |conn| overview::organizations(conn, &search, &after, limit + 1)).await?;
    Ok(Found::of(rows, limit, |row| row.slug.clone()))
}

/// The organization with this slug or public name.
///
/// # Errors
/// The store's.
pub async fn organization(app: &App, named: &str) -> Result<Option<OrganizationRow>, StoreError> {
    let named = named.to_owned();
    app.store
        .read(move |conn| match organizations::find_by_slug(conn, &named)? {
            Some(row) => Ok(Some(row)),
            None => organizations::find_by_public_id(conn, &named),
        })
        .await
}

/// How much there is.
///
/// # Errors
/// The store's.
pub async fn totals(app: &App) -> Result<Totals, StoreError> {
    app.store.read(overview::totals).await
}
