//! Being an OpenID Provider: who signed in, told by ID tokens and at the UserInfo endpoint (OpenID Connect Core).

pub mod acr;
pub mod authentication;
pub mod claims;
pub mod id_token;
pub mod session_state;
pub mod subject;
pub mod userinfo;

use authentication::Authentication;

use crate::app::App;
use crate::flows::authorize::checks::Checked;
use crate::flows::session::SignedIn;
use crate::protocol::identity_scopes::{OFFLINE_ACCESS, OPENID};
use crate::protocol::openid_grant::OpenIdGrant;
use crate::protocol::scope::ScopeList;
use crate::protocol::signing_algorithm::SigningAlgorithm;
use crate::store::clients::ClientRow;

/// What the ID tokens of this request will say of the sign-in it rests on; none for a request without `openid` (OpenID
/// Connect Core section 3.1.2.1).
pub fn grant(who: &SignedIn, authentication: Option<&Authentication>, checked: &Checked) -> Option<OpenIdGrant> {
    if !checked.request.scope.contains(OPENID) {
        return None;
    }
    Some(OpenIdGrant {
        nonce: checked.request.nonce.clone(),
        auth_time: authentication.and_then(Authentication::time),
        sid: Some(who.session.known_as().to_owned()),
        amr: authentication.map(Authentication::methods).unwrap_or_default(),
        acr: authentication.and_then(Authentication::class).map(str::to_owned),
        claims: checked.request.claims.clone(),
    })
}

/// The session the grant of this request ends with: that of every sign-in the person did not allow the client to outlive
/// (OpenID Connect Core section 11). Grants without `openid` are no sign-in: they have ends of their own.
pub fn ends_with(who: &SignedIn, checked: &Checked) -> Option<i64> {
    let scopes = &checked.request.scope;
    let outlives = scopes.contains(OFFLINE_ACCESS)
        && checked.request.response_type.has_code()
        && may_refresh(&checked.client, scopes);
    (scopes.contains(OPENID) && !outlives).then(|| who.session.root())
}

/// Whether tokens of these scopes come with a refresh token: without the person only if the person said so (OpenID Connect
/// Core section 11), or the operator for this client.
pub fn may_refresh(client: &ClientRow, scopes: &ScopeList) -> bool {
    client.grant_types.0.iter().any(|name| name == "refresh_token")
        && (!scopes.contains(OPENID)
            || scopes.contains(OFFLINE_ACCESS)
            || client.metadata.0.refresh_without_offline_access)
}

/// What this client's ID tokens are signed with.
pub fn algorithm(client: &ClientRow) -> SigningAlgorithm {
    client.metadata.0.id_token_signed_response_alg.unwrap_or(SigningAlgorithm::Es256)
}

/// Seconds from an ID token's issue to its end.
pub fn lifetime(app: &App) -> i64 {
    app.config.tokens.id_token_lifetime
}
