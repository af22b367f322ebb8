//! How a client proves who it is at the token endpoint (RFC 7591 section 2, `token_endpoint_auth_method`).

use serde::{Deserialize, Serialize};

/// The methods this server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthenticationMethod {
    /// The secret in the `Authorization: Basic` header (RFC 6749 section 2.3.1).
    ClientSecretBasic,
    /// The secret in the body (RFC 6749 section 2.3.1).
    ClientSecretPost,
    /// An assertion signed with the secret (RFC 7523 section 3, OpenID Connect Core section 9).
    ClientSecretJwt,
    /// An assertion signed with the client's own key (RFC 7523 section 3, OpenID Connect Core section 9).
    PrivateKeyJwt,
    /// No proof: a public client (RFC 6749 section 2.1).
    None,
}

impl ClientAuthenticationMethod {
    /// Every method, as metadata lists them.
    pub const ALL: [Self; 5] =
        [Self::ClientSecretBasic, Self::ClientSecretPost, Self::ClientSecretJwt, Self::PrivateKeyJwt, Self::None];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// The method of that name.
    pub fn parse(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == value)
    }

    /// Whether a client of this method is confidential, that is, proves who it is (RFC 6749 section 2.1).
    pub const fn is_confidential(self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether it does so by a secret of ours.
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        for known in ClientAuthenticationMethod::ALL {
            assert_eq!(ClientAuthenticationMethod::parse(known.as_str()), Some(known));
            assert_eq!(serde_json::to_value(known).unwrap(), known.as_str());
            assert_eq!(known.is_confidential(), known.as_str() != "none");
        }
        assert_eq!(ClientAuthenticationMethod::parse("tls_client_auth"), None);
        assert_eq!(ClientAuthenticationMethod::parse("None"), None);
    }
}
