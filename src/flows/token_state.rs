//! Whether an access token is good now: row, grant, authorization, user and client together (RFC 7662 section 2.2).

use std::sync::Arc;

use super::sso::access;
use crate::app::App;
use crate::crypto::token::ParsedToken;
use crate::protocol::scope::ScopeList;
use crate::store::StoreError;
use crate::store::access_tokens::AccessTokenRow;
use crate::store::authorizations::AuthorizationRow;
use crate::store::clients::ClientRow;
use crate::store::grants::GrantRow;
use crate::store::member_standing::MemberStanding;
use crate::store::users::UserRow;

/// A token that is good, with whom it speaks for.
pub struct LiveToken {
    /// The token.
    pub token: Arc<AccessTokenRow>,
    /// The client it was issued to.
    pub client: Arc<ClientRow>,
    /// The user; none for client credentials.
    pub user: Option<Arc<UserRow>>,
    /// The grant it came of; none for client credentials.
    pub grant: Option<Arc<GrantRow>>,
    /// The membership it lives by, when it is bound to an organization.
    pub member: Option<Arc<MemberStanding>>,
    /// What it may do now: its own scopes, for a member within what the role carries.
    pub scopes: ScopeList,
}

struct Found {
    token: Arc<AccessTokenRow>,
    client: Option<Arc<ClientRow>>,
    family: Option<Family>,
}

struct Family {
    grant: Option<Arc<GrantRow>>,
    authorization: Option<Arc<AuthorizationRow>>,
    user: Option<Arc<UserRow>>,
    member: Option<Arc<MemberStanding>>,
}

/// The token, if every row it depends on says so at this moment.
pub async fn live(app: &App, parsed: &ParsedToken) -> Result<Option<LiveToken>, StoreError> {
    let id = parsed.id;
    let found = app
        .store
        .view(move |rows| {
            let Some(token) = rows.get::<AccessTokenRow>(id)? else { return Ok(None) };
            let client = rows.get::<ClientRow>(token.client)?;
            let family = match token.grant_id {
                None => None,
                Some(grant_id) => {
                    let grant = rows.get::<GrantRow>(grant_id)?;
                    let (authorization, user) = match &grant {
                        None => (None, None),
                        Some(grant) => {
                            (rows.get::<AuthorizationRow>(grant.authorization_id)?, rows.get(grant.user_id)?)
                        }
                    };
                    let member = match authorization.as_ref().and_then(|authorization| authorization.member_id) {
                        None => None,
                        Some(member) => rows.get::<MemberStanding>(member)?,
                    };
                    Some(Family { grant, authorization, user, member })
                }
            };
            Ok(Some(Found { token, client, family }))
        })
        .await?;
    Ok(found.filter(|found| parsed.digest.matches(&found.token.digest)).and_then(|found| judge(app, found)))
}

fn judge(app: &App, found: Found) -> Option<LiveToken> {
    let Found { token, client, family } = found;
    let client = client.filter(|client| client.is_active() && token.id >= client.valid_from)?;
    if token.revoked_at.is_some() || app.clock.now() >= token.expires_at {
        return None;
    }
    // A registration that was narrowed holds for the tokens it gave, too.
    if !app.catalogue.covers(&client.scopes, &token.scopes) {
        return None;
    }
    let (user, member, grant) = match family {
        None if !client.grant_types.0.iter().any(|name| name == "client_credentials") => return None,
        None => (None, None, None),
        Some(Family { grant, authorization, user, member }) => {
            let alive = |grant: &Arc<GrantRow>| grant.revoked_at.is_none() && app.clock.now() < grant.expires_at;
            // A token made while the client changed may be newer than what it hangs on.
            let grant = grant.filter(|grant| alive(grant) && grant.id >= client.valid_from)?;
            authorization?;
            let user = user.filter(|user| user.still_honours(grant.id))?;
            (Some(user), member_of(app, &grant, member)?, Some(grant))
        }
    };
    let scopes = match &member {
        None => token.scopes.clone(),
        Some(member) => access::within_role(app, member, &token.scopes),
    };
    Some(LiveToken { token, client, user, grant, member, scopes })
}

/// The membership a grant lives by, if it lives: at once when the upstream's word is withdrawn, and again when it is back.
fn member_of(app: &App, grant: &GrantRow, member: Option<Arc<MemberStanding>>) -> Option<Option<Arc<MemberStanding>>> {
    let Some(organization_id) = grant.organization_id else { return Some(None) };
    let member = member.filter(|member| {
        member.organization.id == organization_id
            && member.member.user_id == grant.user_id
            && access::for_token(app, member).is_good()
    })?;
    Some(Some(member))
}
