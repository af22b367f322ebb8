//! PATCH `/api/v1/me`: what the person is called, and what applications may be told.

use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

use super::claims::Claims;
use super::{Answer, Call, Problem, body, entity, me};
use crate::flows::api::Credential;
use crate::flows::people::profile::{self, Told};
use crate::flows::people::{PersonRefusal, addresses};
use crate::protocol::standard_claims::StandardClaims;

/// Members to be set.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProfileMembers {
    /// Display name, at most 100 characters; empty for the user name.
    pub name: Option<String>,
    /// Everything applications may be told: what is absent in it is taken away. By sessions and personal tokens.
    pub claims: Option<Claims>,
}

/// Changes the person's own profile.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(patch, path = "/api/v1/me", tag = "Me", summary = "Change your profile", request_body = ProfileMembers,
    params(("If-Match" = Option<String>, Header)),
    responses((status = 200, description = "As it is now.", body = me::Me)))]
pub async fn patch(call: Call, payload: web::Payload) -> Answer {
    let (members, _) = body::read::<ProfileMembers>(&call.app, &call.request, payload).await?;
    let user = call.user()?;
    if members.claims.is_some() && matches!(call.credential, Credential::AccessToken { .. }) {
        // Whoever is allowed to ask is not allowed to answer.
        return Err(Problem::field("claims", "Applications do not say this; the person does."));
    }
    // Before they are compared with what the request was shown.
    let shown = addresses::shown(&call.app, user).await?;
    let caller = call.seeing(entity::seen(&call, &me::of(&call, Some(user)).await?, shown)?);
    let said = members.claims.map(StandardClaims::from);
    let told = Told { name: members.name.as_deref(), claims: said };
    let changed = profile::change(&call.app, &caller, call.credential.actor(), user, told).await.map_err(problem)?;
    let changed = changed.unwrap_or_else(|| (**user).clone());
    Ok(entity::answer(&call, &me::of(&call, Some(&changed)).await?))
}

fn problem(refusal: PersonRefusal) -> Problem {
    match refusal {
        PersonRefusal::Unavailable(error) => error.into(),
        PersonRefusal::Claim(refusal) => Problem::field(&format!("claims.{}", refusal.claim), refusal),
        PersonRefusal::Changed => Problem::conflict(refusal.to_string()),
        refusal @ PersonRefusal::NotAsSeen => Problem::changed(refusal),
        refusal => Problem::field("name", refusal),
    }
}
