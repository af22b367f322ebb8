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
use crate::store::sessions::SessionRow;
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, Conn, QueryResult, organization_members};

/// What a credential was when its request came.
#[derive(Clone)]
pub struct StillGood {
    seen: Seen,
    /// Whoever must still be an administrator of the server.
    administrator: Option<i64>,
    now: NumericDate,
}

#[derive(Clone)]
enum Seen {
    /// None that is known.
    Whoever,
    Session(i64),
    AccessToken(i64),
    PersonalToken(i64),
    ApiKey {
        row: Box<ApiKeyRow>,
        /// Membership and role of whoever it follows.
        maker: Option<(i64, String)>,
    },
}

impl StillGood {
    pub(in crate::flows) fn of(credential: &Credential, now: NumericDate) -> StillGood {
        let seen = match credential {
            Credential::Session(who) => Seen::Session(who.session.id),
            Credential::AccessToken { token, .. } => Seen::AccessToken(token.token.id),
            Credential::PersonalToken { token, .. } => Seen::PersonalToken(token.id),
            Credential::ApiKey { key, maker, .. } => Seen::ApiKey {
                row: Box::new(ApiKeyRow::clone(key)),
                maker: maker.as_ref().map(|maker| (maker.member.id, maker.member.role.clone())),
            },
        };
        StillGood { seen, administrator: None, now }
    }

    pub(in crate::flows) fn of_session(id: i64, now: NumericDate) -> StillGood {
        StillGood { seen: Seen::Session(id), administrator: None, now }
    }

    /// For whom nothing is asked of a credential.
    pub(in crate::flows) fn whoever() -> StillGood {
        StillGood { seen: Seen::Whoever, administrator: None, now: 0 }
    }

    /// The same, of this person, who must be an administrator of the server besides.
    pub(in crate::flows) fn of_administrator(self, user: i64) -> StillGood {
        StillGood { administrator: Some(user), ..self }
    }

    /// The same at a later time.
    pub(in crate::flows) fn at(self, now: NumericDate) -> StillGood {
        StillGood { now, ..self }
    }

    /// Whether it is still as it was.
    pub(in crate::flows) fn check(&self, conn: &mut Conn) -> QueryResult<bool> {
        if let Some(user) = self.administrator
            && !UserRow::load(conn, user)?.is_some_and(|user| user.is_active() && user.administrator)
        {
            return Ok(false);
        }
        match &self.seen {
            Seen::Whoever => Ok(true),
            Seen::Session(id) => session(conn, *id, self.now),
            Seen::AccessToken(id) => access_token(conn, *id, self.now),
            Seen::PersonalToken(id) => {
                let token = PersonalTokenRow::load(conn, *id)?.filter(|token| token.is_live(self.now));
                let Some(token) = token else { return Ok(false) };
                Ok(UserRow::load(conn, token.user_id)?.is_some_and(|user| user.is_active()))
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

/// Nobody ended it, and neither a new password nor a sign-out everywhere voided it. How long it may rest is judged when a
/// request comes.
fn session(conn: &mut Conn, id: i64, now: NumericDate) -> QueryResult<bool> {
    let session = SessionRow::load(conn, id)?.filter(|session| session.ended_at.is_none() && now < session.expires_at);
    let Some(session) = session else { return Ok(false) };
    Ok(UserRow::load(conn, session.user_id)?.is_some_and(|user| user.still_honours(session.id)))
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
