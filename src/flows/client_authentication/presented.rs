//! What a request presents: a Basic header, a secret in the body, or only a `client_id`.

use serde_json::Value;

use crate::crypto::jwt;
use crate::protocol::basic::Credentials;
use crate::protocol::client_authentication_method::ClientAuthenticationMethod;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::params::Params;

/// The one type of assertion (RFC 7523 section 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

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
    /// `client_secret_jwt` or `private_key_jwt`, which the registration tells apart, never the assertion (RFC 7523
    /// section 3).
    Assertion {
        /// Client identifier, as the request or else the assertion says.
        client_id: String,
        /// The assertion as sent.
        text: String,
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
        let assertion = once(body, "client_assertion")?;
        if let Some(text) = assertion {
            if authorization.is_some() || client_secret.is_some() {
                return Err(twice("client_assertion and another client authentication"));
            }
            return assertion_of(client_id, once(body, "client_assertion_type")?, text);
        }
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
            return Err(twice("an Authorization header and client_secret in the body"));
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
            Presented::Post { client_id, .. }
            | Presented::Assertion { client_id, .. }
            | Presented::None { client_id } => client_id,
        }
    }

    /// The methods it can be.
    pub fn methods(&self) -> &'static [ClientAuthenticationMethod] {
        use ClientAuthenticationMethod as Method;
        match self {
            Presented::Basic(_) => &[Method::ClientSecretBasic],
            Presented::Post { .. } => &[Method::ClientSecretPost],
            Presented::Assertion { .. } => &[Method::PrivateKeyJwt, Method::ClientSecretJwt],
            Presented::None { .. } => &[Method::None],
        }
    }

    /// Whether it is of the method a client registered.
    pub fn is_by(&self, registered: &str) -> bool {
        self.methods().iter().any(|method| method.as_str() == registered)
    }

    /// The same in words.
    pub fn described(&self) -> String {
        self.methods().iter().map(|method| method.as_str()).collect::<Vec<_>>().join(" or ")
    }
}

/// RFC 7521 section 4.2: `client_id` may be left out, and names the same client where it is there.
fn assertion_of(client_id: Option<&str>, kind: Option<&str>, text: &str) -> Result<Presented, OAuthError> {
    let refused = |rule: &'static str, hint: &'static str| {
        OAuthError::new(ErrorCode::InvalidClient, "client authentication failed")
            .with_detail(Detail::new(rule, "RFC 7521 section 4.2").hint(hint))
    };
    if kind != Some(ASSERTION_TYPE) {
        let detail = Detail::new("client_assertion_type", "RFC 7523 section 2.2");
        return Err(OAuthError::new(ErrorCode::InvalidClient, "client authentication failed")
            .with_detail(detail.received(kind.unwrap_or("(nothing)")).expected(ASSERTION_TYPE)));
    }
    let said = jwt::unverified(text).ok_or_else(|| refused("client_assertion", "it is no signed JWT"))?;
    let subject = said.get("sub").and_then(Value::as_str);
    match (client_id, subject) {
        (Some(client_id), Some(subject)) if client_id != subject => {
            Err(refused("client_assertion_subject", "client_id and the assertion's sub name different clients"))
        }
        (Some(client_id), _) => Ok(Presented::Assertion { client_id: client_id.into(), text: text.into() }),
        (None, Some(subject)) => Ok(Presented::Assertion { client_id: subject.into(), text: text.into() }),
        (None, None) => Err(refused("client_assertion_subject", "the assertion has no sub: it is the client_id")),
    }
}

fn twice(what: &str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest, "two client authentication methods in one request").with_detail(
        Detail::new("client_authentication_twice", "RFC 6749 section 2.3").received(what).hint("send one of the two"),
    )
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
