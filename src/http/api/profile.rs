//! PATCH `/api/v1/me`: what the person is called, and what applications may be told.

use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

use super::claims::Claims;
use super::{Answer, Call, Problem, body, entity, me};
use crate::flows::api::Credential;
use crate::flows::people::{PersonRefusal, claims, profile};
use crate::protocol::claim_rules;
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
    entity::check(&call, &me::of(&call, call.credential.user().map(|user| &**user)).await?)?;
    let user = call.user()?;
    let said = match members.claims.map(|said| claim_rules::checked(StandardClaims::from(said))).transpose() {
        // Whoever is allowed to ask is not allowed to answer.
        Ok(Some(_)) if matches!(call.credential, Credential::AccessToken { .. }) => {
            return Err(Problem::field("claims", "Applications do not say this; the person does."));
        }
        Ok(said) => said,
        Err(refusal) => return Err(problem(refusal.into())),
    };
    let (app, caller, actor) = (&call.app, &call.caller, call.credential.actor());
    let mut renamed = (**user).clone();
    if let Some(said) = said {
        claims::say(app, Some(caller), actor, user, said.clone()).await.map_err(problem)?;
        renamed.claims.0 = said;
    }
    if let Some(name) = &members.name {
        profile::rename(app, caller, call.credential.actor(), user, name).await.map_err(problem)?;
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
        PersonRefusal::Claim(refusal) => Problem::field(&format!("claims.{}", refusal.claim), refusal),
        PersonRefusal::Changed => Problem::conflict(refusal.to_string()),
        refusal => Problem::field("name", refusal),
    }
}
