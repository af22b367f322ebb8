//! Introspection of a refresh token: only by the client it was issued to (RFC 7662 section 2.2).

use super::client_authentication::AuthenticatedClient;
use super::openid::subject;
use super::sso::access;
use super::token::refresh_token::usable;
use crate::app::App;
use crate::crypto::token::ParsedToken;
use crate::protocol::error::OAuthError;
use crate::protocol::introspection_response::{ActiveToken, IntrospectionResponse};

/// Whether this is a refresh token of the asker's that could be used now.
pub async fn introspect(
    app: &App,
    asker: &AuthenticatedClient,
    parsed: &ParsedToken,
) -> Result<IntrospectionResponse, OAuthError> {
    let Some(family) = usable(app, parsed, asker.row()).await? else { return Ok(IntrospectionResponse::Inactive) };
    let Some(user) = &family.user else { return Ok(IntrospectionResponse::Inactive) };
    let scopes = match &family.member {
        None => app.catalogue.closure(&family.grant.scopes),
        Some(member) => access::within_role(app, member, &family.grant.scopes),
    };
    let sub = subject::of(app, asker.row(), user);
    let mut active = ActiveToken::new(app.issuer.as_str(), &sub, scopes, family.token.created_at);
    active.client_id = Some(asker.row().client_id.clone());
    active.username = Some(user.login.clone()).filter(|_| !subject::is_pairwise(asker.row()));
    active.exp = Some(family.token.expires_at);
    active.organization_id = family.member.as_ref().map(|member| member.organization.public_id.clone());
    active.organization = family.member.as_ref().map(|member| member.organization.slug.clone());
    Ok(IntrospectionResponse::Active(Box::new(active)))
}
