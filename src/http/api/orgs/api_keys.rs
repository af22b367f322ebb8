//! `/api/v1/organizations/{org}/api-keys`: keys that belong to the organization and to no person.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::nullable;
use crate::crypto::token::TokenKind;
use crate::flows::api_keys::{self, KeyChanges, KeyView, NewApiKey};
use crate::flows::organizations::By;
use crate::http::api::create::{self as creation, Made, SecretMember};
use crate::http::api::page::{self, Asked, Cursor};
use crate::http::api::{Answer, Call, Problem, body, entity};

/// An API key without its value.
#[derive(Serialize, ToSchema)]
pub struct ApiKey {
    /// Name for the API.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// What it may do, at most.
    pub scopes: Vec<String>,
    /// Origins whose scripts may use it.
    pub allowed_origins: Vec<String>,
    /// `active` or `inactive`.
    pub status: String,
    /// `exempt`: single sign-on is nothing to it; `creator`: it works while its maker's membership opens the organization.
    pub sso_policy: String,
    /// User name of the member who made it.
    pub made_by: Option<String>,
    /// The last four characters of its value.
    pub last_four: String,
    /// When it was made.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
    /// When it ends; null for never.
    pub expires_at: Option<i64>,
    /// When it last worked, to the minute.
    pub last_used_at: Option<i64>,
}

impl From<&KeyView> for ApiKey {
    fn from(view: &KeyView) -> ApiKey {
        let row = &view.row;
        ApiKey {
            id: row.public_id.clone(),
            label: row.label.clone(),
            scopes: row.scopes.iter().map(str::to_owned).collect(),
            allowed_origins: row.allowed_origins.0.clone(),
            status: row.status.clone(),
            sso_policy: row.sso_policy.clone(),
            made_by: view.made_by.clone(),
            last_four: row.last_four.clone(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// A key as asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// 1 to 64 characters; `Default` when left out.
    pub label: Option<String>,
    /// Of the server's catalogue, and within what whoever asks may do here; none means nothing.
    pub scopes: Vec<String>,
    /// `*`, `app.example.com`, `*.example.com`, `https://app.example.com:8443` ..
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// `exempt` (when left out) or `creator`.
    pub sso_policy: Option<String>,
    /// Seconds since 1970; never without.
    pub expires_at: Option<i64>,
}

/// What shall change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyChanges {
    /// 1 to 64 characters.
    pub label: Option<String>,
    /// The whole list.
    pub scopes: Option<Vec<String>>,
    /// The whole list.
    pub allowed_origins: Option<Vec<String>>,
    /// `active` or `inactive`.
    pub status: Option<String>,
    /// `exempt` or `creator`.
    pub sso_policy: Option<String>,
    /// Seconds since 1970, or null for never.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i64>)]
    pub expires_at: Option<Option<i64>>,
}

/// A new key with its value, which is told here and never again.
#[derive(Serialize, ToSchema)]
pub struct MadeKey {
    /// The key.
    #[serde(flatten)]
    pub about: ApiKey,
    /// The value.
    pub key: String,
}

/// The organization's keys, newest first.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/api-keys", tag = "API keys", summary = "List API keys",
    params(("org" = String, Path),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first, without their values.", body = Vec<ApiKey>)))]
pub async fn list(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let found = api_keys::page(&call.app, &call.inside()?.organization, asked.below()?, asked.limit).await?;
    let entries: Vec<ApiKey> = found.keys.iter().map(ApiKey::from).collect();
    Ok(page::answer(&call, &asked, &entries, found.next.map(Cursor::Id)))
}

/// Makes one.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/organizations/{org}/api-keys", tag = "API keys", summary = "Make an API key",
    request_body = NewKey, params(("org" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The value is told here and never again.", body = MadeKey)))]
pub async fn post(call: Call, payload: web::Payload) -> Answer {
    let (new, bytes) = body::read::<NewKey>(&call.app, &call.request, payload).await?;
    let new = NewApiKey {
        label: new.label.unwrap_or_else(|| api_keys::LABEL.to_owned()),
        scopes: new.scopes,
        allowed_origins: new.allowed_origins,
        sso_policy: new.sso_policy.unwrap_or_else(|| api_keys::EXEMPT.to_owned()),
        expires_at: new.expires_at,
    };
    let member = SecretMember("key", TokenKind::ApiKey);
    creation::create(&call, &bytes, Some(member), async |id, secret| {
        let (acting, organization) = (call.acting("org:admin"), &call.inside()?.organization);
        let made = api_keys::create(&call.app, By::Api(&acting), organization, new, id, secret).await?;
        let view = api_keys::show(&call.app, organization, &made.row.public_id).await?;
        Ok(Made {
            body: serde_json::json!(ApiKey::from(&view)),
            location: Some(format!("{}/{}", call.request.uri().path(), made.row.public_id)),
            secret: Some(made.key),
        })
    })
    .await
}

/// One of them.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/api-keys/{key}", tag = "API keys", summary = "Show an API key",
    params(("org" = String, Path), ("key" = String, Path)),
    responses((status = 200, description = "Without its value, with its entity tag.", body = ApiKey)))]
pub async fn get(call: Call) -> Answer {
    Ok(answer(&call, &seen(&call).await?))
}

/// Changes one; the very next request with it finds the change.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(patch, path = "/api/v1/organizations/{org}/api-keys/{key}", tag = "API keys",
    summary = "Change an API key", request_body = ApiKeyChanges,
    params(("org" = String, Path), ("key" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, description = "As it is afterwards.", body = ApiKey)))]
pub async fn patch(call: Call, payload: web::Payload) -> Answer {
    let (changes, _) = body::read::<ApiKeyChanges>(&call.app, &call.request, payload).await?;
    let view = seen(&call).await?;
    let before = entity::seen(&call, &tagged(&view), &view.row)?;
    let changes = KeyChanges {
        label: changes.label,
        scopes: changes.scopes,
        allowed_origins: changes.allowed_origins,
        status: changes.status,
        sso_policy: changes.sso_policy,
        expires_at: changes.expires_at,
    };
    let (acting, organization) = (call.acting("org:admin"), &call.inside()?.organization);
    api_keys::update_if(&call.app, By::Api(&acting), organization, &view.row.public_id, changes, before).await?;
    Ok(answer(&call, &seen(&call).await?))
}

/// Deletes one: it opens nothing any more, at once.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/organizations/{org}/api-keys/{key}", tag = "API keys",
    summary = "Delete an API key", params(("org" = String, Path), ("key" = String, Path)),
    responses((status = 204, description = "It opens nothing any more.")))]
pub async fn delete(call: Call) -> Answer {
    let (acting, organization) = (call.acting("org:admin"), &call.inside()?.organization);
    api_keys::delete(&call.app, By::Api(&acting), organization, &call.segment("key")?).await?;
    Ok(call.done())
}

async fn seen(call: &Call) -> Result<KeyView, Problem> {
    Ok(api_keys::show(&call.app, &call.inside()?.organization, &call.segment("key")?).await?)
}

/// Without times of use, which move by themselves.
fn tagged(view: &KeyView) -> ApiKey {
    ApiKey { last_used_at: None, ..ApiKey::from(view) }
}

fn answer(call: &Call, view: &KeyView) -> actix_web::HttpResponse {
    entity::answer_for(call, &ApiKey::from(view), &tagged(view))
}
