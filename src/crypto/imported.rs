//! Secrets that came from another server: no id in them and perhaps made by people, so they are found by digest.

use super::digest::sha256;
use super::random::Secret32;
use super::token::{ParsedToken, TokenDigest, kind_of};

/// Fewer characters could be guessed against a leaked digest.
pub const MINIMUM_CHARACTERS: usize = 32;

/// Why a secret cannot be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// Fewer than [`MINIMUM_CHARACTERS`].
    #[error("an imported secret needs at least {MINIMUM_CHARACTERS} characters")]
    TooShort,
    /// It would be looked up as one of grantor's own and never be found.
    #[error("an imported secret must not begin with a prefix of grantor's own tokens")]
    OwnPrefix,
}

/// SHA-256 of "grantor/imported/v1" and the text exactly as given.
///
/// # Errors
/// [`ImportRefusal`] for a text that is too short or that looks like one of grantor's own.
pub fn digest(text: &str) -> Result<TokenDigest, ImportRefusal> {
    if kind_of(text).is_some() {
        return Err(ImportRefusal::OwnPrefix);
    }
    if text.chars().count() < MINIMUM_CHARACTERS {
        return Err(ImportRefusal::TooShort);
    }
    Ok(TokenDigest::from_bytes(sha256(&[b"grantor/imported/v1", text.as_bytes()])))
}

/// An imported token as the others are once they are read. Its secret part, which a refresh derives the next token from,
/// is a digest of the whole text, apart from the one in the row: who reads the database does not have it.
pub fn parsed(row_id: i64, digest: TokenDigest, text: &str) -> ParsedToken {
    let secret = Secret32::from_bytes(sha256(&[b"grantor/imported-secret/v1", text.as_bytes()]));
    ParsedToken { id: row_id, digest, last_four: last_four(text), secret }
}

/// The last four characters, for lists that help people tell secrets apart.
pub fn last_four(text: &str) -> String {
    text.chars().skip(text.chars().count().saturating_sub(4)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imported_secret_matches_itself_only() {
        let secret = "k".repeat(32);
        let stored = digest(&secret).expect("long enough");
        assert!(digest(&secret).expect("long enough").matches(stored.as_bytes()));
        assert!(!digest(&format!("{secret} ")).expect("long enough").matches(stored.as_bytes()));
        assert!(!digest(&secret.to_uppercase()).expect("long enough").matches(stored.as_bytes()));
    }

    #[test]
    fn a_short_secret_and_one_with_our_prefix_are_refused() {
        assert_eq!(digest(&"k".repeat(31)).err(), Some(ImportRefusal::TooShort));
        assert_eq!(digest(&"é".repeat(31)).err(), Some(ImportRefusal::TooShort));
        assert_eq!(digest("").err(), Some(ImportRefusal::TooShort));
        assert_eq!(digest(&format!("gat_{}", "k".repeat(60))).err(), Some(ImportRefusal::OwnPrefix));
    }
}
