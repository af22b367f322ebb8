//! `/api/v1/personal-tokens`: a person's own.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::create::{self, Made, SecretMember};
use super::page::{self, Asked, Cursor};
use super::{Answer, Call, body};
use crate::crypto::token::TokenKind;
use crate::flows::personal_tokens::{self, NewPersonalToken, TokenView};

/// A personal token without its value.
#[derive(Serialize, ToSchema)]
pub struct PersonalToken {
    /// Name for the API.
    pub id: String,
    /// What its maker calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Slug of the one organization it is good for.
    pub organization: Option<String>,
    /// The last four characters of its value.
    pub last_four: String,
    /// When it was made, in seconds since 1970.
    pub created_at: i64,
    /// When it ends; null for never.
    pub expires_at: Option<i64>,
    /// When it last worked, to the minute.
    pub last_used_at: Option<i64>,
}

impl From<&TokenView> for PersonalToken {
    fn from(view: &TokenView) -> PersonalToken {
        let row = &view.row;
        PersonalToken {
            id: row.public_id.clone(),
            name: row.name.clone(),
            scopes: row.scopes.iter().map(str::to_owned).collect(),
            organization: view.organization.clone(),
            last_four: row.last_four.clone(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// A token as asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// 1 to 100 characters.
    pub name: String,
    /// At least one, of the server's catalogue.
    pub scopes: Vec<String>,
    /// Seconds since 1970; never without.
    pub expires_at: Option<i64>,
    /// Slug or id of the one organization it shall be good for.
    pub organization: Option<String>,
}

/// A new token with its value, which is told here and never again.
#[derive(Serialize, ToSchema)]
pub struct MadeToken {
    /// The token.
    #[serde(flatten)]
    pub about: PersonalToken,
    /// The value.
    pub token: String,
}

/// A person's tokens, newest first.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(get, path = "/api/v1/personal-tokens", tag = "Personal tokens", summary = "List your personal tokens",
    params(("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first, without their values.", body = Vec<PersonalToken>)))]
pub async fn list(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let found = personal_tokens::page(&call.app, call.user()?, asked.below()?, asked.limit).await?;
    let entries: Vec<PersonalToken> = found.tokens.iter().map(PersonalToken::from).collect();
    Ok(page::answer(&call, &asked, &entries, found.next.map(Cursor::Id)))
}

/// Makes one.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(post, path = "/api/v1/personal-tokens", tag = "Personal tokens", summary = "Make a personal token",
    request_body = NewToken, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The value is told here and never again.", body = MadeToken)))]
pub async fn post(call: Call, payload: web::Payload) -> Answer {
    let (new, bytes) = body::read::<NewToken>(&call.app, &call.request, payload).await?;
    let new = NewPersonalToken {
        name: new.name,
        scopes: new.scopes,
        expires_at: new.expires_at,
        organization: new.organization,
    };
    let secret = SecretMember("token", TokenKind::PersonalToken);
    create::create(&call, &bytes, Some(secret), async |id, secret| {
        let made = personal_tokens::create(&call.app, &call.caller, &call.credential, new, id, secret).await?;
        let view = personal_tokens::show(&call.app, call.user()?, &made.row.public_id).await?;
        Ok(Made {
            body: serde_json::json!(PersonalToken::from(&view)),
            location: Some(format!("{}/{}", call.request.uri().path(), made.row.public_id)),
            secret: Some(made.token),
        })
    })
    .await
}

/// One of them.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(get, path = "/api/v1/personal-tokens/{token}", tag = "Personal tokens", summary = "Show a personal token",
    params(("token" = String, Path)),
    responses((status = 200, description = "Without its value.", body = PersonalToken)))]
pub async fn get(call: Call) -> Answer {
    let found = personal_tokens::show(&call.app, call.user()?, &call.segment("token")?).await?;
    Ok(call.ok(&PersonalToken::from(&found)))
}

/// Deletes one: it opens nothing any more, at once.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(delete, path = "/api/v1/personal-tokens/{token}", tag = "Personal tokens",
    summary = "Delete a personal token", params(("token" = String, Path)),
    responses((status = 204, description = "It opens nothing any more.")))]
pub async fn delete(call: Call) -> Answer {
    let (actor, token) = (call.credential.actor(), call.segment("token")?);
    personal_tokens::remove(&call.app, &call.caller, actor, call.user()?, &token).await?;
    Ok(call.done())
}
