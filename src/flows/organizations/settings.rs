//! What an organization is called, and how people come into it and its teams.

use serde_json::json;

use super::change::{self, By};
use super::{OrganizationRefusal, names};
use crate::app::App;
use crate::flows::audit::Target;
use crate::store::audit_events;
use crate::store::organizations::{self, OrganizationRow};

/// Gives it another name or address; false when nothing changed. Links with the old address lead nowhere then.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn rename(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    name: &str,
    slug: &str,
) -> Result<bool, OrganizationRefusal> {
    let name =
        if name.trim() == organization.name { name.trim().to_owned() } else { names::organization_name(app, name)? };
    let slug = if slug.trim() == organization.slug { slug.trim().to_owned() } else { names::organization_slug(slug)? };
    let event = change::event(app, by, organization.id, "org.rename", Target::Organization(organization), json!({}))?;
    let now = app.clock.now();
    change::change(app, organization.id, by, Some("org:write"), move |write, held, _| {
        if held.name == name && held.slug == slug {
            return Ok(Ok(false));
        }
        let mut event = event.clone();
        event.data = json!({ "from": [held.name, held.slug], "to": [name, slug] }).to_string();
        event.target_label.clone_from(&name);
        let row = OrganizationRow { name: name.clone(), slug: slug.clone(), updated_at: now, ..held.clone() };
        if write.unless_taken(|write| organizations::update(write, &row))?.is_none() {
            return Ok(Err(OrganizationRefusal::SlugTaken));
        }
        audit_events::insert(write, &event)?;
        Ok(Ok(true))
    })
    .await
}

/// How people come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joining {
    /// Role of whoever joins without an invitation.
    pub default_role: String,
    /// Members join and leave teams by themselves.
    pub open_membership: bool,
}

/// Sets how people come in; false when nothing changed.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn set_joining(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    joining: Joining,
) -> Result<bool, OrganizationRefusal> {
    let roles = app.roles.clone();
    if !roles.knows(&joining.default_role) {
        return Err(OrganizationRefusal::RoleUnknown(joining.default_role));
    }
    if joining.default_role == roles.top() {
        return Err(OrganizationRefusal::DefaultRoleTooHigh(joining.default_role));
    }
    let target = Target::Organization(organization);
    let data = json!({ "default_role": joining.default_role, "open_membership": joining.open_membership });
    let event = change::event(app, by, organization.id, "org.settings", target, data)?;
    let now = app.clock.now();
    change::change(app, organization.id, by, Some("org:write"), move |write, held, authority| {
        let Joining { default_role, open_membership } = joining.clone();
        if held.default_role == default_role && held.open_membership == open_membership {
            return Ok(Ok(false));
        }
        if let Err(refusal) = authority.reaches(&roles, &default_role) {
            return Ok(Err(refusal));
        }
        let row = OrganizationRow { default_role, open_membership, updated_at: now, ..held.clone() };
        organizations::update(write, &row)?;
        audit_events::insert(write, &event)?;
        Ok(Ok(true))
    })
    .await
}
