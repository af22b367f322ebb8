//! What a client registers as an OpenID Connect client, as arguments.

use std::path::Path;

use clap::Args;
use serde_json::{Map, Value};

use super::super::output::Failure;

#[derive(Args)]
#[command(next_help_heading = "OpenID Connect")]
pub struct OpenIdFields {
    /// What its ID tokens are signed with: ES256, RS256, PS256 or EdDSA [default: ES256].
    #[arg(long, value_name = "ALG")]
    id_token_alg: Option<String>,
    /// Signs the answers of the UserInfo endpoint; plain JSON without it.
    #[arg(long, value_name = "ALG")]
    userinfo_alg: Option<String>,
    /// Signs the answers of the introspection endpoint where it asks for a JWT.
    #[arg(long, value_name = "ALG")]
    introspection_alg: Option<String>,
    /// Makes its access tokens JWTs; opaque without it.
    #[arg(long, value_name = "ALG")]
    access_token_alg: Option<String>,
    /// The only algorithm its assertions may be signed with (private_key_jwt, client_secret_jwt).
    #[arg(long, value_name = "ALG")]
    authentication_alg: Option<String>,
    /// The only algorithm its request objects may be signed with.
    #[arg(long, value_name = "ALG")]
    request_object_alg: Option<String>,
    /// Refuse its requests unless they are signed.
    #[arg(long, value_name = "BOOL")]
    require_signed_request_object: Option<bool>,
    /// Where its request objects may be fetched from; repeat for several.
    #[arg(long = "request-uri", value_name = "URL")]
    request_uris: Option<Vec<String>>,
    /// File with its public keys, a JWK set; "" removes them.
    #[arg(long, value_name = "FILE")]
    jwks: Option<String>,
    /// Where it publishes its public keys.
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// How people are named to it: public or pairwise [default: public].
    #[arg(long, value_name = "TYPE")]
    subject_type: Option<String>,
    /// The list of redirect URIs that share pairwise names.
    #[arg(long, value_name = "URL")]
    sector_identifier_uri: Option<String>,
    /// A sign-in must not be older, where a request says nothing (seconds).
    #[arg(long, value_name = "SECONDS")]
    default_max_age: Option<u32>,
    /// Its ID tokens have to tell when the person signed in (they do in any case where it is known).
    #[arg(long, value_name = "BOOL")]
    require_auth_time: Option<bool>,
    /// Class of authentication preferred where a request says none; repeat for several.
    #[arg(long = "default-acr", value_name = "ACR")]
    default_acr_values: Option<Vec<String>>,
    /// Where a person is sent to sign in there (https).
    #[arg(long, value_name = "URL")]
    initiate_login_uri: Option<String>,
    /// Where a person may come back to after logout; repeat for several.
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Option<Vec<String>>,
    /// Loaded in a frame when the session ends; on the same origin as a redirect URI.
    #[arg(long, value_name = "URL")]
    frontchannel_logout_uri: Option<String>,
    /// Tell it which session.
    #[arg(long, value_name = "BOOL")]
    frontchannel_logout_session: Option<bool>,
    /// Gets a logout token when the session ends.
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<String>,
    /// It needs to know which session.
    #[arg(long, value_name = "BOOL")]
    backchannel_logout_session: Option<bool>,
    /// Address of somebody who answers for it; repeat for several.
    #[arg(long = "contact", value_name = "ADDRESS")]
    contacts: Option<Vec<String>>,
    /// Refresh tokens come with openid even where nobody was asked for offline_access.
    #[arg(long, value_name = "BOOL")]
    refresh_without_offline_access: Option<bool>,
}

impl OpenIdFields {
    /// The file with its keys.
    pub fn file(&self) -> Option<&Path> {
        self.jwks.as_deref().filter(|path| !path.is_empty()).map(Path::new)
    }

    /// The members named; an empty text takes one away. `key_set` is what stands in the file.
    ///
    /// # Errors
    /// The file is no JSON.
    pub fn changes(&self, key_set: Option<&str>) -> Result<Map<String, Value>, Failure> {
        let mut changes = Map::new();
        let texts = [
            ("id_token_signed_response_alg", &self.id_token_alg),
            ("userinfo_signed_response_alg", &self.userinfo_alg),
            ("introspection_signed_response_alg", &self.introspection_alg),
            ("access_token_signed_response_alg", &self.access_token_alg),
            ("token_endpoint_auth_signing_alg", &self.authentication_alg),
            ("request_object_signing_alg", &self.request_object_alg),
            ("jwks_uri", &self.jwks_uri),
            ("subject_type", &self.subject_type),
            ("sector_identifier_uri", &self.sector_identifier_uri),
            ("initiate_login_uri", &self.initiate_login_uri),
            ("frontchannel_logout_uri", &self.frontchannel_logout_uri),
            ("backchannel_logout_uri", &self.backchannel_logout_uri),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                changes.insert(name.to_owned(), if text.is_empty() { Value::Null } else { text.as_str().into() });
            }
        }
        let lists = [
            ("request_uris", &self.request_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
            ("contacts", &self.contacts),
            ("default_acr_values", &self.default_acr_values),
        ];
        for (name, entries) in lists {
            if let Some(entries) = entries {
                let entries: Vec<&String> = entries.iter().filter(|entry| !entry.is_empty()).collect();
                changes.insert(name.to_owned(), serde_json::json!(entries));
            }
        }
        let switches = [
            ("require_signed_request_object", self.require_signed_request_object),
            ("require_auth_time", self.require_auth_time),
            ("frontchannel_logout_session_required", self.frontchannel_logout_session),
            ("backchannel_logout_session_required", self.backchannel_logout_session),
            ("refresh_without_offline_access", self.refresh_without_offline_access),
        ];
        for (name, switch) in switches {
            if let Some(switch) = switch {
                changes.insert(name.to_owned(), switch.into());
            }
        }
        if let Some(seconds) = self.default_max_age {
            changes.insert("default_max_age".to_owned(), seconds.into());
        }
        if self.jwks.is_some() {
            let keys = match key_set {
                None => Value::Null,
                Some(text) => serde_json::from_str(text)
                    .map_err(|error| Failure::new(format!("--jwks: the file is no JSON: {error}")))?,
            };
            changes.insert("jwks".to_owned(), keys);
        }
        Ok(changes)
    }
}
