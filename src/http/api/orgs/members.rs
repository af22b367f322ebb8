//! `/api/v1/organizations/{org}/members`: who belongs to it.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::eyes;
use crate::flows::organizations::members::list::{self as lines, MemberLine};
use crate::flows::organizations::members::{self, add, remove, role};
use crate::flows::organizations::teams::access;
use crate::flows::organizations::{By, OrganizationRefusal};
use crate::flows::people::{PersonRefusal, find};
use crate::flows::sso::standing::Standing;
use crate::http::api::create::{self as creation, Made};
use crate::http::api::page::{self, Asked, Cursor};
use crate::http::api::{Answer, Call, Problem, body, entity};

/// A member.
#[derive(Serialize, ToSchema)]
pub struct Member {
    /// Subject identifier of the person.
    pub sub: String,
    /// User name.
    pub login: String,
    /// Display name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// The account may be used.
    pub active: bool,
    /// Role.
    pub role: String,
    /// How single sign-on judges them: `not_required`, `valid`, `break_glass`, `unlinked`, `invalid` or `stale`.
    pub sign_on: &'static str,
    /// Slugs of their teams, as far as whoever asks sees into them.
    pub teams: Vec<String>,
    /// When they joined.
    pub joined_at: i64,
}

impl From<MemberLine> for Member {
    fn from(line: MemberLine) -> Member {
        Member {
            sub: line.sub,
            login: line.login,
            name: line.name,
            email: line.email,
            active: line.usable,
            role: line.role,
            sign_on: match line.standing {
                Standing::NotAMember | Standing::NotRequired => "not_required",
                Standing::Valid => "valid",
                Standing::BreakGlass => "break_glass",
                Standing::Unlinked => "unlinked",
                Standing::Invalid => "invalid",
                Standing::Stale => "stale",
            },
            teams: line.teams,
            joined_at: line.joined_at,
        }
    }
}

/// Somebody to be made a member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// What they sign in with.
    pub login: String,
    /// Role.
    pub role: String,
}

/// Another role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberChanges {
    /// Up to what whoever asks may give.
    pub role: String,
}

/// Members by user name.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/members", tag = "Members", summary = "List members",
    params(("org" = String, Path), ("search" = Option<String>, Query, description = "Part of the user name."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "By user name.", body = Vec<Member>)))]
pub async fn list(call: Call) -> Answer {
    let query = call.query()?;
    let asked = Asked::of(&query)?;
    let search = query.once("search").map_err(|_| Problem::bad_request("search is given more than once."))?;
    let search = search.unwrap_or_default();
    let organization = &call.inside()?.organization;
    let mut found = lines::page_of(&call.app, organization, &asked.after()?, search, asked.limit).await?;
    access::leave_visible(&call.app, organization, eyes(&call)?, &mut found.members).await?;
    let entries: Vec<Member> = found.members.into_iter().map(Member::from).collect();
    Ok(page::answer(&call, &asked, &entries, found.next.map(Cursor::Text)))
}

/// Makes somebody a member without asking them: for administrators of the server. Everybody else invites.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/organizations/{org}/members", tag = "Members",
    summary = "Add a member (administrators)", request_body = NewMember,
    params(("org" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "They belong to it now.", body = Member)))]
pub async fn post(call: Call, payload: web::Payload) -> Answer {
    let (new, bytes) = body::read::<NewMember>(&call.app, &call.request, payload).await?;
    if !call.acting("member:write").administrator {
        return Err(Problem::forbidden(
            "Only administrators of this server add people without asking them (admin:write). Invite them instead.",
        ));
    }
    creation::create(&call, &bytes, None, async |_, _| {
        let (acting, organization) = (call.acting("member:write"), &call.inside()?.organization);
        let user = find::by_login(&call.app, &new.login).await;
        let user = user.map_err(|refusal| match refusal {
            PersonRefusal::Unavailable(error) => error.into(),
            _ => Problem::field("login", "Nobody here signs in with that."),
        })?;
        add::add(&call.app, By::Api(&acting), organization, &user, &new.role).await?;
        let line = members::by_sub(&call.app, organization, &user.sub).await?;
        let (line, _) = line.ok_or(OrganizationRefusal::MemberUnknown)?;
        let location = format!("{}/{}", call.request.uri().path(), user.sub);
        Ok(Made { body: serde_json::json!(Member::from(line)), location: Some(location), secret: None })
    })
    .await
}

/// One of them.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/members/{member}", tag = "Members", summary = "Show a member",
    params(("org" = String, Path), ("member" = String, Path, description = "Subject identifier.")),
    responses((status = 200, description = "With its entity tag.", body = Member)))]
pub async fn get(call: Call) -> Answer {
    let (line, _) = of_the_path(&call).await?;
    let role = line.role.clone();
    Ok(entity::answer_for(&call, &Member::from(line), &role))
}

/// Another role.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(patch, path = "/api/v1/organizations/{org}/members/{member}", tag = "Members",
    summary = "Change a member's role", request_body = MemberChanges,
    params(("org" = String, Path), ("member" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, description = "As they are afterwards.", body = Member)))]
pub async fn patch(call: Call, payload: web::Payload) -> Answer {
    let (changes, _) = body::read::<MemberChanges>(&call.app, &call.request, payload).await?;
    let (line, user) = of_the_path(&call).await?;
    let seen = entity::seen(&call, &line.role, line.role.as_str())?;
    let (acting, organization) = (call.acting("member:write"), &call.inside()?.organization);
    role::set_role_if(&call.app, By::Api(&acting), organization, &user, &changes.role, seen).await?;
    get(call).await
}

/// Ends a membership with all that lives by it.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/organizations/{org}/members/{member}", tag = "Members",
    summary = "Remove a member", params(("org" = String, Path), ("member" = String, Path)),
    responses((status = 204, description = "They are no member any more.")))]
pub async fn delete(call: Call) -> Answer {
    let (_, user) = of_the_path(&call).await?;
    let acting = call.acting("member:admin");
    remove::remove(&call.app, By::Api(&acting), &call.inside()?.organization, &user).await?;
    Ok(call.done())
}

pub(super) async fn of_the_path(call: &Call) -> Result<(MemberLine, members::Account), Problem> {
    let sub = call.segment("member")?;
    let organization = &call.inside()?.organization;
    let found = members::by_sub(&call.app, organization, &sub).await?;
    let (mut line, user) = found.ok_or_else(Problem::not_found)?;
    access::leave_visible(&call.app, organization, eyes(call)?, std::slice::from_mut(&mut line)).await?;
    Ok((line, user))
}
