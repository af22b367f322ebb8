//! What an organization is called, and how people come into it and its teams.

use serde_json::json;

use super::change::{self, By};
use super::{OrganizationRefusal, names};
use crate::app::App;
use crate::flows::audit::Target;
use crate::protocol::span;
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

/// Seconds a token may live on an identity nobody can ask about: an hour to a year.
pub const TOKEN_MAX_AGE: std::ops::RangeInclusive<i64> = 3600..=365 * 86_400;

/// Sets how many seconds a token lives on an identity that cannot be re-checked without its person; without one, the
/// server's own default counts. It counts for tokens there are already, too. False when nothing changed.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn set_token_max_age(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    seconds: Option<i64>,
) -> Result<bool, OrganizationRefusal> {
    if seconds.is_some_and(|seconds| !TOKEN_MAX_AGE.contains(&seconds)) {
        return Err(token_age_refused());
    }
    let target = Target::Organization(organization);
    let data = json!({ "token_max_age": seconds });
    let event = change::event(app, by, organization.id, "org.settings", target, data)?;
    let now = app.clock.now();
    change::change(app, organization.id, by, Some("org:write"), move |write, held, _| {
        if held.token_max_age == seconds {
            return Ok(Ok(false));
        }
        let row = OrganizationRow { token_max_age: seconds, updated_at: now, ..held.clone() };
        organizations::update(write, &row)?;
        audit_events::insert(write, &event)?;
        Ok(Ok(true))
    })
    .await
}

/// What bounds there are.
pub fn token_age_refused() -> OrganizationRefusal {
    OrganizationRefusal::TokenAge(span::text(*TOKEN_MAX_AGE.start()), span::text(*TOKEN_MAX_AGE.end()))
}
