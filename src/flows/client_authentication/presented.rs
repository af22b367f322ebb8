//! What a request presents: a Basic header, a secret in the body, or only a `client_id`.

use crate::protocol::basic::Credentials;
use crate::protocol::client_authentication_method::ClientAuthenticationMethod;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::params::Params;

/// One way to authenticate, not yet checked. Has no `Debug` on purpose.
pub enum Presented {
    /// `client_secret_basic` (RFC 6749 section 2.3.1).
    Basic(Credentials),
    /// `client_secret_post`.
    Post {
        /// Client identifier.
        client_id: String,
        /// Secret as sent.
        client_secret: String,
    },
    /// `none`: a public client names itself.
    None {
        /// Client identifier.
        client_id: String,
    },
}

impl Presented {
    /// Reads header and body.
    ///
    /// # Errors
    /// `invalid_request` for two methods at once (RFC 6749 section 2.3), `invalid_client` for none or a broken header.
    pub fn from_request(authorization: Option<&str>, body: &Params) -> Result<Presented, OAuthError> {
        let client_id = once(body, "client_id")?;
        let client_secret = once(body, "client_secret")?;
        let Some(header) = authorization else {
            return match (client_id, client_secret) {
                (Some(client_id), Some(client_secret)) => {
                    Ok(Presented::Post { client_id: client_id.into(), client_secret: client_secret.into() })
                }
                (Some(client_id), None) => Ok(Presented::None { client_id: client_id.into() }),
                (None, _) => Err(missing()),
            };
        };
        if client_secret.is_some() {
            return Err(OAuthError::new(ErrorCode::InvalidRequest, "two client authentication methods in one request")
                .with_detail(
                    Detail::new("client_authentication_twice", "RFC 6749 section 2.3")
                        .received("an Authorization header and client_secret in the body")
                        .hint("send one of the two"),
                ));
        }
        let credentials = Credentials::from_basic(header).map_err(|refusal| {
            OAuthError::new(ErrorCode::InvalidClient, "client authentication failed")
                .with_detail(Detail::new("basic_header", "RFC 6749 section 2.3.1").hint(refusal.to_string()))
        })?;
        if client_id.is_some_and(|in_body| in_body != credentials.client_id) {
            return Err(OAuthError::new(ErrorCode::InvalidRequest, "client_id differs from the Authorization header"));
        }
        Ok(Presented::Basic(credentials))
    }

    /// The client identifier claimed.
    pub fn client_id(&self) -> &str {
        match self {
            Presented::Basic(credentials) => &credentials.client_id,
            Presented::Post { client_id, .. } | Presented::None { client_id } => client_id,
        }
    }

    /// The secret presented; empty for `none`.
    pub fn secret(&self) -> &str {
        match self {
            Presented::Basic(credentials) => &credentials.client_secret,
            Presented::Post { client_secret, .. } => client_secret,
            Presented::None { .. } => "",
        }
    }

    /// Which method it is.
    pub fn method(&self) -> ClientAuthenticationMethod {
        match self {
            Presented::Basic(_) => ClientAuthenticationMethod::ClientSecretBasic,
            Presented::Post { .. } => ClientAuthenticationMethod::ClientSecretPost,
            Presented::None { .. } => ClientAuthenticationMethod::None,
        }
    }
}

fn once<'a>(body: &'a Params, name: &str) -> Result<Option<&'a str>, OAuthError> {
    body.once(name).map_err(|repeated| OAuthError::new(ErrorCode::InvalidRequest, repeated.to_string()))
}

fn missing() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClient, "client authentication is missing").with_detail(
        Detail::new("client_authentication_missing", "RFC 6749 section 3.2.1")
            .hint("send client_id and the secret in an Authorization: Basic header, or client_id for a public client"),
    )
}
