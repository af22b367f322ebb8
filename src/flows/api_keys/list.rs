//! An organization's keys without their values.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::refusal::ApiKeyRefusal;
use crate::app::App;
use crate::store::api_keys::{self, ApiKeyRow};
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, Conn, QueryResult, StoreError, organization_members};

/// A key, and who made it.
#[derive(Clone)]
pub struct KeyView {
    /// The row.
    pub row: ApiKeyRow,
    /// User name of the member who made it; none for the command line's.
    pub made_by: Option<String>,
}

/// Some of them.
pub struct KeyPage {
    /// Newest first.
    pub keys: Vec<KeyView>,
    /// Row id that the next page begins below.
    pub next: Option<i64>,
}

/// The organization's keys below a row id, newest first.
///
/// # Errors
/// The store's.
pub async fn page(app: &App, organization: &OrganizationRow, below: i64, limit: i64) -> Result<KeyPage, StoreError> {
    let organization_id = organization.id;
    app.store
        .read(move |conn| {
            let mut rows = api_keys::page(conn, organization_id, below, limit + 1)?;
            let more = rows.len() as i64 > limit;
            rows.truncate(usize::try_from(limit).unwrap_or_default());
            let next = rows.last().filter(|_| more).map(|row| row.id);
            let mut makers: HashMap<i64, Option<String>> = HashMap::new();
            for member in rows.iter().filter_map(|row| row.creator_id) {
                if let Entry::Vacant(place) = makers.entry(member) {
                    place.insert(login(conn, member)?);
                }
            }
            let view = |row: ApiKeyRow| {
                let made_by = row.creator_id.and_then(|member| makers.get(&member).cloned().flatten());
                KeyView { row, made_by }
            };
            Ok(KeyPage { keys: rows.into_iter().map(view).collect(), next })
        })
        .await
}

/// One key of this very organization (C70).
///
/// # Errors
/// [`ApiKeyRefusal::NotFound`], or the store's.
pub async fn show(app: &App, organization: &OrganizationRow, public_id: &str) -> Result<KeyView, ApiKeyRefusal> {
    let (organization_id, public_id) = (organization.id, public_id.to_owned());
    let found = app
        .store
        .read(move |conn| {
            let found = api_keys::find_of_organization(conn, organization_id, &public_id)?;
            let Some(row) = found else { return Ok(None) };
            let made_by = match row.creator_id {
                Some(member) => login(conn, member)?,
                None => None,
            };
            Ok(Some(KeyView { row, made_by }))
        })
        .await?;
    found.ok_or(ApiKeyRefusal::NotFound)
}

fn login(conn: &mut Conn, member: i64) -> QueryResult<Option<String>> {
    let Some(member) = organization_members::find(conn, member)? else { return Ok(None) };
    Ok(UserRow::load(conn, member.user_id)?.map(|user| user.login))
}
