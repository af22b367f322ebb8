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
    /// No proof: a public client (RFC 6749 section 2.1).
    None,
}

impl ClientAuthenticationMethod {
    /// Every method, as metadata lists them.
    pub const ALL: [Self; 3] = [Self::ClientSecretBasic, Self::ClientSecretPost, Self::None];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::None => "none",
        }
    }

    /// The method of that name.
    pub fn parse(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == value)
    }

    /// Whether a client of this method is confidential, that is, has a secret (RFC 6749 section 2.1).
    pub const fn is_confidential(self) -> bool {
        !matches!(self, Self::None)
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
        assert_eq!(ClientAuthenticationMethod::parse("private_key_jwt"), None);
        assert_eq!(ClientAuthenticationMethod::parse("None"), None);
    }
}
