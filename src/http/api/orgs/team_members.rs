//! `/api/v1/organizations/{org}/teams/{team}/members`: who is in a team.

use serde::Serialize;
use utoipa::ToSchema;

use super::{members, page_by, teams};
use crate::flows::organizations::By;
use crate::flows::organizations::teams::list::TeamMember as Line;
use crate::flows::organizations::teams::places::{self, Place};
use crate::http::api::page::{self, Asked};
use crate::http::api::{Answer, Call};

/// Somebody in a team.
#[derive(Serialize, ToSchema)]
pub struct TeamMember {
    /// Subject identifier.
    pub sub: String,
    /// User name.
    pub login: String,
    /// Display name.
    pub name: String,
    /// Role in the organization.
    pub role: String,
}

impl From<Line> for TeamMember {
    fn from(line: Line) -> TeamMember {
        TeamMember { sub: line.sub, login: line.login, name: line.name, role: line.role }
    }
}

/// Who is in it.
///
/// # Errors
/// [`crate::http::api::Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/teams/{team}/members", tag = "Teams",
    summary = "List a team's members",
    params(("org" = String, Path), ("team" = String, Path),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "By user name.", body = Vec<TeamMember>)))]
pub async fn list(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let (_, members) = teams::of_the_path(&call).await?;
    let (members, next) = page_by(&asked, members, |member| &member.login)?;
    let entries: Vec<TeamMember> = members.into_iter().map(TeamMember::from).collect();
    Ok(page::answer(&call, &asked, &entries, next))
}

/// Puts a member into the team; the same when they are in it.
///
/// # Errors
/// [`crate::http::api::Problem`].
#[utoipa::path(put, path = "/api/v1/organizations/{org}/teams/{team}/members/{member}", tag = "Teams",
    summary = "Put a member into a team",
    params(("org" = String, Path), ("team" = String, Path), ("member" = String, Path, description = "Subject identifier.")),
    responses((status = 204, description = "They are in it.")))]
pub async fn put(call: Call) -> Answer {
    set(call, "team:write", Place::Taken).await
}

/// Takes a member out of the team; the same when they are not in it.
///
/// # Errors
/// [`crate::http::api::Problem`].
#[utoipa::path(delete, path = "/api/v1/organizations/{org}/teams/{team}/members/{member}", tag = "Teams",
    summary = "Take a member out of a team",
    params(("org" = String, Path), ("team" = String, Path), ("member" = String, Path)),
    responses((status = 204, description = "They are not in it.")))]
pub async fn delete(call: Call) -> Answer {
    set(call, "team:admin", Place::GivenUp).await
}

async fn set(call: Call, scope: &'static str, place: Place) -> Answer {
    let (team, _) = teams::of_the_path(&call).await?;
    let (_, user) = members::of_the_path(&call).await?;
    let acting = call.acting(scope);
    let organization = &call.inside()?.organization;
    places::set(&call.app, By::Api(&acting), organization, &team.slug, &user, place).await?;
    Ok(call.done())
}
