//! A person's tokens without their values.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::refusal::PersonalTokenRefusal;
use crate::app::App;
use crate::store::organizations::OrganizationRow;
use crate::store::personal_tokens::{self, PersonalTokenRow};
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, StoreError};

/// A token, and the organization it is bound to.
pub struct TokenView {
    /// The row.
    pub row: PersonalTokenRow,
    /// Slug of the organization.
    pub organization: Option<String>,
}

/// Some of them.
pub struct TokenPage {
    /// Newest first.
    pub tokens: Vec<TokenView>,
    /// Row id that the next page begins below.
    pub next: Option<i64>,
}

/// The person's tokens below a row id, newest first.
///
/// # Errors
/// The store's.
pub async fn page(app: &App, user: &UserRow, below: i64, limit: i64) -> Result<TokenPage, StoreError> {
    let user_id = user.id;
    app.store
        .read(move |conn| {
            let mut rows = personal_tokens::page_of_user(conn, user_id, below, limit + 1)?;
            let more = rows.len() as i64 > limit;
            rows.truncate(usize::try_from(limit).unwrap_or_default());
            let next = rows.last().filter(|_| more).map(|row| row.id);
            let mut slugs: HashMap<i64, Option<String>> = HashMap::new();
            for id in rows.iter().filter_map(|row| row.organization_id) {
                if let Entry::Vacant(place) = slugs.entry(id) {
                    place.insert(OrganizationRow::load(conn, id)?.map(|row| row.slug));
                }
            }
            let view = |row: PersonalTokenRow| {
                let organization = row.organization_id.and_then(|id| slugs.get(&id).cloned().flatten());
                TokenView { row, organization }
            };
            Ok(TokenPage { tokens: rows.into_iter().map(view).collect(), next })
        })
        .await
}

/// One of the person's tokens; somebody else's is not found (C70).
///
/// # Errors
/// [`PersonalTokenRefusal::NotFound`], or the store's.
pub async fn show(app: &App, user: &UserRow, public_id: &str) -> Result<TokenView, PersonalTokenRefusal> {
    let (user_id, public_id) = (user.id, public_id.to_owned());
    let found = app
        .store
        .read(move |conn| {
            let Some(row) = personal_tokens::find_of_user(conn, user_id, &public_id)? else { return Ok(None) };
            let organization = match row.organization_id {
                Some(id) => OrganizationRow::load(conn, id)?.map(|row| row.slug),
                None => None,
            };
            Ok(Some(TokenView { row, organization }))
        })
        .await?;
    found.ok_or(PersonalTokenRefusal::NotFound)
}
