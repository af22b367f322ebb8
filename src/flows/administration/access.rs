//! What a person has here, for whoever looks after accounts: sessions, memberships, identities.

use serde_json::json;

use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::logout::end as logout;
use crate::flows::session;
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, StoreError, audit_events, identities, organization_members, providers};

/// A place in an organization.
#[derive(Clone, Debug)]
pub struct Place {
    /// Name in addresses.
    pub slug: String,
    /// Display name.
    pub name: String,
    /// Role.
    pub role: String,
}

/// The organizations a person belongs to.
///
/// # Errors
/// The store's.
pub async fn places(app: &App, user: &UserRow) -> Result<Vec<Place>, StoreError> {
    let id = user.id;
    let rows = app.store.read(move |conn| organization_members::of_user(conn, id)).await?;
    let place = |(member, organization): (organization_members::MemberRow, OrganizationRow)| Place {
        slug: organization.slug,
        name: organization.name,
        role: member.role,
    };
    Ok(rows.into_iter().map(place).collect())
}

/// An account of the person at a provider.
#[derive(Clone, Debug)]
pub struct Linked {
    /// Slug of the provider's organization.
    pub organization: String,
    /// Kind of the provider.
    pub provider: String,
    /// What it calls the account.
    pub subject: String,
    /// The address it told.
    pub email: Option<String>,
    /// `valid` or `invalid`.
    pub status: String,
    /// When it last vouched.
    pub last_verified: NumericDate,
}

/// The person's linked identities.
///
/// # Errors
/// The store's.
pub async fn linked(app: &App, user: &UserRow) -> Result<Vec<Linked>, StoreError> {
    let id = user.id;
    app.store
        .read(move |conn| {
            let mut linked = Vec::new();
            for row in identities::list_of_user(conn, id)? {
                let Some(provider) = providers::find(conn, row.provider_id)? else { continue };
                let organization = OrganizationRow::load(conn, provider.organization_id)?;
                linked.push(Linked {
                    organization: organization.map(|organization| organization.slug).unwrap_or_default(),
                    provider: provider.kind,
                    subject: row.subject,
                    email: row.email,
                    status: row.status,
                    last_verified: row.last_verified,
                });
            }
            Ok(linked)
        })
        .await
}

/// Slug of the organization that manages the account, if one does.
///
/// # Errors
/// The store's.
pub async fn manager(app: &App, user: &UserRow) -> Result<Option<String>, StoreError> {
    let Some(id) = user.managed_by else { return Ok(None) };
    let found = app.store.read(move |conn| OrganizationRow::load(conn, id)).await?;
    Ok(found.map(|organization| organization.slug))
}

/// Ends the person's session with this public name; false when it is not theirs or not open.
///
/// # Errors
/// The store's.
pub async fn end_session(
    app: &App,
    caller: &Caller,
    actor: Actor<'_>,
    user: &UserRow,
    sid: &str,
) -> Result<bool, StoreError> {
    let Some(row) = session::list(app, user).await?.into_iter().find(|row| row.sid == sid) else { return Ok(false) };
    let event = audit::draft(app, Some(caller), "session.end", actor, Target::User(user), json!({}))?;
    let (id, now, store) = (row.id, app.clock.now(), app.store.clone());
    terms::of(app, Some(caller))
        .write(move |write| {
            let ended = logout::one(write, &store, id, now)?;
            if ended {
                audit_events::insert(write, &event)?;
            }
            Ok(ended)
        })
        .await
}
