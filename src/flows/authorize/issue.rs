//! What an approved request is answered with: a code, or for clients so marked an access token in the front channel.

use std::sync::Arc;

use serde_json::json;

use super::answer::{self, AuthorizationResponse};
use super::checks::Checked;
use super::constant_values;
use crate::app::App;
use crate::app::last_used::Used;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::audience;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::openid::{
    self,
    authentication::{self, Authentication},
    id_token::{self, Beside},
    session_state,
};
use crate::flows::organizations::applications::{self, Word};
use crate::flows::session::SignedIn;
use crate::flows::token::access_token::{self, Bearer, NewAccessToken};
use crate::flows::token::issue;
use crate::protocol::error::OAuthError;
use crate::store::authorizations::{self, AuthorizationRow};
use crate::store::grants::{self, GrantRow};
use crate::store::member_standing::MemberStanding;
use crate::store::session_clients::{self, SessionClientRow};
use crate::store::sessions::SessionRow;
use crate::store::types::Json;
use crate::store::{
    CachedRow, QueryResult, StoreError, Write, access_tokens, audit_events, consent_requests, organization_members,
    organizations, users,
};

/// A grant and what goes to the client for it.
struct Issued {
    grant: GrantRow,
    code: Option<PlainToken>,
    access: Option<NewAccessToken>,
    signed_in_to: Option<SessionClientRow>,
}

/// The user said yes just now: consent used up, scopes merged, grant made, all or nothing. None when somebody else
/// answered the page first.
pub async fn approve(
    app: &App,
    caller: &Caller,
    who: &SignedIn,
    checked: &Checked,
    member: Option<&Arc<MemberStanding>>,
    consent_request: i64,
) -> Result<Option<AuthorizationResponse>, OAuthError> {
    let now = app.clock.now();
    let authorization = AuthorizationRow {
        id: app.store.next_id()?,
        user_id: who.user.id,
        client: checked.client.id,
        organization_id: member.map(|member| member.organization.id),
        scopes: checked.consented(),
        created_at: now,
        updated_at: now,
        last_used_at: None,
        member_id: member.map(|member| member.member.id),
    };
    let issued = prepare(app, who, checked, member, authorization.id).await?;
    let event = event(app, caller, who, checked, member, "consent.allow")?;
    let member_id = authorization.member_id;
    let (session_id, user_id, grant) = (who.session.id, who.user.id, issued.grant.clone());
    let access = issued.access.as_ref().map(|new| new.row.clone());
    let signed_in_to = issued.signed_in_to.clone();
    let merged = app
        .store
        .write(move |write| {
            // Before the consent is used up: refused meanwhile, the member asks again on the page this leads to.
            if !still_allowed(write, &authorization)? {
                return Ok(None);
            }
            if !still_signed_in(write, user_id, session_id)?
                || consent_requests::answer(write, consent_request, session_id, now)? == 0
            {
                return Ok(None);
            }
            // Removal takes the authorizations along: it comes either before, and is seen, or after, and finds this one.
            if let Some(member_id) = member_id
                && organization_members::hold(write, member_id)? == 0
            {
                return Ok(None);
            }
            let merged = authorizations::merge(write, &authorization)?;
            grants::insert(write, &GrantRow { authorization_id: merged.id, ..grant.clone() })?;
            if let Some(row) = &access {
                access_tokens::insert(write, row)?;
            }
            signed_in_to.iter().try_for_each(|row| session_clients::note(write, row))?;
            audit_events::insert(write, &event)?;
            Ok(Some(merged.id))
        })
        .await?;
    let Some(merged) = merged else { return Ok(None) };
    constant_values::watch(app, caller, who, checked).await;
    respond(app, checked, member, who, &issued, merged).map(Some)
}

/// The user said yes before: session and authorization are seen again inside the transaction, because either may be
/// gone by now. Then there is no answer, and the user has to be asked.
pub async fn silently(
    app: &App,
    caller: &Caller,
    who: &SignedIn,
    checked: &Checked,
    held: &Arc<AuthorizationRow>,
) -> Result<Option<AuthorizationResponse>, OAuthError> {
    let issued = prepare(app, who, checked, None, held.id).await?;
    let event = event(app, caller, who, checked, None, "grant.silent")?;
    let (authorization_id, session_id, user_id) = (held.id, who.session.id, who.user.id);
    let grant = issued.grant.clone();
    let access = issued.access.as_ref().map(|new| new.row.clone());
    let signed_in_to = issued.signed_in_to.clone();
    let done = app
        .store
        .write(move |write| {
            let signed_in = still_signed_in(write, user_id, session_id)?;
            if !signed_in || AuthorizationRow::load(write, authorization_id)?.is_none() {
                return Ok(false);
            }
            grants::insert(write, &grant)?;
            if let Some(row) = &access {
                access_tokens::insert(write, row)?;
            }
            signed_in_to.iter().try_for_each(|row| session_clients::note(write, row))?;
            audit_events::insert(write, &event)?;
            Ok(true)
        })
        .await?;
    if !done {
        return Ok(None);
    }
    constant_values::watch(app, caller, who, checked).await;
    respond(app, checked, None, who, &issued, held.id).map(Some)
}

/// Holds the user's row: a password change or a sign-out everywhere comes either before, and is seen, or after, and
/// voids the grant.
fn still_signed_in(write: &mut Write<'_>, user_id: i64, session_id: i64) -> QueryResult<bool> {
    let honoured = users::hold_honouring(write, user_id, session_id)? == 1;
    Ok(honoured && SessionRow::load(write, session_id)?.is_some_and(|session| session.ended_at.is_none()))
}

async fn prepare(
    app: &App,
    who: &SignedIn,
    checked: &Checked,
    member: Option<&Arc<MemberStanding>>,
    authorization_id: i64,
) -> Result<Issued, OAuthError> {
    let (client, tokens) = (&checked.client, &app.config.tokens);
    let (id, now) = (app.store.next_id()?, app.clock.now());
    // A sole owner who broke the glass has proven nothing upstream.
    let authentication = authentication::of(who, member.map(Arc::as_ref), checked.classes.as_deref(), now)
        .or_else(|| authentication::local(who));
    let with_code = checked.request.response_type.has_code();
    let code = with_code.then(|| PlainToken::new(TokenKind::AuthorizationCode, id, random::secret().expose()));
    let access_lifetime = client.access_token_lifetime.unwrap_or(tokens.access_token_lifetime);
    let once = access_lifetime + tokens.code_lifetime;
    let family_lifetime = match with_code && openid::may_refresh(client, &checked.request.scope) {
        true => client.refresh_absolute_lifetime.unwrap_or(tokens.refresh_absolute_lifetime),
        false => once,
    };
    let grant = GrantRow {
        id,
        authorization_id,
        user_id: who.user.id,
        client: client.id,
        organization_id: member.map(|member| member.organization.id),
        session_id: openid::ends_with(who, checked),
        scopes: checked.request.scope.clone(),
        authenticated_at: authentication
            .as_ref()
            .and_then(Authentication::time)
            .unwrap_or(who.session.authenticated_at),
        code_digest: code.as_ref().map(|code| code.digest().as_bytes().to_vec()),
        code_expires_at: with_code.then_some(now + tokens.code_lifetime),
        redirect_uri: Some(checked.redirect.as_str().to_owned()),
        redirect_uri_sent: checked.redirect.requested(),
        code_challenge: checked.request.code_challenge.as_ref().map(|challenge| challenge.as_str().to_owned()),
        redeemed_at: (!with_code).then_some(now),
        redeemed_by: None,
        revoked_at: None,
        revocation_reason: None,
        expires_at: now + family_lifetime,
        created_at: now,
        openid: openid::grant(who, authentication.as_ref(), checked).map(Json),
        resources: checked.request.resource.clone().into(),
    };
    let access = match checked.request.response_type.has_token() {
        true => {
            let scopes = checked.request.scope.clone();
            let target = audience::target(app, client, scopes, &grant.resources.0, &[]).await?;
            let member = member.map(Arc::as_ref);
            Some(access_token::random(
                app,
                Bearer { client, grant: Some(&grant), user: Some(&who.user), member },
                target,
            )?)
        }
        false => None,
    };
    let signed_in_to = grant.openid.as_ref().map(|_| signed_in_to(app, who, client.id)).transpose()?;
    Ok(Issued { grant, code, access, signed_in_to })
}

/// Logout tells every client that was told who signed in.
fn signed_in_to(app: &App, who: &SignedIn, client: i64) -> Result<SessionClientRow, StoreError> {
    let (id, created_at) = (app.store.next_id()?, app.clock.now());
    Ok(SessionClientRow { id, session_id: who.session.root(), client, created_at, expires_at: who.session.expires_at })
}

fn event(
    app: &App,
    caller: &Caller,
    who: &SignedIn,
    checked: &Checked,
    member: Option<&Arc<MemberStanding>>,
    name: &'static str,
) -> Result<crate::store::audit_events::AuditEventRow, StoreError> {
    let data = json!({ "scopes": checked.consented(), "redirect_uri": checked.redirect.as_str().split('?').next() });
    let (actor, target) = (Actor::User(&who.user), Target::Client(&checked.client));
    let event = audit::draft(app, Some(caller), name, actor, target, data)?;
    Ok(match member {
        Some(member) => audit::of_organization(event, member.organization.id),
        None => event,
    })
}

fn respond(
    app: &App,
    checked: &Checked,
    member: Option<&Arc<MemberStanding>>,
    who: &SignedIn,
    issued: &Issued,
    authorization_id: i64,
) -> Result<AuthorizationResponse, OAuthError> {
    app.last_used.note(Used::Authorization(authorization_id), app.clock.now());
    let mut parameters = Vec::new();
    if let Some(code) = &issued.code {
        parameters.push(("code", code.expose().to_owned()));
    }
    if let Some(access) = &issued.access {
        app.metrics.issued("implicit");
        let response = issue::response(app, &access.text, access.row.expires_at, None, &access.row.scopes)
            .in_organization(member.map(|member| member.organization.public_id.clone()));
        parameters.extend(response.implicit_parameters());
    }
    if checked.request.response_type.has_id_token() {
        let (code, access) = (issued.code.as_ref(), issued.access.as_ref());
        let beside = Beside { code: code.map(PlainToken::expose), access_token: access.map(|new| new.text.as_str()) };
        parameters.push(("id_token", id_token::in_front_channel(app, checked, &who.user, &issued.grant, beside)?));
    }
    let state = session_state::parameter(app, who, &checked.client.client_id, &checked.redirect);
    parameters.extend(state.map(|state| ("session_state", state)));
    Ok(answer::success(app, checked, parameters))
}

/// Whether the organization still lets its members authorize the client. Its row is held, so that a refusal followed by a
/// revocation for everybody finds this consent or is found by it.
fn still_allowed(write: &mut Write<'_>, new: &AuthorizationRow) -> QueryResult<bool> {
    let Some(id) = new.organization_id else { return Ok(true) };
    let Some(held) = organizations::hold(write, id)? else { return Ok(false) };
    Ok(applications::word(write, &held, new.client)? == Word::Allowed)
}
