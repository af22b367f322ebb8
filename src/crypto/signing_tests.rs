//! What is signed here verifies there, and is what the specifications print.

use std::collections::BTreeSet;

use super::*;
use crate::crypto::jwt::{self, JwtRefusal, KeySet};

const DEMO_RSA: &[u8] = include_bytes!("../../tests/it/fixtures/signing/demo-rsa.der");
const DEMO_EC: &[u8] = include_bytes!("../../tests/it/fixtures/signing/demo-ec.der");
const DEMO_ED25519: &[u8] = include_bytes!("../../tests/it/fixtures/signing/demo-ed25519.der");

fn demo(algorithm: SigningAlgorithm) -> SigningKey {
    let bytes = match algorithm {
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => DEMO_RSA,
        SigningAlgorithm::Es256 => DEMO_EC,
        SigningAlgorithm::EdDsa => DEMO_ED25519,
    };
    SigningKey::open(&format!("demo-{}", algorithm.as_str()), algorithm, bytes).expect("a key")
}

fn set(keys: &[&SigningKey]) -> KeySet {
    let keys: Vec<Value> = keys.iter().map(|key| key.public_jwk()).collect();
    KeySet::parse(&json!({ "keys": keys }).to_string()).expect("a key set")
}

fn members(key: &SigningKey) -> BTreeSet<String> {
    key.public_jwk().as_object().expect("an object").keys().cloned().collect()
}

/// The relying party of this very server (`jwt`) believes each algorithm, by the key set alone.
#[test]
fn a_relying_party_verifies_every_algorithm_by_the_published_set() {
    let keys = SigningAlgorithm::ALL.map(demo);
    let all = set(&keys.each_ref());
    for key in &keys {
        let token = key.sign("JWT", &json!({ "sub": "s" })).expect("a token");
        assert_eq!(jwt::verify(&token, &all).expect("claims")["sub"], "s", "{key:?}");
        let (message, signature) = token.rsplit_once('.').expect("a signature");
        let end = if signature.ends_with('A') { "BB" } else { "AA" };
        let changed = format!("{message}.{}{end}", &signature[..signature.len() - 2]);
        assert_eq!(jwt::verify(&changed, &all), Err(JwtRefusal::Signature), "{key:?}");
    }
}

/// RS256 and PS256 over the very same key: `alg` of the published key is what counts (RFC 8725 section 3.1).
#[test]
fn a_key_is_for_its_own_algorithm_only() {
    let (rs, ps) = (demo(SigningAlgorithm::Rs256), demo(SigningAlgorithm::Ps256));
    let renamed = SigningKey::open(rs.kid(), SigningAlgorithm::Ps256, DEMO_RSA).expect("a key");
    let token = renamed.sign("JWT", &json!({})).expect("a token");
    assert_eq!(jwt::verify(&token, &set(&[&rs, &ps])), Err(JwtRefusal::UnknownKey));
}

#[test]
fn the_header_names_algorithm_key_and_kind_and_nothing_else() {
    let token = demo(SigningAlgorithm::EdDsa).sign("at+jwt", &json!({})).expect("a token");
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a header")).expect("base64url");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    assert_eq!(header, json!({ "alg": "EdDSA", "kid": "demo-EdDSA", "typ": "at+jwt" }));
}

/// RFC 7518 sections 6.2.1 and 6.3.1, RFC 8037 section 2: public members, and no private one.
#[test]
fn the_published_key_has_its_public_members_only() {
    for algorithm in SigningAlgorithm::ALL {
        let key = demo(algorithm);
        let own: &[&str] = match algorithm {
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => &["n", "e"],
            SigningAlgorithm::Es256 => &["crv", "x", "y"],
            SigningAlgorithm::EdDsa => &["crv", "x"],
        };
        let told = ["kty", "use", "alg", "kid"].iter().chain(own).map(|&name| name.to_owned()).collect();
        assert_eq!(members(&key), told, "{key:?}");
        let jwk = key.public_jwk();
        assert_eq!((&jwk["use"], &jwk["alg"]), (&json!("sig"), &json!(algorithm.as_str())));
    }
    let rsa = demo(SigningAlgorithm::Rs256).public_jwk();
    assert_eq!((rsa["e"].as_str(), rsa["n"].as_str().map(str::len)), (Some("AQAB"), Some(342)), "2048 bits, no sign");
}

/// RFC 8037 appendix A.1, A.2 and A.4: Ed25519 signs the same text alike.
#[test]
fn eddsa_is_the_one_of_rfc_8037() {
    let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").expect("base64url");
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let key = SigningKey::open("k", SigningAlgorithm::EdDsa, &[&head[..], &seed].concat()).expect("a key");
    assert_eq!(key.public_jwk()["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    assert_eq!(
        URL_SAFE_NO_PAD.encode(key.signature(message).expect("a signature")),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
}

/// The examples of OpenID Connect Core appendix A.3 and A.4, which are RS256.
#[test]
fn half_hashes_are_those_of_openid_connect_core() {
    for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256, SigningAlgorithm::Ps256] {
        let at_hash = half_hash(algorithm, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(at_hash, "77QmUPtjPfzWtF2AnpK9RQ");
        let c_hash = half_hash(algorithm, "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk");
        assert_eq!(c_hash, "LDktKdoQak3Pk0cnXxCltA");
    }
    // The left half of SHA-512("abc") of FIPS 180.
    let half = URL_SAFE_NO_PAD.decode(half_hash(SigningAlgorithm::EdDsa, "abc")).expect("base64url");
    let hex: String = half.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a");
}

#[test]
fn a_key_comes_back_from_its_bytes_and_from_no_others() {
    for algorithm in SigningAlgorithm::ALL {
        let key = match algorithm {
            // One new RSA key is enough to wait for.
            SigningAlgorithm::Ps256 => demo(algorithm),
            other => SigningKey::generate(other, 2048).expect("a key"),
        };
        let again = SigningKey::open(key.kid(), algorithm, key.pkcs8()).expect("the same key");
        assert_eq!(again.public_jwk(), key.public_jwk());
        for other in SigningAlgorithm::ALL.into_iter().filter(|other| demo(*other).public["kty"] != key.public["kty"]) {
            assert_eq!(
                SigningKey::open("k", other, key.pkcs8()).err(),
                Some(NotASigningKey),
                "{algorithm:?} {other:?}"
            );
        }
        for cut in [0, 10, 26, key.pkcs8().len() - 1] {
            assert!(SigningKey::open("k", algorithm, &key.pkcs8()[..cut]).is_err(), "{algorithm:?} {cut}");
        }
    }
    assert!(SigningKey::generate(SigningAlgorithm::Rs256, 1024).is_err(), "too short");
}

#[test]
fn names_of_keys_are_random_and_debug_tells_no_more() {
    let [one, two] = [0; 2].map(|_| SigningKey::generate(SigningAlgorithm::EdDsa, 2048).expect("a key"));
    assert_ne!(one.kid(), two.kid());
    assert_eq!(format!("{one:?}"), format!("SigningKey {{ kid: {:?}, algorithm: EdDsa, .. }}", one.kid()));
}

#[test]
fn only_objects_are_signed() {
    let key = demo(SigningAlgorithm::EdDsa);
    for odd in [json!([]), json!("text"), json!(null)] {
        assert!(key.sign("JWT", &odd).is_err(), "{odd}");
    }
}
