//! ID tokens (OpenID Connect Core section 2): signed, for one client, about one sign-in.

use serde_json::{Map, Value};

use super::{algorithm, claims, lifetime, subject};
use crate::app::App;
use crate::crypto::signing::half_hash;
use crate::flows::authorize::checks::Checked;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::id_token::IdTokenClaims;
use crate::protocol::jwt_type;
use crate::protocol::openid_grant::OpenIdGrant;
use crate::protocol::response_type::ResponseType;
use crate::store::clients::ClientRow;
use crate::store::grants::GrantRow;
use crate::store::users::UserRow;

/// What travels beside an ID token, which vouches for it.
#[derive(Clone, Copy, Default)]
pub struct Beside<'a> {
    /// For `c_hash`.
    pub code: Option<&'a str>,
    /// For `at_hash`.
    pub access_token: Option<&'a str>,
}

/// When a token comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The request is answered, or its code was redeemed.
    Redemption,
    /// A refresh: the same sign-in, without its nonce (section 12.2).
    Refresh,
}

/// The ID token that goes with an access token; none where the grant has no `openid`.
///
/// # Errors
/// `server_error` while there is no key for the client's algorithm.
pub fn with_access_token(
    app: &App,
    client: &ClientRow,
    grant: &GrantRow,
    user: &UserRow,
    access_token: &str,
    moment: Moment,
) -> Result<Option<String>, OAuthError> {
    let Some(said) = grant.openid.as_ref().map(|openid| &openid.0) else { return Ok(None) };
    let beside = Beside { access_token: Some(access_token), code: None };
    let asked = claims::wished(user, &said.claims.id_token, &client.scopes);
    sign(app, client, user, said, beside, moment, asked).map(Some)
}

/// The ID token of the authorization endpoint. Where no access token is given at all, nothing but it can tell the claims
/// asked for by scope (OpenID Connect Core section 5.4).
///
/// # Errors
/// As [`with_access_token`].
pub fn in_front_channel(
    app: &App,
    checked: &Checked,
    user: &UserRow,
    grant: &GrantRow,
    beside: Beside<'_>,
) -> Result<String, OAuthError> {
    let said = grant.openid.as_ref().map(|openid| openid.0.clone()).unwrap_or_default();
    let alone = checked.request.response_type == ResponseType::IdToken;
    let mut claims = if alone { claims::of_scopes(user, &grant.scopes) } else { Map::new() };
    claims.extend(claims::wished(user, &said.claims.id_token, &checked.client.scopes));
    sign(app, &checked.client, user, &said, beside, Moment::Redemption, claims)
}

fn sign(
    app: &App,
    client: &ClientRow,
    user: &UserRow,
    said: &OpenIdGrant,
    beside: Beside<'_>,
    moment: Moment,
    about_the_person: Map<String, Value>,
) -> Result<String, OAuthError> {
    let (algorithm, now) = (algorithm(client), app.clock.now());
    let unsigned = |hint: String| {
        let detail = Detail::new("id_token_unsigned", "OpenID Connect Core section 2").hint(hint);
        OAuthError::new(ErrorCode::ServerError, "the ID token could not be signed").with_detail(detail)
    };
    let key = app
        .keys
        .signing(algorithm)
        .ok_or_else(|| unsigned(format!("there is no {} key; see `grantor key list`", algorithm.as_str())))?;
    let mut claims =
        IdTokenClaims::new(app.issuer.as_str(), &subject::of(app, client, user), &client.client_id, now, lifetime(app));
    claims.auth_time = said.auth_time;
    claims.nonce = said.nonce.clone().filter(|_| moment == Moment::Redemption);
    claims.acr.clone_from(&said.acr);
    claims.amr.clone_from(&said.amr);
    claims.at_hash = beside.access_token.map(|token| half_hash(algorithm, token));
    claims.c_hash = beside.code.map(|code| half_hash(algorithm, code));
    claims.sid = said.sid.as_deref().map(|sid| subject::session(app, client, sid));
    key.sign(jwt_type::ID_TOKEN, &claims.about(about_the_person)).map_err(|error| unsigned(error.to_string()))
}
