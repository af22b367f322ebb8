//! `/api/v1/applications`: those a person develops.

use actix_web::web;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::create::{self, Made, SecretMember};
use super::page::{self, Asked, Cursor};
use super::{Answer, Call, body, entity};
use crate::crypto::token::TokenKind;
use crate::flows::applications::{self, ApplicationFields, ClientRow, Owned};
use crate::protocol::registered_metadata::RegisteredMetadata;

/// An application in a list.
#[derive(Serialize, ToSchema)]
pub struct ApplicationLine {
    /// Its identifier on the wire.
    pub client_id: String,
    /// What pages call it.
    pub name: String,
    /// `confidential` or `public`.
    pub kind: String,
    /// `active`, `inactive` or `pending_deletion`.
    pub status: String,
    /// When a pending deletion is carried out, in seconds since 1970.
    pub delete_at: Option<i64>,
    /// Whether whoever runs this server vouches for it.
    pub verified: bool,
    /// When it was registered.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
}

/// An application in full, without the values of its secrets.
#[derive(Serialize, ToSchema)]
pub struct Application {
    /// As in the list.
    #[serde(flatten)]
    pub line: ApplicationLine,
    /// `client_secret_basic`, `client_secret_post`, `client_secret_jwt`, `private_key_jwt` or `none`.
    pub authentication_method: String,
    /// Where it may be redirected to.
    pub redirect_uris: Vec<String>,
    /// Grant types.
    pub grant_types: Vec<String>,
    /// Response types.
    pub response_types: Vec<String>,
    /// The most it can ever be given.
    pub scopes: Vec<String>,
    /// Browser origins that may call with CORS.
    pub allowed_origins: Vec<String>,
    /// Its home page.
    pub homepage_url: Option<String>,
    /// Its privacy policy.
    pub privacy_url: Option<String>,
    /// Its terms of service.
    pub terms_url: Option<String>,
    /// Its logo.
    pub logo_url: Option<String>,
    /// Whether each authorization is bound to an organization that the user chooses.
    pub organization_access: bool,
    /// Seconds, where not the server's.
    pub access_token_lifetime: Option<i64>,
    /// Seconds, where not the server's.
    pub refresh_idle_lifetime: Option<i64>,
    /// Seconds, where not the server's.
    pub refresh_absolute_lifetime: Option<i64>,
    /// The file that declares it: it is changed there.
    pub managed_by: Option<String>,
    /// What it registered as an OpenID Connect client.
    pub openid: RegisteredMetadata,
    /// What tells its working credentials apart, newest first.
    pub credentials: Vec<CredentialHint>,
}

/// What may be known of one of an application's credentials.
#[derive(Serialize, ToSchema)]
pub struct CredentialHint {
    /// Its last four characters.
    pub last_four: String,
    /// When it was made.
    pub created_at: i64,
    /// When it stops working; null for never.
    pub expires_at: Option<i64>,
}

impl From<&ClientRow> for ApplicationLine {
    fn from(row: &ClientRow) -> ApplicationLine {
        ApplicationLine {
            client_id: row.client_id.clone(),
            name: row.name.clone(),
            kind: row.kind.clone(),
            status: row.status.clone(),
            delete_at: row.delete_at,
            verified: row.verified,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Owned> for Application {
    fn from(owned: &Owned) -> Application {
        let row = &owned.row;
        let hints = owned.hints.iter().map(|hint| CredentialHint {
            last_four: hint.last_four.clone(),
            created_at: hint.created_at,
            expires_at: hint.expires_at,
        });
        Application {
            line: ApplicationLine::from(&**row),
            authentication_method: row.authentication_method.clone(),
            redirect_uris: row.redirect_uris.0.clone(),
            grant_types: row.grant_types.0.clone(),
            response_types: row.response_types.0.clone(),
            scopes: row.scopes.iter().map(str::to_owned).collect(),
            allowed_origins: row.allowed_origins.0.clone(),
            homepage_url: row.homepage_url.clone(),
            privacy_url: row.privacy_url.clone(),
            terms_url: row.terms_url.clone(),
            logo_url: row.logo_url.clone(),
            organization_access: row.organization_access,
            access_token_lifetime: row.access_token_lifetime,
            refresh_idle_lifetime: row.refresh_idle_lifetime,
            refresh_absolute_lifetime: row.refresh_absolute_lifetime,
            managed_by: row.managed_by.clone(),
            openid: row.metadata.0.clone(),
            credentials: hints.collect(),
        }
    }
}

/// An application as asked for, or the members of one that are to change. What is left out stays as it is, or is what new
/// applications have; null takes a value away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct ApplicationMembers {
    /// What pages call it; a pleasant random one for a new application without.
    pub name: Option<String>,
    /// `confidential` or `public`; never changes.
    pub kind: Option<String>,
    /// `client_secret_basic`, `client_secret_post`, `client_secret_jwt`, `private_key_jwt` or `none`.
    pub authentication_method: Option<String>,
    /// Where it may be redirected to, each kept to the byte.
    pub redirect_uris: Option<Vec<String>>,
    /// `authorization_code`, `refresh_token`; `client_credentials` for applications of administrators.
    pub grant_types: Option<Vec<String>>,
    /// The most it can ever be given.
    pub scopes: Option<Vec<String>>,
    /// Browser origins that may call with CORS.
    pub allowed_origins: Option<Vec<String>>,
    /// An https URL.
    #[serde(deserialize_with = "clearable")]
    #[schema(value_type = Option<String>)]
    pub homepage_url: Option<Option<String>>,
    /// An https URL.
    #[serde(deserialize_with = "clearable")]
    #[schema(value_type = Option<String>)]
    pub privacy_url: Option<Option<String>>,
    /// An https URL.
    #[serde(deserialize_with = "clearable")]
    #[schema(value_type = Option<String>)]
    pub terms_url: Option<Option<String>>,
    /// An https URL.
    #[serde(deserialize_with = "clearable")]
    #[schema(value_type = Option<String>)]
    pub logo_url: Option<Option<String>>,
    /// Whether each authorization is bound to an organization that the user chooses.
    pub organization_access: Option<bool>,
    /// Seconds, within the server's.
    #[serde(deserialize_with = "clearable")]
    #[schema(value_type = Option<i64>)]
    pub access_token_lifetime: Option<Option<i64>>,
    /// Seconds, within the server's.
    #[serde(deserialize_with = "clearable")]
    #[schema(value_type = Option<i64>)]
    pub refresh_idle_lifetime: Option<Option<i64>>,
    /// Seconds, within the server's.
    #[serde(deserialize_with = "clearable")]
    #[schema(value_type = Option<i64>)]
    pub refresh_absolute_lifetime: Option<Option<i64>>,
    /// What it registers as an OpenID Connect client. Members left out stay as they are; null takes one away.
    #[schema(value_type = Option<RegisteredMetadata>)]
    pub openid: Option<Map<String, Value>>,
}

/// A member that is there and null is another thing than one that is not there.
fn clearable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

impl From<ApplicationMembers> for ApplicationFields {
    fn from(members: ApplicationMembers) -> ApplicationFields {
        ApplicationFields {
            name: members.name,
            kind: members.kind,
            authentication_method: members.authentication_method,
            redirect_uris: members.redirect_uris,
            grant_types: members.grant_types,
            scopes: members.scopes,
            allowed_origins: members.allowed_origins,
            homepage_url: members.homepage_url,
            privacy_url: members.privacy_url,
            terms_url: members.terms_url,
            logo_url: members.logo_url,
            organization_access: members.organization_access,
            access_token_lifetime: members.access_token_lifetime,
            refresh_idle_lifetime: members.refresh_idle_lifetime,
            refresh_absolute_lifetime: members.refresh_absolute_lifetime,
            openid: members.openid,
        }
    }
}

/// A new application and its secret.
#[derive(Serialize, ToSchema)]
pub struct MadeApplication {
    /// The application.
    #[serde(flatten)]
    pub application: Application,
    /// Told here and never again; a public application has none.
    pub client_secret: Option<String>,
}

/// The person's own, by name.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(get, path = "/api/v1/applications", tag = "Applications", summary = "List your applications",
    params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "By name.", body = Vec<ApplicationLine>)))]
pub async fn list(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let found = applications::page(&call.app, call.user()?, &asked.after()?, asked.limit).await?;
    let entries: Vec<ApplicationLine> = found.applications.iter().map(|row| (&**row).into()).collect();
    Ok(page::answer(&call, &asked, &entries, found.next.map(Cursor::Text)))
}

/// Registers one.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(post, path = "/api/v1/applications", tag = "Applications", summary = "Register an application",
    request_body = ApplicationMembers, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The secret is told here and never again.", body = MadeApplication)))]
pub async fn post(call: Call, payload: web::Payload) -> Answer {
    let (members, bytes) = body::read::<ApplicationMembers>(&call.app, &call.request, payload).await?;
    let fields = ApplicationFields::from(members);
    let secret = (!fields.is_public()).then_some(SecretMember("client_secret", TokenKind::ClientSecret));
    create::create(&call, &bytes, secret, async |id, bytes| {
        let made = applications::create(&call.app, &call.caller, &call.credential, fields, id, bytes).await?;
        let owned = applications::show(&call.app, call.user()?, &made.client_id).await?;
        Ok(Made {
            body: serde_json::json!(Application::from(&owned)),
            location: Some(format!("{}/{}", call.request.uri().path(), made.client_id)),
            secret: made.secret,
        })
    })
    .await
}

/// One of them.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(get, path = "/api/v1/applications/{client_id}", tag = "Applications", summary = "Show an application",
    params(("client_id" = String, Path)),
    responses((status = 200, description = "With an ETag.", body = Application)))]
pub async fn get(call: Call) -> Answer {
    let owned = applications::show(&call.app, call.user()?, &call.segment("client_id")?).await?;
    let application = Application::from(&owned);
    Ok(entity::answer_for(&call, &application, &tagged(&application)))
}

/// What `If-Match` is about: secrets are made and end beside it.
fn tagged(application: &Application) -> serde_json::Value {
    let mut told = serde_json::json!(application);
    told["credentials"] = serde_json::Value::Null;
    told
}

/// Changes single members.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(patch, path = "/api/v1/applications/{client_id}", tag = "Applications", summary = "Change an application",
    params(("client_id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = ApplicationMembers,
    responses((status = 200, description = "As it is now, with an ETag.", body = Application)))]
pub async fn patch(call: Call, payload: web::Payload) -> Answer {
    let (members, _) = body::read::<ApplicationMembers>(&call.app, &call.request, payload).await?;
    let client_id = call.segment("client_id")?;
    let before = applications::show(&call.app, call.user()?, &client_id).await?;
    let caller = call.seeing(entity::seen(&call, &tagged(&Application::from(&before)), &*before.row)?);
    // No answer but a creation tells a secret: whoever needs one after this rotates it.
    let owned = applications::update(&call.app, &caller, &call.credential, &client_id, members.into()).await?;
    let application = Application::from(&owned);
    Ok(entity::answer_for(&call, &application, &tagged(&application)))
}

/// Asks for the deletion: the application is off at once, and gone after a delay.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(delete, path = "/api/v1/applications/{client_id}", tag = "Applications",
    summary = "Delete an application",
    description = "It is off at once and gone at `delete_at`. Until then `restore` takes it back.",
    params(("client_id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "It is about to be deleted.")))]
pub async fn delete(call: Call) -> Answer {
    let client_id = call.segment("client_id")?;
    let before = applications::show(&call.app, call.user()?, &client_id).await?;
    let caller = call.seeing(entity::seen(&call, &tagged(&Application::from(&before)), &*before.row)?);
    applications::remove(&call.app, &caller, &call.credential, &client_id).await?;
    Ok(call.done())
}

/// Takes the deletion back.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(post, path = "/api/v1/applications/{client_id}/restore", tag = "Applications",
    summary = "Take a deletion back", params(("client_id" = String, Path)),
    responses((status = 200, description = "As it was before.", body = Application)))]
pub async fn restore(call: Call) -> Answer {
    let client_id = call.segment("client_id")?;
    applications::restore(&call.app, &call.caller, &call.credential, &client_id).await?;
    let owned = applications::show(&call.app, call.user()?, &client_id).await?;
    Ok(entity::answer(&call, &Application::from(&owned)))
}
