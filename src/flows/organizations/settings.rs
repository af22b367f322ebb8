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
/// server's own default counts. It counts for tokens there are already, too, and is the owners' to say. False when nothing
/// changed.
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
    change::change(app, organization.id, by, Some("org:admin"), move |write, held, _| {
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

/// What shall change; the rest stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Display name.
    pub name: Option<String>,
    /// Address.
    pub slug: Option<String>,
    /// Role of whoever joins without an invitation.
    pub default_role: Option<String>,
    /// Members join and leave teams by themselves.
    pub open_membership: Option<bool>,
    /// Seconds a token may live on an identity that cannot be asked about again, or the server's own number.
    pub token_max_age: Option<Option<i64>>,
    /// [`OPEN`] or [`APPROVAL`].
    pub application_policy: Option<String>,
}

/// Members authorize any application.
pub const OPEN: &str = "open";
/// Members authorize applications that were allowed.
pub const APPROVAL: &str = "approval";

/// Several settings at once, all or none; false when nothing changed. What tokens and applications may is the owners'.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn edit(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    changes: Changes,
) -> Result<bool, OrganizationRefusal> {
    edit_if(app, by, organization, changes, None).await
}

/// The same, if the settings still are as they were `seen`.
///
/// # Errors
/// [`OrganizationRefusal::Changed`] if they are not; those of [`edit`].
pub async fn edit_if(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    changes: Changes,
    seen: Option<&OrganizationRow>,
) -> Result<bool, OrganizationRefusal> {
    let roles = app.roles.clone();
    let name = match &changes.name {
        Some(name) if name.trim() != organization.name => Some(names::organization_name(app, name)?),
        _ => None,
    };
    let slug = match &changes.slug {
        Some(slug) if slug.trim() != organization.slug => Some(names::organization_slug(slug)?),
        _ => None,
    };
    let Changes { default_role, open_membership, token_max_age, application_policy, .. } = changes;
    match &default_role {
        Some(role) if !roles.knows(role) => return Err(OrganizationRefusal::RoleUnknown(role.clone())),
        Some(role) if role == roles.top() => return Err(OrganizationRefusal::DefaultRoleTooHigh(role.clone())),
        _ => {}
    }
    if token_max_age.flatten().is_some_and(|age| !TOKEN_MAX_AGE.contains(&age)) {
        return Err(token_age_refused());
    }
    if application_policy.as_deref().is_some_and(|policy| ![OPEN, APPROVAL].contains(&policy)) {
        return Err(OrganizationRefusal::ApplicationPolicy);
    }
    let target = Target::Organization(organization);
    let event = change::event(app, by, organization.id, "org.settings", target, json!({}))?;
    let (now, seen) = (app.clock.now(), seen.cloned());
    change::change(app, organization.id, by, Some("org:write"), move |write, held, authority| {
        if seen.as_ref().is_some_and(|seen| differ(seen, held)) {
            return Ok(Err(OrganizationRefusal::Changed));
        }
        let new = OrganizationRow {
            name: name.clone().unwrap_or_else(|| held.name.clone()),
            slug: slug.clone().unwrap_or_else(|| held.slug.clone()),
            default_role: default_role.clone().unwrap_or_else(|| held.default_role.clone()),
            open_membership: open_membership.unwrap_or(held.open_membership),
            token_max_age: token_max_age.unwrap_or(held.token_max_age),
            application_policy: application_policy.clone().unwrap_or_else(|| held.application_policy.clone()),
            ..held.clone()
        };
        let data = difference(held, &new);
        if !differ(held, &new) {
            return Ok(Ok(false));
        }
        let owners = new.token_max_age != held.token_max_age || new.application_policy != held.application_policy;
        let judged = if owners { authority.allows(&roles, "org:admin") } else { Ok(()) };
        let reached = match new.default_role == held.default_role {
            true => Ok(()),
            false => authority.reaches(&roles, &new.default_role),
        };
        if let Err(refusal) = judged.and(reached) {
            return Ok(Err(refusal));
        }
        let row = OrganizationRow { updated_at: now, ..new };
        if write.unless_taken(|write| organizations::update(write, &row))?.is_none() {
            return Ok(Err(OrganizationRefusal::SlugTaken));
        }
        let mut event = event.clone();
        event.target_label.clone_from(&row.name);
        event.data = data.to_string();
        audit_events::insert(write, &event)?;
        Ok(Ok(true))
    })
    .await
}

/// What bounds there are.
pub fn token_age_refused() -> OrganizationRefusal {
    OrganizationRefusal::TokenAge(span::text(*TOKEN_MAX_AGE.start()), span::text(*TOKEN_MAX_AGE.end()))
}

fn differ(one: &OrganizationRow, other: &OrganizationRow) -> bool {
    difference(one, other).as_object().is_some_and(|changed| !changed.is_empty())
}

/// From and to of each setting that changed.
fn difference(held: &OrganizationRow, new: &OrganizationRow) -> serde_json::Value {
    let pairs = [
        ("name", json!(held.name), json!(new.name)),
        ("slug", json!(held.slug), json!(new.slug)),
        ("default_role", json!(held.default_role), json!(new.default_role)),
        ("open_membership", json!(held.open_membership), json!(new.open_membership)),
        ("token_max_age", json!(held.token_max_age), json!(new.token_max_age)),
        ("application_policy", json!(held.application_policy), json!(new.application_policy)),
    ];
    let changed = pairs.into_iter().filter(|(_, from, to)| from != to);
    changed.map(|(name, from, to)| (name.to_owned(), json!({ "from": from, "to": to }))).collect()
}
