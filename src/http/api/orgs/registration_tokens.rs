//! `/api/v1/organizations/{org}/registration-tokens`: what an organization lets clients register themselves with, where the
//! operator leaves that to organizations.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::crypto::token::TokenKind;
use crate::flows::api::Inside;
use crate::flows::organizations::By;
use crate::flows::registration::organizations_may;
use crate::flows::registration::tokens::{self, NewToken, TokenRefusal, TokenView, USUAL_USES};
use crate::http::api::create::{self as creation, Made, SecretMember};
use crate::http::api::page::{self, Asked, Cursor};
use crate::http::api::{Answer, Call, Problem, body};

/// A registration token without its value.
#[derive(Serialize, ToSchema)]
pub struct RegistrationToken {
    /// Name for the API.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// User name of whoever made it; null for the operator's and for keys'.
    pub made_by: Option<String>,
    /// The last four characters of its value.
    pub last_four: String,
    /// When it was made.
    pub created_at: i64,
    /// When it stops working; null for never.
    pub expires_at: Option<i64>,
    /// Applications it may still register; null for any number.
    pub uses_left: Option<i64>,
    /// Applications it registered that are still there.
    pub clients: i64,
}

impl From<&TokenView> for RegistrationToken {
    fn from(view: &TokenView) -> RegistrationToken {
        RegistrationToken {
            id: view.id.clone(),
            name: view.name.clone(),
            made_by: view.made_by.clone(),
            last_four: view.last_four.clone(),
            created_at: view.created_at,
            expires_at: view.expires_at,
            uses_left: view.uses_left,
            clients: i64::try_from(view.clients).unwrap_or(i64::MAX),
        }
    }
}

/// A token as asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRegistrationToken {
    /// 1 to 64 characters.
    pub name: String,
    /// Seconds since 1970; seven days from now without, or with the credential that asks where that ends sooner.
    pub expires_at: Option<i64>,
    /// Applications it may register; one without.
    #[schema(minimum = 1, maximum = 100_000)]
    pub uses: Option<i64>,
}

impl From<NewRegistrationToken> for NewToken {
    fn from(new: NewRegistrationToken) -> NewToken {
        NewToken { name: new.name, expires_at: new.expires_at, uses: new.uses.unwrap_or(USUAL_USES) }
    }
}

/// A new token with its value, which is told here and never again.
#[derive(Serialize, ToSchema)]
pub struct MadeRegistrationToken {
    /// The token.
    #[serde(flatten)]
    pub about: RegistrationToken,
    /// The value: `Authorization: Bearer` at the registration endpoint.
    pub token: String,
}

/// The member of the answer that carries the value.
pub const SECRET: SecretMember = SecretMember("token", TokenKind::InitialAccessToken);

/// The organization, where the operator leaves it to organizations.
fn inside(call: &Call) -> Result<&Inside, Problem> {
    let inside = call.inside()?;
    if organizations_may(&call.app) { Ok(inside) } else { Err(TokenRefusal::Closed.into()) }
}

/// The organization's registration tokens, newest first.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/registration-tokens", tag = "Registration tokens",
    summary = "List registration tokens",
    params(("org" = String, Path),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first, without their values.", body = Vec<RegistrationToken>)))]
pub async fn list(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let organization = &inside(&call)?.organization;
    let found = tokens::page(&call.app, Some(organization), asked.below()?, asked.limit).await?;
    let entries: Vec<RegistrationToken> = found.tokens.iter().map(RegistrationToken::from).collect();
    Ok(page::answer(&call, &asked, &entries, found.next.map(Cursor::Id)))
}

/// Makes one.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/organizations/{org}/registration-tokens", tag = "Registration tokens",
    summary = "Make a registration token", request_body = NewRegistrationToken,
    params(("org" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The value is told here and never again.", body = MadeRegistrationToken)))]
pub async fn post(call: Call, payload: web::Payload) -> Answer {
    let organization = &inside(&call)?.organization;
    let (new, bytes) = body::read::<NewRegistrationToken>(&call.app, &call.request, payload).await?;
    let new = NewToken::from(new);
    creation::create(&call, &bytes, Some(SECRET), async |id, secret| {
        let acting = call.acting("org:admin");
        let made = tokens::hand_out(&call.app, By::Api(&acting), organization, &new, id, secret).await?;
        Ok(Made {
            body: serde_json::json!(RegistrationToken::from(&made.view)),
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
#[utoipa::path(get, path = "/api/v1/organizations/{org}/registration-tokens/{registration_token}",
    tag = "Registration tokens", summary = "Show a registration token",
    params(("org" = String, Path), ("registration_token" = String, Path)),
    responses((status = 200, description = "Without its value.", body = RegistrationToken)))]
pub async fn get(call: Call) -> Answer {
    let organization = &inside(&call)?.organization;
    let found = tokens::show(&call.app, Some(organization), &call.segment("registration_token")?).await?;
    Ok(call.ok(&RegistrationToken::from(&found)))
}

/// Deletes one: it registers nothing any more, at once, and what it registered stays.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/organizations/{org}/registration-tokens/{registration_token}",
    tag = "Registration tokens", summary = "Delete a registration token",
    params(("org" = String, Path), ("registration_token" = String, Path)),
    responses((status = 204, description = "It registers nothing any more.")))]
pub async fn delete(call: Call) -> Answer {
    let (acting, organization) = (call.acting("org:admin"), &inside(&call)?.organization);
    tokens::take_back(&call.app, By::Api(&acting), organization, &call.segment("registration_token")?).await?;
    Ok(call.done())
}
