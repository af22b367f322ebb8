//! `/api/v1/me`: what the credential is.

use serde::Serialize;
use utoipa::ToSchema;

use super::claims::Claims;
use super::emails::AccountEmail;
use super::{Answer, Call, Problem, entity};
use crate::flows::api::Credential;
use crate::flows::openid::subject;
use crate::flows::people::UserRow;

/// Who asks, as the server sees it.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// `access_token`, `personal_token`, `api_key` or `session`.
    pub credential: &'static str,
    /// The person; none for an API key.
    pub user: Option<Person>,
    /// What the credential may do, with all that is implied; none for a session, which may do what its person may.
    pub scopes: Option<Vec<String>>,
    /// Slug of the one organization it is good for.
    pub organization: Option<String>,
}

/// A person.
#[derive(Serialize, ToSchema)]
pub struct Person {
    /// Subject identifier: stable, never used again; to an application the one its ID tokens tell.
    pub sub: String,
    /// The rest, for credentials with `account:read` and for sessions.
    #[serde(flatten)]
    pub profile: Option<Profile>,
}

/// What a credential with `account:read` is told of its person.
#[derive(Serialize, ToSchema)]
pub struct Profile {
    /// User name.
    pub login: String,
    /// Display name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether the address is verified.
    pub email_verified: bool,
    /// All addresses of the account, the one above among them.
    pub emails: Vec<AccountEmail>,
    /// Administrator of this server.
    pub administrator: bool,
    /// What applications may be told of the person who allows it; for sessions and personal tokens. Applications ask UserInfo,
    /// for what they have the scopes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Claims>,
}

/// Who asks.
///
/// # Errors
/// [`super::Problem`].
#[utoipa::path(get, path = "/api/v1/me", tag = "Me", summary = "Who asks",
    responses((status = 200, description = "What the credential is.", body = Me)))]
pub async fn show(call: Call) -> Answer {
    Ok(entity::answer(&call, &of(&call, call.credential.user().map(|user| &**user)).await?))
}

/// The credential of a call, with `user` as its person.
///
/// # Errors
/// The store's.
pub async fn of(call: &Call, user: Option<&UserRow>) -> Result<Me, Problem> {
    let (credential, organization) = match &call.credential {
        Credential::AccessToken { token, .. } => {
            ("access_token", token.member.as_ref().map(|member| member.organization.slug.clone()))
        }
        Credential::PersonalToken { member, .. } => {
            ("personal_token", member.as_ref().map(|member| member.organization.slug.clone()))
        }
        Credential::ApiKey { organization, .. } => ("api_key", Some(organization.slug.clone())),
        Credential::Session(_) => ("session", None),
    };
    let scopes = call.credential.scopes(&call.app);
    // Consent to anything else is no consent to the person's name and address.
    let told = scopes.as_ref().is_none_or(|scopes| scopes.contains("account:read"));
    let user = match user {
        None => None,
        Some(user) => {
            let profile = if told { Some(Profile::of(call, user).await?) } else { None };
            let sub = match &call.credential {
                // An application knows the person by the name its ID tokens tell, and by no other.
                Credential::AccessToken { token, .. } => subject::of(&call.app, &token.client, user),
                _ => user.sub.clone(),
            };
            Some(Person { sub, profile })
        }
    };
    let scopes = scopes.map(|scopes| scopes.iter().map(str::to_owned).collect());
    Ok(Me { credential, user, scopes, organization })
}

impl Profile {
    async fn of(call: &Call, user: &UserRow) -> Result<Profile, Problem> {
        let their_own = !matches!(call.credential, Credential::AccessToken { .. });
        Ok(Profile {
            login: user.login.clone(),
            name: user.name.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified_at.is_some(),
            emails: AccountEmail::all(&call.app, user).await?,
            administrator: user.administrator,
            claims: their_own.then(|| Claims::from(&user.claims.0)),
        })
    }
}
