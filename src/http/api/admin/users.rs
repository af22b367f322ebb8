//! `/api/v1/admin/users`: everybody with an account.

use actix_web::web;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{one_of, refused, text};
use crate::flows::administration::UserRow;
use crate::flows::administration::find::{self as search, Wanted};
use crate::flows::people::amend::{self, Amendment};
use crate::flows::people::correct::Correction;
use crate::flows::people::{NewPerson, create as creation, find, status};
use crate::http::api::claims::Claims;
use crate::http::api::create::{self, Made};
use crate::http::api::page::{self, Asked, Cursor};
use crate::http::api::{Answer, Call, Problem, body, entity};
use crate::protocol::standard_claims::StandardClaims;

/// An account.
#[derive(Serialize, ToSchema)]
pub struct AdminUser {
    /// Subject identifier: stable, never used again.
    pub id: String,
    /// User name.
    pub login: String,
    /// Display name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether the address is verified.
    pub email_verified: bool,
    /// Administrator of this server.
    pub administrator: bool,
    /// `active` or `disabled`.
    pub status: String,
    /// Whether the person can sign in with a password.
    pub has_password: bool,
    /// Whether an organization manages the account.
    pub managed: bool,
    /// When the account was made, in seconds since 1970.
    pub created_at: i64,
    /// When the person last signed in.
    pub last_sign_in_at: Option<i64>,
    /// What applications may be told of the person who allows it; lists leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Claims>,
}

impl AdminUser {
    /// All of it.
    fn whole(row: &UserRow) -> AdminUser {
        AdminUser { claims: Some(Claims::from(&row.claims.0)), ..AdminUser::from(row) }
    }
}

impl From<&UserRow> for AdminUser {
    fn from(row: &UserRow) -> AdminUser {
        AdminUser {
            id: row.sub.clone(),
            login: row.login.clone(),
            name: row.name.clone(),
            email: row.email.clone(),
            email_verified: row.email_verified_at.is_some(),
            administrator: row.administrator,
            status: row.status.clone(),
            has_password: row.password_hash.is_some(),
            managed: row.managed_by.is_some(),
            created_at: row.created_at,
            last_sign_in_at: row.last_sign_in_at,
            claims: None,
        }
    }
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// User name: 1 to 64 letters, digits and `. _ @ + -`.
    pub login: String,
    /// Display name; the user name where absent.
    pub name: Option<String>,
    /// E-mail address; unverified until its link is used.
    pub email: Option<String>,
    /// First password. Without one the person sets it by a link that is mailed from the sign-in page.
    pub password: Option<String>,
    /// Administrator of this server.
    #[serde(default)]
    pub administrator: bool,
}

/// What of an account is changed; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// Display name.
    pub name: Option<String>,
    /// E-mail address, unverified then; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Option<String>>,
    /// Administrator of this server.
    pub administrator: Option<bool>,
    /// `active` or `disabled`; disabling ends every session, grant and personal token.
    pub status: Option<String>,
    /// Everything applications may be told: what is absent in it is taken away.
    pub claims: Option<Claims>,
}

/// Null is something else than nothing.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// The account the path names.
pub(super) async fn named(call: &Call) -> Result<UserRow, Problem> {
    find::by_sub(&call.app, &call.segment("user")?).await.map_err(refused)
}

/// Everybody, by user name.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/users", tag = "Administration: users", summary = "List users",
    params(("q" = Option<String>, Query, description = "Part of user name, name or e-mail address."),
        ("status" = Option<String>, Query, description = "`active` or `disabled`."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "By user name.", body = Vec<AdminUser>)))]
pub async fn list(call: Call) -> Answer {
    let params = call.query()?;
    let asked = Asked::of(&params)?;
    let status = one_of(&params, "status", &["active", "disabled"])?;
    let wanted = Wanted { text: text(&params, "q")?.unwrap_or_default(), status };
    let found = search::users(&call.app, wanted, &asked.after()?, asked.limit).await?;
    let entries: Vec<AdminUser> = found.rows.iter().map(AdminUser::from).collect();
    Ok(page::answer(&call, &asked, &entries, found.next.map(Cursor::Text)))
}

/// Makes an account.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/admin/users", tag = "Administration: users", summary = "Make a user",
    request_body = NewUser, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The account.", body = AdminUser)))]
pub async fn post(call: Call, payload: web::Payload) -> Answer {
    let (new, bytes) = body::read::<NewUser>(&call.app, &call.request, payload).await?;
    create::create(&call, &bytes, None, async |_, _| {
        let new = NewPerson {
            login: new.login,
            name: new.name.unwrap_or_default(),
            email: new.email,
            password: new.password,
            administrator: new.administrator,
        };
        let made = creation::create(&call.app, Some(&call.caller), call.credential.actor(), new).await;
        let row = made.map_err(refused)?;
        Ok(Made {
            body: serde_json::json!(AdminUser::whole(&row)),
            location: Some(format!("{}/{}", call.request.uri().path(), row.sub)),
            secret: None,
        })
    })
    .await
}

/// One account.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/users/{user}", tag = "Administration: users", summary = "Show a user",
    params(("user" = String, Path)), responses((status = 200, description = "The account.", body = AdminUser)))]
pub async fn get(call: Call) -> Answer {
    let row = named(&call).await?;
    Ok(entity::answer(&call, &AdminUser::whole(&row)))
}

/// Changes an account: all that is named, or nothing.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(patch, path = "/api/v1/admin/users/{user}", tag = "Administration: users", summary = "Change a user",
    request_body = UserChange, params(("user" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, description = "The account as it is now.", body = AdminUser)))]
pub async fn patch(call: Call, payload: web::Payload) -> Answer {
    let (change, _) = body::read::<UserChange>(&call.app, &call.request, payload).await?;
    let row = named(&call).await?;
    let by = call.seeing(entity::seen(&call, &AdminUser::whole(&row), &row)?);
    let (app, caller, actor) = (&call.app, Some(&by), call.credential.actor());
    let active = match change.status.as_deref() {
        None => None,
        Some("active") => Some(true),
        Some("disabled") => Some(false),
        Some(_) => return Err(Problem::field("status", "It is active or disabled; DELETE deletes the account.")),
    };
    let correction = Correction { name: change.name, email: change.email };
    let claims = change.claims.map(StandardClaims::from);
    let amendment = Amendment { correction, administrator: change.administrator, active, claims };
    amend::amend(app, caller, actor, &row, &amendment).await.map_err(refused)?;
    let row = named(&call).await?;
    Ok(entity::answer(&call, &AdminUser::whole(&row)))
}

/// Deletes an account for good.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/admin/users/{user}", tag = "Administration: users", summary = "Delete a user",
    params(("user" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "The account, its sessions, authorizations and tokens are gone.")))]
pub async fn delete(call: Call) -> Answer {
    let row = named(&call).await?;
    let by = call.seeing(entity::seen(&call, &AdminUser::whole(&row), &row)?);
    let actor = call.credential.actor();
    status::delete(&call.app, Some(&by), actor, &row).await.map_err(refused)?;
    Ok(call.done())
}
