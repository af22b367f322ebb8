//! OpenID Connect Discovery and the issuer's keys: fetched, checked, kept for ten minutes.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::app::App;
use crate::crypto::jwt::{self, JwtRefusal, KeySet};
use crate::flows::sso::upstream_error::UpstreamError;

/// What is used of an issuer's metadata (OpenID Connect Discovery section 3).
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    /// Has to be the issuer it was asked for.
    pub issuer: String,
    /// RFC 6749 section 3.1.
    pub authorization_endpoint: String,
    /// RFC 6749 section 3.2.
    pub token_endpoint: String,
    /// Keys.
    pub jwks_uri: String,
    /// OpenID Connect Core section 5.3.
    #[serde(default)]
    pub userinfo_endpoint: Option<String>,
    /// How clients authenticate; `client_secret_basic` where missing.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Scopes.
    #[serde(default)]
    pub scopes_supported: Vec<String>,
    /// RFC 9207 section 3.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// The metadata of an issuer.
///
/// # Errors
/// [`UpstreamError`]: unreachable, another issuer's document, or endpoints that may not be called.
pub async fn discover(app: &App, issuer: &str) -> Result<Metadata, UpstreamError> {
    let place = "discovery";
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let document = app.documents.get(&app.upstream, &url, app.clock.monotonic()).await;
    let document = document.map_err(|error| UpstreamError::from(error).at(place))?;
    let junk = |_| UpstreamError::Unacceptable("the document is not the metadata of an OpenID Provider".to_owned());
    let metadata: Metadata = serde_json::from_str(&document).map_err(|error| junk(error).at(place))?;
    if metadata.issuer != issuer {
        let named: String = metadata.issuer.chars().take(200).collect();
        return Err(
            UpstreamError::Unacceptable(format!("the document is of the issuer {named}, not {issuer}")).at(place)
        );
    }
    let endpoints = [
        ("authorization_endpoint", Some(&metadata.authorization_endpoint)),
        ("token_endpoint", Some(&metadata.token_endpoint)),
        ("jwks_uri", Some(&metadata.jwks_uri)),
        ("userinfo_endpoint", metadata.userinfo_endpoint.as_ref()),
    ];
    for (name, url) in endpoints {
        if let Some(url) = url {
            app.upstream.check(url).map_err(|error| UpstreamError::from(error).at(name))?;
        }
    }
    Ok(metadata)
}

/// The claims of an ID token signed by the issuer. A key nobody knows is looked for once more, at most once a minute.
///
/// # Errors
/// [`UpstreamError`].
pub async fn verify(app: &App, metadata: &Metadata, token: &str) -> Result<Map<String, Value>, UpstreamError> {
    let (url, now) = (&metadata.jwks_uri, app.clock.monotonic());
    let refused = |refusal: JwtRefusal| UpstreamError::Unacceptable(refusal.to_string()).at("ID token");
    let document = app.documents.get(&app.upstream, url, now).await;
    let document = document.map_err(|error| UpstreamError::from(error).at("jwks_uri"))?;
    match jwt::verify(token, &keys(&document)?) {
        Err(JwtRefusal::UnknownKey) => {
            let newer = app.documents.again(&app.upstream, url, now).await;
            match newer.map_err(|error| UpstreamError::from(error).at("jwks_uri"))? {
                Some(document) => jwt::verify(token, &keys(&document)?).map_err(refused),
                None => Err(refused(JwtRefusal::UnknownKey)),
            }
        }
        judged => judged.map_err(refused),
    }
}

fn keys(document: &str) -> Result<KeySet, UpstreamError> {
    KeySet::parse(document).map_err(|error| UpstreamError::Unacceptable(error.to_string()).at("jwks_uri"))
}
