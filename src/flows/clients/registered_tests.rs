use serde_json::json;

use super::*;

const EC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

fn members(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn found(value: Value, method: Method) -> Vec<&'static str> {
    let read = read(members(value)).unwrap();
    problems(&read, method, &["https://c.test/cb".to_owned()]).into_iter().map(|problem| problem.field).collect()
}

#[test]
fn every_wrong_member_is_told_at_once() {
    let wrong = json!({
        "id_token_signed_response_alg": "HS256", "userinfo_signed_response_alg": "none", "default_max_age": -1,
        "subject_type": "anonymous", "jwks_url": "https://c.test/", "contacts": "me", "jwks_uri": null,
    });
    let mut fields: Vec<_> = read(members(wrong)).unwrap_err().into_iter().map(|problem| problem.field).collect();
    fields.sort_unstable();
    let expected = [
        "contacts",
        "default_max_age",
        "id_token_signed_response_alg",
        "openid",
        "subject_type",
        "userinfo_signed_response_alg",
    ];
    assert_eq!(fields, expected);
    let unknown = read(members(json!({ "jwks_url": "x" }))).unwrap_err();
    assert!(unknown[0].message.contains("jwks_url") && unknown[0].message.contains("jwks_uri"), "{}", unknown[0]);
}

#[test]
fn null_takes_a_member_away_and_the_rest_stays() {
    let now = read(members(json!({ "jwks_uri": "https://c.test/jwks", "contacts": ["a@c.test"] }))).unwrap();
    let then = merged(&now, members(json!({ "contacts": null, "default_max_age": 60 }))).unwrap();
    assert_eq!(then.members(), members(json!({ "jwks_uri": "https://c.test/jwks", "default_max_age": 60 })));
    let mut names = changed(&now, &then);
    names.sort_unstable();
    assert_eq!(names, ["contacts", "default_max_age"]);
}

/// A03, A60.
#[test]
fn addresses_are_https_and_of_the_clients_own() {
    let basic = Method::ClientSecretBasic;
    for member in ["jwks_uri", "sector_identifier_uri", "backchannel_logout_uri", "initiate_login_uri"] {
        for bad in ["http://c.test/x", "https://c.test/x#f", "javascript:x()", "https://u@c.test/", "x", "com.c.app:/x"]
        {
            assert_eq!(found(json!({ member: bad }), basic), [member], "{member} {bad}");
        }
        assert_eq!(found(json!({ member: "https://c.test/x?y=1" }), basic), Vec::<&str>::new(), "{member}");
    }
    assert_eq!(found(json!({ "initiate_login_uri": "http://localhost/x" }), basic), ["initiate_login_uri"]);
    assert_eq!(found(json!({ "jwks_uri": "http://localhost:1/x" }), basic), Vec::<&str>::new());
    assert_eq!(found(json!({ "request_uris": ["https://c.test/r#hash", "http://c.test/"] }), basic), ["request_uris"]);
    let logout = json!({ "post_logout_redirect_uris": ["https://c.test/bye", "com.c.app:/bye", "data:x"] });
    assert_eq!(found(logout, basic), ["post_logout_redirect_uris"]);
    for elsewhere in ["https://other.test/f", "https://c.test:8443/f", "http://localhost/f"] {
        assert_eq!(found(json!({ "frontchannel_logout_uri": elsewhere }), basic), ["frontchannel_logout_uri"]);
    }
    assert_eq!(found(json!({ "frontchannel_logout_uri": "https://C.test:443/f" }), basic), Vec::<&str>::new());
    assert_eq!(
        found(json!({ "frontchannel_logout_session_required": true }), basic),
        ["frontchannel_logout_session_required"]
    );
}

#[test]
fn keys_are_public_and_stand_in_one_place() {
    let public: Value = serde_json::from_str(EC).unwrap();
    let with = |member: &str, value: &str| {
        let mut key = public.clone();
        key[member] = json!(value);
        json!({ "jwks": { "keys": [public.clone(), key] } })
    };
    let basic = Method::ClientSecretBasic;
    assert_eq!(found(json!({ "jwks": { "keys": [public.clone()] } }), basic), Vec::<&str>::new());
    for private in PRIVATE {
        assert_eq!(found(with(private, "AQAB"), basic), ["jwks"], "{private}");
    }
    assert_eq!(found(with("kty", "oct"), basic), ["jwks"]);
    let told = wrong_with_key_set(&with("d", "AQAB")["jwks"]).unwrap();
    assert!(told.contains("you sent a private key") && !told.contains("AQAB"));
    for no_set in [json!({}), json!({ "keys": [] }), json!({ "keys": ["x"] }), json!([]), json!("x")] {
        assert_eq!(found(json!({ "jwks": no_set }), basic), ["jwks"]);
    }
    let long = json!({ "keys": vec![public.clone(); 200] });
    assert_eq!(found(json!({ "jwks": long }), basic), ["jwks"]);
    let both = json!({ "jwks": { "keys": [public] }, "jwks_uri": "https://c.test/jwks" });
    assert_eq!(found(both, basic), ["jwks"]);
    assert_eq!(found(json!({}), Method::PrivateKeyJwt), ["jwks_uri"]);
    assert_eq!(found(json!({ "require_signed_request_object": true }), basic), ["require_signed_request_object"]);
}

/// A38: what signs an assertion is a known algorithm of the method's own kind.
#[test]
fn algorithms_fit_the_method() {
    let keys = json!("https://c.test/jwks");
    for (method, name, fits) in [
        (Method::PrivateKeyJwt, "ES256", true),
        (Method::PrivateKeyJwt, "PS512", true),
        (Method::PrivateKeyJwt, "HS256", false),
        (Method::PrivateKeyJwt, "none", false),
        (Method::ClientSecretJwt, "HS256", true),
        (Method::ClientSecretJwt, "RS256", false),
        (Method::ClientSecretBasic, "RS256", true),
        (Method::ClientSecretBasic, "HS1", false),
    ] {
        let found = found(json!({ "token_endpoint_auth_signing_alg": name, "jwks_uri": keys }), method);
        assert_eq!(found.is_empty(), fits, "{method:?} {name}");
    }
    for name in ["none", "HS256", "rs256"] {
        let found = found(json!({ "request_object_signing_alg": name }), Method::None);
        assert_eq!(found, ["request_object_signing_alg"], "{name}");
    }
}

/// RFC 7518 section 3.3; RFC 7517 section 4.5.
#[test]
fn keys_are_long_enough_and_each_has_its_name() {
    let rsa = |bytes: &[u8], kid: &str| {
        let modulus = URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "RSA", "kid": kid, "n": modulus, "e": "AQAB" })
    };
    let long = [0xc1_u8; 256];
    let wrong = |keys: Value| wrong_with_key_set(&json!({ "keys": keys }));
    assert_eq!(wrong(json!([rsa(&long, "a"), rsa(&long, "b")])), None);
    let blank: Vec<u8> = [vec![0], long.to_vec()].concat();
    assert_eq!(wrong(json!([rsa(&blank, "a")])), None, "a leading zero is none of its bits");
    let mut short = long;
    short[0] = 0x41;
    for few in [&short[..], &long[1..], &[0; 300], &[]] {
        assert!(wrong(json!([rsa(few, "a")])).is_some_and(|text| text.contains("2048")), "{} bytes", few.len());
    }
    assert!(wrong(json!([rsa(&long, "a"), rsa(&long, "a")])).is_some_and(|text| text.contains("kid")));
    let ec: Value = serde_json::from_str(EC).unwrap();
    assert_eq!(wrong(json!([ec.clone(), ec])), None, "without names whoever verifies tries what fits");
}
