//! `/api/v1/organizations/{org}/applications`: what members let applications have here, and the organization's word.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::flows::organizations::applications::list::{self as lines, ApplicationLine};
use crate::flows::organizations::applications::{decide, revoke};
use crate::flows::organizations::{By, OrganizationRefusal};
use crate::http::api::page::{self, Asked, Cursor};
use crate::http::api::{Answer, Call, body, entity};

/// An application in the organization.
#[derive(Serialize, ToSchema)]
pub struct OrgApplication {
    /// The client's identifier.
    pub client_id: String,
    /// What it calls itself.
    pub name: String,
    /// An administrator vouched for it.
    pub verified: bool,
    /// Members who allowed it something here.
    pub members: usize,
    /// All that they allowed together.
    pub scopes: Vec<String>,
    /// When anybody last used it, to the minute.
    pub last_used_at: Option<i64>,
    /// `asked`, `allowed`, `refused`, or null. What is refused stays out under every `application_policy`; to be allowed is
    /// needed where that is `approval`.
    pub status: Option<String>,
    /// User name of the member who asked.
    pub asked_by: Option<String>,
    /// When it was asked for, or allowed unasked.
    pub asked_at: Option<i64>,
}

impl From<ApplicationLine> for OrgApplication {
    fn from(line: ApplicationLine) -> OrgApplication {
        OrgApplication {
            client_id: line.client_id,
            name: line.name,
            verified: line.verified,
            members: line.members,
            scopes: line.scopes.into_vec(),
            last_used_at: line.last_used_at,
            status: line.status,
            asked_by: line.asked_by,
            asked_at: line.asked_at,
        }
    }
}

/// The word on an application.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `allowed` or `refused`.
    pub status: String,
}

/// Applications that members allowed, or that the organization has a word on.
///
/// # Errors
/// [`crate::http::api::Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/applications", tag = "Applications of an organization",
    summary = "List applications in use",
    params(("org" = String, Path),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "By client identifier.", body = Vec<OrgApplication>)))]
pub async fn list(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let (after, limit) = (asked.after()?, usize::try_from(asked.limit).unwrap_or_default());
    let found = lines::by_client_id(&call.app, &call.inside()?.organization, &after, limit).await?;
    let next = found.lines.last().filter(|_| found.more).map(|line| Cursor::Text(line.client_id.clone()));
    let entries: Vec<OrgApplication> = found.lines.into_iter().map(OrgApplication::from).collect();
    Ok(page::answer(&call, &asked, &entries, next))
}

/// What `If-Match` is about: the word, not what members do meanwhile.
fn tagged(application: &OrgApplication) -> (&str, Option<&str>) {
    (&application.client_id, application.status.as_deref())
}

/// One of them.
///
/// # Errors
/// [`crate::http::api::Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/applications/{application}",
    tag = "Applications of an organization", summary = "Show an application in use",
    params(("org" = String, Path), ("application" = String, Path, description = "Client identifier.")),
    responses((status = 200, description = "What members allowed it.", body = OrgApplication)))]
pub async fn get(call: Call) -> Answer {
    let id = call.segment("application")?;
    let found = lines::show(&call.app, &call.inside()?.organization, &id).await?;
    let found = OrgApplication::from(found);
    Ok(entity::answer_for(&call, &found, &tagged(&found)))
}

/// Allows or refuses an application. What members allowed before stays until it is revoked.
///
/// # Errors
/// [`crate::http::api::Problem`].
#[utoipa::path(put, path = "/api/v1/organizations/{org}/applications/{application}",
    tag = "Applications of an organization", summary = "Allow or refuse an application", request_body = Decision,
    params(("org" = String, Path), ("application" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, description = "As it is afterwards.", body = OrgApplication)))]
pub async fn put(call: Call, payload: web::Payload) -> Answer {
    let (decision, _) = body::read::<Decision>(&call.app, &call.request, payload).await?;
    let (acting, organization) = (call.acting("org:admin"), &call.inside()?.organization);
    let id = call.segment("application")?;
    let seen = match lines::show(&call.app, organization, &id).await {
        Ok(found) => {
            let found = OrgApplication::from(found);
            entity::seen(&call, &tagged(&found), found.status.clone())?
        }
        // Nobody asked for it yet: this is the first word.
        Err(OrganizationRefusal::ApplicationUnknown) => entity::seen(&call, &(&id, None::<&str>), None)?,
        Err(refusal) => return Err(refusal.into()),
    };
    decide::decide_if(&call.app, By::Api(&acting), organization, &id, &decision.status, seen).await?;
    get(call).await
}

/// Takes back what every member let the application have here.
///
/// # Errors
/// [`crate::http::api::Problem`].
#[utoipa::path(delete, path = "/api/v1/organizations/{org}/applications/{application}/authorizations",
    tag = "Applications of an organization", summary = "Revoke an application for all members",
    params(("org" = String, Path), ("application" = String, Path)),
    responses((status = 204, description = "Its tokens for this organization are dead.")))]
pub async fn revoke(call: Call) -> Answer {
    let (acting, organization) = (call.acting("org:admin"), &call.inside()?.organization);
    match revoke::revoke(&call.app, By::Api(&acting), organization, &call.segment("application")?).await {
        Ok(0) => Err(OrganizationRefusal::ApplicationUnknown.into()),
        Ok(_) => Ok(call.done()),
        Err(refusal) => Err(refusal.into()),
    }
}
