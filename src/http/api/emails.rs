//! `/api/v1/emails`: the addresses of a person's account. By them somebody gets in who forgot the password, so that only a
//! browser whose person proved lately who they are changes them, and no token does; and only a mailed link, opened there,
//! brings one in (C64).

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Call, Problem, body};
use crate::app::App;
use crate::flows::api::Credential;
use crate::flows::api::refusal::ApiRefusal;
use crate::flows::mail;
use crate::flows::people::addresses::{self, Address};
use crate::flows::people::{PersonRefusal, UserRow, email};
use crate::flows::session::SignedIn;

/// An e-mail address of an account.
#[derive(Serialize, ToSchema)]
pub struct AccountEmail {
    /// What it is called here.
    pub id: String,
    /// The address.
    pub email: String,
    /// Mail about the account goes there; the others are for who forgot the password.
    pub main: bool,
    /// Whether a mailed link proved it; further addresses always are.
    pub verified: bool,
    /// When, in seconds since 1970.
    pub verified_at: Option<i64>,
}

impl AccountEmail {
    /// All of an account, the main one first.
    ///
    /// # Errors
    /// [`Problem`].
    pub(super) async fn all(app: &App, user: &UserRow) -> Result<Vec<AccountEmail>, Problem> {
        let main = user.email.clone().zip(addresses::main_name(user)).map(|(email, id)| AccountEmail {
            id,
            email,
            main: true,
            verified: user.email_verified_at.is_some(),
            verified_at: user.email_verified_at,
        });
        let further = addresses::further(app, user).await?.into_iter().map(|Address { id, email, verified_at }| {
            AccountEmail { id, email, main: false, verified: true, verified_at: Some(verified_at) }
        });
        Ok(main.into_iter().chain(further).collect())
    }
}

/// An address to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEmail {
    /// The address; the main one again, to have it verified.
    pub email: String,
    /// It shall be the main one.
    #[serde(default)]
    pub main: bool,
}

/// The addresses of your account.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/emails", tag = "Me", summary = "List your e-mail addresses",
    responses((status = 200, description = "The main one first.", body = Vec<AccountEmail>)))]
pub async fn list(call: Call) -> Answer {
    Ok(call.ok(&AccountEmail::all(&call.app, call.user()?).await?))
}

/// Sends a link.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/emails", tag = "Me", summary = "Send a link to an e-mail address",
    description = "Nothing changes until you open the link, signed in to this account.", request_body = NewEmail,
    responses((status = 204, description = "The link is on its way.")))]
pub async fn post(call: Call, payload: web::Payload) -> Answer {
    let (new, _) = body::read::<NewEmail>(&call.app, &call.request, payload).await?;
    if !mail::is_on(&call.app) {
        return Err(Problem::conflict("This server sends no mail."));
    }
    email::ask(&call.app, &call.caller, session(&call)?, &new.email, new.main).await.map_err(refused)?;
    Ok(call.done())
}

/// Makes a further address the main one.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/emails/{email}/make-main", tag = "Me", summary = "Make an e-mail address the main one",
    description = "The one that was stays a further one if it is verified.", params(("email" = String, Path)),
    responses((status = 204, description = "It is the main one.")))]
pub async fn make_main(call: Call) -> Answer {
    let id = call.segment("email")?;
    match addresses::make_main(&call.app, &call.caller, session(&call)?, &id).await.map_err(refused)? {
        true => Ok(call.done()),
        false => Err(Problem::not_found()),
    }
}

/// Removes a further address.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/emails/{email}", tag = "Me", summary = "Remove an e-mail address",
    description = "Links that were sent there stop working. The main one stays until another one is.",
    params(("email" = String, Path)), responses((status = 204, description = "It is gone.")))]
pub async fn delete(call: Call) -> Answer {
    let (id, who) = (call.segment("email")?, session(&call)?);
    if addresses::main_name(&who.user).as_ref() == Some(&id) {
        return Err(Problem::conflict("This is the main address: make another one the main one first."));
    }
    match addresses::remove_own(&call.app, &call.caller, who, &id).await.map_err(refused)? {
        true => Ok(call.done()),
        false => Err(Problem::not_found()),
    }
}

fn session(call: &Call) -> Result<&SignedIn, Problem> {
    match &call.credential {
        Credential::Session(who) => Ok(who),
        _ => Err(ApiRefusal::SessionOnly.into()),
    }
}

fn refused(refusal: PersonRefusal) -> Problem {
    use PersonRefusal as R;
    let detail = refusal.to_string();
    match refusal {
        R::EmailMalformed | R::AddressThere => Problem::field("email", detail),
        R::Throttled(retry) => ApiRefusal::Throttled(retry).into(),
        R::NotFound => Problem::not_found(),
        R::Unavailable(error) => error.into(),
        _ => Problem::conflict(detail),
    }
}
