//! `authorization_code` (RFC 6749 section 4.1.3, RFC 7636 section 4.6): a code is good once, for its client, its
//! redirection endpoint and its verifier.
//!
//! Order matters. Whatever a stranger can get wrong comes first and changes nothing; only somebody with the right
//! client, redirect URI and verifier can show that a code was stolen, and then the family falls.

use std::sync::Arc;

use serde_json::json;

use super::access_token::{self, Bearer, NewAccessToken};
use super::issue::{self, NewRefreshToken};
use super::refresh_token::{check_family, check_organization};
use super::{invalid_grant, once, read_back, required, resources};
use crate::app::App;
use crate::app::last_used::Used;
use crate::crypto::token::{ParsedToken, TokenKind, TokenText};
use crate::flows::audience;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::client_authentication::AuthenticatedClient;
use crate::flows::guessing;
use crate::flows::openid;
use crate::flows::openid::id_token::{self, Moment};
use crate::protocol::error::{Detail, OAuthError};
use crate::protocol::params::Params;
use crate::protocol::pkce::{CodeChallenge, check_code_verifier};
use crate::protocol::token_response::TokenResponse;
use crate::protocol::trusted_redirect::without_query;
use crate::store::authorizations::AuthorizationRow;
use crate::store::clients::ClientRow;
use crate::store::grants::{self, GrantRow};
use crate::store::member_standing::MemberStanding;
use crate::store::users::UserRow;
use crate::store::{CachedRow, StoreError, access_tokens, audit_events, refresh_tokens};

const SPEC: &str = "RFC 6749 section 4.1.3";

/// What this grant type reads. Has no `Debug` on purpose.
pub struct Request {
    code: String,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    resources: Vec<String>,
}

impl Request {
    /// Reads the form.
    ///
    /// # Errors
    /// `invalid_request` for a missing `code`, `invalid_target` for what is no resource.
    pub fn parse(body: &Params) -> Result<Request, OAuthError> {
        Ok(Request {
            code: required(body, "code")?.to_owned(),
            redirect_uri: once(body, "redirect_uri")?.map(str::to_owned),
            // Sent without a value is a broken verifier, not a missing one (A26).
            code_verifier: body.once_even_empty("code_verifier")?.map(str::to_owned),
            resources: resources(body)?,
        })
    }
}

/// Redeems a code for tokens, once.
///
/// # Errors
/// `invalid_grant`; `invalid_target` for a resource the grant is not for, which leaves the code good. A second right
/// redemption also revokes the family (RFC 9700 section 4.2.4).
pub async fn redeem(
    app: &App,
    caller: &Caller,
    client: &AuthenticatedClient,
    request: Request,
) -> Result<TokenResponse, OAuthError> {
    let unknown = || invalid_grant("the code is not good", Detail::new("code_unknown", SPEC));
    let parsed = TokenText::parse(TokenKind::AuthorizationCode, &request.code).map_err(|_| unknown())?;
    let Some(grant) = find(app, &parsed, client.row()).await? else {
        guessing::missed(app, caller, client)?;
        return Err(unknown());
    };
    let client = client.row();

    check_bindings(&grant, &request)?;
    if grant.redeemed_at.is_some() {
        return Err(replayed(app, caller, client, &grant).await?);
    }
    let (user, member) = check_live(app, client, &grant).await?;
    let target = audience::target(app, client, grant.scopes.clone(), &grant.resources.0, &request.resources).await?;

    let bearer = Bearer { client, grant: Some(&grant), user: user.as_deref(), member: member.as_deref() };
    let access = access_token::random(app, bearer, target)?;
    let refresh = match openid::may_refresh(client, &grant.scopes) {
        true => Some(issue::first_refresh_token(app, client, &grant)?),
        false => None,
    };
    match commit(app, &grant, &access, refresh.as_ref()).await {
        Ok(Redemption::Won) => {}
        Ok(Redemption::Lost) => return Err(replayed(app, caller, client, &grant).await?),
        Ok(Redemption::TooLate) => return Err(unknown()),
        // Only the database knows what became of the commit; the row names the token it was redeemed for.
        Err(StoreError::CommitUnknown) if committed(app, grant.id, access.row.id).await? => {}
        Err(error) => return Err(error.into()),
    }
    app.last_used.note(Used::Authorization(grant.authorization_id), app.clock.now());
    let refresh = refresh.as_ref().map(|new| new.plain.expose());
    let response = issue::response(app, &access.text, access.row.expires_at, refresh, &access.row.scopes);
    let id_token = match &user {
        Some(user) => {
            id_token::with_access_token(app, client, &grant, user, &response.access_token, Moment::Redemption)?
        }
        None => None,
    };
    let organization = member.map(|member| member.organization.public_id.clone());
    Ok(response.with_id_token(id_token).in_organization(organization))
}

async fn find(app: &App, parsed: &ParsedToken, client: &ClientRow) -> Result<Option<Arc<GrantRow>>, StoreError> {
    let id = parsed.id;
    let grant = app.store.view(move |rows| rows.get::<GrantRow>(id)).await?;
    Ok(grant
        .filter(|grant| grant.code_digest.as_deref().is_some_and(|stored| parsed.digest.matches(stored)))
        .filter(|grant| grant.client == client.id && grant.id >= app.keys.epoch))
}

/// What the code is bound to; a miss leaves the code good for its rightful client (A23).
fn check_bindings(grant: &GrantRow, request: &Request) -> Result<(), OAuthError> {
    let registered = grant.redirect_uri.as_deref();
    let matches = match request.redirect_uri.as_deref() {
        Some(sent) => Some(sent) == registered,
        // OAuth 2.1 drops the parameter; PKCE binds the code to its request instead (A29).
        None => !grant.redirect_uri_sent || grant.code_challenge.is_some(),
    };
    if !matches {
        let detail = Detail::new("redirect_uri_differs", SPEC)
            .received(request.redirect_uri.as_deref().map_or_else(|| "none".to_owned(), without_query))
            .expected(registered.map(without_query).unwrap_or_default())
            .hint("send the redirect_uri of the authorization request, to the byte");
        return Err(invalid_grant("redirect_uri differs from the authorization request", detail));
    }
    let challenge = grant.code_challenge.as_deref().and_then(|text| CodeChallenge::parse(text).ok());
    check_code_verifier(challenge.as_ref(), request.code_verifier.as_deref()).map_err(|refusal| {
        let detail = Detail::new("code_verifier", "RFC 7636 section 4.6").hint(refusal.to_string());
        invalid_grant("the code_verifier does not fit the code_challenge", detail)
    })
}

/// Whether code, user, authorization, client and organization are still good; whom it speaks for.
async fn check_live(
    app: &App,
    client: &ClientRow,
    grant: &Arc<GrantRow>,
) -> Result<(Option<Arc<UserRow>>, Option<Arc<MemberStanding>>), OAuthError> {
    let now = app.clock.now();
    if grant.code_expires_at.is_none_or(|end| now >= end) {
        let detail = Detail::new("code_expired", "RFC 6749 section 4.1.2")
            .received(format!("{} s old", now - grant.created_at))
            .expected(format!("{} s", app.config.tokens.code_lifetime))
            .hint("redeem the code at once; it is made for one request that follows the redirect");
        return Err(invalid_grant("the code has expired", detail));
    }
    let (authorization_id, user_id) = (grant.authorization_id, grant.user_id);
    let (authorization, user, member) = app
        .store
        .view(move |rows| {
            let authorization = rows.get::<AuthorizationRow>(authorization_id)?;
            let member = match authorization.as_ref().and_then(|authorization| authorization.member_id) {
                None => None,
                Some(member) => rows.get::<MemberStanding>(member)?,
            };
            Ok((authorization, rows.get::<UserRow>(user_id)?, member))
        })
        .await?;
    check_family(app, client, grant, authorization.as_deref(), user.as_deref())?;
    check_organization(app, grant, member.as_deref())?;
    Ok((user, member))
}

enum Redemption {
    Won,
    Lost,
    TooLate,
}

/// The guarded statement and the tokens it buys, in one transaction.
async fn commit(
    app: &App,
    grant: &GrantRow,
    access: &NewAccessToken,
    refresh: Option<&NewRefreshToken>,
) -> Result<Redemption, StoreError> {
    let (id, now) = (grant.id, app.clock.now());
    let access = access.row.clone();
    let refresh = refresh.map(|new| new.row.clone());
    app.store
        .write(move |write| {
            if grants::redeem(write, id, access.id, now)? == 0 {
                let redeemed = GrantRow::load(write, id)?.is_some_and(|row| row.redeemed_at.is_some());
                return Ok(if redeemed { Redemption::Lost } else { Redemption::TooLate });
            }
            access_tokens::insert(write, &access)?;
            if let Some(row) = &refresh {
                refresh_tokens::insert(write, row)?;
            }
            Ok(Redemption::Won)
        })
        .await
}

async fn committed(app: &App, grant_id: i64, access_token: i64) -> Result<bool, StoreError> {
    let grant = read_back(app, move |rows| rows.get::<GrantRow>(grant_id)).await?;
    Ok(grant.is_some_and(|grant| grant.redeemed_by == Some(access_token)))
}

/// A code came twice: whoever was first may be the thief, so everything it bought is revoked (RFC 9700 section 4.2.4).
async fn replayed(app: &App, caller: &Caller, client: &ClientRow, grant: &GrantRow) -> Result<OAuthError, StoreError> {
    let event = audit::draft(
        app,
        Some(caller),
        "code.replayed",
        Actor::Client(client),
        Target::UserId(grant.user_id),
        json!({ "grant": grant.id.to_string(), "client_id": client.client_id, "client": client.name }),
    )?;
    let (id, now) = (grant.id, app.clock.now());
    app.store
        .write(move |write| {
            if grants::revoke(write, id, "code_replayed", now)? == 1 {
                audit_events::insert(write, &event)?;
            }
            Ok(())
        })
        .await?;
    app.metrics.event("code_replayed");
    Ok(invalid_grant(
        "the code was redeemed before",
        Detail::new("code_replayed", "RFC 9700 section 4.2.4")
            .hint("every token of this code is revoked now; a code must be redeemed by one request only"),
    ))
}
