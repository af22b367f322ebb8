//! A new organization and its first owner.

use serde_json::json;

use super::change::{self, By};
use super::{OrganizationRefusal, names};
use crate::app::App;
use crate::app::throttle::address_key;
use crate::config::organizations::Creation;
use crate::crypto::random;
use crate::flows::audit::Target;
use crate::flows::terms;
use crate::store::organization_members::{self, MemberRow};
use crate::store::organizations::{self, OrganizationRow};
use crate::store::users::{self, UserRow};
use crate::store::{CachedRow as _, audit_events};

/// What somebody wrote down about a new organization.
#[derive(Clone, Debug, Default)]
pub struct NewOrganization {
    /// Display name.
    pub name: String,
    /// Part of its addresses; made from the name when empty.
    pub slug: String,
}

/// Whether this person may make organizations on the pages.
///
/// # Errors
/// [`OrganizationRefusal::CreationClosed`].
pub fn may_create(app: &App, user: &UserRow) -> Result<(), OrganizationRefusal> {
    match app.config.organizations.creation {
        Creation::Everyone => Ok(()),
        Creation::Administrators if user.administrator => Ok(()),
        Creation::Administrators => Err(OrganizationRefusal::CreationClosed("its administrators")),
        Creation::Nobody => Err(OrganizationRefusal::CreationClosed("its operator")),
    }
}

/// Makes it, with `owner` as its first member. The unique index over slugs decides who has one. Where everybody may make
/// organizations, asking which slugs are taken is limited for an address.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn create(
    app: &App,
    by: By<'_>,
    new: NewOrganization,
    owner: &UserRow,
) -> Result<OrganizationRow, OrganizationRefusal> {
    if let Some(user) = by.user() {
        may_create(app, user)?;
    }
    let name = names::organization_name(app, &new.name)?;
    let slug = if new.slug.trim().is_empty() { names::from_name(&name) } else { new.slug };
    let slug = names::organization_slug(&slug)?;
    if let Some(caller) = by.caller()
        && app.throttles.misses.peek(&address_key(caller.address)).is_err()
    {
        return Err(OrganizationRefusal::SlugTaken);
    }
    let now = app.clock.now();
    let row = OrganizationRow {
        id: app.store.next_id()?,
        public_id: random::url_safe_text(16),
        slug,
        name,
        status: "active".to_owned(),
        delete_at: None,
        default_role: app.roles.lowest().to_owned(),
        open_membership: true,
        token_max_age: None,
        created_at: now,
        updated_at: now,
        application_policy: "open".to_owned(),
    };
    let member = MemberRow {
        id: app.store.next_id()?,
        organization_id: row.id,
        user_id: owner.id,
        role: app.roles.top().to_owned(),
        status: "active".to_owned(),
        break_glass_until: None,
        created_at: now,
        removed_at: None,
    };
    let data = json!({ "slug": row.slug, "owner": owner.login });
    let event = change::event(app, by, row.id, "org.create", Target::Organization(&row), data)?;
    let (new, owner) = (row.clone(), owner.id);
    let at_most = by.user().filter(|user| !user.administrator).map(|_| app.config.organizations.per_person);
    let top = app.roles.top().to_owned();
    let made = terms::of(app, by.caller())
        .write(move |write| {
            if !UserRow::load(write, owner)?.is_some_and(|owner| owner.is_active()) {
                return Ok(Err(OrganizationRefusal::MemberUnknown));
            }
            // Held, so that of many made at once each counts those before it.
            users::hold(write, owner)?;
            if let Some(most) = at_most
                && organization_members::count_with_role(write, owner, &top)? >= most
            {
                return Ok(Err(OrganizationRefusal::OrganizationsFull(most)));
            }
            if write.unless_taken(|write| organizations::insert(write, &new))?.is_none() {
                return Ok(Err(OrganizationRefusal::SlugTaken));
            }
            organization_members::insert(write, &member)?;
            audit_events::insert(write, &event)?;
            Ok(Ok(()))
        })
        .await?;
    if let (Err(OrganizationRefusal::SlugTaken), Some(caller)) = (&made, by.caller()) {
        let _now_limited = app.throttles.misses.check(&address_key(caller.address));
    }
    made.map(|()| row)
}
