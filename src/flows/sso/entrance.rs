//! The door of an organization that has a provider.

use super::providers;
use crate::app::App;
use crate::flows::session::SignedIn;
use crate::store::organizations::{self, OrganizationRow};
use crate::store::{StoreError, organization_members, providers as provider_rows};

/// An organization one can sign in at.
pub struct Entrance {
    /// The organization.
    pub organization: OrganizationRow,
    /// What its provider is called.
    pub provider: &'static str,
}

/// The door at this slug; `None` for an unknown organization, one that is going, and one without a provider alike.
///
/// # Errors
/// The store's.
pub async fn find(app: &App, slug: &str) -> Result<Option<Entrance>, StoreError> {
    let slug = slug.to_owned();
    let found = app
        .store
        .read(move |conn| {
            let Some(organization) = organizations::find_by_slug(conn, &slug)? else { return Ok(None) };
            let provider = provider_rows::find_of_organization(conn, organization.id)?;
            Ok(provider.map(|provider| (organization, provider)))
        })
        .await?;
    let open = found.filter(|(organization, provider)| organization.status == "active" && provider.status == "active");
    Ok(open.map(|(organization, row)| Entrance { organization, provider: providers::label(&row.kind) }))
}

/// The same for a member only: to anybody else the organization does not exist.
///
/// # Errors
/// The store's.
pub async fn find_as_member(app: &App, who: &SignedIn, slug: &str) -> Result<Option<Entrance>, StoreError> {
    let Some(entrance) = find(app, slug).await? else { return Ok(None) };
    let (organization_id, user_id) = (entrance.organization.id, who.user.id);
    let member = app.store.read(move |conn| organization_members::find_of_user(conn, organization_id, user_id)).await?;
    Ok(member.filter(|member| member.status == "active").map(|_| entrance))
}
