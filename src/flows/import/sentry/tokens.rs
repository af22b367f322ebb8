//! Tokens: those of applications become a grant with its access and refresh token, those without one personal tokens.

use serde_json::json;

use super::authorizations::membership;
use super::export::Row;
use super::secrets::{self, Found, Kept};
use super::work::{Done, Judged, Work};
use super::{personal, scopes};
use crate::crypto::token::TokenKind;
use crate::flows::audience;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::import::report::Outcome;
use crate::flows::people::imported::FieldRefusal;
use crate::flows::token::issue;
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;
use crate::store::access_tokens::{self, AccessTokenRow};
use crate::store::authorizations::AuthorizationRow;
use crate::store::clients::ClientRow;
use crate::store::grants::{self, GrantRow};
use crate::store::refresh_tokens::{self, RefreshTokenRow};
use crate::store::users::UserRow;
use crate::store::{StoreError, audit_events};

pub(super) async fn one(work: &mut Work<'_>, row: &Row) -> Judged {
    if row.value("token").is_none() && row.value("hashed_token").is_some() {
        return Ok(Err(FieldRefusal::new("token", "only its hash is in the file, which does not open anything here")));
    }
    let access = match secrets::look(work, row, "token") {
        Ok(found) => found,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if row.value("application").is_none() {
        return personal::one(work, row, access).await;
    }
    // One text cannot be both: whoever presents it would mean the one or the other.
    if row.text("token").is_ok_and(|text| text.is_some() && row.text("refresh_token").is_ok_and(|other| other == text))
    {
        return Ok(Err(FieldRefusal::new("refresh_token", "the same text as the token")));
    }
    let refresh = match secrets::look(work, row, "refresh_token") {
        Ok(found) => found,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (access, refresh) = match (access, refresh) {
        (Found::Known, _) | (_, Found::Known) => {
            return Ok(Ok(Done { name: String::new(), outcome: Outcome::Unchanged, notes: Vec::new() }));
        }
        (access, refresh) => (kept(access), kept(refresh)),
    };
    let mut notes = Vec::new();
    let read = match read(work, row, &mut notes) {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let name = format!("{} for {}", read.user.login, read.client.name);
    let access = access.filter(|_| read.expires_at.is_none_or(|end| work.app.clock.now() < end));
    if access.is_none() && refresh.is_none() {
        return Ok(Err(FieldRefusal::new("expires_at", "it has expired, and there is no refresh token")));
    }
    let outcome = match write(work, &read, access, refresh).await? {
        true => Outcome::Created,
        false => Outcome::Unchanged,
    };
    Ok(Ok(Done { name, outcome, notes }))
}

fn kept(found: Found) -> Option<Kept> {
    match found {
        Found::New(kept) => Some(kept),
        Found::Known | Found::Nothing => None,
    }
}

struct Read {
    client: ClientRow,
    user: UserRow,
    authorization: AuthorizationRow,
    scopes: ScopeList,
    created_at: NumericDate,
    expires_at: Option<NumericDate>,
}

fn read(work: &Work<'_>, row: &Row, notes: &mut Vec<String>) -> Result<Read, FieldRefusal> {
    let client = work.client(row)?;
    let user = work.user(row, "user")?;
    let bound = membership(work, row, "scoping_organization_id", &user)?;
    let key = (user.id, client.id, bound.map(|(organization, _)| organization));
    let missing = || FieldRefusal::new("application", "the user does not allow it: no authorization was imported");
    let authorization = work.authorizations.get(&key).cloned().ok_or_else(missing)?;
    let now = work.app.clock.now();
    // What somebody narrowed here since, or allowed less of there, no token goes beyond.
    let named = scopes::of(row, &work.app.catalogue, notes)?;
    let scopes = scopes::within(named, &authorization.scopes, &work.app.catalogue, notes);
    Ok(Read {
        scopes,
        created_at: row.time("date_added")?.unwrap_or(now).clamp(0, now),
        expires_at: row.time("expires_at")?,
        client,
        user,
        authorization,
    })
}

/// The family as if its code had been redeemed here: whoever revokes the authorization, disables the client or the user,
/// or presents a used refresh token ends it as any other.
async fn write(work: &Work<'_>, read: &Read, access: Option<Kept>, refresh: Option<Kept>) -> Result<bool, StoreError> {
    if work.options.dry_run {
        return Ok(true);
    }
    let (app, now, client) = (work.app, work.app.clock.now(), &read.client);
    let absolute = client.refresh_absolute_lifetime.unwrap_or(app.config.tokens.refresh_absolute_lifetime);
    let end = match (&refresh, read.expires_at) {
        (None, Some(end)) => end.min(now + absolute),
        _ => now + absolute,
    };
    let grant = GrantRow {
        id: app.store.next_id()?,
        authorization_id: read.authorization.id,
        user_id: read.user.id,
        client: client.id,
        organization_id: read.authorization.organization_id,
        session_id: None,
        scopes: read.scopes.clone(),
        authenticated_at: read.created_at,
        code_digest: None,
        code_expires_at: None,
        redirect_uri: None,
        redirect_uri_sent: false,
        code_challenge: None,
        redeemed_at: None,
        redeemed_by: None,
        revoked_at: None,
        revocation_reason: None,
        expires_at: end,
        created_at: now,
        openid: None,
        resources: Vec::new().into(),
    };
    let mut entries = Vec::new();
    let access = match access {
        None => None,
        Some(kept) => {
            let row = AccessTokenRow {
                id: app.store.next_id()?,
                grant_id: Some(grant.id),
                client: client.id,
                scopes: read.scopes.clone(),
                audience: audience::owners(app, &read.scopes).await?.into(),
                digest: kept.digest.clone(),
                last_four: kept.last_four.clone(),
                created_at: read.created_at,
                expires_at: read.expires_at.unwrap_or(end).min(end),
                revoked_at: None,
            };
            entries.push(secrets::entry(work, TokenKind::AccessToken, row.id, &kept)?);
            Some(row)
        }
    };
    let refresh = match refresh {
        None => None,
        Some(kept) => {
            let row = RefreshTokenRow {
                id: app.store.next_id()?,
                grant_id: grant.id,
                generation: 0,
                digest: kept.digest.clone(),
                last_four: kept.last_four.clone(),
                salt: None,
                derivation_key: None,
                created_at: now,
                expires_at: issue::idle_end(app, client, &grant),
                revoked_at: None,
                first_used_at: None,
                fingerprint: None,
                next_refresh_token: None,
                next_access_token: None,
                next_access_expires_at: None,
                extra_access_tokens: 0,
            };
            entries.push(secrets::entry(work, TokenKind::RefreshToken, row.id, &kept)?);
            Some(row)
        }
    };
    let data = json!({
        "imported": true, "grant": grant.id.to_string(), "client_id": client.client_id, "scopes": grant.scopes,
    });
    let mut event = audit::draft(app, None, "grant.import", Actor::Operator, Target::User(&read.user), data)?;
    if let Some(organization) = grant.organization_id {
        event = audit::of_organization(event, organization);
    }
    secrets::write(work, entries, move |write| {
        grants::insert(write, &grant)?;
        if let Some(row) = &access {
            access_tokens::insert(write, row)?;
        }
        if let Some(row) = &refresh {
            refresh_tokens::insert(write, row)?;
        }
        audit_events::insert(write, &event).map(drop)
    })
    .await
}
