//! Whether an access token is good now: row, grant, authorization, user and client together (RFC 7662 section 2.2).

use std::sync::Arc;

use crate::app::App;
use crate::crypto::token::ParsedToken;
use crate::store::StoreError;
use crate::store::access_tokens::AccessTokenRow;
use crate::store::authorizations::AuthorizationRow;
use crate::store::clients::ClientRow;
use crate::store::grants::GrantRow;
use crate::store::users::UserRow;

/// A token that is good, with whom it speaks for.
pub struct LiveToken {
    /// The token.
    pub token: Arc<AccessTokenRow>,
    /// The client it was issued to.
    pub client: Arc<ClientRow>,
    /// The user; none for client credentials.
    pub user: Option<Arc<UserRow>>,
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
                        Some(grant) => (rows.get(grant.authorization_id)?, rows.get(grant.user_id)?),
                    };
                    Some(Family { grant, authorization, user })
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
    let user = match family {
        None if !client.grant_types.0.iter().any(|name| name == "client_credentials") => return None,
        None => None,
        Some(Family { grant, authorization, user }) => {
            let grant = grant.filter(|grant| grant.revoked_at.is_none() && app.clock.now() < grant.expires_at)?;
            authorization?;
            Some(user.filter(|user| user.still_honours(grant.id))?)
        }
    };
    Some(LiveToken { token, client, user })
}
