//! Organizations to look at: one's own, all of them, and what there is in one.

use serde::Serialize;

use super::OrganizationRefusal;
use crate::app::App;
use crate::protocol::NumericDate;
use crate::store::organizations::{self, OrganizationRow};
use crate::store::{StoreError, invitations, organization_members, providers, teams};

/// An organization's row.
pub use crate::store::organizations::OrganizationRow as Row;

/// An organization somebody belongs to.
#[derive(Clone, Debug)]
pub struct Mine {
    /// Row id.
    pub id: i64,
    /// In APIs and tokens.
    pub public_id: String,
    /// In addresses.
    pub slug: String,
    /// Display name.
    pub name: String,
    /// The person's role.
    pub role: String,
    /// It is about to be deleted.
    pub pending_deletion: bool,
}

/// The organizations a person belongs to, by slug.
///
/// # Errors
/// The store's.
pub async fn mine(app: &App, user_id: i64) -> Result<Vec<Mine>, StoreError> {
    let rows = app.store.read(move |conn| organization_members::of_user(conn, user_id)).await?;
    let mine = rows.into_iter().map(|(member, organization)| Mine {
        id: organization.id,
        public_id: organization.public_id,
        pending_deletion: organization.status != "active",
        slug: organization.slug,
        name: organization.name,
        role: member.role,
    });
    Ok(mine.collect())
}

/// What an overview counts.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Active members.
    pub members: i64,
    /// Invitations that wait.
    pub invitations: usize,
    /// Teams.
    pub teams: usize,
}

/// Counts what there is in an organization.
///
/// # Errors
/// The store's.
pub async fn counts(app: &App, organization: &OrganizationRow) -> Result<Counts, StoreError> {
    let (id, now) = (organization.id, app.clock.now());
    app.store
        .read(move |conn| {
            Ok(Counts {
                members: organization_members::count(conn, id)?,
                invitations: invitations::pending(conn, id)?.iter().filter(|row| row.is_open(now)).count(),
                teams: teams::list(conn, id)?.len(),
            })
        })
        .await
}

/// The organization with this slug, whoever asks: for the command line.
///
/// # Errors
/// [`OrganizationRefusal::NotFound`], or the store's.
pub async fn by_slug(app: &App, slug: &str) -> Result<OrganizationRow, OrganizationRefusal> {
    let slug = slug.to_owned();
    let found = app.store.read(move |conn| organizations::find_by_slug(conn, &slug)).await?;
    found.ok_or(OrganizationRefusal::NotFound)
}

/// The organization as it is now, by its row.
///
/// # Errors
/// [`OrganizationRefusal::NotFound`], or the store's.
pub async fn by_id(app: &App, id: i64) -> Result<OrganizationRow, OrganizationRefusal> {
    let found = app.store.read(move |conn| organizations::find(conn, id)).await?;
    found.ok_or(OrganizationRefusal::NotFound)
}

/// An organization for people and programs to look at.
#[derive(Clone, Debug, Serialize)]
pub struct OrganizationView {
    /// In APIs and tokens.
    pub id: String,
    /// In addresses.
    pub slug: String,
    /// Display name.
    pub name: String,
    /// `active` or `pending_deletion`.
    pub status: String,
    /// When it is deleted.
    pub delete_at: Option<NumericDate>,
    /// Role of whoever joins without an invitation.
    pub default_role: String,
    /// Members join and leave teams by themselves.
    pub open_membership: bool,
    /// Seconds a token may live on an identity that cannot be asked about again; the server's own number otherwise.
    pub token_max_age: Option<i64>,
    /// `open`, or `approval`: members authorize only applications that were allowed.
    pub application_policy: String,
    /// Kind of its provider.
    pub provider: Option<String>,
    /// Active members.
    pub members: i64,
    /// When it was made.
    pub created_at: NumericDate,
}

/// One organization in full.
///
/// # Errors
/// The store's.
pub async fn view(app: &App, organization: OrganizationRow) -> Result<OrganizationView, StoreError> {
    let id = organization.id;
    let (provider, members) = app
        .store
        .read(move |conn| Ok((providers::find_of_organization(conn, id)?, organization_members::count(conn, id)?)))
        .await?;
    Ok(OrganizationView {
        id: organization.public_id,
        slug: organization.slug,
        name: organization.name,
        status: organization.status,
        delete_at: organization.delete_at,
        default_role: organization.default_role,
        open_membership: organization.open_membership,
        token_max_age: organization.token_max_age,
        application_policy: organization.application_policy,
        provider: provider.filter(|provider| provider.status == "active").map(|provider| provider.kind),
        members,
        created_at: organization.created_at,
    })
}

/// Every organization, by slug.
///
/// # Errors
/// The store's.
pub async fn all(app: &App) -> Result<Vec<OrganizationView>, StoreError> {
    let mut views = Vec::new();
    for organization in app.store.read(organizations::list).await? {
        views.push(view(app, organization).await?);
    }
    Ok(views)
}
