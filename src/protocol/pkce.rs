//! Proof Key for Code Exchange, S256 only (RFC 7636). `plain` proves nothing to whoever saw the request.

use std::fmt;

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The methods offered, as metadata lists them.
pub const CODE_CHALLENGE_METHODS: [&str; 1] = ["S256"];

/// `BASE64URL(SHA-256(code_verifier))`: 43 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeChallenge(String);

/// The secret behind a challenge: 43 to 128 unreserved characters. Has no `Debug`.
#[derive(Clone)]
pub struct CodeVerifier(String);

/// Why a challenge or verifier is refused: `invalid_request` at the authorization endpoint, `invalid_grant` at the
/// token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkceRefusal {
    /// The challenge is not 43 base64url characters.
    #[error("code_challenge is not 43 base64url characters")]
    ChallengeFormat,
    /// A challenge came without its method, which would mean `plain`.
    #[error("code_challenge_method is missing; it must be S256")]
    MethodMissing,
    /// The method is not `S256`.
    #[error("code_challenge_method must be S256")]
    MethodUnsupported,
    /// The verifier is not 43 to 128 unreserved characters.
    #[error("code_verifier is not 43 to 128 unreserved characters")]
    VerifierFormat,
    /// A challenge was sent with the authorization request and no verifier with the code.
    #[error("code_verifier is missing")]
    VerifierMissing,
    /// A verifier came for a code that was asked for without a challenge: a downgrade (RFC 9700 section 4.8.2).
    #[error("code_verifier was sent for a code without code_challenge")]
    VerifierUnexpected,
    /// The verifier is not the challenge's.
    #[error("code_verifier does not match code_challenge")]
    Mismatch,
}

impl CodeChallenge {
    /// Reads a challenge.
    ///
    /// # Errors
    /// [`PkceRefusal::ChallengeFormat`].
    pub fn parse(text: &str) -> Result<Self, PkceRefusal> {
        match text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            true => Ok(Self(text.to_owned())),
            false => Err(PkceRefusal::ChallengeFormat),
        }
    }

    /// Reads `code_challenge` and `code_challenge_method` as sent, an empty challenge included. A method without a
    /// challenge is ignored.
    ///
    /// # Errors
    /// Wrong challenge, method missing or not `S256`.
    pub fn from_pair(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Self>, PkceRefusal> {
        let Some(challenge) = challenge else { return Ok(None) };
        let challenge = Self::parse(challenge)?;
        match method {
            Some("S256") => Ok(Some(challenge)),
            None | Some("") => Err(PkceRefusal::MethodMissing),
            Some(_) => Err(PkceRefusal::MethodUnsupported),
        }
    }

    /// The 43 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CodeVerifier {
    /// Reads a verifier.
    ///
    /// # Errors
    /// [`PkceRefusal::VerifierFormat`].
    pub fn parse(text: &str) -> Result<Self, PkceRefusal> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        match (43..=128).contains(&text.len()) && text.bytes().all(unreserved) {
            true => Ok(Self(text.to_owned())),
            false => Err(PkceRefusal::VerifierFormat),
        }
    }

    /// Whether the challenge is this verifier's, in constant time.
    pub fn matches(&self, challenge: &CodeChallenge) -> bool {
        let own = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, self.0.as_bytes()));
        constant_time::verify_slices_are_equal(own.as_bytes(), challenge.0.as_bytes()).is_ok()
    }
}

/// Checks the `code_verifier` of a token request, as sent, against the challenge its code was asked for with (A26).
///
/// # Errors
/// Whatever [`PkceRefusal`] says about verifiers; `invalid_grant` on the wire.
pub fn check_code_verifier(challenge: Option<&CodeChallenge>, verifier: Option<&str>) -> Result<(), PkceRefusal> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(PkceRefusal::VerifierUnexpected),
        (Some(_), None) => Err(PkceRefusal::VerifierMissing),
        (Some(challenge), Some(verifier)) => match CodeVerifier::parse(verifier)?.matches(challenge) {
            true => Ok(()),
            false => Err(PkceRefusal::Mismatch),
        },
    }
}

impl fmt::Display for CodeChallenge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for CodeChallenge {
    type Error = PkceRefusal;

    fn try_from(text: String) -> Result<Self, PkceRefusal> {
        Self::parse(&text)
    }
}

impl From<CodeChallenge> for String {
    fn from(challenge: CodeChallenge) -> Self {
        challenge.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    /// S49: the sample pair of RFC 7636 appendix B.
    #[test]
    fn the_sample_pair_of_the_rfc_matches() {
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        assert!(CodeVerifier::parse(VERIFIER).unwrap().matches(&challenge));
        assert!(!CodeVerifier::parse(&VERIFIER.replace('X', "Y")).unwrap().matches(&challenge));
        assert!(!CodeVerifier::parse(CHALLENGE).unwrap().matches(&challenge));
    }

    /// A25, S20.
    #[test]
    fn only_a_whole_s256_challenge_is_taken() {
        use PkceRefusal as P;
        let cases = [
            (None, None, Ok(None)),
            (None, Some("plain"), Ok(None)),
            (Some(CHALLENGE), Some("S256"), Ok(Some(CHALLENGE))),
            (Some(CHALLENGE), None, Err(P::MethodMissing)),
            (Some(CHALLENGE), Some(""), Err(P::MethodMissing)),
            (Some(CHALLENGE), Some("plain"), Err(P::MethodUnsupported)),
            (Some(CHALLENGE), Some("s256"), Err(P::MethodUnsupported)),
            (Some(CHALLENGE), Some("S512"), Err(P::MethodUnsupported)),
            (Some(""), Some("S256"), Err(P::ChallengeFormat)),
            (Some(""), None, Err(P::ChallengeFormat)),
            (Some(&CHALLENGE[1..]), Some("S256"), Err(P::ChallengeFormat)),
            (Some(VERIFIER), Some("S256"), Ok(Some(VERIFIER))),
        ];
        for (challenge, method, expected) in cases {
            let read = CodeChallenge::from_pair(challenge, method);
            assert_eq!(read.as_ref().map(|read| read.as_ref().map(CodeChallenge::as_str)).map_err(|e| *e), expected);
        }
        for bad in ["=", "+", "/", ".", "~", "\u{e9}", "aa", " "] {
            let text = format!("{}{bad}", &CHALLENGE[..42]);
            assert_eq!(CodeChallenge::parse(&text).is_err(), bad != "a", "{text}");
        }
        assert_eq!(CodeChallenge::parse(&"a".repeat(128)), Err(P::ChallengeFormat));
    }

    /// A26, C01, S49: for public and confidential clients alike.
    #[test]
    fn a_verifier_is_needed_exactly_when_there_was_a_challenge() {
        use PkceRefusal as P;
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        let (short, long, longest) = ("a".repeat(42), "a".repeat(129), "a".repeat(128));
        let bad = format!("{}+", "a".repeat(42));
        let cases = [
            (Some(VERIFIER), Ok(())),
            (None, Err(P::VerifierMissing)),
            (Some(""), Err(P::VerifierFormat)),
            (Some(short.as_str()), Err(P::VerifierFormat)),
            (Some(long.as_str()), Err(P::VerifierFormat)),
            (Some(bad.as_str()), Err(P::VerifierFormat)),
            (Some(longest.as_str()), Err(P::Mismatch)),
            (Some(CHALLENGE), Err(P::Mismatch)),
        ];
        for (verifier, expected) in cases {
            assert_eq!(check_code_verifier(Some(&challenge), verifier), expected, "{verifier:?}");
        }
        assert_eq!(check_code_verifier(None, None), Ok(()));
        assert_eq!(check_code_verifier(None, Some(VERIFIER)), Err(P::VerifierUnexpected));
        assert_eq!(check_code_verifier(None, Some("")), Err(P::VerifierUnexpected));
    }

    #[test]
    fn a_stored_challenge_is_checked_when_read() {
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        let text = serde_json::to_string(&challenge).unwrap();
        assert_eq!(text, format!("\"{CHALLENGE}\""));
        assert_eq!(serde_json::from_str::<CodeChallenge>(&text).unwrap(), challenge);
        assert!(serde_json::from_str::<CodeChallenge>("\"plain\"").is_err());
    }
}
