//! Inside an organization by the API: whose name the path says, and what the credential is worth there. Whoever is
//! nobody there is told what they would be told of an organization that does not exist (C70).
//! Where the organization asks for single sign-on, a password alone opens nothing: a token counts that was made inside,
//! with proof, and is bound to it.

use std::sync::Arc;

use super::credential::Credential;
use super::refusal::ApiRefusal;
use crate::app::App;
use crate::flows::organizations::By;
use crate::flows::sso::access::{self, Door};
use crate::store::member_standing::MemberStanding;
use crate::store::organizations::{self, OrganizationRow};
use crate::store::{StoreError, organization_members};

/// An organization, and whoever is inside.
pub struct Inside {
    /// The organization.
    pub organization: OrganizationRow,
    /// The membership; none for a key, and for an administrator who is no member.
    pub member: Option<Arc<MemberStanding>>,
}

/// Scopes an administrator's token needs besides, where they are no member.
const READS: &str = "admin:read";
const WRITES: &str = "admin:write";

/// Knocks at the organization `named` (slug or public name). `scope` is what the role must carry; `even_if_closed` lets
/// those in who may take its deletion back.
///
/// # Errors
/// [`ApiRefusal`].
pub async fn enter(
    app: &App,
    credential: &Credential,
    named: &str,
    scope: &'static str,
    even_if_closed: bool,
) -> Result<Inside, ApiRefusal> {
    let Some(organization) = named_so(app, named).await? else { return Err(ApiRefusal::NotFound) };
    if credential.bound_to().is_some_and(|bound| bound != organization.id) {
        return Err(ApiRefusal::NotFound);
    }
    let closed = organization.status != "active" && !even_if_closed;
    let Some(user) = credential.user() else {
        // A key was found only because it is this organization's and that is active.
        return Ok(Inside { organization, member: None });
    };
    let (organization_id, user_id) = (organization.id, user.id);
    let member = app
        .store
        .read(move |conn| organization_members::find_of_user(conn, organization_id, user_id))
        .await?
        .filter(|member| member.status == "active");
    let administrator = may_as_administrator(app, credential, scope);
    if member.is_none() && !administrator {
        return Err(ApiRefusal::NotFound);
    }
    // What an organization says about applications is said where its people consent to one for it, and only there: one
    // that does not ask for an organization has been let into none.
    if matches!(credential, Credential::AccessToken { .. }) && credential.bound_to().is_none() {
        return Err(ApiRefusal::NotOrganizationLevel);
    }
    let Some(member) = member else {
        return if closed { Err(ApiRefusal::PendingDeletion) } else { Ok(Inside { organization, member: None }) };
    };
    let member_id = member.id;
    let standing = app.store.view(move |rows| rows.get::<MemberStanding>(member_id)).await?;
    let Some(standing) = standing else { return Err(ApiRefusal::NotFound) };
    // Who may take a deletion back is judged as if the organization were still open.
    let mut open = MemberStanding::clone(&standing);
    "active".clone_into(&mut open.organization.status);
    match credential {
        Credential::Session(who) => match access::for_session(app, who, &open) {
            Door::Open => {}
            Door::Unknown => return Err(ApiRefusal::NotFound),
            Door::NeedsProof => return Err(ApiRefusal::SsoRequired(organization.slug)),
            Door::NeedsLocalFactor => return Err(ApiRefusal::LocalFactor),
        },
        _ if !access::for_token(app, &open).is_good() => return Err(ApiRefusal::SsoRequired(organization.slug)),
        // Whoever may administer the server is never worth less inside than outside (S64).
        _ if !is_proven(credential, &open) && !administrator => {
            return Err(ApiRefusal::TokenUnbound(organization.slug));
        }
        _ => {}
    }
    if closed {
        return Err(ApiRefusal::PendingDeletion);
    }
    if !app.roles.allows(&standing.member.role, scope) && !administrator {
        return Err(ApiRefusal::Role { role: standing.member.role.clone(), needs: scope });
    }
    Ok(Inside { organization, member: Some(standing) })
}

/// Whether the credential may know of a membership at all.
pub fn may_be_told(credential: &Credential, organization: i64) -> bool {
    match credential.bound_to() {
        Some(bound) => bound == organization,
        None => !matches!(credential, Credential::AccessToken { .. }),
    }
}

/// Whether the credential speaks for an administrator of the server, strongly enough for organizations they do not
/// belong to.
pub fn may_as_administrator(app: &App, credential: &Credential, scope: &str) -> bool {
    let administrator = credential.user().is_some_and(|user| user.administrator);
    let besides = if scope.ends_with(":read") { READS } else { WRITES };
    administrator
        && match credential {
            Credential::Session(who) => who.has_local_factor(app.clock.now()),
            _ => credential.scopes(app).is_some_and(|scopes| scopes.contains(besides)),
        }
}

/// Whether a token or session that is inside came in by what the organization asks of its members: where that is single
/// sign-on, a token that is not bound to it may have been made with a password alone.
pub fn is_proven(credential: &Credential, member: &MemberStanding) -> bool {
    match credential {
        Credential::Session(_) | Credential::ApiKey { .. } => true,
        _ => !member.asks_for_sign_on() || credential.bound_to() == Some(member.organization.id),
    }
}

async fn named_so(app: &App, named: &str) -> Result<Option<OrganizationRow>, StoreError> {
    let named = named.to_owned();
    app.store
        .read(move |conn| match organizations::find_by_slug(conn, &named)? {
            Some(row) => Ok(Some(row)),
            None => organizations::find_by_public_id(conn, &named),
        })
        .await
}

impl Inside {
    /// Who acts here, for the flows that change organizations.
    pub fn by<'a>(&self, call: &'a super::credential::Acting<'a>) -> By<'a> {
        By::Api(call)
    }
}
