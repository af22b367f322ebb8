//! What a client registers about itself beyond its columns (RFC 7591 section 2, OpenID Connect Dynamic Client
//! Registration section 2): read from JSON and judged in one place, all problems told at once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize as _, Deserializer, de};
use serde_json::{Map, Value};
use url::Url;

use super::registration::Problem;
use crate::crypto::jwt::KeySet;
use crate::protocol::client_authentication_method::ClientAuthenticationMethod as Method;
use crate::protocol::redirect_uri;
use crate::protocol::registered_metadata::RegisteredMetadata;
use crate::protocol::signing_algorithm::{ACCEPTED, SigningAlgorithm, canonical};

/// URIs, contacts or classes in one list.
const MAX_ENTRIES: usize = 50;
/// Bytes of a key set that stands in the registration.
const MAX_JWKS: usize = 16 * 1024;
/// Bits of an RSA modulus.
const LEAST_RSA: usize = 2048;
/// Bytes of any other single text.
const MAX_TEXT: usize = 255;
/// Members of a JWK that belong to its private part, or are a shared secret (RFC 7518 section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// Only an operator decides about these: they say how long access outlives the person's word, and where the client came from.
pub const OPERATORS_OWN: [&str; 3] =
    ["refresh_without_offline_access", "access_token_signed_response_alg", "registered_openly"];

/// Members by name, as they stand in a file or a request; null is as good as absent.
///
/// # Errors
/// Every member that is unknown or of the wrong kind.
pub fn read(members: Map<String, Value>) -> Result<RegisteredMetadata, Vec<Problem>> {
    let (mut good, mut problems) = (Map::new(), Vec::new());
    for (name, value) in members.into_iter().filter(|(_, value)| !value.is_null()) {
        let Some(field) = RegisteredMetadata::name_of(&name) else {
            let message = format!("{name:?} is not one of {}", RegisteredMetadata::NAMES.join(", "));
            problems.push(Problem { field: "openid", message });
            continue;
        };
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        match RegisteredMetadata::deserialize(Value::Object(alone)) {
            Ok(_) => drop(good.insert(name, value)),
            Err(error) => problems.push(Problem { field, message: error.to_string() }),
        }
    }
    match problems.is_empty() {
        true => RegisteredMetadata::deserialize(Value::Object(good))
            .map_err(|error| vec![Problem { field: "openid", message: error.to_string() }]),
        false => Err(problems),
    }
}

/// What is registered, with some members set anew; null takes one away.
///
/// # Errors
/// As [`read`].
pub fn merged(now: &RegisteredMetadata, changes: Map<String, Value>) -> Result<RegisteredMetadata, Vec<Problem>> {
    let mut members = now.members();
    members.extend(changes);
    read(members)
}

/// Of what is registered, what only an operator decides about.
pub fn operators_own(now: &RegisteredMetadata) -> RegisteredMetadata {
    let own = now.members().into_iter().filter(|(name, _)| OPERATORS_OWN.contains(&name.as_str()));
    read(own.collect()).unwrap_or_default()
}

/// Names of members that differ.
pub(super) fn changed(old: &RegisteredMetadata, new: &RegisteredMetadata) -> Vec<&'static str> {
    let (old, new) = (old.members(), new.members());
    RegisteredMetadata::NAMES.into_iter().filter(|name| old.get(*name) != new.get(*name)).collect()
}

/// For serde: an object of which every member is known.
pub(super) fn strict<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RegisteredMetadata, D::Error> {
    let members = Map::<String, Value>::deserialize(deserializer)?;
    read(members)
        .map_err(|problems| de::Error::custom(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))
}

/// Everything that is wrong with what was read.
pub(super) fn problems(metadata: &RegisteredMetadata, method: Method, redirect_uris: &[String]) -> Vec<Problem> {
    let mut found = Found(Vec::new());
    found.keys(metadata, method);
    found.algorithms(metadata, method);
    found.addresses(metadata);
    found.logout(metadata, redirect_uris);
    found.texts(metadata);
    found.0
}

struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, field: &'static str, message: impl Into<String>) {
        self.0.push(Problem { field, message: message.into() });
    }

    fn keys(&mut self, metadata: &RegisteredMetadata, method: Method) {
        if metadata.jwks.is_some() && metadata.jwks_uri.is_some() {
            self.add("jwks", "either jwks or jwks_uri, not both (RFC 7591 section 2)");
        }
        if let Some(message) = metadata.jwks.as_ref().and_then(wrong_with_key_set) {
            self.add("jwks", message);
        }
        let has_keys = metadata.jwks.is_some() || metadata.jwks_uri.is_some();
        if method == Method::PrivateKeyJwt && !has_keys {
            self.add("jwks_uri", "private_key_jwt needs the client's public keys: jwks_uri, or jwks");
        }
        if metadata.require_signed_request_object && !has_keys {
            self.add(
                "require_signed_request_object",
                "signed requests need the client's public keys: jwks_uri, or jwks",
            );
        }
    }

    fn algorithms(&mut self, metadata: &RegisteredMetadata, method: Method) {
        let public = || ACCEPTED.join(", ");
        if let Some(name) = metadata.request_object_signing_alg.as_deref().map(canonical)
            && SigningAlgorithm::parse(name).is_none()
        {
            let known = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str).join(", ");
            self.add("request_object_signing_alg", format!("{name:?} is not one of {known}"));
        }
        let Some(name) = metadata.token_endpoint_auth_signing_alg.as_deref().map(canonical) else { return };
        let by_key = ACCEPTED.contains(&name);
        let message = match method {
            Method::PrivateKeyJwt if !by_key => format!("{name:?} is not one of {}", public()),
            Method::ClientSecretJwt if name != "HS256" => format!("{name:?}: client_secret_jwt takes HS256"),
            _ if !by_key && name != "HS256" => format!("{name:?} is not one of {}, HS256", public()),
            _ => return,
        };
        self.add("token_endpoint_auth_signing_alg", message);
    }

    fn addresses(&mut self, metadata: &RegisteredMetadata) {
        let single = [
            ("jwks_uri", &metadata.jwks_uri),
            ("sector_identifier_uri", &metadata.sector_identifier_uri),
            ("backchannel_logout_uri", &metadata.backchannel_logout_uri),
            ("frontchannel_logout_uri", &metadata.frontchannel_logout_uri),
        ];
        for (field, value) in single {
            if let Some(text) = value.as_deref().filter(|text| !is_web_address(text)) {
                self.add(field, format!("{text:?}: {WEB_ADDRESS}, without fragment"));
            }
        }
        // OpenID Connect Core section 4: https and nothing else, on this machine too.
        let secure = |text: &&str| text.starts_with("https://") && is_web_address(text);
        if let Some(text) = metadata.initiate_login_uri.as_deref().filter(|text| !secure(text)) {
            self.add("initiate_login_uri", format!("{text:?}: an https URL of plain characters without fragment"));
        }
        self.bound("request_uris", metadata.request_uris.len());
        for text in &metadata.request_uris {
            // The fragment is a hash of what is there (OpenID Connect Core section 6.2).
            if !is_web_address(text.split_once('#').map_or(text.as_str(), |(before, _)| before)) {
                self.add("request_uris", format!("{text:?}: {WEB_ADDRESS}"));
            }
        }
        self.bound("post_logout_redirect_uris", metadata.post_logout_redirect_uris.len());
        for text in &metadata.post_logout_redirect_uris {
            if let Err(refusal) = redirect_uri::validate_for_registration(text) {
                self.add("post_logout_redirect_uris", format!("{text:?}: {refusal}"));
            }
        }
    }

    fn logout(&mut self, metadata: &RegisteredMetadata, redirect_uris: &[String]) {
        if let Some(text) = metadata.frontchannel_logout_uri.as_deref().filter(|text| is_web_address(text)) {
            // OpenID Connect Front-Channel Logout section 2: nobody's frame but the client's own is loaded.
            let own = origin(text);
            if !redirect_uris.iter().any(|uri| origin(uri) == own) {
                let message = format!("{text:?}: its scheme, host and port are those of one of the redirect URIs");
                self.add("frontchannel_logout_uri", message);
            }
        }
        if metadata.frontchannel_logout_session_required && metadata.frontchannel_logout_uri.is_none() {
            self.add("frontchannel_logout_session_required", "only with frontchannel_logout_uri");
        }
        if metadata.backchannel_logout_session_required && metadata.backchannel_logout_uri.is_none() {
            self.add("backchannel_logout_session_required", "only with backchannel_logout_uri");
        }
    }

    fn texts(&mut self, metadata: &RegisteredMetadata) {
        self.bound("contacts", metadata.contacts.len());
        self.bound("default_acr_values", metadata.default_acr_values.len());
        let plain = |text: &str| !text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(char::is_control);
        if metadata.contacts.iter().any(|text| !plain(text)) {
            self.add("contacts", format!("each 1 to {MAX_TEXT} bytes without control characters"));
        }
        if metadata.default_acr_values.iter().any(|text| !plain(text) || text.contains(' ')) {
            self.add("default_acr_values", format!("each 1 to {MAX_TEXT} bytes without spaces"));
        }
        if let Some(other) = metadata.application_type.as_deref().filter(|kind| !matches!(*kind, "web" | "native")) {
            self.add("application_type", format!("{other:?} is neither web nor native"));
        }
        for (field, value) in [("software_id", &metadata.software_id), ("software_version", &metadata.software_version)]
        {
            if value.as_deref().is_some_and(|text| !plain(text)) {
                self.add(field, format!("1 to {MAX_TEXT} bytes without control characters"));
            }
        }
    }

    fn bound(&mut self, field: &'static str, entries: usize) {
        if entries > MAX_ENTRIES {
            self.add(field, format!("at most {MAX_ENTRIES} of them"));
        }
    }
}

const WEB_ADDRESS: &str = "an https URL of plain characters without user name (http on this machine only)";

/// As strict as a redirect URI, without private schemes.
fn is_web_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && redirect_uri::validate_for_registration(text).is_ok()
}

fn origin(text: &str) -> Option<String> {
    Url::parse(text).ok().map(|url| url.origin().ascii_serialization()).filter(|origin| origin != "null")
}

/// What is wrong with a JWK set that stands in the registration itself.
fn wrong_with_key_set(jwks: &Value) -> Option<String> {
    let text = jwks.to_string();
    let Some(keys) = jwks.get("keys").and_then(Value::as_array).filter(|_| text.len() <= MAX_JWKS) else {
        return Some(format!("a JWK set of at most {MAX_JWKS} bytes: {{\"keys\": [..]}} (RFC 7517 section 5)"));
    };
    let private = |key: &Value| PRIVATE.iter().any(|member| key.get(member).is_some()) || key["kty"] == "oct";
    if keys.iter().any(private) {
        return Some(
            "you sent a private key. It is not kept, but take it for lost: make a new pair and register its public part"
                .to_owned(),
        );
    }
    // Keys of different kinds may share a name (RFC 7517 section 4.5).
    let mut names: Vec<_> = keys.iter().filter_map(|key| Some((key["kid"].as_str()?, key["kty"].as_str()))).collect();
    names.sort_unstable();
    if let Some(double) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Some(format!("two keys have the kid {:?}: nobody could say which of them signed", double[0].0));
    }
    if keys.iter().any(is_short) {
        return Some(format!("an RSA key has {LEAST_RSA} bits at least (RFC 7518 section 3.3)"));
    }
    let readable = KeySet::parse(&text).is_ok() && !keys.is_empty() && keys.iter().all(|key| key["kty"].is_string());
    (!readable).then(|| "a JWK set has at least one public key, each with its kty (RFC 7517 section 4)".to_owned())
}

/// Whether it is an RSA key of too few bits.
fn is_short(key: &Value) -> bool {
    let modulus = key["n"].as_str().filter(|_| key["kty"] == "RSA").and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    modulus.is_some_and(|bytes| {
        let significant = bytes.iter().skip_while(|byte| **byte == 0);
        let blank = significant.clone().next().map_or(0, |byte| byte.leading_zeros() as usize);
        significant.count() * 8 - blank < LEAST_RSA
    })
}

#[cfg(test)]
#[path = "registered_tests.rs"]
mod tests;
