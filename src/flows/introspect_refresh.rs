//! Introspection of a refresh token: only by the client it was issued to (RFC 7662 section 2.2).

use super::client_authentication::AuthenticatedClient;
use super::token::refresh_token::usable;
use crate::app::App;
use crate::crypto::token::{TokenKind, TokenText};
use crate::protocol::error::OAuthError;
use crate::protocol::introspection_response::{Active, IntrospectionResponse};

/// Whether this is a refresh token of the asker's that could be used now.
pub async fn introspect(
    app: &App,
    asker: &AuthenticatedClient,
    text: &str,
) -> Result<IntrospectionResponse, OAuthError> {
    let Ok(parsed) = TokenText::parse(TokenKind::RefreshToken, text) else {
        return Ok(IntrospectionResponse::Inactive);
    };
    let Some(family) = usable(app, &parsed, asker.row()).await? else { return Ok(IntrospectionResponse::Inactive) };
    let Some(user) = &family.user else { return Ok(IntrospectionResponse::Inactive) };
    Ok(IntrospectionResponse::Active(Box::new(Active {
        scope: app.catalogue.closure(&family.grant.scopes),
        client_id: asker.row().client_id.clone(),
        username: Some(user.login.clone()),
        token_type: None,
        exp: family.token.expires_at,
        iat: family.token.created_at,
        sub: user.sub.clone(),
        aud: Vec::new(),
        iss: app.issuer.as_str().to_owned(),
    })))
}
