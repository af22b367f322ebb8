//! Request objects of people who mean harm (RFC 9101 section 10, RFC 8725).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::request_signer::{Place, key, link, object, registers_keys, said, strangers_key};
use super::{refusal, relying_party, stage};
use crate::support::{RelyingParty, TestApp, on_both};

on_both!(
    what_another_client_signed_is_not_this_clients,
    a_signature_is_the_right_one_or_none,
    an_object_says_that_it_is_one_for_this_server_and_now,
    an_object_that_is_not_believed_redirects_nowhere,
    one_carrier_once,
    nobody_is_called_that_the_client_did_not_register,
    what_is_fetched_is_short_and_there,
    this_machine_is_called_in_development_only,
);

async fn signer(app: &TestApp) -> (RelyingParty, crate::support::Browser) {
    let (web, ada) = stage(app).await;
    registers_keys(app, &web).await;
    (web, app.db_signed_in(&ada).await)
}

async fn refused(browser: &crate::support::Browser, web: &RelyingParty, object: &str) -> String {
    refusal(&browser.get(&web.authorize_url(&[("scope", "openid"), ("request", object)])).await, web)
}

/// C28: the client named in the address is the one whose keys count.
async fn what_another_client_signed_is_not_this_clients(app: &TestApp) {
    let (web, browser) = signer(app).await;
    let other = app.db_client(relying_party()).await;
    let theirs = key(SigningAlgorithm::EdDsa);
    app.db_metadata(&other, |metadata| metadata.jwks = Some(json!({ "keys": [theirs.public_jwk()] }))).await;
    let es256 = object(app, &web, &json!({}));
    let page = browser.get(&other.authorize_url(&[("scope", "openid"), ("request", &es256)])).await;
    assert_eq!(refusal(&page, &other), "invalid_request_object", "a key the other does not have");
    let shared = theirs.sign("JWT", &said(app, &web, &json!({}))).expect("a token");
    let page = browser.get(&other.authorize_url(&[("scope", "openid"), ("request", &shared)])).await;
    assert_eq!(refusal(&page, &other), "invalid_request_object", "a key of both, said by the first");
    let own = app.app().keys.signing(SigningAlgorithm::Es256).expect("a key");
    let ours = own.sign("JWT", &said(app, &web, &json!({}))).expect("a token");
    assert_eq!(refused(&browser, &web, &ours).await, "invalid_request_object", "a key of the server");
}

fn forged(header: &Value, claims: &str, signature: &str) -> String {
    format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims))
}

/// C28, C29, C30: algorithms, `crit`, sizes, doubled members, five parts.
async fn a_signature_is_the_right_one_or_none(app: &TestApp) {
    let (web, browser) = signer(app).await;
    let claims = Value::Object(said(app, &web, &json!({}))).to_string();
    let good = object(app, &web, &json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let public = key(SigningAlgorithm::Rs256).public_jwk().to_string();
    let mac = ring_hmac(public.as_bytes(), &json!({ "alg": "HS256", "kid": "client-RS256" }), &claims);
    let with_crit = json!({ "alg": "ES256", "kid": "client-ES256", "crit": ["x"], "x": 1 });
    let doubled = format!("{},\"scope\":\"openid email\"}}", claims.trim_end_matches('}'));
    for (what, object) in [
        ("of a stranger", strangers_key().sign("JWT", &said(app, &web, &json!({}))).expect("a token")),
        ("HS256 with the public key", mac),
        ("none", forged(&json!({ "alg": "none" }), &claims, "")),
        ("None", forged(&json!({ "alg": "None" }), &claims, parts[2])),
        ("no alg", forged(&json!({ "kid": "client-ES256" }), &claims, parts[2])),
        ("crit", forged(&with_crit, &claims, parts[2])),
        ("another header", forged(&json!({ "alg": "ES256", "kid": "client-ES256" }), &claims, parts[2])),
        ("other claims", format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(&doubled), parts[2])),
        (
            "doubled members",
            key(SigningAlgorithm::Es256).sign("JWT", &Doubled(said(app, &web, &json!({})))).expect("one"),
        ),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("encrypted", format!("{}.{}.{}.AAAA.AAAA", parts[0], parts[1], parts[2])),
        ("too long", object_with(app, &web, "x".repeat(9000))),
        ("another kind", key(SigningAlgorithm::Es256).sign("at+jwt", &said(app, &web, &json!({}))).expect("a token")),
        ("nonsense", "nonsense".to_owned()),
    ] {
        assert_eq!(refused(&browser, &web, &object).await, "invalid_request_object", "{what}");
    }
    assert!(browser.get(&web.authorize_url(&[("request", &good)])).await.has("#consent-allow"), "the good one");
}

/// A scope beside another one: two readers could take different ones.
struct Doubled(Map<String, Value>);

impl Serialize for Doubled {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("scope", "openid email")?;
        map.end()
    }
}

fn object_with(app: &TestApp, web: &RelyingParty, padding: String) -> String {
    object(app, web, &json!({ "padding": padding }))
}

fn ring_hmac(key: &[u8], header: &Value, claims: &str) -> String {
    let text = forged(header, claims, "");
    let signed = text.trim_end_matches('.');
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, signed.as_bytes())))
}

/// RFC 9101 sections 4, 6.3 and 10.8, C35.
async fn an_object_says_that_it_is_one_for_this_server_and_now(app: &TestApp) {
    let (web, browser) = signer(app).await;
    let now = app.now();
    for changes in [
        json!({ "client_id": null }),
        json!({ "client_id": "another" }),
        json!({ "client_id": [web.client_id] }),
        json!({ "iss": "another" }),
        json!({ "aud": "https://other.test" }),
        json!({ "aud": format!("{}/", app.shared.issuer) }),
        json!({ "aud": [app.shared.issuer, 7] }),
        json!({ "exp": now }),
        json!({ "exp": "soon" }),
        json!({ "nbf": now + 61 }),
        json!({ "iat": now + 61 }),
        json!({ "sub": web.client_id }),
        json!({ "request": "x" }),
        json!({ "request_uri": "https://client.example/x" }),
        json!({ "scope": ["openid"] }),
        json!({ "state": "a\u{0}b" }),
        json!({ "max_age": [1] }),
    ] {
        assert_eq!(refused(&browser, &web, &object(app, &web, &changes)).await, "invalid_request_object", "{changes}");
    }
    for changes in [
        json!({ "iss": null, "aud": null, "exp": null, "iat": null }),
        json!({ "aud": ["https://other.test", app.shared.issuer], "nbf": now, "jti": "j", "authorization_details": [] }),
        json!({ "nbf": now + 60, "sub": "somebody" }),
    ] {
        let page = browser.get(&web.authorize_url(&[("request", &object(app, &web, &changes))])).await;
        assert!(page.has("#consent-allow"), "{changes}: {}", page.body);
    }
    for (changes, code) in [
        (json!({ "registration": {} }), "registration_not_supported"),
        (json!({ "max_age": -1 }), "invalid_request"),
        (json!({ "max_age": 1.5 }), "invalid_request"),
        (json!({ "claims": 7 }), "invalid_request_object"),
        (json!({ "response_type": "code token" }), "unsupported_response_type"),
        (json!({ "scope": "openid admin:all" }), "invalid_scope"),
    ] {
        let page = browser.get(&link(&web, &[("request", &object(app, &web, &changes))])).await;
        // What is not believed proves no address: there is none beside it, and the client has but one.
        assert_eq!(refusal(&page, &web), code, "{changes}");
    }
}

/// An address inside that nobody registered, or inside an object of nobody, is not gone to.
async fn an_object_that_is_not_believed_redirects_nowhere(app: &TestApp) {
    let (web, browser) = signer(app).await;
    let evil = json!({ "redirect_uri": "https://evil.test/cb" });
    let page = browser.get(&link(&web, &[("request", &object(app, &web, &evil))])).await;
    assert_eq!((page.status, page.header("location")), (400, None), "not registered");
    let stranger = strangers_key().sign("JWT", &said(app, &web, &evil)).expect("a token");
    let page = browser.get(&link(&web, &[("request", &stranger), ("redirect_uri", "https://evil.test/cb")])).await;
    assert_eq!((page.status, page.header("location")), (400, None), "neither beside it");
    let page = browser.get(&web.authorize_url(&[("request", &stranger), ("state", "beside")])).await;
    let location = page.location().to_owned();
    assert!(location.starts_with(&web.redirect_uri) && location.contains("state=beside"), "{location}");
}

async fn one_carrier_once(app: &TestApp) {
    let (web, browser) = signer(app).await;
    let good = object(app, &web, &json!({}));
    let both = [("request", good.as_str()), ("request_uri", "https://client.example/x")];
    assert_eq!(refusal(&browser.get(&web.authorize_url(&both)).await, &web), "invalid_request");
    let twice = format!("{}&request={good}", web.authorize_url(&[("request", &good)]));
    assert_eq!(refusal(&browser.get(&twice).await, &web), "invalid_request");
}

/// A16, A60: only registered addresses, compared letter by letter but for the fragment.
async fn nobody_is_called_that_the_client_did_not_register(app: &TestApp) {
    let (web, browser) = signer(app).await;
    app.as_dev().await;
    let place = Place::open();
    place.gives("200 OK", object(app, &web, &json!({})));
    let asked = |uri: &str| web.authorize_url(&[("scope", "openid"), ("request_uri", uri)]);
    assert_eq!(refusal(&browser.get(&asked(&place.url)).await, &web), "invalid_request_uri");
    app.db_metadata(&web, |metadata| metadata.request_uris = vec![place.url.clone()]).await;
    let upper = place.url.replace("http", "HTTP");
    for uri in [
        &format!("{}?x", place.url),
        &format!("{}/", place.url),
        &upper,
        &place.url.replace("127.0.0.1", "localhost"),
        &place.url.replace("127.0.0.1", "u@127.0.0.1"),
        "urn:ietf:params:oauth:request_uri:x",
        "file:///etc/passwd",
        &format!("{}#{}", place.url, "x".repeat(600)),
    ] {
        assert_eq!(refusal(&browser.get(&asked(uri)).await, &web), "invalid_request_uri", "{uri}");
    }
    assert_eq!(place.visits(), 0);
    assert!(browser.get(&link(&web, &[("request_uri", &place.url)])).await.has("#consent-allow"));
    assert_eq!(place.visits(), 1);
}

/// A60: no redirect is followed, ten megabytes are not read, and what is no object is none.
async fn what_is_fetched_is_short_and_there(app: &TestApp) {
    let (web, browser) = signer(app).await;
    app.as_dev().await;
    let place = Place::open();
    app.db_metadata(&web, |metadata| {
        metadata.request_uris = vec![place.url.clone(), "http://127.0.0.1:1/nobody".to_owned()];
    })
    .await;
    let good = object(app, &web, &json!({}));
    for (status, body, code) in [
        ("302 X", good.clone().into_bytes(), "invalid_request_uri"),
        ("404 X", good.clone().into_bytes(), "invalid_request_uri"),
        ("500 X", good.clone().into_bytes(), "invalid_request_uri"),
        ("200 OK", vec![b'x'; 10_000_000], "invalid_request_uri"),
        ("200 OK", vec![b'x'; 60_000], "invalid_request_object"),
        ("200 OK", b"<html>".to_vec(), "invalid_request_object"),
        ("200 OK", vec![0xff; 100], "invalid_request_object"),
        ("200 OK", Vec::new(), "invalid_request_object"),
    ] {
        place.gives(status, body);
        // A failure is remembered for a minute.
        app.wait(61);
        let url = web.authorize_url(&[("scope", "openid"), ("request_uri", &place.url)]);
        assert_eq!(refusal(&browser.get(&url).await, &web), code, "{status}");
    }
    let nobody = web.authorize_url(&[("scope", "openid"), ("request_uri", "http://127.0.0.1:1/nobody")]);
    assert_eq!(refusal(&browser.get(&nobody).await, &web), "invalid_request_uri");
}

/// A60: registered or not.
async fn this_machine_is_called_in_development_only(app: &TestApp) {
    let (web, browser) = signer(app).await;
    let place = Place::open();
    place.gives("200 OK", object(app, &web, &json!({})));
    let port = place.url.rsplit(':').next().expect("a port").to_owned();
    let inside = ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]", "10.0.0.1"];
    let mut uris: Vec<String> = inside.iter().map(|host| format!("https://{host}:{port}")).collect();
    uris.push(place.url.clone());
    app.db_metadata(&web, |metadata| metadata.request_uris.clone_from(&uris)).await;
    for uri in &uris {
        let url = web.authorize_url(&[("scope", "openid"), ("request_uri", uri)]);
        assert_eq!(refusal(&browser.get(&url).await, &web), "invalid_request_uri", "{uri}");
    }
    assert_eq!(place.visits(), 0);
}
