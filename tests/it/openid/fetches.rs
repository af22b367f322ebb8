//! What the server fetches because clients name it, and how rarely, whoever asks for whatever (A60, C30).

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use grantor::crypto::signing::SigningKey;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Value, json};

use super::assertions::{by, claims, spec, tried};
use super::request_signer::{Place, key, link, object, registers_keys};
use super::{refusal, stage};
use crate::support::signing_keys::demo;
use crate::support::site::Site;
use crate::support::{RelyingParty, TestApp, on_both, until};

on_both!(
    keys_that_cannot_be_had_are_asked_for_once_a_minute,
    a_site_that_never_ends_its_answer_is_left_and_holds_up_nobody,
    nonsense_makes_no_visit,
    a_disabled_client_makes_no_visit,
    whoever_is_wrong_too_often_makes_no_visit,
    parallel_assertions_make_one_visit,
    a_key_without_a_name_changes_too,
    a_flood_of_requests_by_reference_is_bounded,
    the_networks_of_providers_are_not_open_to_clients,
);

const ES256: SigningAlgorithm = SigningAlgorithm::Es256;

/// A client that publishes its keys at a URL.
async fn publisher(app: &TestApp, url: &str) -> RelyingParty {
    app.as_dev().await;
    let mut registered = spec("private_key_jwt");
    (registered.openid.jwks, registered.openid.jwks_uri) = (None, Some(url.to_owned()));
    app.db_client(registered).await
}

fn keys() -> Value {
    json!({ "keys": [demo("ES256", ES256).public_jwk()] })
}

fn good(app: &TestApp, party: &RelyingParty) -> String {
    by(ES256, &claims(&party.client_id, &party.shared, app.now()))
}

/// A good request by value at the authorization endpoint, signed by a key that is looked for.
async fn asked(app: &TestApp, party: &RelyingParty) -> u16 {
    app.browser().get(&party.authorize_url(&[("request", &object(app, party, &json!({})))])).await.status
}

/// C30: of all who come with a junk assertion, and of all links with a signed request, the first of each minute.
async fn keys_that_cannot_be_had_are_asked_for_once_a_minute(app: &TestApp) {
    let site = Site::start();
    let party = publisher(app, &site.answers("/jwks", 500, "")).await;
    for _ in 0..20 {
        assert!(tried(&party, good(app, &party)).await.error().ends_with(" invalid_client"), "401, then 429");
    }
    for _ in 0..5 {
        asked(app, &party).await;
    }
    assert_eq!(site.visits("/jwks"), 1);
    app.wait(60);
    site.gives("/jwks", &keys());
    assert_eq!(tried(&party, good(app, &party)).await.status, 200, "mended");
    assert_eq!(site.visits("/jwks"), 2);
}

/// C31: a thousand seconds' worth of keys, a tenth of a second a byte.
async fn a_site_that_never_ends_its_answer_is_left_and_holds_up_nobody(app: &TestApp) {
    let site = Site::start();
    let slow = publisher(app, &site.drips("/slow")).await;
    let quick = publisher(app, &site.gives("/jwks", &keys())).await;
    let waiting = tried(&slow, good(app, &slow));
    tokio::pin!(waiting);
    let meanwhile = async {
        until(|| site.visits("/slow") > 0).await;
        tried(&quick, good(app, &quick)).await
    };
    tokio::select! {
        answer = meanwhile => assert_eq!(answer.status, 200),
        _ = &mut waiting => panic!("it came first"),
    }
    let answer = tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("it is left");
    assert!(answer.error().ends_with(" invalid_client"), "{}", answer.body);
    assert!(tried(&slow, good(app, &slow)).await.error().ends_with(" invalid_client"));
    assert_eq!(site.visits("/slow"), 1, "and left alone for a minute");
}

/// Size, form, `alg`, `typ`, `kid` and what an assertion says are judged before anybody is called.
async fn nonsense_makes_no_visit(app: &TestApp) {
    let site = Site::start();
    let party = publisher(app, &site.gives("/jwks", &keys())).await;
    let changed = |name: &str, value: Value| {
        let mut claims = claims(&party.client_id, &party.shared, app.now());
        claims[name] = value;
        by(ES256, &claims)
    };
    let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let headed =
        |header: Value| format!("{}.{}.AAAA", text(&header), text(&claims(&party.client_id, &party.shared, app.now())));
    let assertions = [
        changed("aud", json!("https://other.test")),
        changed("iss", json!("somebody")),
        changed("exp", json!(app.now())),
        changed("exp", json!(app.now() + 3600)),
        changed("jti", Value::Null),
        changed("x", json!("x".repeat(8 * 1024))),
        headed(json!({ "alg": "none" })),
        headed(json!({ "alg": "HS256" })),
        headed(json!({ "alg": "ES256", "typ": "at+jwt" })),
        headed(json!({ "alg": "ES256", "crit": ["x"] })),
        headed(json!({ "alg": "ES256", "kid": 7 })),
        "x.y.z".to_owned(),
    ];
    for assertion in &assertions {
        assert_eq!(tried(&party, assertion.clone()).await.error(), "401 invalid_client", "{assertion}");
    }
    app.db_metadata(&party, |metadata| metadata.request_object_signing_alg = Some("ES256".to_owned())).await;
    let by_another = key(SigningAlgorithm::EdDsa).sign("JWT", &json!({})).expect("a token");
    for request in assertions[6..].iter().chain([&by_another, &"x".to_owned()]) {
        let page = app.browser().get(&party.authorize_url(&[("request", request)])).await;
        assert_eq!(refusal(&page, &party), "invalid_request_object", "{request}");
    }
    assert_eq!(site.visits("/jwks"), 0);
}

async fn a_disabled_client_makes_no_visit(app: &TestApp) {
    let site = Site::start();
    let party = publisher(app, &site.gives("/jwks", &keys())).await;
    app.db_disable_client(&party).await;
    for _ in 0..3 {
        assert_eq!(tried(&party, good(app, &party)).await.error(), "401 invalid_client");
        assert_eq!(asked(app, &party).await, 400);
    }
    assert_eq!(site.visits("/jwks"), 0);
    app.db_enable_client(&party).await;
    assert_eq!((tried(&party, good(app, &party)).await.status, site.visits("/jwks")), (200, 1));
}

/// A35: nobody's server is called for a throttled address; and who has the right key is let in with what is known.
async fn whoever_is_wrong_too_often_makes_no_visit(app: &TestApp) {
    let site = Site::start();
    let party = publisher(app, &site.gives("/jwks", &keys())).await;
    let sent_wrong = async || {
        for _ in 0..12 {
            let mut claims = claims(&party.client_id, &party.shared, app.now());
            claims["exp"] = json!(app.now());
            assert!(tried(&party, by(ES256, &claims)).await.error().ends_with(" invalid_client"), "401, then 429");
        }
    };
    sent_wrong().await;
    assert!(tried(&party, good(app, &party)).await.error().ends_with(" invalid_client"));
    assert_eq!(site.visits("/jwks"), 0);
    app.wait(600);
    assert_eq!((tried(&party, good(app, &party)).await.status, site.visits("/jwks")), (200, 1));
    sent_wrong().await;
    assert_eq!((tried(&party, good(app, &party)).await.status, site.visits("/jwks")), (200, 1));
    let unknown = by(SigningAlgorithm::EdDsa, &claims(&party.client_id, &party.shared, app.now()));
    assert_ne!(tried(&party, unknown).await.status, 200);
    assert_eq!(site.visits("/jwks"), 1, "not for an unknown name either");
}

async fn parallel_assertions_make_one_visit(app: &TestApp) {
    let site = Site::start();
    let party = publisher(app, &site.gives("/jwks", &keys())).await;
    let answers = join_all((0..16).map(|_| tried(&party, good(app, &party)))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{:?}", answers.first().map(|answer| &answer.body));
    assert_eq!(site.visits("/jwks"), 1);
}

/// ES256 by a key, under a header that names none.
fn nameless(key: &SigningKey, claims: &Value) -> String {
    let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", text(&json!({ "alg": "ES256" })), text(claims));
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.pkcs8()).expect("a key");
    let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// RFC 7517 section 4.5: `kid` is optional. The only key of a set is changed in its place.
async fn a_key_without_a_name_changes_too(app: &TestApp) {
    let site = Site::start();
    let set = |key: &SigningKey| {
        let mut jwk = key.public_jwk();
        jwk.as_object_mut().expect("an object").remove("kid");
        json!({ "keys": [jwk] })
    };
    let [old, new, strange] = [(); 3].map(|()| SigningKey::generate(ES256, 2048).expect("a key"));
    let party = publisher(app, &site.gives("/jwks", &set(&old))).await;
    let sent = async |key: &SigningKey| {
        tried(&party, nameless(key, &claims(&party.client_id, &party.shared, app.now()))).await.status
    };
    assert_eq!((sent(&old).await, site.visits("/jwks")), (200, 1));
    site.gives("/jwks", &set(&new));
    assert_eq!((sent(&new).await, site.visits("/jwks")), (200, 2), "no ten minutes later");
    for key in [&old, &strange, &old] {
        assert_eq!((sent(key).await, site.visits("/jwks")), (401, 2), "once a minute");
    }
    assert_eq!(sent(&new).await, 200);
    // Whoever names a key means that one.
    app.wait(60);
    let named = by(ES256, &claims(&party.client_id, &party.shared, app.now()));
    assert_eq!((tried(&party, named).await.status, site.visits("/jwks")), (401, 3), "an unknown name is looked for");
}

/// Each visit without a cookie, and each fragment that somebody thinks of, would be a request to another's server.
async fn a_flood_of_requests_by_reference_is_bounded(app: &TestApp) {
    let (web, ada) = stage(app).await;
    registers_keys(app, &web).await;
    app.as_dev().await;
    let place = Place::open();
    app.db_metadata(&web, |metadata| metadata.request_uris = vec![place.url.clone()]).await;
    place.gives("200 OK", object(app, &web, &json!({})));
    let plain = link(&web, &[("request_uri", &place.url)]);
    for _ in 0..70 {
        assert!(app.browser().get(&plain).await.has("#login-submit"), "the last one given to somebody is good enough");
    }
    assert_eq!(place.visits(), 60);
    let fragments: Vec<String> = (0..20).map(|count| format!("{}#{count}", place.url)).collect();
    for fragment in &fragments {
        let page = app.browser().get(&web.authorize_url(&[("scope", "openid"), ("request_uri", fragment)])).await;
        assert_eq!(refusal(&page, &web), "invalid_request_uri");
    }
    assert_eq!(place.visits(), 60);
    // Who is known here has a share of their own.
    let browser = app.db_signed_in(&ada).await;
    assert!(browser.get(&link(&web, &[("request_uri", &fragments[0])])).await.has("#consent-allow"));
    assert_eq!(place.visits(), 61);
    app.wait(60);
    place.gives("200 OK", object(app, &web, &json!({})));
    let page = app.browser().get(&link(&web, &[("request_uri", &fragments[1])])).await;
    assert!(page.has("#login-submit"), "{}", page.body);
    assert_eq!(place.visits(), 62);
}

/// A port on this machine, with nobody who speaks TLS behind it; how many came.
pub fn door() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let came = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&came);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            drop(stream);
        }
    });
    (port, came)
}

/// A60: what the operator opened for organizations' providers is not open to whoever registers an application.
async fn the_networks_of_providers_are_not_open_to_clients(app: &TestApp) {
    let loopback = || vec!["127.0.0.0/8".parse().expect("a network")];
    let (port, came) = door();
    let inside = format!("https://127.0.0.1:{port}");
    let (web, _) = stage(app).await;
    registers_keys(app, &web).await;
    let mut signing = spec("private_key_jwt");
    (signing.openid.jwks, signing.openid.jwks_uri) = (None, Some(format!("{inside}/jwks")));
    let party = app.db_client(signing).await;
    app.db_metadata(&web, |metadata| metadata.request_uris = vec![format!("{inside}/request")]).await;
    let everything = async || {
        assert_eq!(tried(&party, good(app, &party)).await.error(), "401 invalid_client");
        let by_reference = web.authorize_url(&[("scope", "openid"), ("request_uri", &format!("{inside}/request"))]);
        assert_eq!(refusal(&app.browser().get(&by_reference).await, &web), "invalid_request_uri");
        came.load(Ordering::SeqCst)
    };
    app.restart_with(|config| config.outbound.allowed_networks = loopback()).await;
    assert_eq!(everything().await, 0);
    assert!(app.app().upstream.check(&inside).is_ok() && app.app().client_upstream.check(&inside).is_err());
    app.restart_with(|config| {
        (config.outbound.allowed_networks, config.outbound.client_networks) = (Vec::new(), loopback());
    })
    .await;
    assert_eq!(everything().await, 2, "the control: the operator opened it to them");
    assert!(app.app().upstream.check(&inside).is_err(), "nor the other way round");
}
