//! `refresh_token` (RFC 6749 section 6): each use makes the next generation of the family.
//!
//! A lost answer may be asked for again: inside the grace window the same token gives the very same pair, computed and
//! not stored (`replay`). After the window a used token means theft, and the family falls (RFC 9700 section 4.14.2).

mod family;
mod first_use;
mod replay;
mod unrotated;

use std::sync::Arc;

use super::access_token::Bearer;
use super::{required, resources, scope};
use crate::app::App;
use crate::app::last_used::Used;
use crate::crypto::digest;
use crate::crypto::token::{ParsedToken, TokenKind};
use crate::flows::audience::{self, Target};
use crate::flows::caller::Caller;
use crate::flows::client_authentication::AuthenticatedClient;
use crate::flows::guessing;
use crate::flows::openid::id_token::{self, Moment};
use crate::flows::presented_token::{self, Presented};
use crate::protocol::error::{Detail, OAuthError};
use crate::protocol::params::Params;
use crate::protocol::scope::ScopeList;
use crate::protocol::token_response::TokenResponse;
use crate::store::clients::ClientRow;

use family::Family;
pub use family::{check_family, check_organization};

/// What this grant type reads. Has no `Debug` on purpose.
pub struct Request {
    refresh_token: String,
    scope: Option<ScopeList>,
    resources: Vec<String>,
}

impl Request {
    /// Reads the form.
    ///
    /// # Errors
    /// `invalid_request` for a missing `refresh_token`, `invalid_scope` for text that is no list of scopes,
    /// `invalid_target` for what is no resource.
    pub fn parse(body: &Params) -> Result<Request, OAuthError> {
        let refresh_token = required(body, "refresh_token")?.to_owned();
        Ok(Request { refresh_token, scope: scope(body)?, resources: resources(body)? })
    }

    /// Two uses ask for the same iff these bytes are the same.
    fn fingerprint(&self) -> [u8; 32] {
        let scope = self.scope.as_ref().map_or_else(|| "whole".to_owned(), |scope| format!("scope {scope}"));
        // Neither scopes nor resources have line ends.
        let resources: String = self.resources.iter().map(|resource| format!("\nresource {resource}")).collect();
        digest::sha256(&[b"grantor/refresh-fingerprint/v1", scope.as_bytes(), resources.as_bytes()])
    }
}

/// One attempt to refresh, everything about it at hand.
struct Attempt<'a> {
    app: &'a App,
    caller: &'a Caller,
    client: &'a Arc<ClientRow>,
    parsed: ParsedToken,
    fingerprint: [u8; 32],
    /// What the new access token is for; the family keeps its own scopes.
    target: Target,
    family: Family,
}

impl Attempt<'_> {
    /// Whom the new access token speaks for.
    fn bearer(&self) -> Bearer<'_> {
        let Family { grant, user, member, .. } = &self.family;
        Bearer { client: self.client, grant: Some(grant), user: user.as_deref(), member: member.as_deref() }
    }
}

/// Refreshes.
///
/// # Errors
/// `invalid_grant`; `invalid_scope` for more than the grant holds; `invalid_target` for a resource it is not for. None of
/// them uses the token up.
pub async fn refresh(
    app: &App,
    caller: &Caller,
    client: &AuthenticatedClient,
    request: Request,
) -> Result<TokenResponse, OAuthError> {
    let unknown = || super::invalid_grant("the refresh token is not good", Detail::new("refresh_token_unknown", SPEC));
    let may_guess = || guessing::check(app, caller, client);
    let parsed = match presented_token::read(app, &request.refresh_token, may_guess).await? {
        Presented::Token(TokenKind::RefreshToken, parsed) => parsed,
        Presented::Missed => {
            guessing::missed(app, caller, client)?;
            return Err(unknown());
        }
        _ => return Err(unknown()),
    };
    let Some(family) = family::load(app, &parsed, client.row()).await? else {
        guessing::missed(app, caller, client)?;
        return Err(unknown());
    };
    let client = client.row();
    family.check_epoch(app)?;
    // Before anything a thief could steer: a used token after its window ends the family whatever else is asked.
    if replay::window_is_over(app, client, &family.token) {
        return Err(replay::reused(app, caller, client, &family).await?);
    }
    family.check(app, client)?;
    let scopes = narrowed(app, &request, &family.grant.scopes)?;
    let granted = &family.grant.resources.0;
    let target = audience::target(app, client, scopes, granted, &request.resources).await?;
    let fingerprint = request.fingerprint();
    let organization = family.member.as_ref().map(|member| member.organization.public_id.clone());
    let (grant, user) = (Arc::clone(&family.grant), family.user.clone());
    let attempt = Attempt { app, caller, client, parsed, fingerprint, target, family };

    let response = match (attempt.family.token.first_used_at, client.rotate_refresh_tokens) {
        (None, false) => unrotated::use_again(&attempt, &request.refresh_token).await?,
        (None, true) => match first_use::use_first(&attempt).await? {
            first_use::Outcome::Issued(response) => response,
            // Somebody else was first: what they were given is what this use gets, if it may have it.
            first_use::Outcome::Raced => {
                let family = family::load(app, &attempt.parsed, client).await?.ok_or_else(unknown)?;
                family.check(app, client)?;
                replay::answer(&Attempt { family, ..attempt }).await?
            }
        },
        (Some(_), _) => replay::answer(&attempt).await?,
    };
    app.last_used.note(Used::Authorization(response.authorization_id), app.clock.now());
    let token = &response.body.access_token;
    let id_token = match &user {
        Some(user) => id_token::with_access_token(app, client, &grant, user, token, Moment::Refresh)?,
        None => None,
    };
    Ok(response.body.with_id_token(id_token).in_organization(organization))
}

const SPEC: &str = "RFC 6749 section 6";

/// A pair on its way out, and the authorization it was used under.
struct Answer {
    body: TokenResponse,
    authorization_id: i64,
}

fn narrowed(app: &App, request: &Request, granted: &ScopeList) -> Result<ScopeList, OAuthError> {
    match &request.scope {
        None => Ok(granted.clone()),
        Some(asked) if app.catalogue.covers(granted, asked) => Ok(asked.clone()),
        Some(asked) => Err(super::invalid_scope(&format!("asked for {asked}"), granted)),
    }
}

/// The family of a refresh token of this client that nobody used yet and that could be used now.
pub async fn usable(app: &App, parsed: &ParsedToken, client: &ClientRow) -> Result<Option<Family>, OAuthError> {
    let family = family::load(app, parsed, client).await?;
    Ok(family.filter(|family| family.token.first_used_at.is_none() && family.check(app, client).is_ok()))
}
