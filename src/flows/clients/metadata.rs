//! What somebody wants a client to be (RFC 7591 section 2), before anything is checked: from the command line, from a
//! file, or an existing client about to be changed.

use serde::{Deserialize, Serialize};

use super::registered;
use crate::protocol::registered_metadata::RegisteredMetadata;
use crate::store::clients::ClientRow;

/// Client metadata as text. What is absent gets the secure default, see [`super::registration`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientMetadata {
    /// What pages call it; a random two-word name when absent.
    pub name: Option<String>,
    /// `confidential` or `public`.
    pub kind: Option<String>,
    /// `client_secret_basic`, `client_secret_post`, `client_secret_jwt`, `private_key_jwt` or `none`.
    pub authentication_method: Option<String>,
    /// Where it may be redirected to, each kept to the byte.
    pub redirect_uris: Vec<String>,
    /// `authorization_code`, `refresh_token`, `client_credentials`.
    pub grant_types: Option<Vec<String>>,
    /// `code`; those with tokens in the front channel (`id_token`, `code id_token`, `token` ..) only where they are named here.
    pub response_types: Option<Vec<String>>,
    /// The most it can ever be given.
    pub scopes: Vec<String>,
    /// Browser origins that may call with CORS.
    pub allowed_origins: Vec<String>,
    /// Its home page.
    pub homepage_url: Option<String>,
    /// Its privacy policy.
    pub privacy_url: Option<String>,
    /// Its terms of service.
    pub terms_url: Option<String>,
    /// Its logo.
    pub logo_url: Option<String>,
    /// Login of the person who answers for it.
    pub owner: Option<String>,
    /// Whether the operator vouches for it.
    pub verified: bool,
    /// PKCE on every code; off only for confidential clients.
    pub require_pkce: Option<bool>,
    /// Whether a front-channel access token may be given without asking again.
    pub silent_token: bool,
    /// Whether each authorization is bound to an organization that the user chooses.
    pub organization_access: bool,
    /// Whether it may ask about tokens of its audiences (RFC 7662).
    pub may_introspect: bool,
    /// Whether each refresh makes a new refresh token; off only for confidential clients.
    pub rotate_refresh_tokens: Option<bool>,
    /// Seconds, where not the server's default.
    pub access_token_lifetime: Option<i64>,
    /// Seconds, where not the server's default.
    pub refresh_idle_lifetime: Option<i64>,
    /// Seconds, where not the server's default.
    pub refresh_absolute_lifetime: Option<i64>,
    /// Seconds, where not the server's default; 0 means none.
    pub refresh_grace: Option<i64>,
    /// What it registers as an OpenID Connect client, by the names of RFC 7591 and OpenID Connect Dynamic Client
    /// Registration.
    #[serde(deserialize_with = "registered::strict")]
    pub openid: RegisteredMetadata,
}

impl ClientMetadata {
    /// A registered client as it is, for changing single members. The owner's login is looked up by the caller.
    pub fn of(row: &ClientRow, owner: Option<String>) -> ClientMetadata {
        ClientMetadata {
            name: Some(row.name.clone()),
            kind: Some(row.kind.clone()),
            authentication_method: Some(row.authentication_method.clone()),
            redirect_uris: row.redirect_uris.0.clone(),
            grant_types: Some(row.grant_types.0.clone()),
            response_types: Some(row.response_types.0.clone()),
            scopes: row.scopes.as_slice().to_vec(),
            allowed_origins: row.allowed_origins.0.clone(),
            homepage_url: row.homepage_url.clone(),
            privacy_url: row.privacy_url.clone(),
            terms_url: row.terms_url.clone(),
            logo_url: row.logo_url.clone(),
            owner,
            verified: row.verified,
            require_pkce: Some(row.require_pkce),
            silent_token: row.silent_token,
            organization_access: row.organization_access,
            may_introspect: row.may_introspect,
            rotate_refresh_tokens: Some(row.rotate_refresh_tokens),
            access_token_lifetime: row.access_token_lifetime,
            refresh_idle_lifetime: row.refresh_idle_lifetime,
            refresh_absolute_lifetime: row.refresh_absolute_lifetime,
            refresh_grace: row.refresh_grace,
            openid: row.metadata.0.clone(),
        }
    }
}
