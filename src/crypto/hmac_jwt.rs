//! Tokens signed with a shared secret (RFC 7518 section 3.2): only where the secret is known to be one, never beside
//! public keys, so that no public key ever passes for a secret (RFC 8725 section 3.1).

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::jwt::{JwtRefusal, MAXIMUM_TOKEN, Signed, object, opened, text_of};
use crate::protocol::signing_algorithm::ASSERTIONS_BY_SECRET;

/// The claims of a token signed with this secret; its `typ` is missing, `JWT` or one of `kinds`.
///
/// # Errors
/// [`JwtRefusal`].
pub fn verify(token: &str, secret: &str, kinds: &[&str]) -> Result<Signed, JwtRefusal> {
    let right = |kind: Option<&str>| {
        kind.is_none_or(|kind| ["JWT"].iter().chain(kinds).any(|known| kind.eq_ignore_ascii_case(known)))
    };
    let (header, claims) = opened(token, MAXIMUM_TOKEN, right)?;
    let name = header.get("alg").map(text_of).unwrap_or_default();
    if name != ASSERTIONS_BY_SECRET {
        return Err(JwtRefusal::Algorithm(name.chars().take(40).collect()));
    }
    let (signed, signature) = token.rsplit_once('.').unwrap_or_default();
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| JwtRefusal::Malformed("a part is not base64url"))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::verify(&key, signed.as_bytes(), &signature).map_err(|_| JwtRefusal::Signature)?;
    Ok(Signed { claims: object(claims)?, algorithm: name })
}

/// Signs as a client does, for tests and examples.
#[cfg(test)]
fn sign(header: &str, claims: &str, secret: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C28, C29.
    #[test]
    fn only_the_secret_and_hs256_are_believed() {
        let good = sign(r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"iss":"c"}"#, "a secret of 32 characters or more");
        let verified = verify(&good, "a secret of 32 characters or more", &[]).unwrap();
        assert_eq!((verified.claims["iss"].as_str(), verified.algorithm.as_str()), (Some("c"), "HS256"));
        assert_eq!(verify(&good, "another secret", &[]).unwrap_err(), JwtRefusal::Signature);
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"RS256"}"#, r#"{"alg":"HS512"}"#, r#"{"alg":"hs256"}"#, "{}"] {
            let refusal = verify(&sign(header, "{}", "s"), "s", &[]).unwrap_err();
            assert!(matches!(refusal, JwtRefusal::Algorithm(_)), "{header}: {refusal}");
        }
        let critical = sign(r#"{"alg":"HS256","crit":["x"],"x":1}"#, "{}", "s");
        assert_eq!(verify(&critical, "s", &[]).unwrap_err(), JwtRefusal::Critical);
        let typed = sign(r#"{"alg":"HS256","typ":"at+jwt"}"#, "{}", "s");
        assert_eq!(verify(&typed, "s", &["x+jwt"]).unwrap_err(), JwtRefusal::Type("at+jwt".to_owned()));
        let twice = sign(r#"{"alg":"HS256"}"#, r#"{"iss":"a","iss":"b"}"#, "s");
        assert!(matches!(verify(&twice, "s", &[]).unwrap_err(), JwtRefusal::Malformed(_)));
        for broken in ["", "a.b", "a.b.c.d", "e30.e30.", &good[..good.len() - 2]] {
            assert!(verify(broken, "a secret of 32 characters or more", &[]).is_err(), "{broken}");
        }
    }
}
