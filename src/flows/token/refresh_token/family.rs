//! The rows a refresh depends on, and whether they still carry it.

use std::sync::Arc;

use super::SPEC;
use crate::app::App;
use crate::crypto::token::ParsedToken;
use crate::flows::sso::access;
use crate::flows::sso::standing::Standing;
use crate::flows::token::invalid_grant;
use crate::protocol::error::{Detail, OAuthError};
use crate::store::StoreError;
use crate::store::authorizations::AuthorizationRow;
use crate::store::clients::ClientRow;
use crate::store::grants::GrantRow;
use crate::store::member_standing::MemberStanding;
use crate::store::refresh_tokens::RefreshTokenRow;
use crate::store::users::UserRow;

/// A presented refresh token with its family.
pub struct Family {
    /// The token presented.
    pub token: Arc<RefreshTokenRow>,
    /// The root of the family.
    pub grant: Arc<GrantRow>,
    /// What the user allows the client; gone when revoked.
    pub authorization: Option<Arc<AuthorizationRow>>,
    /// The user.
    pub user: Option<Arc<UserRow>>,
    /// The membership it lives by, when it is bound to an organization.
    pub member: Option<Arc<MemberStanding>>,
}

/// The family of a token that is this client's; nobody learns more of anybody else's.
pub async fn load(app: &App, parsed: &ParsedToken, client: &ClientRow) -> Result<Option<Family>, StoreError> {
    let id = parsed.id;
    let found = app
        .store
        .view(move |rows| {
            let Some(token) = rows.get::<RefreshTokenRow>(id)? else { return Ok(None) };
            let Some(grant) = rows.get::<GrantRow>(token.grant_id)? else { return Ok(None) };
            let authorization = rows.get::<AuthorizationRow>(grant.authorization_id)?;
            let user = rows.get::<UserRow>(grant.user_id)?;
            let member = match authorization.as_ref().and_then(|authorization| authorization.member_id) {
                None => None,
                Some(member) => rows.get::<MemberStanding>(member)?,
            };
            Ok(Some(Family { token, grant, authorization, user, member }))
        })
        .await?;
    Ok(found.filter(|family| parsed.digest.matches(&family.token.digest) && family.grant.client == client.id))
}

impl Family {
    /// Whether the token is from this life of the database; no alarm if not.
    pub fn check_epoch(&self, app: &App) -> Result<(), OAuthError> {
        if self.token.id >= app.keys.epoch {
            return Ok(());
        }
        let detail = Detail::new("restored_from_backup", SPEC)
            .hint("the server was restored from a backup: the user must sign in to the application again");
        Err(invalid_grant("the token is older than a restore of the server", detail))
    }

    /// Whether everything the token hangs on is good; a used token's own end does not matter, its replay does.
    pub fn check(&self, app: &App, client: &ClientRow) -> Result<(), OAuthError> {
        self.check_epoch(app)?;
        let (authorization, user) = (self.authorization.as_deref(), self.user.as_deref());
        check_family(app, client, &self.grant, authorization, user)?;
        check_organization(app, &self.grant, self.member.as_deref())?;
        if self.token.revoked_at.is_some() {
            return Err(invalid_grant("the refresh token was revoked", Detail::new("refresh_token_revoked", SPEC)));
        }
        if self.token.first_used_at.is_none() && app.clock.now() >= self.token.expires_at {
            let detail = Detail::new("refresh_token_idle", "RFC 9700 section 4.14.2")
                .hint("nobody used it for too long: the user must sign in to the application again");
            return Err(invalid_grant("the refresh token has expired", detail));
        }
        Ok(())
    }
}

/// Whether a family may get tokens at all: for the first redemption and every refresh alike (A53).
pub fn check_family(
    app: &App,
    client: &ClientRow,
    grant: &GrantRow,
    authorization: Option<&AuthorizationRow>,
    user: Option<&UserRow>,
) -> Result<(), OAuthError> {
    let refused = |description, rule, hint| Err(invalid_grant(description, Detail::new(rule, SPEC).hint(hint)));
    if let Some(reason) = &grant.revocation_reason {
        let hint = format!("revoked: {reason}");
        return Err(invalid_grant("the grant was revoked", Detail::new("grant_revoked", SPEC).hint(hint)));
    }
    if authorization.is_none() {
        return refused("the grant was revoked", "authorization_revoked", "the user no longer allows this client");
    }
    if !user.is_some_and(|user| user.still_honours(grant.id)) {
        let hint = "the account is disabled, its password was changed or it was signed out everywhere";
        return refused("the user's sign-in no longer counts", "user_invalid", hint);
    }
    if grant.id < client.valid_from || !app.catalogue.covers(&client.scopes, &grant.scopes) {
        let hint = "the client's registration was narrowed after the user consented";
        return refused("the client may no longer have this grant", "client_narrowed", hint);
    }
    if app.clock.now() >= grant.expires_at {
        return refused("the grant has expired", "grant_expired", "the family reached its absolute lifetime");
    }
    Ok(())
}

/// Whether the organization a grant is bound to lets it have tokens now. What is refused here is neither used up nor
/// revoked: once the identity is fresh again, the very same token works.
pub fn check_organization(app: &App, grant: &GrantRow, member: Option<&MemberStanding>) -> Result<(), OAuthError> {
    let Some(organization_id) = grant.organization_id else { return Ok(()) };
    let member = member
        .filter(|member| member.organization.id == organization_id && member.member.user_id == grant.user_id)
        .map(|member| (member, access::for_token(app, member)))
        .filter(|(_, standing)| *standing != Standing::NotAMember);
    let Some((member, standing)) = member else {
        let detail = Detail::new("not_a_member", SPEC).hint("the user is no longer a member of the organization");
        return Err(invalid_grant("the user is not in the organization", detail));
    };
    if standing.is_good() {
        return Ok(());
    }
    let at = app.issuer.endpoint(&format!("/login/{}", member.organization.slug));
    let (rule, description) = match standing {
        Standing::Unlinked => ("identity_unlinked", "the organization asks for single sign-on"),
        Standing::Invalid => ("identity_invalid", "the organization's provider no longer vouches for the user"),
        _ => ("identity_stale", "the organization's provider has not vouched for the user lately"),
    };
    let hint = format!("nothing is lost: the user signs in at {at}, then the same token works again");
    Err(invalid_grant(format!("{description}: sign in at {at}"), Detail::new(rule, SPEC).hint(hint)))
}
