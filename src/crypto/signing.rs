//! Keys this server signs with: made here, kept sealed under the master key, published as JWKs (RFC 7517, RFC 7518
//! section 6, RFC 8037 section 2). What they signed is read back by `own_tokens`.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header};
use serde::Serialize;
use serde_json::{Value, json};

use super::random;
use crate::protocol::signing_algorithm::SigningAlgorithm;

/// A private key and the name it is published under. `Debug` tells name and algorithm only.
pub struct SigningKey {
    kid: String,
    algorithm: SigningAlgorithm,
    pkcs8: Vec<u8>,
    pair: Pair,
    public: Value,
}

/// Read once and kept: `jsonwebtoken::encode` reads and checks an RSA key anew for each token, which costs five times
/// what the signature does.
enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// The bytes are not a private key of the algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a private key of this algorithm")]
pub struct NotASigningKey;

/// The library made no key or no signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot sign: {0}")]
pub struct CannotSign(String);

impl SigningKey {
    /// A new key under a random name that tells nothing. RSA takes up to seconds: keep it off the event loop.
    ///
    /// # Errors
    /// [`CannotSign`]: no size of ours in `rsa_bits`, or no randomness.
    pub fn generate(algorithm: SigningAlgorithm, rsa_bits: u32) -> Result<SigningKey, CannotSign> {
        let pkcs8 = match algorithm {
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => new_rsa(rsa_bits)?,
            SigningAlgorithm::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(not_made)?;
                pair.to_pkcs8v1().map_err(not_made)?.as_ref().to_vec()
            }
            SigningAlgorithm::EdDsa => {
                let pair = Ed25519KeyPair::generate().map_err(not_made)?;
                pair.to_pkcs8v1().map_err(not_made)?.as_ref().to_vec()
            }
        };
        SigningKey::open(&random::url_safe_text(16), algorithm, &pkcs8).map_err(|error| CannotSign(error.to_string()))
    }

    /// A key from its PKCS#8 bytes, as [`SigningKey::pkcs8`] gave them.
    ///
    /// # Errors
    /// [`NotASigningKey`].
    pub fn open(kid: &str, algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Result<SigningKey, NotASigningKey> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (pair, mut public) = match algorithm {
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
                let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| NotASigningKey)?;
                let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                let public = json!({ "kty": "RSA", "n": text(&parts.n), "e": text(&parts.e) });
                let padding: &'static dyn RsaEncoding = match algorithm {
                    SigningAlgorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                (Pair::Rsa(pair, padding), public)
            }
            SigningAlgorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8);
                let pair = pair.map_err(|_| NotASigningKey)?;
                let point = pair.public_key().as_ref().strip_prefix(&[4]).ok_or(NotASigningKey)?;
                let (x, y) = point.split_at_checked(32).ok_or(NotASigningKey)?;
                let public = json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) });
                (Pair::Ec(pair), public)
            }
            SigningAlgorithm::EdDsa => {
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| NotASigningKey)?;
                let public = json!({ "kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref()) });
                (Pair::Ed25519(pair), public)
            }
        };
        public["use"] = json!("sig");
        public["alg"] = json!(algorithm.as_str());
        public["kid"] = json!(kid);
        Ok(SigningKey { kid: kid.to_owned(), algorithm, pkcs8: pkcs8.to_vec(), pair, public })
    }

    /// The private part, to be sealed and nothing else (RFC 5208).
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The name in headers and in the key set.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm it signs with.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// What the key set says of it: `kty`, `use`, `alg`, `kid` and the public members.
    pub fn public_jwk(&self) -> Value {
        self.public.clone()
    }

    /// A signed JWT with the header `alg`, `kid` and `typ`, which says what kind of token it is (RFC 8725 section 3.11).
    ///
    /// # Errors
    /// [`CannotSign`]: claims that are no JSON object.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, CannotSign> {
        self.sign_as(Some(typ), claims)
    }

    /// The same without `typ`, for what must pass for nothing that has one.
    ///
    /// # Errors
    /// As [`SigningKey::sign`].
    pub fn sign_untyped(&self, claims: &impl Serialize) -> Result<String, CannotSign> {
        self.sign_as(None, claims)
    }

    fn sign_as(&self, typ: Option<&str>, claims: &impl Serialize) -> Result<String, CannotSign> {
        let mut header = Header::new(jose(self.algorithm));
        header.typ = typ.map(str::to_owned);
        header.kid = Some(self.kid.clone());
        let message = format!("{}.{}", part(&header)?, part(claims)?);
        let signature =
            self.signature(message.as_bytes()).map_err(|_| CannotSign("no signature was made".to_owned()))?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        Ok(match &self.pair {
            Pair::Rsa(pair, padding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*padding, &random, message, &mut signature)?;
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message)?.as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.try_sign(message)?.as_ref().to_vec(),
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = formatter.debug_struct("SigningKey");
        told.field("kid", &self.kid).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// `at_hash` or `c_hash` of a token or code: base64url of the left half of the digest that goes with the algorithm
/// (OpenID Connect Core sections 3.1.3.6 and 3.3.2.11); SHA-512 for EdDSA, as Ed25519 has it inside.
pub fn half_hash(algorithm: SigningAlgorithm, text: &str) -> String {
    let kind = match algorithm {
        SigningAlgorithm::Es256 | SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => &digest::SHA256,
        SigningAlgorithm::EdDsa => &digest::SHA512,
    };
    let whole = digest::digest(kind, text.as_bytes());
    let (left, _) = whole.as_ref().split_at(kind.output_len / 2);
    URL_SAFE_NO_PAD.encode(left)
}

/// A part of a JWT: base64url of a JSON object (RFC 7519 section 7.1).
fn part(of: &impl Serialize) -> Result<String, CannotSign> {
    let value = serde_json::to_vec(of).map_err(|error| CannotSign(error.to_string()))?;
    match value.first() {
        Some(b'{') => Ok(URL_SAFE_NO_PAD.encode(value)),
        _ => Err(CannotSign("claims are a JSON object".to_owned())),
    }
}

fn new_rsa(bits: u32) -> Result<Vec<u8>, CannotSign> {
    let size = match bits {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        other => return Err(CannotSign(format!("an RSA key has 2048 or 3072 bits here, not {other}"))),
    };
    let pair = RsaKeyPair::generate(size).map_err(not_made)?;
    Ok(pair.as_der().map_err(not_made)?.as_ref().to_vec())
}

fn not_made(_: Unspecified) -> CannotSign {
    CannotSign("the library made no key".to_owned())
}

fn jose(algorithm: SigningAlgorithm) -> Algorithm {
    match algorithm {
        SigningAlgorithm::Es256 => Algorithm::ES256,
        SigningAlgorithm::Rs256 => Algorithm::RS256,
        SigningAlgorithm::Ps256 => Algorithm::PS256,
        SigningAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}

#[cfg(test)]
#[path = "signing_tests.rs"]
mod tests;
