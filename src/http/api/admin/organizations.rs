//! `/api/v1/admin/organizations`: every organization; what is in one is changed below `/api/v1/orgs`.

use serde::Serialize;
use utoipa::ToSchema;

use super::{one_of, text};
use crate::flows::administration::OrganizationRow;
use crate::flows::administration::find::{self as search, Wanted};
use crate::flows::api::credential::Acting;
use crate::flows::organizations::{By, delete as deletion, show};
use crate::http::api::page::{self, Asked, Cursor};
use crate::http::api::{Answer, Call, Problem, entity};

/// An organization in a list.
#[derive(Serialize, ToSchema)]
pub struct AdminOrganizationLine {
    /// Name for the API; never used again.
    pub id: String,
    /// Name in addresses; changes with a rename.
    pub slug: String,
    /// Display name.
    pub name: String,
    /// `active` or `pending_deletion`.
    pub status: String,
    /// When a pending deletion is carried out, in seconds since 1970.
    pub delete_at: Option<i64>,
    /// When it was made.
    pub created_at: i64,
}

impl From<&OrganizationRow> for AdminOrganizationLine {
    fn from(row: &OrganizationRow) -> AdminOrganizationLine {
        AdminOrganizationLine {
            id: row.public_id.clone(),
            slug: row.slug.clone(),
            name: row.name.clone(),
            status: row.status.clone(),
            delete_at: row.delete_at,
            created_at: row.created_at,
        }
    }
}

/// An organization.
#[derive(Serialize, ToSchema)]
pub struct AdminOrganization {
    /// As in the list.
    #[serde(flatten)]
    pub line: AdminOrganizationLine,
    /// Role of whoever joins without an invitation.
    pub default_role: String,
    /// Members join and leave teams by themselves.
    pub open_membership: bool,
    /// Kind of its provider; null without single sign-on.
    pub provider: Option<String>,
    /// Active members.
    pub members: i64,
}

async fn named(call: &Call) -> Result<OrganizationRow, Problem> {
    let found = search::organization(&call.app, &call.segment("org")?).await?;
    found.ok_or_else(Problem::not_found)
}

async fn shown(call: &Call, row: &OrganizationRow) -> Result<AdminOrganization, Problem> {
    let view = show::view(&call.app, row.clone()).await?;
    Ok(AdminOrganization {
        line: AdminOrganizationLine::from(row),
        default_role: view.default_role,
        open_membership: view.open_membership,
        provider: view.provider,
        members: view.members,
    })
}

/// What `If-Match` is about: people come and go beside it.
fn tagged(row: &OrganizationRow) -> impl Serialize {
    (AdminOrganizationLine::from(row), row.default_role.clone(), row.open_membership)
}

/// The route asked for an administrator with `admin:write`: no scope of organizations besides bounds them.
fn acting(call: &Call) -> Acting<'_> {
    Acting { credential: &call.credential, caller: &call.caller, scopes: None, administrator: true }
}

/// Every organization, by slug.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/organizations", tag = "Administration: organizations",
    summary = "List organizations",
    params(("q" = Option<String>, Query, description = "Part of slug or name."),
        ("status" = Option<String>, Query, description = "`active` or `pending_deletion`."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "By slug.", body = Vec<AdminOrganizationLine>)))]
pub async fn list(call: Call) -> Answer {
    let params = call.query()?;
    let asked = Asked::of(&params)?;
    let status = one_of(&params, "status", &["active", "pending_deletion"])?;
    let wanted = Wanted { text: text(&params, "q")?.unwrap_or_default(), status };
    let found = search::organizations(&call.app, wanted, &asked.after()?, asked.limit).await?;
    let entries: Vec<AdminOrganizationLine> = found.rows.iter().map(AdminOrganizationLine::from).collect();
    Ok(page::answer(&call, &asked, &entries, found.next.map(Cursor::Text)))
}

/// One organization.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/organizations/{org}", tag = "Administration: organizations",
    summary = "Show an organization", params(("org" = String, Path, description = "Slug or id.")),
    responses((status = 200, description = "The organization.", body = AdminOrganization)))]
pub async fn get(call: Call) -> Answer {
    let row = named(&call).await?;
    Ok(entity::answer_for(&call, &shown(&call, &row).await?, &tagged(&row)))
}

/// Asks for an organization's deletion, which is carried out after a while.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/admin/organizations/{org}", tag = "Administration: organizations",
    summary = "Delete an organization",
    params(("org" = String, Path, description = "Slug or id."), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "It is closed, and gone at `delete_at`; until then it can be restored.")))]
pub async fn delete(call: Call) -> Answer {
    let row = named(&call).await?;
    let seen = entity::seen(&call, &tagged(&row), &row)?;
    deletion::request_if(&call.app, By::Api(&acting(&call)), &row, &row.slug, None, seen).await?;
    Ok(call.done())
}

/// Takes a deletion back.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/admin/organizations/{org}/restore", tag = "Administration: organizations",
    summary = "Restore an organization", params(("org" = String, Path, description = "Slug or id.")),
    responses((status = 204, description = "Everything is as it was.")))]
pub async fn restore(call: Call) -> Answer {
    let row = named(&call).await?;
    deletion::restore(&call.app, By::Api(&acting(&call)), &row, None).await?;
    Ok(call.done())
}
