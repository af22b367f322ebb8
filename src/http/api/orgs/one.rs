//! `/api/v1/organizations/{org}`: one organization, its settings, its end, and leaving it.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::nullable;
use crate::flows::api::{Needs, needs, organization};
use crate::flows::organizations::settings::{self, Changes};
use crate::flows::organizations::show::{OrganizationView, Row};
use crate::flows::organizations::{By, delete as deletion, members, show};
use crate::http::api::{Answer, Call, Problem, body, entity};

/// An organization.
#[derive(Serialize, ToSchema)]
pub struct Organization {
    /// Stable; never used again.
    pub id: String,
    /// In addresses.
    pub slug: String,
    /// Display name.
    pub name: String,
    /// `active` or `pending_deletion`.
    pub status: String,
    /// When it is deleted.
    pub delete_at: Option<i64>,
    /// Role of whoever joins without an invitation.
    pub default_role: String,
    /// Members join and leave teams by themselves, and see into all of them.
    pub open_membership: bool,
    /// Seconds a token may live on an identity that cannot be asked about again; null for the server's own number.
    pub token_max_age: Option<i64>,
    /// `open`, or `approval`: members authorize only applications that were allowed.
    pub application_policy: String,
    /// Kind of its provider, if it has one.
    pub provider: Option<String>,
    /// Active members.
    pub members: i64,
    /// When it was made.
    pub created_at: i64,
    /// Role of whoever asks; null for a key.
    pub role: Option<String>,
}

/// What `If-Match` is about.
#[derive(Serialize)]
struct Settings<'a>(&'a str, &'a str, &'a str, &'a str, bool, Option<i64>, &'a str);

impl Organization {
    pub(super) fn of(view: OrganizationView, role: Option<String>) -> Organization {
        Organization {
            id: view.id,
            slug: view.slug,
            name: view.name,
            status: view.status,
            delete_at: view.delete_at,
            default_role: view.default_role,
            open_membership: view.open_membership,
            token_max_age: view.token_max_age,
            application_policy: view.application_policy,
            provider: view.provider,
            members: view.members,
            created_at: view.created_at,
            role,
        }
    }

    fn tagged(&self) -> Settings<'_> {
        let Organization {
            slug, name, status, default_role, open_membership, token_max_age, application_policy, ..
        } = self;
        Settings(slug, name, status, default_role, *open_membership, *token_max_age, application_policy)
    }
}

/// What shall change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationChanges {
    /// 1 to 64 characters.
    pub name: Option<String>,
    /// 2 to 50 lower-case letters, digits and hyphens. Links with the old one lead nowhere then.
    pub slug: Option<String>,
    /// Any role but the top one.
    pub default_role: Option<String>,
    /// Members join and leave teams by themselves, and see into all of them.
    pub open_membership: Option<bool>,
    /// 3600 to 31536000, or null for the server's own number; asks for `org:admin`.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i64>)]
    pub token_max_age: Option<Option<i64>>,
    /// `open` or `approval`; asks for `org:admin`.
    pub application_policy: Option<String>,
}

async fn seen(call: &Call) -> Result<Organization, Problem> {
    shown(call, show::by_id(&call.app, call.inside()?.organization.id).await?).await
}

async fn shown(call: &Call, row: Row) -> Result<Organization, Problem> {
    let role = call.inside()?.member.as_ref().map(|member| member.member.role.clone());
    Ok(Organization::of(show::view(&call.app, row).await?, role))
}

/// One of them.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}", tag = "Organizations", summary = "Show an organization",
    params(("org" = String, Path, description = "Slug or id.")),
    responses((status = 200, description = "With its entity tag.", body = Organization)))]
pub async fn get(call: Call) -> Answer {
    let seen = seen(&call).await?;
    Ok(entity::answer_for(&call, &seen, &seen.tagged()))
}

/// Changes settings: all of what is asked, or nothing.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(patch, path = "/api/v1/organizations/{org}", tag = "Organizations", summary = "Change an organization",
    request_body = OrganizationChanges,
    params(("org" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, description = "As it is afterwards.", body = Organization)))]
pub async fn patch(call: Call, payload: web::Payload) -> Answer {
    let (changes, _) = body::read::<OrganizationChanges>(&call.app, &call.request, payload).await?;
    let row = show::by_id(&call.app, call.inside()?.organization.id).await?;
    let before = entity::seen(&call, &shown(&call, row.clone()).await?.tagged(), &row)?;
    let changes = Changes {
        name: changes.name,
        slug: changes.slug,
        default_role: changes.default_role,
        open_membership: changes.open_membership,
        token_max_age: changes.token_max_age,
        application_policy: changes.application_policy,
    };
    // Only these of the settings say who gets in.
    if changes.token_max_age.is_some() || changes.application_policy.is_some() {
        needs::proof(&call.app, &call.credential, Needs::OrganizationFresh("org:admin"))?;
    }
    let acting = call.acting("org:write");
    settings::edit_if(&call.app, By::Api(&acting), &call.inside()?.organization, changes, before).await?;
    let seen = seen(&call).await?;
    Ok(entity::answer_for(&call, &seen, &seen.tagged()))
}

/// Asks for its end: it closes at once, and is gone after the server's delay unless somebody restores it.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/organizations/{org}", tag = "Organizations", summary = "Delete an organization",
    params(("org" = String, Path), ("confirm" = String, Query, description = "Its slug, once more.")),
    responses((status = 204, description = "Closed; deleted for good after the delay.")))]
pub async fn delete(call: Call) -> Answer {
    let query = call.query()?;
    let confirmed = query.once("confirm").ok().flatten().unwrap_or_default();
    let acting = call.acting("org:admin");
    deletion::request(&call.app, By::Api(&acting), &call.inside()?.organization, confirmed, None).await?;
    Ok(call.done())
}

/// Takes the deletion back. Keys do nothing while it waits: this takes an owner's session or token.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/organizations/{org}/restore", tag = "Organizations",
    summary = "Take a deletion back", params(("org" = String, Path)),
    responses((status = 200, description = "Everything is as it was.", body = Organization)))]
pub async fn restore(call: Call) -> Answer {
    let acting = call.acting("org:admin");
    deletion::restore(&call.app, By::Api(&acting), &call.inside()?.organization, None).await?;
    Ok(call.ok(&seen(&call).await?))
}

/// Ends one's own membership.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/organizations/{org}/leave", tag = "Organizations", summary = "Leave an organization",
    params(("org" = String, Path)), responses((status = 204, description = "You are no member any more.")))]
pub async fn leave(call: Call) -> Answer {
    // It is about one's own account, so the table asks for that; the door is the organization's.
    let inside = organization::enter(&call.app, &call.credential, &call.segment("org")?, "org:read", false).await?;
    let acting = call.acting("org:read");
    members::remove::remove(&call.app, By::Api(&acting), &inside.organization, call.user()?).await?;
    Ok(call.done())
}
