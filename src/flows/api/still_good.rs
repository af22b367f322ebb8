//! A credential looked at again in the transaction it acts in: its body may have taken a while to arrive, and whatever was
//! revoked, has ended or was changed meanwhile has no say any more.

use super::credential::Credential;
use crate::protocol::NumericDate;
use crate::store::access_tokens::AccessTokenRow;
use crate::store::api_keys::ApiKeyRow;
use crate::store::authorizations::AuthorizationRow;
use crate::store::clients::ClientRow;
use crate::store::grants::GrantRow;
use crate::store::personal_tokens::PersonalTokenRow;
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, Conn, QueryResult, organization_members};

/// What a credential was when its request came.
#[derive(Clone)]
pub(in crate::flows) struct StillGood {
    seen: Seen,
    now: NumericDate,
}

#[derive(Clone)]
enum Seen {
    /// A browser's session hangs on its person, who is judged anew anyway.
    Session,
    AccessToken(i64),
    PersonalToken(i64),
    ApiKey {
        row: Box<ApiKeyRow>,
        /// Membership and role of whoever it follows.
        maker: Option<(i64, String)>,
    },
}

impl StillGood {
    pub fn of(credential: &Credential, now: NumericDate) -> StillGood {
        let seen = match credential {
            Credential::Session(_) => Seen::Session,
            Credential::AccessToken { token, .. } => Seen::AccessToken(token.token.id),
            Credential::PersonalToken { token, .. } => Seen::PersonalToken(token.id),
            Credential::ApiKey { key, maker, .. } => Seen::ApiKey {
                row: Box::new(ApiKeyRow::clone(key)),
                maker: maker.as_ref().map(|maker| (maker.member.id, maker.member.role.clone())),
            },
        };
        StillGood { seen, now }
    }

    /// Whether it is still as it was.
    pub fn check(&self, conn: &mut Conn) -> QueryResult<bool> {
        match &self.seen {
            Seen::Session => Ok(true),
            Seen::AccessToken(id) => access_token(conn, *id, self.now),
            Seen::PersonalToken(id) => {
                Ok(PersonalTokenRow::load(conn, *id)?.is_some_and(|token| token.is_live(self.now)))
            }
            Seen::ApiKey { row, maker } => {
                let same = |key: ApiKeyRow| {
                    let seen = (&row.scopes, &row.sso_policy, row.expires_at, row.creator_id);
                    key.is_live(self.now) && (&key.scopes, &key.sso_policy, key.expires_at, key.creator_id) == seen
                };
                if !ApiKeyRow::load(conn, row.id)?.is_some_and(same) {
                    return Ok(false);
                }
                match maker {
                    None => Ok(true),
                    Some((member, role)) => follows(conn, *member, role),
                }
            }
        }
    }
}

/// Token, grant, authorization and client, as at its first look (RFC 7662 section 2.2); who it speaks for is judged by
/// whoever asks.
fn access_token(conn: &mut Conn, id: i64, now: NumericDate) -> QueryResult<bool> {
    let token = AccessTokenRow::load(conn, id)?.filter(|token| token.revoked_at.is_none() && now < token.expires_at);
    let Some(token) = token else { return Ok(false) };
    let client = ClientRow::load(conn, token.client)?;
    if !client.is_some_and(|client| client.is_active() && token.id >= client.valid_from) {
        return Ok(false);
    }
    let Some(grant) = token.grant_id else { return Ok(true) };
    let grant = GrantRow::load(conn, grant)?.filter(|grant| grant.revoked_at.is_none() && now < grant.expires_at);
    let Some(grant) = grant else { return Ok(false) };
    let honoured = UserRow::load(conn, grant.user_id)?.is_some_and(|user| user.still_honours(grant.id));
    Ok(honoured && AuthorizationRow::load(conn, grant.authorization_id)?.is_some())
}

/// A key that follows a member is worth what that member was worth when the request came.
fn follows(conn: &mut Conn, member: i64, role: &str) -> QueryResult<bool> {
    let member = organization_members::find(conn, member)?.filter(|member| member.status == "active");
    let Some(member) = member.filter(|member| member.role == role) else { return Ok(false) };
    Ok(UserRow::load(conn, member.user_id)?.is_some_and(|user| user.is_active()))
}
