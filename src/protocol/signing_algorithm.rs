//! Algorithms this server signs with (RFC 7518 section 3.1, RFC 8037 section 3.1).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What signatures of others may be made with: of clients, and of upstream providers.
pub const ACCEPTED: [&str; 9] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];

/// The name this server uses for an algorithm: RFC 9864 section 2.2 gives EdDSA with Ed25519 one of its own, and libraries
/// write either.
pub fn canonical(name: &str) -> &str {
    match name {
        "Ed25519" => SigningAlgorithm::EdDsa.as_str(),
        name => name,
    }
}

/// What assertions of `client_secret_jwt` are made with: the client's secret, and nothing public.
pub const ASSERTIONS_BY_SECRET: &str = "HS256";

/// A digital signature algorithm; symmetric ones and `none` sign nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum SigningAlgorithm {
    /// ECDSA on P-256 with SHA-256: the default of clients made by command, page or file, as it costs least.
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256: what a registration that says nothing gets (OpenID Connect Core section 15.1).
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Rs256, Self::Ps256, Self::EdDsa];

    /// The value of `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact_and_the_same_in_json() {
        for known in SigningAlgorithm::ALL {
            assert_eq!(SigningAlgorithm::parse(known.as_str()), Some(known));
            assert_eq!(serde_json::to_value(known).unwrap(), known.as_str());
        }
        for unknown in ["", "es256", "HS256", "none", "ES384"] {
            assert_eq!(SigningAlgorithm::parse(unknown), None, "{unknown}");
            assert_eq!(canonical(unknown), unknown);
        }
        assert_eq!(canonical("Ed25519"), "EdDSA");
    }
}
