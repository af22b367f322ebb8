//! Which JWTs are no access tokens here: the corpus of what goes wrong with signed tokens, at every door that takes one.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantor::crypto::jwt_id::JwtId;
use grantor::crypto::own_tokens::Expiry;
use grantor::crypto::token::{PlainToken, TokenKind};
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Value, json};

use super::{part, signed_in, stage};
use crate::support::{Person, RelyingParty, TestApp, on_both};

on_both!(
    no_other_token_passes_for_an_access_token,
    an_access_token_passes_for_no_other_token,
    a_token_that_is_changed_or_made_elsewhere_is_refused,
    a_name_alone_opens_nothing,
    an_expired_token_is_refused_and_is_no_guess,
);

/// A live JWT access token of this client.
async fn live(app: &TestApp) -> (RelyingParty, Person, String) {
    let (web, ada) = stage(app).await;
    app.db_metadata(&web, |metadata| {
        metadata.access_token_signed_response_alg = Some(SigningAlgorithm::Es256);
        metadata.userinfo_signed_response_alg = Some(SigningAlgorithm::Es256);
    })
    .await;
    let answer = signed_in(app, &web, &ada, &[("scope", "openid")]).await;
    (web, ada, answer.text("access_token"))
}

/// Every door, one answer.
async fn is_refused(app: &TestApp, web: &RelyingParty, token: &str, what: &str) {
    let bearer = format!("Bearer {token}");
    let request = app.shared.http.get(app.shared.url("/oauth/userinfo")).header("authorization", &bearer);
    let answer = app.shared.send(request).await;
    assert!(matches!(answer.status, 400 | 401), "{what} at UserInfo: {}", answer.status);
    let request = app.shared.http.post(app.shared.url("/oauth/userinfo")).form(&[("access_token", token)]);
    assert_eq!(app.shared.send(request).await.status, 401, "{what} at UserInfo, in the form");
    assert_eq!(web.introspect(token).await.body, r#"{"active":false}"#, "{what} at introspection");
    assert!(matches!(app.script(token).get("/me").await.status, 400 | 401), "{what} at the API");
    assert_eq!(web.refresh(token).await.error(), "400 invalid_grant", "{what} as a refresh token");
    assert_eq!(web.revoke(token).await.status, 200, "{what} at revocation");
}

/// A43, ASVS 9.2.2.
async fn no_other_token_passes_for_an_access_token(app: &TestApp) {
    let (web, ada, token) = live(app).await;
    let id_token = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("id_token");
    let request = app.shared.http.get(app.shared.url("/oauth/userinfo"));
    let userinfo = app.shared.send(request.header("authorization", format!("Bearer {token}"))).await.body;
    let asked = app.shared.http.post(app.shared.url("/oauth/introspect")).form(&[("token", token.as_str())]);
    let asked = asked.header("accept", "application/token-introspection+jwt");
    let secret = web.client_secret.as_deref().expect("a secret");
    let asked = asked.header("authorization", crate::support::relying_party::basic(&web.client_id, secret));
    let introspection = app.shared.send(asked).await.body;
    for (what, other) in [("an ID token", &id_token), ("UserInfo", &userinfo), ("introspection", &introspection)] {
        assert_eq!(other.split('.').count(), 3, "{what}: {other}");
        is_refused(app, &web, other, what).await;
    }
    // The very claims of a live token, under another type.
    let key = app.app().keys.signing(SigningAlgorithm::Es256).expect("a key");
    let claims = part(&token, 1);
    for typ in ["JWT", "logout+jwt", "token-introspection+jwt", "application/at+jwt", "AT+JWT", ""] {
        is_refused(app, &web, &key.sign(typ, &claims).expect("a token"), typ).await;
    }
    is_refused(app, &web, &key.sign_untyped(&claims).expect("a token"), "no typ").await;
    assert!(web.is_active(&token).await, "the control");
}

/// A43: where the others are read, this one is not.
async fn an_access_token_passes_for_no_other_token(app: &TestApp) {
    let (_, _, token) = live(app).await;
    let keys = &app.app().keys;
    for typ in ["JWT", "logout+jwt", "token-introspection+jwt"] {
        assert!(keys.verify_own(&token, typ, Expiry::Ignored).is_err(), "{typ}");
    }
    assert!(keys.verify_own(&token, "at+jwt", Expiry::Ignored).is_ok(), "the control");
}

fn own_key() -> EcdsaKeyPair {
    let pkcs8 = include_bytes!("../fixtures/signing/demo-ec.der");
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).expect("the demo key")
}

fn signed(key: &EcdsaKeyPair, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = key.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature");
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// C28, C29, C30, C31, ASVS 9.1: all but the row is right in each of them, or only the signature is.
async fn a_token_that_is_changed_or_made_elsewhere_is_refused(app: &TestApp) {
    let (web, _, token) = live(app).await;
    let (own, stranger) = (own_key(), EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"));
    let (header, claims) = (part(&token, 0), part(&token, 1));
    let with = |of: &Value, name: &str, value: Value| {
        let mut changed = of.clone();
        match value {
            Value::Null => _ = changed.as_object_mut().expect("an object").remove(name),
            value => changed[name] = value,
        }
        changed.to_string()
    };
    let (plain_header, plain_claims) = (header.to_string(), claims.to_string());
    let by_header = |name: &str, value: Value| signed(&own, &with(&header, name, value), &plain_claims);
    let by_claim = |name: &str, value: Value| signed(&own, &plain_header, &with(&claims, name, value));
    assert!(web.is_active(&signed(&own, &plain_header, &plain_claims)).await, "the control: the same by hand");

    let public = own.public_key().as_der().expect("a public key");
    let message =
        |header: &str| format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(&plain_claims));
    let symmetric = message(&with(&header, "alg", json!("HS256")));
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, public.as_ref()), symmetric.as_bytes());
    let parts: Vec<&str> = token.split('.').collect();
    let (name, claims_of_another) =
        (claims["jti"].as_str().expect("a name").to_owned(), with(&claims, "sub", json!("x")));
    let doubled = plain_claims.replacen('{', "{\"sub\":\"somebody else\",", 1);
    let forged = JwtId::new(JwtId::parse(&name).unwrap_or_else(|_| unreachable!("it was just read")).id, &[7; 32])
        .as_str()
        .to_owned();
    let of_nobody = JwtId::new(77, &[7; 32]).as_str().to_owned();
    let huge = with(&claims, "x", json!("x".repeat(8000)));
    for (what, wrong) in [
        ("a stranger's key under our kid", signed(&stranger, &plain_header, &plain_claims)),
        ("another kid", by_header("kid", json!("never published"))),
        ("another algorithm's kid", by_header("kid", json!("demo-RS256"))),
        ("alg none", by_header("alg", json!("none"))),
        ("alg none, unsigned", format!("{}.", message(&with(&header, "alg", json!("none"))))),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("the public key as a secret", format!("{symmetric}.{}", URL_SAFE_NO_PAD.encode(mac.as_ref()))),
        ("RS256 over an EC signature", by_header("alg", json!("RS256"))),
        ("crit", by_header("crit", json!(["b64"]))),
        ("no typ", by_header("typ", Value::Null)),
        ("typ of another kind", by_header("typ", json!("JWT"))),
        ("typ that is no text", by_header("typ", json!(["at+jwt"]))),
        ("another's claims under this signature", {
            format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims_of_another), parts[2])
        }),
        ("a doubled claim", signed(&own, &plain_header, &doubled)),
        ("another issuer", by_claim("iss", json!("https://evil.example"))),
        ("the issuer with a slash", by_claim("iss", json!(format!("{}/", app.shared.issuer)))),
        ("issuers in a list", by_claim("iss", json!([app.shared.issuer]))),
        ("no issuer", by_claim("iss", Value::Null)),
        ("no audience", by_claim("aud", Value::Null)),
        ("an empty audience", by_claim("aud", json!([]))),
        ("an audience of numbers", by_claim("aud", json!([1]))),
        ("no end", by_claim("exp", Value::Null)),
        ("an end that is text", by_claim("exp", json!("9999999999"))),
        ("an end in the past", by_claim("exp", json!(app.now()))),
        ("no name", by_claim("jti", Value::Null)),
        ("a name that is none", by_claim("jti", json!("1"))),
        ("a name of this row made up", by_claim("jti", json!(forged))),
        ("a name of no row", by_claim("jti", json!(of_nobody))),
        ("cut short", token[..token.len() - 1].to_owned()),
        ("one part more", format!("{token}.e30")),
        ("too long", signed(&own, &plain_header, &huge)),
    ] {
        is_refused(app, &web, &wrong, what).await;
    }
    assert!(web.is_active(&token).await, "and the right one was not hurt");
}

/// Resource servers read `jti` and write it into their logs.
async fn a_name_alone_opens_nothing(app: &TestApp) {
    let (web, _, token) = live(app).await;
    let name = part(&token, 1)["jti"].as_str().expect("a name").to_owned();
    let read = JwtId::parse(&name).unwrap_or_else(|_| unreachable!("it was just read"));
    let opaque = PlainToken::new(TokenKind::AccessToken, read.id, read.secret.expose());
    for text in [name.as_str(), opaque.expose()] {
        is_refused(app, &web, text, "a name").await;
    }
    assert!(web.is_active(&token).await);
}

/// ASVS 9.2.1; and whoever comes too late is no guesser.
async fn an_expired_token_is_refused_and_is_no_guess(app: &TestApp) {
    let (web, ada, token) = live(app).await;
    app.wait(3600);
    for _ in 0..40 {
        assert_eq!(app.script(&token).get("/me").await.status, 401);
    }
    is_refused(app, &web, &token, "expired").await;
    let fresh = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("access_token");
    assert_eq!(app.script(&fresh).get("/me").await.status, 200);
}
