//! Teams made, renamed and deleted, by whoever's role carries `team:write`.

use serde_json::json;

use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::organizations::change::{self, By};
use crate::flows::organizations::names;
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::store::audit_events;
use crate::store::organizations::OrganizationRow;
use crate::store::teams::{self, TeamRow};

/// Teams of one organization: lists of them are read whole.
const MAX_TEAMS: i64 = 500;

/// Makes a team; an empty slug is made from the name. Its slug.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn create(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    name: &str,
    slug: &str,
) -> Result<String, OrganizationRefusal> {
    let (name, slug) = names::team(name, slug)?;
    let row = TeamRow {
        id: app.store.next_id()?,
        organization_id: organization.id,
        slug: slug.clone(),
        name,
        created_at: app.clock.now(),
    };
    let target = Target::Row("team", row.id, &row.name);
    let event = change::event(app, by, organization.id, "org.team.create", target, json!({ "slug": slug }))?;
    change::change(app, organization.id, by, Some("team:write"), move |write, held, _| {
        if teams::count(write, held.id)? >= MAX_TEAMS {
            return Ok(Err(OrganizationRefusal::TeamsFull(MAX_TEAMS)));
        }
        if write.unless_taken(|write| teams::insert(write, &row))?.is_none() {
            return Ok(Err(OrganizationRefusal::TeamTaken));
        }
        audit_events::insert(write, &event)?;
        Ok(Ok(()))
    })
    .await?;
    Ok(slug)
}

/// Gives a team another name or address; its slug afterwards.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn rename(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    team: &str,
    name: &str,
    slug: &str,
) -> Result<String, OrganizationRefusal> {
    let (name, slug) = names::team(name, slug)?;
    let changes = TeamChanges { name: Some(name), slug: Some(slug), seen: None };
    change(app, by, organization, team, changes).await
}

/// What shall change; the rest stays.
#[derive(Clone, Debug, Default)]
pub struct TeamChanges {
    /// Display name.
    pub name: Option<String>,
    /// Address.
    pub slug: Option<String>,
    /// Address and name as whoever changes it saw them, if the change is about those only.
    pub seen: Option<(String, String)>,
}

/// Changes what is asked for of a team; its slug afterwards.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn change(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    team: &str,
    changes: TeamChanges,
) -> Result<String, OrganizationRefusal> {
    let name = changes.name.as_deref().map(names::team_name).transpose()?;
    let slug = changes.slug.as_deref().map(names::team_slug).transpose()?;
    let label = name.clone().unwrap_or_else(|| team.to_owned());
    let event = change::event(app, by, organization.id, "org.team.rename", Target::Named("team", &label), json!({}))?;
    let (team, seen) = (team.to_owned(), changes.seen);
    change::change(app, organization.id, by, Some("team:write"), move |write, held, _| {
        let Some(row) = teams::find_by_slug(write, held.id, &team)? else {
            return Ok(Err(OrganizationRefusal::TeamUnknown));
        };
        if seen.as_ref().is_some_and(|(slug, name)| *slug != row.slug || *name != row.name) {
            return Ok(Err(OrganizationRefusal::Changed));
        }
        let name = name.clone().unwrap_or_else(|| row.name.clone());
        let slug = slug.clone().unwrap_or_else(|| row.slug.clone());
        if row.name == name && row.slug == slug {
            return Ok(Ok(slug));
        }
        if write.unless_taken(|write| teams::rename(write, row.id, &slug, &name))?.is_none() {
            return Ok(Err(OrganizationRefusal::TeamTaken));
        }
        let mut event = event.clone();
        event.target_id = Some(row.id);
        event.target_label.clone_from(&name);
        event.data = json!({ "from": [row.name, row.slug], "to": [name, slug] }).to_string();
        audit_events::insert(write, &event)?;
        Ok(Ok(slug))
    })
    .await
}

/// Deletes a team; its members stay members of the organization.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn delete(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    team: &str,
) -> Result<(), OrganizationRefusal> {
    let event = change::event(app, by, organization.id, "org.team.delete", Target::Named("team", team), json!({}))?;
    let team = team.to_owned();
    change::change(app, organization.id, by, Some("team:write"), move |write, held, _| {
        let Some(row) = teams::find_by_slug(write, held.id, &team)? else {
            return Ok(Err(OrganizationRefusal::TeamUnknown));
        };
        teams::delete(write, row.id)?;
        let mut event = event.clone();
        (event.target_id, event.target_label) = (Some(row.id), row.name);
        event.data = json!({ "slug": row.slug }).to_string();
        audit_events::insert(write, &event)?;
        Ok(Ok(()))
    })
    .await
}
