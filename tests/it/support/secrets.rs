//! Every secret any actor saw, and the search for them in places where no secret may stand.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use grantor::crypto::base62;
use grantor::crypto::token::{self, TokenText};

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

/// The text itself, and of a token made here the part that is secret.
fn needles(secret: &str) -> Vec<String> {
    let part = is_token(secret).then(|| secret_part(secret).to_owned());
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
