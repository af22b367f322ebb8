//! Which tokens are believed: the corpus of what goes wrong with signed tokens (A38, C28, C29, C30).

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::json;

use super::*;

struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Signer {
        Signer(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }

    fn jwk(&self, kid: Option<&str>) -> Value {
        let point = self.0.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]));
        let mut key = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
        if let Some(kid) = kid {
            key["kid"] = json!(kid);
        }
        key
    }

    fn token(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn set(keys: &[Value]) -> KeySet {
    KeySet::parse(&json!({ "keys": keys }).to_string()).expect("a key set")
}

#[test]
fn a_token_signed_with_a_published_key_is_read() {
    let (signer, other) = (Signer::new(), Signer::new());
    let keys = set(&[other.jwk(Some("old")), signer.jwk(Some("new")), json!({ "kty": "XYZ" }), json!(7)]);
    let token = signer.token(r#"{"alg":"ES256","kid":"new","typ":"JWT"}"#, r#"{"sub":"s"}"#);
    assert_eq!(verify(&token, &keys).expect("claims")["sub"], "s");
    let alone = signer.token(r#"{"alg":"ES256"}"#, r#"{"sub":"s"}"#);
    assert!(verify(&alone, &set(&[signer.jwk(None)])).is_ok());
    assert_eq!(verify(&alone, &keys), Err(JwtRefusal::UnknownKey), "two keys and none is named");
}

/// RFC 9864 section 2.2: `EdDSA` with an Ed25519 key has two names, and token and key may use either.
#[test]
fn both_names_of_ed25519_are_read() {
    let pair = Ed25519KeyPair::generate().expect("a key");
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    for header in ["EdDSA", "Ed25519"] {
        let signed = json!({ "alg": header, "kid": "k" }).to_string();
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(signed), URL_SAFE_NO_PAD.encode("{}"));
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes())));
        for published in [json!("EdDSA"), json!("Ed25519"), Value::Null] {
            let mut key = json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "k" });
            if !published.is_null() {
                key["alg"] = published;
            }
            let read = verify_of_kind(&token, &set(&[key]), &[]).expect("claims");
            assert_eq!(read.algorithm, "EdDSA", "{header}");
        }
    }
}

/// C28, ASVS 9.1.2: no algorithm but a public-key one, whatever the token asks for.
#[test]
fn none_and_symmetric_algorithms_are_refused() {
    let signer = Signer::new();
    let keys = set(&[signer.jwk(Some("k"))]);
    for name in ["none", "None", "NONE", "HS256", "HS512", "ES512", "ES256K", "", "RS1"] {
        let token = signer.token(&json!({ "alg": name, "kid": "k" }).to_string(), "{}");
        assert_eq!(verify(&token, &keys), Err(JwtRefusal::Algorithm(name.to_owned())), "{name}");
    }
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let unsigned = format!("{header}.{}.", URL_SAFE_NO_PAD.encode("{}"));
    assert!(matches!(verify(&unsigned, &keys), Err(JwtRefusal::Algorithm(_))));
    // HS256 with the public key as the secret.
    let message =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","kid":"k"}"#), URL_SAFE_NO_PAD.encode("{}"));
    let public = signer.0.public_key().as_der().expect("a public key");
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, public.as_ref()), message.as_bytes());
    let forged = format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag));
    assert!(matches!(verify(&forged, &keys), Err(JwtRefusal::Algorithm(_))));
    // The right algorithm's name over a key of another kind.
    let token = signer.token(r#"{"alg":"RS256","kid":"k"}"#, "{}");
    assert_eq!(verify(&token, &keys), Err(JwtRefusal::UnknownKey));
}

/// C29, C30, ASVS 9.1.3, 9.2.2.
#[test]
fn odd_tokens_are_refused() {
    let (signer, stranger) = (Signer::new(), Signer::new());
    let keys = set(&[signer.jwk(Some("k"))]);
    let with = |header: &str, claims: &str| verify(&signer.token(header, claims), &keys);
    let good = r#"{"alg":"ES256","kid":"k"}"#;
    assert!(with(good, "{}").is_ok());
    assert_eq!(with(r#"{"alg":"ES256","kid":"k","crit":["exp"],"exp":1}"#, "{}"), Err(JwtRefusal::Critical));
    assert_eq!(with(r#"{"alg":"ES256","kid":"k","crit":[]}"#, "{}"), Err(JwtRefusal::Critical));
    assert_eq!(with(r#"{"alg":"ES256","kid":"x"}"#, "{}"), Err(JwtRefusal::UnknownKey));
    assert!(matches!(with(r#"{"alg":"ES256","kid":7}"#, "{}"), Err(JwtRefusal::Malformed(_))));
    assert!(matches!(with(r#"{"alg":"ES256","alg":"ES256","kid":"k"}"#, "{}"), Err(JwtRefusal::Malformed(_))));
    assert!(matches!(with(good, r#"{"sub":"a","sub":"b"}"#), Err(JwtRefusal::Malformed(_))));
    assert!(matches!(with(good, "[]"), Err(JwtRefusal::Malformed(_) | JwtRefusal::Signature)));
    for kind in ["at+jwt", "logout+jwt", "dpop+jwt"] {
        let header = json!({ "alg": "ES256", "kid": "k", "typ": kind }).to_string();
        assert_eq!(with(&header, "{}"), Err(JwtRefusal::Type(kind.to_owned())));
    }
    let brought = json!({ "alg": "ES256", "jwk": stranger.jwk(None), "jku": "https://evil.test/jwks", "kid": "k" });
    assert_eq!(verify(&stranger.token(&brought.to_string(), "{}"), &keys), Err(JwtRefusal::Signature));
    assert_eq!(verify(&stranger.token(good, "{}"), &keys), Err(JwtRefusal::Signature));
    assert_eq!(with(good, &format!(r#"{{"x":"{}"}}"#, "x".repeat(MAXIMUM_TOKEN))), Err(JwtRefusal::TooLong));
    let token = signer.token(good, "{}");
    for wrong in ["", ".", "..", "a.b", &token[..token.len() - 4], &format!("{token}.x"), &format!(" {token}")] {
        assert!(verify(wrong, &keys).is_err(), "{wrong}");
    }
    let unfit = |change: &str, value: &str| {
        let mut key = signer.jwk(Some("k"));
        key[change] = json!(value);
        verify(&token, &set(&[key]))
    };
    assert_eq!(unfit("use", "enc"), Err(JwtRefusal::UnknownKey));
    assert_eq!(unfit("alg", "ES384"), Err(JwtRefusal::UnknownKey));
    assert_eq!(unfit("crv", "P-384"), Err(JwtRefusal::UnknownKey));
    assert!(KeySet::parse("<html>").is_err() && KeySet::parse("{}").is_err());
}

#[test]
fn what_is_advertised_is_what_is_verified() {
    for name in crate::protocol::signing_algorithm::ACCEPTED {
        assert!(algorithm(name).is_some(), "{name}");
    }
    for name in ["none", "HS256", "ES256K", "ES512", ""] {
        assert!(algorithm(name).is_none(), "{name}");
    }
}
