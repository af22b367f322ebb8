//! Every secret any actor saw, and the search for them in places where no secret may stand.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantor::crypto::base62;
use grantor::crypto::token::{self, TokenText};
use serde_json::Value;

/// Shorter texts would be found by chance.
const SHORTEST: usize = 12;

#[derive(Default)]
pub struct Secrets(Mutex<BTreeSet<String>>);

impl Secrets {
    /// Remembers one.
    pub fn saw(&self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(secret.to_owned());
        }
    }

    /// Remembers every token in a text: a body, a header, a page.
    pub fn saw_in(&self, text: &str) {
        for word in text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_') {
            if is_token(word) {
                self.saw(word);
            }
        }
        let of_a_jwt = |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
        for word in text.split(|character| !of_a_jwt(character)) {
            if is_jwt_access_token(word) {
                self.saw(word);
            }
        }
    }

    /// Texts with this prefix are another server's, and may stand where this one keeps what it was asked.
    pub fn forget(&self, prefix: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|secret| !secret.starts_with(prefix));
    }

    /// Secrets that stand in `dump` or `log`, in the clear or in hex, whole or only their secret part.
    pub fn found_in(&self, dump: &str, log: &str) -> Vec<String> {
        let hex = dump.to_ascii_lowercase();
        let secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        for secret in secrets.iter() {
            let plain = needles(secret);
            for (place, text) in [("the dump", dump), ("the log", log)] {
                if plain.iter().any(|needle| text.contains(needle.as_str())) {
                    found.push(format!("{secret} stands in {place}"));
                }
            }
            if hex_needles(secret).iter().any(|needle| hex.contains(needle.as_str())) {
                found.push(format!("{secret} stands in the dump, in hex"));
            }
        }
        found
    }

    pub fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

pub fn is_token(word: &str) -> bool {
    token::kind_of(word).is_some_and(|kind| TokenText::parse(kind, word).is_ok())
}

/// ID tokens and answers about tokens open nothing; a JWT access token does (RFC 9068).
fn is_jwt_access_token(word: &str) -> bool {
    let mut parts = word.split('.');
    let (Some(header), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let header = URL_SAFE_NO_PAD.decode(header).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    header.is_some_and(|header| header["typ"] == "at+jwt")
}

/// The text itself, and of a token made here the part that is secret.
fn needles(secret: &str) -> Vec<String> {
    let part = match is_token(secret) {
        true => Some(secret_part(secret).to_owned()),
        // Whoever has the signature has what is hard to come by: the rest can be written down again.
        false => secret.rsplit('.').next().filter(|_| is_jwt_access_token(secret)).map(str::to_owned),
    };
    std::iter::once(secret.to_owned()).chain(part).collect()
}

fn hex_needles(secret: &str) -> Vec<String> {
    let raw = is_token(secret).then(|| base62::decode_bytes32(secret_part(secret))).flatten();
    let raw = raw.map(|bytes| hex(&bytes));
    needles(secret).iter().map(|needle| hex(needle.as_bytes())).chain(raw).collect()
}

/// `PREFIX_` + id (11) + secret (43) + checksum (6).
fn secret_part(token: &str) -> &str {
    let end = token.len() - base62::U32_WIDTH;
    &token[end - base62::BYTES32_WIDTH..end]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
