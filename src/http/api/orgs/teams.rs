//! `/api/v1/organizations/{org}/teams`: named groups of members.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{eyes, page_by};
use crate::flows::organizations::teams::list::{self as lines, TeamLine, TeamMember};
use crate::flows::organizations::teams::{access, edit};
use crate::flows::organizations::{By, OrganizationRefusal};
use crate::http::api::create::{self as creation, Made};
use crate::http::api::page::{self, Asked};
use crate::http::api::{Answer, Call, Problem, body, entity};

/// A team.
#[derive(Serialize, ToSchema)]
pub struct Team {
    /// In addresses.
    pub slug: String,
    /// Display name.
    pub name: String,
    /// How many are in it.
    pub members: usize,
    /// Whoever asks is in it, or the member whom the key follows.
    pub mine: bool,
}

impl From<TeamLine> for Team {
    fn from(line: TeamLine) -> Team {
        Team { slug: line.slug, name: line.name, members: line.members, mine: line.mine }
    }
}

/// A team as asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTeam {
    /// 1 to 64 characters.
    pub name: String,
    /// 2 to 50 lower-case letters, digits and hyphens; made from the name when left out.
    pub slug: Option<String>,
}

/// What shall change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamChanges {
    /// 1 to 64 characters.
    pub name: Option<String>,
    /// 2 to 50 lower-case letters, digits and hyphens.
    pub slug: Option<String>,
}

/// The teams there are. Into which of them whoever asks sees is another matter.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/teams", tag = "Teams", summary = "List teams",
    params(("org" = String, Path),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "By slug.", body = Vec<Team>)))]
pub async fn list(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let teams = lines::list(&call.app, &call.inside()?.organization, eyes(&call)?.member_id()).await?;
    let (teams, next) = page_by(&asked, teams, |team| &team.slug)?;
    let entries: Vec<Team> = teams.into_iter().map(Team::from).collect();
    Ok(page::answer(&call, &asked, &entries, next))
}

/// Makes a team.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/organizations/{org}/teams", tag = "Teams", summary = "Make a team",
    request_body = NewTeam, params(("org" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "Nobody is in it yet.", body = Team)))]
pub async fn post(call: Call, payload: web::Payload) -> Answer {
    let (new, bytes) = body::read::<NewTeam>(&call.app, &call.request, payload).await?;
    creation::create(&call, &bytes, None, async |_, _| {
        let (acting, organization) = (call.acting("team:write"), &call.inside()?.organization);
        let slug = new.slug.unwrap_or_default();
        let slug = edit::create(&call.app, By::Api(&acting), organization, &new.name, &slug).await?;
        let (team, _) = seen(&call, &slug).await?;
        let location = format!("{}/{slug}", call.request.uri().path());
        Ok(Made { body: serde_json::json!(Team::from(team)), location: Some(location), secret: None })
    })
    .await
}

/// One of them: where teams are closed, for those in it and those who manage teams.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/teams/{team}", tag = "Teams", summary = "Show a team",
    params(("org" = String, Path), ("team" = String, Path, description = "Slug.")),
    responses((status = 200, description = "With its entity tag.", body = Team)))]
pub async fn get(call: Call) -> Answer {
    let (team, _) = of_the_path(&call).await?;
    Ok(answer(&call, team))
}

/// Another name or slug.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(patch, path = "/api/v1/organizations/{org}/teams/{team}", tag = "Teams", summary = "Change a team",
    request_body = TeamChanges,
    params(("org" = String, Path), ("team" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, description = "As it is afterwards.", body = Team)))]
pub async fn patch(call: Call, payload: web::Payload) -> Answer {
    let (changes, _) = body::read::<TeamChanges>(&call.app, &call.request, payload).await?;
    let (team, _) = of_the_path(&call).await?;
    let tagged = (team.slug.clone(), team.name.clone());
    let before = entity::seen(&call, &tagged, tagged.clone())?;
    let changes = edit::TeamChanges { name: changes.name, slug: changes.slug, seen: before };
    let (acting, organization) = (call.acting("team:write"), &call.inside()?.organization);
    let slug = edit::change(&call.app, By::Api(&acting), organization, &team.slug, changes).await?;
    Ok(answer(&call, seen(&call, &slug).await?.0))
}

/// Deletes a team; its members stay members of the organization.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/organizations/{org}/teams/{team}", tag = "Teams", summary = "Delete a team",
    params(("org" = String, Path), ("team" = String, Path)),
    responses((status = 204, description = "Its members stay in the organization.")))]
pub async fn delete(call: Call) -> Answer {
    let (team, _) = of_the_path(&call).await?;
    let acting = call.acting("team:admin");
    edit::delete(&call.app, By::Api(&acting), &call.inside()?.organization, &team.slug).await?;
    Ok(call.done())
}

/// The path's team, and who is in it, for whoever may see into it.
pub(super) async fn of_the_path(call: &Call) -> Result<(TeamLine, Vec<TeamMember>), Problem> {
    let (team, members) = seen(call, &call.segment("team")?).await?;
    access::see_into(&call.app, &call.inside()?.organization, eyes(call)?, team.mine)?;
    Ok((team, members))
}

async fn seen(call: &Call, slug: &str) -> Result<(TeamLine, Vec<TeamMember>), Problem> {
    let found = lines::show(&call.app, &call.inside()?.organization, slug, eyes(call)?.member_id()).await?;
    Ok(found.ok_or(OrganizationRefusal::TeamUnknown)?)
}

fn answer(call: &Call, team: TeamLine) -> actix_web::HttpResponse {
    let tagged = (team.slug.clone(), team.name.clone());
    entity::answer_for(call, &Team::from(team), &tagged)
}
