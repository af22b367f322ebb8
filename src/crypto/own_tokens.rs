//! Tokens this server signed and is shown again, such as an `id_token_hint`: believed by our own public keys only.

use serde_json::{Map, Value};

use super::jwt::{self, JwtRefusal, KeySet};
use crate::protocol::NumericDate;
use crate::protocol::limits::MAX_ID_TOKEN_HINT;

/// What the end of a token's life means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It counts, as of this moment.
    Judged(NumericDate),
    /// The token is only a hint at somebody (OpenID Connect RP-Initiated Logout section 2).
    Ignored,
}

/// Why a token is not ours, or not good any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnTokenRefusal {
    /// No key of ours made it, or it is another kind of token.
    #[error(transparent)]
    NotOurs(#[from] JwtRefusal),
    /// It has ended, or says no end.
    #[error("the token has expired")]
    Expired,
}

/// The claims of a token of exactly this `typ`, signed with a key of `keys`. Issuer and audience are still to be judged.
///
/// # Errors
/// [`OwnTokenRefusal`].
pub fn verify(token: &str, keys: &KeySet, typ: &str, expiry: Expiry) -> Result<Map<String, Value>, OwnTokenRefusal> {
    // An ID token may be longer than what is presented as a credential: people's own words stand in it.
    let longest = if expiry == Expiry::Ignored { MAX_ID_TOKEN_HINT } else { jwt::MAXIMUM_TOKEN };
    let claims = jwt::verify_typed(token, longest, keys, |kind| kind == Some(typ))?;
    if let Expiry::Judged(now) = expiry {
        let end = claims.get("exp").and_then(Value::as_i64).ok_or(OwnTokenRefusal::Expired)?;
        if now >= end {
            return Err(OwnTokenRefusal::Expired);
        }
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::crypto::signing::SigningKey;
    use crate::protocol::signing_algorithm::SigningAlgorithm;

    fn key() -> SigningKey {
        SigningKey::generate(SigningAlgorithm::Es256, 2048).expect("a key")
    }

    fn keys(of: &[&SigningKey]) -> KeySet {
        KeySet::of(of.iter().map(|key| key.public_jwk()))
    }

    /// A43: each kind of token passes for itself only.
    #[test]
    fn a_token_is_read_as_the_kind_it_says_it_is_and_as_no_other() {
        let key = key();
        let kinds = ["JWT", "at+jwt", "logout+jwt"];
        for signed in kinds {
            let token = key.sign(signed, &json!({ "sub": "s", "exp": 10 })).expect("a token");
            for asked in kinds {
                let read = verify(&token, &keys(&[&key]), asked, Expiry::Ignored);
                match asked == signed {
                    true => assert_eq!(read.expect("claims")["sub"], "s"),
                    false => assert_eq!(read, Err(JwtRefusal::Type(signed.to_owned()).into())),
                }
            }
        }
    }

    #[test]
    fn the_end_counts_unless_the_token_is_a_hint() {
        let key = key();
        let own = keys(&[&key]);
        let token = key.sign("JWT", &json!({ "exp": 10 })).expect("a token");
        assert!(verify(&token, &own, "JWT", Expiry::Judged(9)).is_ok());
        assert_eq!(verify(&token, &own, "JWT", Expiry::Judged(10)), Err(OwnTokenRefusal::Expired));
        assert!(verify(&token, &own, "JWT", Expiry::Ignored).is_ok());
        for odd in [json!({}), json!({ "exp": "10" }), json!({ "exp": null })] {
            let token = key.sign("JWT", &odd).expect("a token");
            assert_eq!(verify(&token, &own, "JWT", Expiry::Judged(9)), Err(OwnTokenRefusal::Expired), "{odd}");
        }
    }

    /// C28: the corpus of `jwt_tests` guards the same door.
    #[test]
    fn a_token_of_another_key_is_not_ours() {
        let (ours, theirs) = (key(), key());
        let token = theirs.sign("JWT", &json!({ "exp": 10 })).expect("a token");
        let refused = verify(&token, &keys(&[&ours]), "JWT", Expiry::Ignored);
        assert_eq!(refused, Err(JwtRefusal::UnknownKey.into()));
        let claimed = SigningKey::open(ours.kid(), SigningAlgorithm::Es256, theirs.pkcs8()).expect("a key");
        let token = claimed.sign("JWT", &json!({ "exp": 10 })).expect("a token");
        let refused = verify(&token, &keys(&[&ours]), "JWT", Expiry::Ignored);
        assert_eq!(refused, Err(JwtRefusal::Signature.into()));
    }
}
