//! `/api/v1/authorizations`: what a person lets applications have. One is named by its application, and by the
//! organization it is bound to.

use serde::Serialize;
use utoipa::ToSchema;

use super::page::{self, Asked, Cursor};
use super::{Answer, Call, Problem};
use crate::flows::people::authorizations::{self, Authorized};

/// What a person lets one application have.
#[derive(Serialize, ToSchema)]
pub struct Authorization {
    /// The application.
    pub application: AuthorizedApplication,
    /// Everything consented to.
    pub scopes: Vec<String>,
    /// The same in words, one line a set of scopes.
    pub scope_texts: Vec<String>,
    /// Slug of the one organization it is good for.
    pub organization: Option<String>,
    /// When consent was first given, in seconds since 1970.
    pub created_at: i64,
    /// When it last grew.
    pub updated_at: i64,
    /// When it was last used, to the minute.
    pub last_used_at: Option<i64>,
}

/// An application as its users may know it.
#[derive(Serialize, ToSchema)]
pub struct AuthorizedApplication {
    /// Its identifier on the wire.
    pub client_id: String,
    /// What pages call it.
    pub name: String,
    /// User name of the person who answers for it.
    pub owner: Option<String>,
    /// Its home page.
    pub homepage_url: Option<String>,
    /// Whether whoever runs this server vouches for it.
    pub verified: bool,
    /// `active`, `inactive` or `pending_deletion`.
    pub status: String,
}

impl From<Authorized> for Authorization {
    fn from(one: Authorized) -> Authorization {
        Authorization {
            application: AuthorizedApplication {
                client_id: one.client_id,
                name: one.client,
                owner: one.owner,
                homepage_url: one.homepage_url,
                verified: one.verified,
                status: one.status,
            },
            scopes: one.scopes.iter().map(str::to_owned).collect(),
            scope_texts: one.texts,
            organization: one.organization.map(|organization| organization.slug),
            created_at: one.created_at,
            updated_at: one.updated_at,
            last_used_at: one.last_used_at,
        }
    }
}

/// The person's own, by the applications' names (S59).
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/authorizations", tag = "Authorizations", summary = "List what applications may do",
    params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "By the applications' names.", body = Vec<Authorization>)))]
pub async fn list(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let (after, limit) = (asked.after()?, usize::try_from(asked.limit).unwrap_or_default());
    let found = authorizations::page(&call.app, call.user()?, "", &after, limit).await?;
    let next = found.next.map(Cursor::Text);
    let entries: Vec<Authorization> = found.authorizations.into_iter().map(Authorization::from).collect();
    Ok(page::answer(&call, &asked, &entries, next))
}

/// One of them.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/authorizations/{client_id}", tag = "Authorizations",
    summary = "Show what an application may do",
    params(("client_id" = String, Path),
        ("organization" = Option<String>, Query, description = "Slug; without, what is bound to no organization.")),
    responses((status = 200, description = "It.", body = Authorization)))]
pub async fn get(call: Call) -> Answer {
    let (client_id, organization) = (call.segment("client_id")?, organization(&call)?);
    let found = authorizations::find(&call.app, call.user()?, &client_id, organization.as_deref()).await?;
    Ok(call.ok(&Authorization::from(found.ok_or_else(Problem::not_found)?)))
}

/// Takes it back: its grants, codes and tokens are dead at once (A65).
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/authorizations/{client_id}", tag = "Authorizations",
    summary = "Revoke what an application may do",
    description = "Its codes, access tokens and refresh tokens are dead when the answer comes.",
    params(("client_id" = String, Path),
        ("organization" = Option<String>, Query, description = "Slug; without, what is bound to no organization.")),
    responses((status = 204, description = "The application may do nothing any more.")))]
pub async fn delete(call: Call) -> Answer {
    let (client_id, organization) = (call.segment("client_id")?, organization(&call)?);
    let (caller, actor) = (Some(&call.caller), call.credential.actor());
    let revoked =
        authorizations::revoke(&call.app, caller, actor, call.user()?, &client_id, organization.as_deref()).await?;
    if revoked { Ok(call.done()) } else { Err(Problem::not_found()) }
}

fn organization(call: &Call) -> Result<Option<String>, Problem> {
    let params = call.query()?;
    let named = params.once("organization").map_err(|_| Problem::bad_request("organization is given twice."))?;
    match named {
        // What no name holds PostgreSQL would not even look for.
        Some(named) if named.contains('\0') => Err(Problem::not_found()),
        named => Ok(named.map(str::to_owned)),
    }
}
