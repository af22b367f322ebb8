//! PATCH `/api/v1/me`: what the person is called.

use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Answer, Call, Problem, body, entity, me};
use crate::flows::people::{PersonRefusal, profile};

/// Members to be set.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProfileMembers {
    /// Display name, at most 100 characters; empty for the user name.
    pub name: Option<String>,
}

/// Changes the person's own profile.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(patch, path = "/api/v1/me", tag = "Me", summary = "Change your name", request_body = ProfileMembers,
    params(("If-Match" = Option<String>, Header)),
    responses((status = 200, description = "As it is now.", body = me::Me)))]
pub async fn patch(call: Call, payload: web::Payload) -> Answer {
    let (members, _) = body::read::<ProfileMembers>(&call.app, &call.request, payload).await?;
    let user = call.user()?;
    let caller = call.seeing(entity::seen(&call, &me::of(&call, Some(user)).await?, &**user)?);
    let mut renamed = (**user).clone();
    if let Some(name) = &members.name {
        profile::rename(&call.app, &caller, call.credential.actor(), user, name).await.map_err(problem)?;
        name.trim().clone_into(&mut renamed.name);
        if renamed.name.is_empty() {
            renamed.name.clone_from(&user.login);
        }
    }
    Ok(entity::answer(&call, &me::of(&call, Some(&renamed)).await?))
}

fn problem(refusal: PersonRefusal) -> Problem {
    match refusal {
        PersonRefusal::Unavailable(error) => error.into(),
        refusal @ PersonRefusal::NotAsSeen => Problem::changed(refusal),
        refusal => Problem::field("name", refusal),
    }
}
