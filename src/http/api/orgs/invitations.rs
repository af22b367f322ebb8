//! `/api/v1/organizations/{org}/invitations`: people who were asked to join. The link goes by mail only.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::page_by;
use crate::flows::organizations::By;
use crate::flows::organizations::invitations::list::{self as lines, InvitationLine};
use crate::flows::organizations::invitations::revoke;
use crate::flows::organizations::invitations::send::{self, NewInvitation};
use crate::http::api::create::{self as creation, Made};
use crate::http::api::page::{self, Asked};
use crate::http::api::{Answer, Call, Problem, body};

/// An invitation that waits.
#[derive(Serialize, ToSchema)]
pub struct Invitation {
    /// Name for the API; the same when it is sent again.
    pub id: String,
    /// Where it was sent.
    pub email: String,
    /// Role on acceptance.
    pub role: String,
    /// Slugs of the teams to join.
    pub teams: Vec<String>,
    /// User name of whoever invited; null for a key or the operator.
    pub invited_by: Option<String>,
    /// When it was sent.
    pub created_at: i64,
    /// When it ends, or ended.
    pub expires_at: i64,
    /// Its link does not work any more: send it again.
    pub expired: bool,
}

impl From<InvitationLine> for Invitation {
    fn from(line: InvitationLine) -> Invitation {
        Invitation {
            id: line.id,
            email: line.email,
            role: line.role,
            teams: line.teams,
            invited_by: line.invited_by,
            created_at: line.created_at,
            expires_at: line.expires_at,
            expired: line.expired,
        }
    }
}

/// An invitation as asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvite {
    /// Where to send it.
    pub email: String,
    /// Up to what whoever asks may give.
    pub role: String,
    /// Slugs of teams to join, at most 50.
    #[serde(default)]
    pub teams: Vec<String>,
}

/// Invitations that wait.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/invitations", tag = "Invitations", summary = "List invitations",
    params(("org" = String, Path),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "By id, which follows no other order.", body = Vec<Invitation>)))]
pub async fn list(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let waiting = lines::list(&call.app, &call.inside()?.organization).await?;
    // Not by address: a cursor stands in addresses, and so in logs.
    let (waiting, next) = page_by(&asked, waiting, |line| &line.id)?;
    let entries: Vec<Invitation> = waiting.into_iter().map(Invitation::from).collect();
    Ok(page::answer(&call, &asked, &entries, next))
}

/// Invites somebody; an earlier invitation to the same address is void from then on.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/organizations/{org}/invitations", tag = "Invitations", summary = "Invite somebody",
    request_body = NewInvite, params(("org" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The link goes by mail.", body = Invitation)))]
pub async fn post(call: Call, payload: web::Payload) -> Answer {
    let (new, bytes) = body::read::<NewInvite>(&call.app, &call.request, payload).await?;
    let new = NewInvitation { email: new.email, role: new.role, teams: new.teams };
    creation::create(&call, &bytes, None, async |_, _| {
        let (acting, organization) = (call.acting("member:write"), &call.inside()?.organization);
        let sent = send::send(&call.app, By::Api(&acting), organization, new).await?;
        let line = by_address(&call, &sent.email).await?;
        let location = format!("{}/{}", call.request.uri().path(), line.id);
        Ok(Made { body: serde_json::json!(Invitation::from(line)), location: Some(location), secret: None })
    })
    .await
}

/// Sends one again, with a new link.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/organizations/{org}/invitations/{invitation}/resend", tag = "Invitations",
    summary = "Send an invitation again", params(("org" = String, Path), ("invitation" = String, Path)),
    responses((status = 200, description = "The earlier link is void.", body = Invitation)))]
pub async fn resend(call: Call) -> Answer {
    let line = of_the_path(&call).await?;
    let (acting, organization) = (call.acting("member:write"), &call.inside()?.organization);
    send::again(&call.app, By::Api(&acting), organization, &line.email).await?;
    let line = by_address(&call, &line.email).await?;
    Ok(call.ok(&Invitation::from(line)))
}

/// Takes one back.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/organizations/{org}/invitations/{invitation}", tag = "Invitations",
    summary = "Take an invitation back", params(("org" = String, Path), ("invitation" = String, Path)),
    responses((status = 204, description = "Its link works no more.")))]
pub async fn delete(call: Call) -> Answer {
    let line = of_the_path(&call).await?;
    let (acting, organization) = (call.acting("member:admin"), &call.inside()?.organization);
    revoke::revoke(&call.app, By::Api(&acting), organization, &line.email).await?;
    Ok(call.done())
}

async fn of_the_path(call: &Call) -> Result<InvitationLine, Problem> {
    Ok(lines::named(&call.app, &call.inside()?.organization, &call.segment("invitation")?).await?)
}

async fn by_address(call: &Call, email: &str) -> Result<InvitationLine, Problem> {
    let waiting = lines::list(&call.app, &call.inside()?.organization).await?;
    waiting.into_iter().find(|line| line.email == email).ok_or_else(Problem::not_found)
}
