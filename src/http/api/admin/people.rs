//! What a person let in: their sessions and authorizations, and the end of them.

use serde::Serialize;
use utoipa::ToSchema;

use super::users::named;
use super::{refused, text};
use crate::flows::administration::access;
use crate::flows::people::{addresses, authorizations, sign_out_everywhere};
use crate::flows::{personal_tokens, session};
use crate::http::api::emails::AccountEmail;
use crate::http::api::page::{self, Asked, Cursor};
use crate::http::api::personal_tokens::PersonalToken;
use crate::http::api::{Answer, Call, Problem};

/// What a person lets an application have.
#[derive(Serialize, ToSchema)]
pub struct AdminAuthorization {
    /// Identifier of the application.
    pub client_id: String,
    /// Its name.
    pub client: String,
    /// Everything consented to.
    pub scopes: Vec<String>,
    /// Slug of the one organization it is good for.
    pub organization: Option<String>,
    /// When consent was first given, in seconds since 1970.
    pub created_at: i64,
    /// When it was last used, to the minute.
    pub last_used_at: Option<i64>,
}

/// A browser in which a person is signed in.
#[derive(Serialize, ToSchema)]
pub struct AdminSession {
    /// Name of the session; it opens nothing.
    pub id: String,
    /// When the browser signed in, in seconds since 1970.
    pub created_at: i64,
    /// When a request last came, to the minute.
    pub last_seen_at: i64,
    /// When it ends, used or not.
    pub expires_at: i64,
    /// How the person proved who they are (RFC 8176).
    pub method: String,
    /// The browser's own name.
    pub user_agent: String,
    /// Where the sign-in came from.
    pub address: String,
}

/// Ends every session and every grant of a person. Their personal tokens stay: they are listed and ended one by one.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/admin/users/{user}/sign-out-everywhere", tag = "Administration: users",
    summary = "Sign a user out everywhere", params(("user" = String, Path)),
    responses((status = 204,
        description = "Every session and every token of applications has ended; personal tokens have not.")))]
pub async fn sign_out(call: Call) -> Answer {
    let row = named(&call).await?;
    let actor = call.credential.actor();
    sign_out_everywhere::sign_out_everywhere(&call.app, Some(&call.caller), actor, &row).await?;
    Ok(call.done())
}

/// What a person lets applications have.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/users/{user}/authorizations", tag = "Administration: users",
    summary = "List a user's authorizations", params(("user" = String, Path)),
    responses((status = 200, description = "Newest first.", body = Vec<AdminAuthorization>)))]
pub async fn list_authorizations(call: Call) -> Answer {
    let row = named(&call).await?;
    let listed = authorizations::list(&call.app, &row).await?;
    let entries: Vec<AdminAuthorization> = listed
        .into_iter()
        .map(|one| AdminAuthorization {
            client_id: one.client_id,
            client: one.client,
            scopes: one.scopes.iter().map(str::to_owned).collect(),
            organization: one.organization.map(|organization| organization.slug),
            created_at: one.created_at,
            last_used_at: one.last_used_at,
        })
        .collect();
    Ok(call.ok(&entries))
}

/// Takes back what a person lets one application have.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/admin/users/{user}/authorizations/{client}", tag = "Administration: users",
    summary = "Revoke a user's authorization",
    params(("user" = String, Path), ("client" = String, Path),
        ("organization" = Option<String>, Query, description = "Slug, where it is bound to one.")),
    responses((status = 204, description = "Its grants, codes and tokens are dead.")))]
pub async fn revoke(call: Call) -> Answer {
    let (row, client) = (named(&call).await?, call.segment("client")?);
    let actor = call.credential.actor();
    let query = call.query()?;
    // Read as none, a doubled one would revoke what is bound to no organization.
    let organization = text(&query, "organization")?;
    match authorizations::revoke(&call.app, Some(&call.caller), actor, &row, &client, organization).await? {
        true => Ok(call.done()),
        false => Err(Problem::not_found()),
    }
}

/// Where a person is signed in.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/users/{user}/sessions", tag = "Administration: users",
    summary = "List a user's sessions", params(("user" = String, Path)),
    responses((status = 200, description = "Newest first.", body = Vec<AdminSession>)))]
pub async fn list_sessions(call: Call) -> Answer {
    let row = named(&call).await?;
    let sessions = session::list(&call.app, &row).await?;
    let entries: Vec<AdminSession> = sessions
        .into_iter()
        .map(|one| AdminSession {
            id: one.sid,
            created_at: one.created_at,
            last_seen_at: one.last_seen_at,
            expires_at: one.expires_at,
            method: one.authentication_method,
            user_agent: one.user_agent,
            address: one.address,
        })
        .collect();
    Ok(call.ok(&entries))
}

/// Ends one session.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/admin/users/{user}/sessions/{session}", tag = "Administration: users",
    summary = "End a user's session", params(("user" = String, Path), ("session" = String, Path)),
    responses((status = 204, description = "It has ended.")))]
pub async fn end_session(call: Call) -> Answer {
    let (row, sid) = (named(&call).await?, call.segment("session")?);
    match access::end_session(&call.app, &call.caller, call.credential.actor(), &row, &sid).await? {
        true => Ok(call.done()),
        false => Err(Problem::not_found()),
    }
}

/// A person's personal tokens, newest first.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/users/{user}/personal-tokens", tag = "Administration: users",
    summary = "List a user's personal tokens",
    params(("user" = String, Path), ("limit" = Option<i64>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first, without their values.", body = Vec<PersonalToken>)))]
pub async fn list_tokens(call: Call) -> Answer {
    let (row, asked) = (named(&call).await?, Asked::of(&call.query()?)?);
    let found = personal_tokens::page(&call.app, &row, asked.below()?, asked.limit).await?;
    let entries: Vec<PersonalToken> = found.tokens.iter().map(PersonalToken::from).collect();
    Ok(page::answer(&call, &asked, &entries, found.next.map(Cursor::Id)))
}

/// Deletes one of them: it opens nothing any more, at once.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/admin/users/{user}/personal-tokens/{token}", tag = "Administration: users",
    summary = "Delete a user's personal token", params(("user" = String, Path), ("token" = String, Path)),
    responses((status = 204, description = "It opens nothing any more.")))]
pub async fn delete_token(call: Call) -> Answer {
    let (row, token) = (named(&call).await?, call.segment("token")?);
    personal_tokens::remove(&call.app, &call.caller, call.credential.actor(), &row, &token).await?;
    Ok(call.done())
}

/// The addresses of a person's account.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/users/{user}/emails", tag = "Administration: users",
    summary = "List a user's e-mail addresses", params(("user" = String, Path)),
    responses((status = 200, description = "The main one first.", body = Vec<AccountEmail>)))]
pub async fn list_emails(call: Call) -> Answer {
    let row = named(&call).await?;
    Ok(call.ok(&AccountEmail::all(&call.app, &row).await?))
}

/// Removes a further address, which a stranger may have added. The main one is changed with the user.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/admin/users/{user}/emails/{email}", tag = "Administration: users",
    summary = "Remove a user's further e-mail address", params(("user" = String, Path), ("email" = String, Path)),
    responses((status = 204, description = "No link to set a password is sent there any more.")))]
pub async fn delete_email(call: Call) -> Answer {
    let (row, id) = (named(&call).await?, call.segment("email")?);
    match addresses::remove(&call.app, &call.caller, call.credential.actor(), &row, &id).await.map_err(refused)? {
        true => Ok(call.done()),
        false => Err(Problem::not_found()),
    }
}
