//! Signed tokens of others (RFC 7515, 7519): the signature is verified with a key of the set its issuer publishes, and
//! with nothing the token itself brings. Symmetric algorithms and `none` do not exist here (RFC 8725 section 3.1).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::protocol::signing_algorithm::canonical;

/// Bytes of others' tokens that are looked at.
pub const MAXIMUM_TOKEN: usize = 8 * 1024;
/// Keys of a set that are looked at.
const MAXIMUM_KEYS: usize = 100;

/// Why a token is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtRefusal {
    /// Longer than tokens of its kind are: [`MAXIMUM_TOKEN`] for those of others.
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of base64url, JSON objects without doubled members.
    #[error("the token is not a signed JWT: {0}")]
    Malformed(&'static str),
    /// `none`, a symmetric one, or one nobody knows.
    #[error("the token is signed with the algorithm {0}, which is not accepted")]
    Algorithm(String),
    /// `crit` names what is not understood here (RFC 7515 section 4.1.11).
    #[error("the token has critical header parameters")]
    Critical,
    /// `typ` says that it is another kind of token (RFC 8725 section 3.11).
    #[error("the token is of the type {0}")]
    Type(String),
    /// The set has no key for it; it may have been published since.
    #[error("the issuer publishes no key for this token")]
    UnknownKey,
    /// The key did not make this signature.
    #[error("the token's signature is wrong")]
    Signature,
}

/// Whether a text could be a signed JWT at all: three parts, the first of which begins as a JSON object does.
pub fn has_form_of_jwt(text: &str) -> bool {
    text.starts_with("eyJ") && text.split('.').count() == 3
}

/// The document is not a JWK set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a JWK set")]
pub struct NotAKeySet;

/// Public keys of an issuer (RFC 7517 section 5). Keys of unknown kinds are left out.
pub struct KeySet(Vec<PublicKey>);

#[derive(Deserialize)]
struct PublicKey {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
}

impl KeySet {
    /// Reads a JWK set.
    ///
    /// # Errors
    /// [`NotAKeySet`].
    pub fn parse(json: &str) -> Result<KeySet, NotAKeySet> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_str(json).map_err(|_| NotAKeySet)?;
        Ok(KeySet::of(set.keys.into_iter().take(MAXIMUM_KEYS)))
    }

    /// The set of these keys, however many.
    pub fn of(keys: impl IntoIterator<Item = Value>) -> KeySet {
        KeySet(keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect())
    }

    /// The keys that can have made the signature; without `kid` there must be exactly one.
    fn fitting(&self, algorithm: Algorithm, name: &str, kid: Option<&str>) -> Option<&PublicKey> {
        let mut fitting = self.0.iter().filter(|key| key.fits(algorithm, name));
        match kid {
            Some(kid) => fitting.find(|key| key.kid.as_deref() == Some(kid)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        }
    }
}

impl PublicKey {
    fn fits(&self, algorithm: Algorithm, name: &str) -> bool {
        let kind = match algorithm {
            Algorithm::ES256 => ("EC", Some("P-256")),
            Algorithm::ES384 => ("EC", Some("P-384")),
            Algorithm::EdDSA => ("OKP", Some("Ed25519")),
            _ => ("RSA", None),
        };
        (self.kty.as_str(), self.crv.as_deref()) == kind
            && self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.alg.as_deref().is_none_or(|alg| canonical(alg) == name)
    }

    fn decoding_key(&self) -> Option<DecodingKey> {
        match self.kty.as_str() {
            "RSA" => DecodingKey::from_rsa_components(self.n.as_deref()?, self.e.as_deref()?).ok(),
            "EC" => DecodingKey::from_ec_components(self.x.as_deref()?, self.y.as_deref()?).ok(),
            _ => DecodingKey::from_ed_components(self.x.as_deref()?).ok(),
        }
    }
}

/// The claims of a token whose signature is right. What they say is still to be judged.
///
/// # Errors
/// [`JwtRefusal`].
pub fn verify(token: &str, keys: &KeySet) -> Result<Map<String, Value>, JwtRefusal> {
    verify_typed(token, MAXIMUM_TOKEN, keys, |kind| kind.is_none_or(|kind| kind.eq_ignore_ascii_case("JWT")))
}

/// The same, for tokens whose `typ` is missing, `JWT` or one of `kinds`; and what it was signed with.
///
/// # Errors
/// [`JwtRefusal`].
pub fn verify_of_kind(token: &str, keys: &KeySet, kinds: &[&str]) -> Result<Signed, JwtRefusal> {
    let claims = verify_typed(token, MAXIMUM_TOKEN, keys, |kind| is_of_kind(kind, kinds))?;
    let header = object(token.split('.').next().unwrap_or_default())?;
    let algorithm = header.get("alg").map(text_of).unwrap_or_default();
    Ok(Signed { claims, algorithm: canonical(&algorithm).to_owned() })
}

/// What a token says before its signature is looked at: enough to refuse it without fetching anybody's keys.
pub struct Unproven {
    /// What is said, believed by nobody yet.
    pub claims: Map<String, Value>,
    /// `alg`, by the name this server has for it.
    pub algorithm: String,
    /// Whether it names its key.
    pub names_key: bool,
}

/// Reads a token that could be accepted, were it signed: short, of a known algorithm and of a right `typ`, as
/// [`verify_of_kind`] has it.
///
/// # Errors
/// [`JwtRefusal`], but for what a key would show.
pub fn unproven(token: &str, kinds: &[&str]) -> Result<Unproven, JwtRefusal> {
    let (header, claims) = opened(token, MAXIMUM_TOKEN, |kind| is_of_kind(kind, kinds))?;
    let (algorithm, _) = algorithm_of(&header)?;
    Ok(Unproven { claims: object(claims)?, algorithm, names_key: kid_of(&header)?.is_some() })
}

fn is_of_kind(kind: Option<&str>, kinds: &[&str]) -> bool {
    kind.is_none_or(|kind| ["JWT"].iter().chain(kinds).any(|known| kind.eq_ignore_ascii_case(known)))
}

fn algorithm_of(header: &Map<String, Value>) -> Result<(String, Algorithm), JwtRefusal> {
    let name = header.get("alg").map(text_of).unwrap_or_default();
    match algorithm(canonical(&name)) {
        Some(algorithm) => Ok((canonical(&name).to_owned(), algorithm)),
        None => Err(JwtRefusal::Algorithm(name.chars().take(40).collect())),
    }
}

fn kid_of(header: &Map<String, Value>) -> Result<Option<&str>, JwtRefusal> {
    match header.get("kid") {
        None => Ok(None),
        Some(Value::String(kid)) => Ok(Some(kid)),
        Some(_) => Err(JwtRefusal::Malformed("its kid is no text")),
    }
}

/// Claims under a right signature.
#[derive(Debug)]
pub struct Signed {
    /// What is said; still to be judged.
    pub claims: Map<String, Value>,
    /// `alg`, by the name this server has for it.
    pub algorithm: String,
}

/// The same, for tokens of at most `longest` bytes whose `typ` is `right`.
pub(super) fn verify_typed(
    token: &str,
    longest: usize,
    keys: &KeySet,
    right: impl Fn(Option<&str>) -> bool,
) -> Result<Map<String, Value>, JwtRefusal> {
    let (header, claims) = opened(token, longest, right)?;
    let (known, algorithm) = algorithm_of(&header)?;
    let key = keys.fitting(algorithm, &known, kid_of(&header)?).ok_or(JwtRefusal::UnknownKey)?;
    let key = key.decoding_key().ok_or(JwtRefusal::UnknownKey)?;
    // Only the signature is left to the library: its idea of time is the machine's, ours is the clock's.
    let (signed, signature) = token.rsplit_once('.').unwrap_or_default();
    match jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, algorithm) {
        Ok(true) => object(claims),
        _ => Err(JwtRefusal::Signature),
    }
}

/// The header, once it asks for nothing unknown, and the claims as they came.
pub(super) fn opened(
    token: &str,
    longest: usize,
    right: impl Fn(Option<&str>) -> bool,
) -> Result<(Map<String, Value>, &str), JwtRefusal> {
    if token.len() > longest {
        return Err(JwtRefusal::TooLong);
    }
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(JwtRefusal::Malformed("it has not three parts"));
    };
    let header = object(header)?;
    if header.contains_key("crit") {
        return Err(JwtRefusal::Critical);
    }
    let kind = header.get("typ").map(text_of);
    if !right(kind.as_deref()) {
        return Err(JwtRefusal::Type(kind.unwrap_or_else(|| "(none)".to_owned())));
    }
    Ok((header, claims))
}

/// What a token says of itself, believed by nobody yet: enough to look up whose keys to verify it with.
pub fn unverified(token: &str) -> Option<Map<String, Value>> {
    opened(token, MAXIMUM_TOKEN, |_| true).and_then(|(_, claims)| object(claims)).ok()
}

fn algorithm(name: &str) -> Option<Algorithm> {
    Some(match name {
        "RS256" => Algorithm::RS256,
        "RS384" => Algorithm::RS384,
        "RS512" => Algorithm::RS512,
        "PS256" => Algorithm::PS256,
        "PS384" => Algorithm::PS384,
        "PS512" => Algorithm::PS512,
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "EdDSA" => Algorithm::EdDSA,
        _ => return None,
    })
}

pub(super) fn object(part: &str) -> Result<Map<String, Value>, JwtRefusal> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtRefusal::Malformed("a part is not base64url"))?;
    let members = serde_json::from_slice::<Members>(&bytes);
    members.map(|members| members.0).map_err(|_| JwtRefusal::Malformed("a part is not a JSON object, each member once"))
}

pub(super) fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A JSON object in which no member stands twice: two readers could take different ones (C29).
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member stands twice"));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

#[cfg(test)]
#[path = "jwt_tests.rs"]
mod tests;
