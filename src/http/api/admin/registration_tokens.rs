//! `/api/v1/admin/registration-tokens`: whatever clients register themselves with, of organizations and of the server.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::text;
use crate::flows::administration::find as search;
use crate::flows::api::credential::Acting;
use crate::flows::organizations::By;
use crate::flows::registration::tokens::{self, NewToken, TokenView, USUAL_USES};
use crate::http::api::create::{self as creation, Made};
use crate::http::api::orgs::registration_tokens::{RegistrationToken, SECRET};
use crate::http::api::page::{self, Asked, Cursor};
use crate::http::api::{Answer, Call, Problem, body};

/// A registration token without its value.
#[derive(Serialize, ToSchema)]
pub struct AdminRegistrationToken {
    /// As its organization sees it.
    #[serde(flatten)]
    pub about: RegistrationToken,
    /// Slug of the organization it belongs to; null for the server's own.
    pub organization: Option<String>,
}

impl From<&TokenView> for AdminRegistrationToken {
    fn from(view: &TokenView) -> AdminRegistrationToken {
        AdminRegistrationToken { about: RegistrationToken::from(view), organization: view.organization.clone() }
    }
}

/// A token as asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdminRegistrationToken {
    /// 1 to 64 characters.
    pub name: String,
    /// Seconds since 1970; seven days from now without, or with the credential that asks where that ends sooner.
    pub expires_at: Option<i64>,
    /// Applications it may register; one without.
    #[schema(minimum = 1, maximum = 100_000)]
    pub uses: Option<i64>,
    /// Slug or id of the organization it shall belong to.
    pub organization: Option<String>,
}

/// A new token with its value, which is told here and never again.
#[derive(Serialize, ToSchema)]
pub struct MadeAdminRegistrationToken {
    /// The token.
    #[serde(flatten)]
    pub about: AdminRegistrationToken,
    /// The value: `Authorization: Bearer` at the registration endpoint.
    pub token: String,
}

/// The route asked for an administrator with `admin:write`: no scope of organizations besides bounds them.
fn acting(call: &Call) -> Acting<'_> {
    Acting { credential: &call.credential, caller: &call.caller, scopes: None, administrator: true }
}

/// Every registration token, newest first.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/registration-tokens", tag = "Administration: clients",
    summary = "List registration tokens",
    params(("organization" = Option<String>, Query, description = "Slug or id: of this organization only."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first, without their values.", body = Vec<AdminRegistrationToken>)))]
pub async fn list(call: Call) -> Answer {
    let params = call.query()?;
    let asked = Asked::of(&params)?;
    let organization = match text(&params, "organization")? {
        Some(named) => Some(search::organization(&call.app, named).await?.ok_or_else(Problem::not_found)?),
        None => None,
    };
    let found = tokens::page(&call.app, organization.as_ref(), asked.below()?, asked.limit).await?;
    let entries: Vec<AdminRegistrationToken> = found.tokens.iter().map(AdminRegistrationToken::from).collect();
    Ok(page::answer(&call, &asked, &entries, found.next.map(Cursor::Id)))
}

/// Makes one, for an organization or for nobody in particular.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/admin/registration-tokens", tag = "Administration: clients",
    summary = "Make a registration token", request_body = NewAdminRegistrationToken,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The value is told here and never again.",
        body = MadeAdminRegistrationToken)))]
pub async fn post(call: Call, payload: web::Payload) -> Answer {
    let (new, bytes) = body::read::<NewAdminRegistrationToken>(&call.app, &call.request, payload).await?;
    let organization = match &new.organization {
        Some(named) => {
            let found = search::organization(&call.app, named).await?;
            Some(found.ok_or_else(|| Problem::field("organization", "There is no such organization."))?)
        }
        None => None,
    };
    let new = NewToken { name: new.name, expires_at: new.expires_at, uses: new.uses.unwrap_or(USUAL_USES) };
    creation::create(&call, &bytes, Some(SECRET), async |id, secret| {
        let (acting, organization) = (acting(&call), organization.as_ref());
        let made = tokens::create(&call.app, By::Api(&acting), organization, &new, id, secret).await?;
        Ok(Made {
            body: serde_json::json!(AdminRegistrationToken::from(&made.view)),
            location: Some(format!("{}/{}", call.request.uri().path(), made.view.id)),
            secret: Some(made.token),
        })
    })
    .await
}

/// One of them.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/registration-tokens/{registration_token}", tag = "Administration: clients",
    summary = "Show a registration token", params(("registration_token" = String, Path)),
    responses((status = 200, description = "Without its value.", body = AdminRegistrationToken)))]
pub async fn get(call: Call) -> Answer {
    let found = tokens::show(&call.app, None, &call.segment("registration_token")?).await?;
    Ok(call.ok(&AdminRegistrationToken::from(&found)))
}

/// Deletes one: it registers nothing any more, at once, and what it registered stays.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/admin/registration-tokens/{registration_token}", tag = "Administration: clients",
    summary = "Delete a registration token", params(("registration_token" = String, Path)),
    responses((status = 204, description = "It registers nothing any more.")))]
pub async fn delete(call: Call) -> Answer {
    tokens::delete(&call.app, By::Api(&acting(&call)), &call.segment("registration_token")?).await?;
    Ok(call.done())
}
