//! `/api/v1/admin/clients`: applications registered, changed, switched off and deleted.

use actix_web::web;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::clients::{AdminClient, answer, found, shown, tagged};
use crate::crypto::token::TokenKind;
use crate::flows::clients::create::NewClient;
use crate::flows::clients::secret::NewSecret;
use crate::flows::clients::{
    ClientMetadata, create as creation, delete as deletion, rotate_secret, show, status, update,
};
use crate::http::api::create::{self, Made, SecretMember};
use crate::http::api::{Answer, Call, Problem, body, entity};

const SECRET: SecretMember = SecretMember("client_secret", TokenKind::ClientSecret);

/// A new application with its secret, which is told here and never again.
#[derive(Serialize, ToSchema)]
pub struct MadeAdminClient {
    /// Identifier on the wire.
    pub client_id: String,
    /// What pages call it.
    pub name: String,
    /// `confidential` or `public`.
    pub kind: String,
    /// Absent for a public client.
    pub client_secret: Option<String>,
}

/// How a secret is replaced.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdminRotation {
    /// Seconds the older secrets go on working; the configured time where absent.
    #[schema(minimum = 0)]
    pub overlap: Option<i64>,
}

/// A new secret, which is told here and never again.
#[derive(Serialize, ToSchema)]
pub struct RotatedAdminClient {
    /// The new one.
    pub client_secret: String,
    /// The last moment an older one works, in seconds since 1970.
    pub others_end_at: i64,
}

/// Registers an application.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/admin/clients", tag = "Administration: clients", summary = "Register a client",
    request_body = ClientMetadata, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The secret is told here and never again.", body = MadeAdminClient)))]
pub async fn post(call: Call, payload: web::Payload) -> Answer {
    let (metadata, bytes) = body::read::<ClientMetadata>(&call.app, &call.request, payload).await?;
    create::create(&call, &bytes, Some(SECRET), async |id, secret| {
        let (caller, actor) = (Some(&call.caller), call.credential.actor());
        let secret = NewSecret::Given(id, secret);
        let new = NewClient { metadata, secret, managed_by: None, at_most: None, registered: None };
        let made = creation::register(&call.app, caller, actor, new).await?;
        Ok(Made {
            body: serde_json::json!({ "client_id": made.client_id, "name": made.name, "kind": made.kind }),
            location: Some(format!("{}/{}", call.request.uri().path(), made.client_id)),
            secret: made.secret,
        })
    })
    .await
}

/// Changes members of an application's registration; what is absent stays. A method that needs another kind of secret ends
/// those there are: rotate the secret then.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(patch, path = "/api/v1/admin/clients/{client}", tag = "Administration: clients",
    summary = "Change a client", request_body = ClientMetadata,
    params(("client" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, description = "The client as it is now.", body = AdminClient)))]
pub async fn patch(call: Call, payload: web::Payload) -> Answer {
    let (mut change, _) = body::read::<Map<String, Value>>(&call.app, &call.request, payload).await?;
    // Before its metadata: a change in between is found, and not undone.
    let row = found(&call).await?;
    let current = shown(&call).await?;
    let by = call.seeing(entity::seen(&call, &tagged(&current), &*row)?).having_read(&*row);
    let Ok(Value::Object(mut members)) = serde_json::to_value(&current.metadata) else {
        return Err(Problem::bad_request("The body is not a JSON object."));
    };
    // Members of `openid` are members too: what is absent there stays, null takes one away.
    let wanted = change.get("openid").and_then(Value::as_object).cloned();
    if let (Some(Value::Object(now)), Some(wanted)) = (members.get_mut("openid"), wanted) {
        now.extend(wanted);
        change.remove("openid");
    }
    members.extend(change);
    let metadata: ClientMetadata = serde_json::from_value(Value::Object(members))
        .map_err(|error| Problem::bad_request(format!("The body is not the JSON that is asked for: {error}.")))?;
    // No answer but a creation tells a secret: whoever needs one after this rotates it.
    update::update(&call.app, Some(&by), call.credential.actor(), &current.client_id, metadata).await?;
    Ok(answer(&call, &shown(&call).await?))
}

/// Asks for an application's deletion, which is carried out after a while.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/admin/clients/{client}", tag = "Administration: clients",
    summary = "Delete a client", params(("client" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "It is off, and gone at `delete_at`; until then it can be restored.")))]
pub async fn delete(call: Call) -> Answer {
    let row = found(&call).await?;
    let current = shown(&call).await?;
    let by = call.seeing(entity::seen(&call, &tagged(&current), &*row)?);
    let (caller, actor) = (Some(&by), call.credential.actor());
    deletion::request(&call.app, caller, actor, &current.client_id, None).await?;
    Ok(call.done())
}

/// Takes a deletion back.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/admin/clients/{client}/restore", tag = "Administration: clients",
    summary = "Restore a client", params(("client" = String, Path)),
    responses((status = 204, description = "It stays, and is off until it is enabled.")))]
pub async fn restore(call: Call) -> Answer {
    let (caller, actor) = (Some(&call.caller), call.credential.actor());
    deletion::abort(&call.app, caller, actor, &call.segment("client")?).await?;
    Ok(call.done())
}

/// Switches an application on.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/admin/clients/{client}/enable", tag = "Administration: clients",
    summary = "Enable a client", params(("client" = String, Path)),
    responses((status = 204, description = "It is on.")))]
pub async fn enable(call: Call) -> Answer {
    let (caller, actor) = (Some(&call.caller), call.credential.actor());
    status::enable(&call.app, caller, actor, &call.segment("client")?).await?;
    Ok(call.done())
}

/// Switches an application off.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/admin/clients/{client}/disable", tag = "Administration: clients",
    summary = "Disable a client", params(("client" = String, Path)),
    responses((status = 204, description = "It is off: refused everywhere, its tokens inactive.")))]
pub async fn disable(call: Call) -> Answer {
    let (caller, actor) = (Some(&call.caller), call.credential.actor());
    status::disable(&call.app, caller, actor, &call.segment("client")?).await?;
    Ok(call.done())
}

/// Gives an application a new secret.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/admin/clients/{client}/rotate-secret", tag = "Administration: clients",
    summary = "Rotate a client's secret", request_body = AdminRotation,
    params(("client" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The secret is told here and never again.", body = RotatedAdminClient)))]
pub async fn rotate(call: Call, payload: web::Payload) -> Answer {
    let (rotation, bytes) = body::read::<AdminRotation>(&call.app, &call.request, payload).await?;
    let client_id = call.segment("client")?;
    // Before the key is used up: nothing is remembered of an application that is not there.
    show::show(&call.app, &client_id).await?;
    create::create(&call, &bytes, Some(SECRET), async |id, secret| {
        let (caller, actor) = (Some(&call.caller), call.credential.actor());
        let secret = NewSecret::Given(id, secret);
        let done = rotate_secret::rotate(&call.app, caller, actor, &client_id, secret, rotation.overlap).await?;
        let body = serde_json::json!({ "others_end_at": done.others_end_at });
        Ok(Made { body, location: None, secret: done.secret })
    })
    .await
}
