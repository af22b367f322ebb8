//! Who asks: an access token, a personal token, an organization's key, or a browser's session.

use std::sync::Arc;

use super::bearer;
use super::refusal::ApiRefusal;
use crate::app::App;
use crate::app::last_used::Used;
use crate::flows::audit::Actor;
use crate::flows::caller::Caller;
use crate::flows::session::SignedIn;
use crate::flows::sso::access;
use crate::flows::token_state::LiveToken;
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;
use crate::store::api_keys::ApiKeyRow;
use crate::store::clients::ClientRow;
use crate::store::member_standing::MemberStanding;
use crate::store::organizations::OrganizationRow;
use crate::store::personal_tokens::PersonalTokenRow;
use crate::store::users::UserRow;

/// The person a credential speaks for.
pub type Person = UserRow;

/// One credential that is good now.
pub enum Credential {
    /// An application acts for a person (RFC 6750).
    AccessToken {
        /// The token.
        token: Box<LiveToken>,
        /// Its person.
        user: Arc<UserRow>,
    },
    /// A person's script.
    PersonalToken {
        /// The token.
        token: Arc<PersonalTokenRow>,
        /// Its person.
        user: Arc<UserRow>,
        /// The membership it lives by, when it is bound to an organization.
        member: Option<Arc<MemberStanding>>,
    },
    /// An organization's script.
    ApiKey {
        /// The key.
        key: Arc<ApiKeyRow>,
        /// Whose it is.
        organization: Arc<OrganizationRow>,
        /// The membership it follows, if it follows its maker's.
        maker: Option<Arc<MemberStanding>>,
    },
    /// A browser.
    Session(Box<SignedIn>),
}

impl Credential {
    /// The person it speaks for.
    pub fn user(&self) -> Option<&Arc<UserRow>> {
        match self {
            Credential::AccessToken { user, .. } | Credential::PersonalToken { user, .. } => Some(user),
            Credential::Session(who) => Some(&who.user),
            Credential::ApiKey { .. } => None,
        }
    }

    /// What it may do at most, with all that is implied; none for a session, which has no list.
    pub fn scopes(&self, app: &App) -> Option<ScopeList> {
        match self {
            Credential::AccessToken { token, .. } => Some(app.catalogue.closure(&token.scopes)),
            Credential::PersonalToken { token, .. } => Some(app.catalogue.closure(&token.scopes)),
            Credential::ApiKey { key, maker: None, .. } => Some(app.catalogue.closure(&key.scopes)),
            Credential::ApiKey { key, maker: Some(maker), .. } => Some(access::within_role(app, maker, &key.scopes)),
            Credential::Session(_) => None,
        }
    }

    /// The one organization it is good for.
    pub fn bound_to(&self) -> Option<i64> {
        match self {
            Credential::AccessToken { token, .. } => token.member.as_ref().map(|member| member.organization.id),
            Credential::PersonalToken { token, .. } => token.organization_id,
            Credential::ApiKey { key, .. } => Some(key.organization_id),
            Credential::Session(_) => None,
        }
    }

    /// The application that acts, if one does.
    pub fn client(&self) -> Option<&Arc<ClientRow>> {
        match self {
            Credential::AccessToken { token, .. } => Some(&token.client),
            _ => None,
        }
    }

    /// The organization's key that acts, if one does.
    pub fn key(&self) -> Option<&Arc<ApiKeyRow>> {
        match self {
            Credential::ApiKey { key, .. } => Some(key),
            _ => None,
        }
    }

    /// When it ends; none for what ends by other rules.
    pub fn ends_at(&self) -> Option<NumericDate> {
        match self {
            Credential::PersonalToken { token, .. } => token.expires_at,
            Credential::ApiKey { key, .. } => key.expires_at,
            Credential::AccessToken { .. } | Credential::Session(_) => None,
        }
    }

    /// Who acts, for the audit log.
    pub fn actor(&self) -> Actor<'_> {
        match self {
            Credential::AccessToken { token, user } => Actor::UserByClient(user, &token.client),
            Credential::PersonalToken { token, user, .. } => Actor::UserByToken(user, token.id),
            Credential::ApiKey { key, .. } => Actor::Key(key),
            Credential::Session(who) => Actor::User(&who.user),
        }
    }

    /// A name for limits and for requests that may come again: the same for every request with this credential.
    pub fn name(&self) -> String {
        match self {
            Credential::AccessToken { token, user } => format!("client {} of {}", token.client.id, user.id),
            Credential::PersonalToken { token, .. } => format!("token {}", token.id),
            Credential::ApiKey { key, .. } => format!("key {}", key.id),
            Credential::Session(who) => format!("user {}", who.user.id),
        }
    }

    /// Origins whose scripts may use it. Personal tokens are for scripts on machines, never for pages.
    pub fn allowed_origins(&self) -> &[String] {
        match self {
            Credential::AccessToken { token, .. } => &token.client.allowed_origins.0,
            Credential::ApiKey { key, .. } => &key.allowed_origins.0,
            Credential::PersonalToken { .. } | Credential::Session(_) => &[],
        }
    }
}

/// A credential at work: what the flows that change organizations know of whoever acts.
pub struct Acting<'a> {
    /// The credential.
    pub credential: &'a Credential,
    /// Where the request came from.
    pub caller: &'a Caller,
    /// What it may do at most; none for a session.
    pub scopes: Option<ScopeList>,
    /// It may act as an administrator of the server where its person is no member.
    pub administrator: bool,
}

/// Finds out who asks. `session` is the browser's, if it has one; a request with an Authorization header is judged by
/// that alone and never falls back.
///
/// # Errors
/// [`ApiRefusal`].
pub async fn authenticate(
    app: &App,
    caller: &Caller,
    authorization: Option<&str>,
    session: Option<SignedIn>,
) -> Result<Credential, ApiRefusal> {
    let Some(header) = authorization else {
        return session.map(|who| Credential::Session(Box::new(who))).ok_or(ApiRefusal::NoCredential);
    };
    let text = bearer::presented(header)?;
    let found = bearer::find(app, caller, &text).await?;
    match &found {
        Credential::PersonalToken { token, .. } => app.last_used.note(Used::PersonalToken(token.id), app.clock.now()),
        Credential::ApiKey { key, .. } => app.last_used.note(Used::ApiKey(key.id), app.clock.now()),
        Credential::AccessToken { .. } | Credential::Session(_) => {}
    }
    Ok(found)
}
