//! Accounts by login or subject, and all of them.

use super::PersonRefusal;
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::store::StoreError;
use crate::store::organizations::OrganizationRow;
use crate::store::users::{self, UserRow};

/// The account with this login, in any spelling of it.
///
/// # Errors
/// [`PersonRefusal::NotFound`], or the store's.
pub async fn by_login(app: &App, login: &str) -> Result<UserRow, PersonRefusal> {
    let key = spelling_key(login);
    let found = app.store.read(move |conn| users::find_by_login_key(conn, &key)).await?;
    found.filter(|user| user.status != "deleted").ok_or(PersonRefusal::NotFound)
}

/// The account with this subject identifier.
///
/// # Errors
/// [`PersonRefusal::NotFound`], or the store's.
pub async fn by_sub(app: &App, sub: &str) -> Result<UserRow, PersonRefusal> {
    let sub = sub.to_owned();
    let found = app.store.read(move |conn| users::find_by_sub(conn, &sub)).await?;
    found.filter(|user| user.status != "deleted").ok_or(PersonRefusal::NotFound)
}

/// Every account that is not deleted, by login.
///
/// # Errors
/// The store's.
pub async fn all(app: &App) -> Result<Vec<UserRow>, StoreError> {
    app.store.read(users::list).await
}

/// Slug of the organization that manages the account, if one does.
///
/// # Errors
/// The store's.
pub async fn manager(app: &App, user: &UserRow) -> Result<Option<String>, StoreError> {
    let Some(id) = user.managed_by else { return Ok(None) };
    let organization = app.store.view(move |rows| rows.get::<OrganizationRow>(id)).await?;
    Ok(organization.map(|organization| organization.slug.clone()))
}
