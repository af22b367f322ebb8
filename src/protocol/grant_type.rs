//! What a client shows to the token endpoint for a token (RFC 6749 section 1.3).

use serde::{Deserialize, Serialize};

/// The grant types this server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 section 4.1.3.
    AuthorizationCode,
    /// RFC 6749 section 6.
    RefreshToken,
    /// RFC 6749 section 4.4.
    ClientCredentials,
}

impl GrantType {
    /// Every grant type, as metadata lists them.
    pub const ALL: [Self; 3] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// The grant type of that name; `None` for all others, `password` among them (A39).
    pub fn parse(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A39, S22.
    #[test]
    fn names_are_exact_and_others_unknown() {
        for known in GrantType::ALL {
            assert_eq!(GrantType::parse(known.as_str()), Some(known));
            assert_eq!(serde_json::to_value(known).unwrap(), known.as_str());
        }
        for unknown in ["", "password", "implicit", "Authorization_Code", "refresh_token "] {
            assert_eq!(GrantType::parse(unknown), None, "{unknown}");
        }
    }
}
