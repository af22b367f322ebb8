//! New access tokens: opaque, or a JWT for whoever verifies by itself (RFC 9068). Both have a row, which decides.

use crate::app::App;
use crate::crypto::jwt_id::JwtId;
use crate::crypto::random::{self, Secret32};
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::audience::Target;
use crate::flows::openid::{algorithm, subject};
use crate::flows::sign::sign;
use crate::flows::sso::access;
use crate::protocol::NumericDate;
use crate::protocol::access_token_claims::{AccessTokenClaims, Audience};
use crate::protocol::error::OAuthError;
use crate::protocol::jwt_type;
use crate::protocol::signing_algorithm::SigningAlgorithm;
use crate::store::access_tokens::AccessTokenRow;
use crate::store::clients::ClientRow;
use crate::store::grants::GrantRow;
use crate::store::member_standing::MemberStanding;
use crate::store::users::UserRow;

/// An access token and its row. Has no `Debug` on purpose.
pub struct NewAccessToken {
    /// For the one response.
    pub text: String,
    /// For the table.
    pub row: AccessTokenRow,
}

enum Text {
    Opaque(PlainToken),
    Jwt(JwtId, SigningAlgorithm),
}

/// Whom a token speaks for.
#[derive(Clone, Copy)]
pub struct Bearer<'a> {
    /// The client it is issued to.
    pub client: &'a ClientRow,
    /// The family it belongs to; none for client credentials.
    pub grant: Option<&'a GrantRow>,
    /// The person; none for client credentials.
    pub user: Option<&'a UserRow>,
    /// The membership it lives by, when it is bound to an organization.
    pub member: Option<&'a MemberStanding>,
}

/// A token from fresh random bytes.
///
/// # Errors
/// As [`make`].
pub fn random(app: &App, bearer: Bearer<'_>, target: Target) -> Result<NewAccessToken, OAuthError> {
    let id = app.store.next_id()?;
    make(app, bearer, target, id, &random::secret())
}

/// A token from 32 bytes drawn or derived by the caller.
///
/// # Errors
/// `server_error` while there is no key for its algorithm.
pub fn make(
    app: &App,
    bearer: Bearer<'_>,
    target: Target,
    id: i64,
    secret: &Secret32,
) -> Result<NewAccessToken, OAuthError> {
    let now = app.clock.now();
    let lifetime = bearer.client.access_token_lifetime.unwrap_or(app.config.tokens.access_token_lifetime);
    let family_end = bearer.grant.map_or(NumericDate::MAX, |grant| grant.expires_at);
    let named = match target.format {
        Some(algorithm) => Text::Jwt(JwtId::new(id, secret.expose()), algorithm),
        None => Text::Opaque(PlainToken::new(TokenKind::AccessToken, id, secret.expose())),
    };
    let (digest, last_four) = match &named {
        Text::Jwt(name, _) => (name.digest(), name.last_four()),
        Text::Opaque(plain) => (plain.digest(), plain.last_four()),
    };
    let row = AccessTokenRow {
        id,
        grant_id: bearer.grant.map(|grant| grant.id),
        client: bearer.client.id,
        scopes: target.scopes,
        audience: target.audience.into(),
        digest: digest.as_bytes().to_vec(),
        last_four,
        created_at: now,
        expires_at: (now + lifetime).min(family_end),
        revoked_at: None,
    };
    let text = match &named {
        Text::Jwt(name, algorithm) => jwt(app, bearer, &row, name, *algorithm)?,
        Text::Opaque(plain) => plain.expose().to_owned(),
    };
    Ok(NewAccessToken { text, row })
}

/// The text of a token that has its row already, from the same 32 bytes; none if the row is another token's. A JWT says
/// the same again under a signature of its own.
///
/// # Errors
/// As [`make`].
pub fn again(
    app: &App,
    bearer: Bearer<'_>,
    row: &AccessTokenRow,
    format: Option<SigningAlgorithm>,
    secret: &[u8; 32],
) -> Result<Option<String>, OAuthError> {
    let plain = PlainToken::new(TokenKind::AccessToken, row.id, secret);
    if plain.digest().matches(&row.digest) {
        return Ok(Some(plain.expose().to_owned()));
    }
    let name = JwtId::new(row.id, secret);
    match name.digest().matches(&row.digest) {
        // It was a JWT when it was made, whatever has been registered since.
        true => jwt(app, bearer, row, &name, format.unwrap_or(algorithm(bearer.client))).map(Some),
        false => Ok(None),
    }
}

fn jwt(
    app: &App,
    bearer: Bearer<'_>,
    row: &AccessTokenRow,
    name: &JwtId,
    algorithm: SigningAlgorithm,
) -> Result<String, OAuthError> {
    let Bearer { client, grant, user, member } = bearer;
    let said = grant.and_then(|grant| grant.openid.as_ref()).map(|openid| &openid.0);
    let claims = AccessTokenClaims {
        iss: app.issuer.as_str().to_owned(),
        sub: user.map_or_else(|| client.client_id.clone(), |user| subject::of(app, client, user)),
        aud: Audience::of(row.audience.0.clone(), app.issuer.as_str()),
        exp: row.expires_at,
        iat: row.created_at,
        jti: name.as_str().to_owned(),
        client_id: client.client_id.clone(),
        scope: match member {
            Some(member) => access::within_role(app, member, &row.scopes),
            None => app.catalogue.closure(&row.scopes),
        },
        auth_time: said.and_then(|said| said.auth_time),
        acr: said.and_then(|said| said.acr.clone()),
        amr: said.map(|said| said.amr.clone()).unwrap_or_default(),
        organization_id: member.map(|member| member.organization.public_id.clone()),
        organization: member.map(|member| member.organization.slug.clone()),
    };
    sign(app, algorithm, Some(jwt_type::ACCESS_TOKEN), &claims)
}
