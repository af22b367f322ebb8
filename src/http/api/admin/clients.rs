//! `/api/v1/admin/clients`: every application, looked at.

use std::sync::Arc;

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::{one_of, text};
use crate::flows::administration::ClientRow;
use crate::flows::administration::find::{self as search, Wanted};
use crate::flows::applications;
use crate::flows::client_lookup;
use crate::flows::clients::{ClientMetadata, show};
use crate::http::api::application_care::Count;
use crate::http::api::page::{self, Asked, Cursor};
use crate::http::api::{Answer, Call, Problem, entity};

/// One application in a list.
#[derive(Serialize, ToSchema)]
pub struct AdminClientLine {
    /// Identifier on the wire.
    pub client_id: String,
    /// What pages call it.
    pub name: String,
    /// `confidential` or `public`.
    pub kind: String,
    /// `active`, `inactive` or `pending_deletion`.
    pub status: String,
    /// When a pending deletion is carried out, in seconds since 1970.
    pub delete_at: Option<i64>,
    /// Whether the operator vouches for it.
    pub verified: bool,
    /// File and key that declare it.
    pub managed_by: Option<String>,
    /// When it was registered.
    pub created_at: i64,
}

impl From<&ClientRow> for AdminClientLine {
    fn from(row: &ClientRow) -> AdminClientLine {
        AdminClientLine {
            client_id: row.client_id.clone(),
            name: row.name.clone(),
            kind: row.kind.clone(),
            status: row.status.clone(),
            delete_at: row.delete_at,
            verified: row.verified,
            managed_by: row.managed_by.clone(),
            created_at: row.created_at,
        }
    }
}

/// An application in full.
#[derive(Serialize, ToSchema)]
pub struct AdminClient {
    /// Identifier on the wire.
    pub client_id: String,
    /// `active`, `inactive` or `pending_deletion`.
    pub status: String,
    /// When a pending deletion is carried out, in seconds since 1970.
    pub delete_at: Option<i64>,
    /// File and key that declare it.
    pub managed_by: Option<String>,
    /// When it was registered.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
    /// Its registration.
    pub metadata: ClientMetadata,
    /// What it authenticates with, newest first.
    pub credentials: Vec<AdminClientCredential>,
}

/// What may be known of something an application authenticates with.
#[derive(Serialize, ToSchema)]
pub struct AdminClientCredential {
    /// Its last four characters.
    pub last_four: String,
    /// Made elsewhere.
    pub imported: bool,
    /// Whether it works.
    pub live: bool,
    /// When it was made, in seconds since 1970.
    pub created_at: i64,
    /// When it stops working.
    pub expires_at: Option<i64>,
}

/// How much an application is used.
#[derive(Serialize, ToSchema)]
pub struct AdminClientUse {
    /// People who allowed it something; one in two organizations counts twice.
    pub users: Count,
    /// What of it works now.
    pub live_tokens: Count,
    /// When it last got a token or a secret of it last worked, in seconds since 1970, to the minute.
    pub last_used_at: Option<i64>,
}

/// The application the path names, as it is.
pub(super) async fn shown(call: &Call) -> Result<AdminClient, Problem> {
    let view = show::show(&call.app, &call.segment("client")?).await?;
    let credential = |one: show::SecretView| AdminClientCredential {
        last_four: one.last_four,
        imported: one.imported,
        live: one.live,
        created_at: one.created_at,
        expires_at: one.expires_at,
    };
    Ok(AdminClient {
        client_id: view.line.client_id,
        status: view.line.status,
        delete_at: view.line.delete_at,
        managed_by: view.line.managed_by,
        created_at: view.line.created_at,
        updated_at: view.updated_at,
        metadata: view.metadata,
        credentials: view.secrets.into_iter().map(credential).collect(),
    })
}

/// Its row.
pub(super) async fn found(call: &Call) -> Result<Arc<ClientRow>, Problem> {
    client_lookup::find(&call.app, &call.segment("client")?).await?.ok_or_else(Problem::not_found)
}

/// What `If-Match` is about: secrets are made and end beside it.
pub(super) fn tagged(client: &AdminClient) -> serde_json::Value {
    let mut told = serde_json::json!(client);
    told["credentials"] = serde_json::Value::Null;
    told
}

/// It, with its entity tag.
pub(super) fn answer(call: &Call, client: &AdminClient) -> HttpResponse {
    entity::answer_for(call, client, &tagged(client))
}

/// Every application, newest first.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/clients", tag = "Administration: clients", summary = "List clients",
    params(("q" = Option<String>, Query, description = "Part of the name, or a whole client_id."),
        ("status" = Option<String>, Query, description = "`active`, `inactive` or `pending_deletion`."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first.", body = Vec<AdminClientLine>)))]
pub async fn list(call: Call) -> Answer {
    let params = call.query()?;
    let asked = Asked::of(&params)?;
    let status = one_of(&params, "status", &["active", "inactive", "pending_deletion"])?;
    let wanted = Wanted { text: text(&params, "q")?.unwrap_or_default(), status };
    let found = search::clients(&call.app, wanted, asked.below()?, asked.limit).await?;
    let entries: Vec<AdminClientLine> = found.rows.iter().map(AdminClientLine::from).collect();
    Ok(page::answer(&call, &asked, &entries, found.next.map(Cursor::Id)))
}

/// One application.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/clients/{client}", tag = "Administration: clients", summary = "Show a client",
    params(("client" = String, Path)), responses((status = 200, description = "The client.", body = AdminClient)))]
pub async fn get(call: Call) -> Answer {
    Ok(answer(&call, &shown(&call).await?))
}

/// How much an application is used.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/clients/{client}/statistics", tag = "Administration: clients",
    summary = "Show how much a client is used", params(("client" = String, Path)),
    responses((status = 200, description = "Counted now, to 1000.", body = AdminClientUse)))]
pub async fn statistics(call: Call) -> Answer {
    let row = found(&call).await?;
    let used = applications::usage(&call.app, row.id).await?;
    Ok(call.ok(&AdminClientUse {
        users: used.users.into(),
        live_tokens: used.live_tokens.into(),
        last_used_at: used.last_used_at,
    }))
}
