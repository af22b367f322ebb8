//! `/api/v1/organizations`: those one belongs to, and a new one.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::one::Organization;
use super::page_by;
use crate::flows::api::organization;
use crate::flows::organizations::create::NewOrganization;
use crate::flows::organizations::show::Mine;
use crate::flows::organizations::{By, create, show};
use crate::http::api::create::{self as creation, Made};
use crate::http::api::page::{self, Asked};
use crate::http::api::{Answer, Call, body};

/// An organization one belongs to.
#[derive(Serialize, ToSchema)]
pub struct MyOrganization {
    /// Stable; never used again.
    pub id: String,
    /// In addresses.
    pub slug: String,
    /// Display name.
    pub name: String,
    /// `active` or `pending_deletion`.
    pub status: &'static str,
    /// One's role there.
    pub role: String,
}

impl From<Mine> for MyOrganization {
    fn from(mine: Mine) -> MyOrganization {
        MyOrganization {
            id: mine.public_id,
            slug: mine.slug,
            name: mine.name,
            status: if mine.pending_deletion { "pending_deletion" } else { "active" },
            role: mine.role,
        }
    }
}

/// An organization as asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrg {
    /// 1 to 64 characters.
    pub name: String,
    /// 2 to 50 lower-case letters, digits and hyphens; made from the name when left out.
    pub slug: Option<String>,
}

/// The person's organizations, by slug: all of them, or the one that the credential is bound to. An application that does
/// not ask for an organization is in none.
///
/// # Errors
/// [`crate::http::api::Problem`].
#[utoipa::path(get, path = "/api/v1/organizations", tag = "Organizations", summary = "List your organizations",
    params(("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "By slug.", body = Vec<MyOrganization>)))]
pub async fn get(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let mut mine = show::mine(&call.app, call.user()?.id).await?;
    // What a credential was not let into, it is not told of either.
    mine.retain(|one| organization::may_be_told(&call.credential, one.id));
    let (mine, next) = page_by(&asked, mine, |mine| &mine.slug)?;
    let entries: Vec<MyOrganization> = mine.into_iter().map(MyOrganization::from).collect();
    Ok(page::answer(&call, &asked, &entries, next))
}

/// Makes one; whoever makes it owns it.
///
/// # Errors
/// [`crate::http::api::Problem`].
#[utoipa::path(post, path = "/api/v1/organizations", tag = "Organizations", summary = "Make an organization",
    request_body = NewOrg, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "You own it.", body = Organization)))]
pub async fn post(call: Call, payload: web::Payload) -> Answer {
    let (new, bytes) = body::read::<NewOrg>(&call.app, &call.request, payload).await?;
    let new = NewOrganization { name: new.name, slug: new.slug.unwrap_or_default() };
    creation::create(&call, &bytes, None, async |_, _| {
        let acting = call.acting("org:write");
        let row = create::create(&call.app, By::Api(&acting), new, call.user()?).await?;
        let location = format!("{}/{}", call.request.uri().path(), row.slug);
        let view = show::view(&call.app, row).await?;
        let body = serde_json::json!(Organization::of(view, Some(call.app.roles.top().to_owned())));
        Ok(Made { body, location: Some(location), secret: None })
    })
    .await
}
