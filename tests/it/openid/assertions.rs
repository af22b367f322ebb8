//! `private_key_jwt` and `client_secret_jwt` (RFC 7523 section 3, OpenID Connect Core section 9).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantor::protocol::registered_metadata::RegisteredMetadata;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Value, json};

use super::{relying_party, signed_in, stage_of, verified};
use crate::support::db_shortcuts::web_client;
use crate::support::relying_party::ASSERTION_TYPE;
use crate::support::signing_keys::demo;
use crate::support::site::Site;
use crate::support::test_app::Shared;
use crate::support::{Answer, ClientSpec, RelyingParty, TestApp, on_both};

on_both!(
    oidcc_ensure_client_assertion_with_iss_aud_succeeds,
    an_assertion_says_exactly_what_it_must,
    only_the_issuer_is_the_audience,
    an_assertion_is_taken_once,
    what_signs_is_the_clients_own_and_nothing_weaker,
    every_algorithm_named_is_taken,
    a_client_changes_its_keys_where_it_publishes_them,
    an_assertion_stands_alone_in_its_request,
    a_secret_that_signs_is_sealed_and_rotates,
    a_changed_method_changes_the_secret,
);

/// Numbers assertions, so that each has a `jti` of its own.
fn next() -> usize {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// A client of one of the two methods.
pub fn spec(method: &str) -> ClientSpec {
    let keys = [SigningAlgorithm::Es256, SigningAlgorithm::Rs256, SigningAlgorithm::Ps256, SigningAlgorithm::EdDsa];
    let keys: Vec<Value> = keys.map(|algorithm| demo(algorithm.as_str(), algorithm).public_jwk()).to_vec();
    let jwks = (method == "private_key_jwt").then(|| json!({ "keys": keys }));
    ClientSpec {
        authentication_method: Some(method.to_owned()),
        openid: RegisteredMetadata { jwks, ..RegisteredMetadata::default() },
        ..web_client()
    }
}

/// The claims of a good assertion, for an hour in which the clock is moved by hand.
pub fn claims(client_id: &str, shared: &Shared, now: i64) -> Value {
    json!({
        "iss": client_id, "sub": client_id, "aud": shared.issuer, "exp": now + 300, "iat": now,
        "jti": format!("assertion {}", next()),
    })
}

pub fn by(algorithm: SigningAlgorithm, claims: &Value) -> String {
    demo(algorithm.as_str(), algorithm).sign("JWT", claims).expect("a token")
}

/// A JWT by HMAC, whatever its header says.
fn hmac_signed(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", text(header), text(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// The client signs each request with its own key.
pub fn by_key(app: &TestApp, party: RelyingParty) -> RelyingParty {
    let (client_id, clock) = (party.client_id.clone(), app.clock.clone());
    let asserts = move |shared: &Shared| by(SigningAlgorithm::Es256, &claims(&client_id, shared, clock.now()));
    RelyingParty { asserts: Some(Arc::new(asserts)), ..party }
}

/// The client signs each request with its secret.
pub fn by_secret(app: &TestApp, party: RelyingParty) -> RelyingParty {
    let (client_id, clock) = (party.client_id.clone(), app.clock.clone());
    let secret = party.client_secret.clone().expect("a secret");
    let asserts = move |shared: &Shared| {
        hmac_signed(&json!({ "alg": "HS256" }), &claims(&client_id, shared, clock.now()), secret.as_bytes())
    };
    RelyingParty { asserts: Some(Arc::new(asserts)), ..party }
}

/// The same client with this assertion and no other.
fn with(party: &RelyingParty, assertion: String) -> RelyingParty {
    RelyingParty { asserts: Some(Arc::new(move |_: &Shared| assertion.clone())), ..party.clone() }
}

pub async fn tried(party: &RelyingParty, assertion: String) -> Answer {
    with(party, assertion).client_credentials("org:read").await
}

async fn key_client(app: &TestApp) -> RelyingParty {
    app.db_client(spec("private_key_jwt")).await
}

/// `oidcc-ensure-client-assertion-with-iss-aud-succeeds`, with both methods; and everywhere a client authenticates.
async fn oidcc_ensure_client_assertion_with_iss_aud_succeeds(app: &TestApp) {
    for method in ["private_key_jwt", "client_secret_jwt"] {
        let signing = spec(method);
        let spec = ClientSpec {
            authentication_method: signing.authentication_method,
            openid: signing.openid,
            ..relying_party()
        };
        let (party, ada) = stage_of(app, spec).await;
        let party = if method == "private_key_jwt" { by_key(app, party) } else { by_secret(app, party) };
        let answer = signed_in(app, &party, &ada, &[("scope", "openid offline_access")]).await;
        verified(app, &answer).await;
        let token = answer.text("access_token");
        assert!(party.is_active(&token).await, "{method}");
        assert_eq!(party.refresh(&answer.text("refresh_token")).await.status, 200, "{method}");
        assert_eq!(party.revoke(&token).await.status, 200, "{method}");
        assert!(!party.is_active(&token).await, "{method}");
        assert_eq!(
            RelyingParty { asserts: None, ..party.clone() }.introspect(&token).await.error(),
            "401 invalid_client"
        );
    }
}

/// A38, C26, C29, C35: each claim, wrong in each way, is the one refusal nobody learns from.
async fn an_assertion_says_exactly_what_it_must(app: &TestApp) {
    let now = app.now();
    let long = "x".repeat(300);
    let wrong = [
        ("iss", json!("somebody")),
        ("iss", Value::Null),
        ("sub", json!(["somebody"])),
        ("sub", Value::Null),
        ("aud", Value::Null),
        ("exp", Value::Null),
        ("exp", json!("soon")),
        ("exp", json!(now)),
        ("exp", json!(now + 301)),
        ("exp", json!(1e300)),
        ("iat", json!(now + 61)),
        ("iat", json!("now")),
        ("nbf", json!(now + 61)),
        ("jti", Value::Null),
        ("jti", json!("")),
        ("jti", json!(7)),
        ("jti", json!(long)),
    ];
    for (name, value) in wrong {
        let party = key_client(app).await;
        let mut claims = claims(&party.client_id, &party.shared, now);
        match &value {
            Value::Null => drop(claims.as_object_mut().expect("an object").remove(name)),
            value => claims[name] = value.clone(),
        }
        let answer = tried(&party, by(SigningAlgorithm::Es256, &claims)).await;
        assert_eq!(answer.error(), "401 invalid_client", "{name} {value}");
        assert!(answer.text("error_description").starts_with("client authentication failed ("), "{}", answer.body);
    }
    let party = key_client(app).await;
    let mut skewed = claims(&party.client_id, &party.shared, now);
    skewed["iat"] = json!(now + 59);
    skewed["nbf"] = json!(now - 5);
    skewed["exp"] = json!(now as f64 + 10.5);
    assert_eq!(tried(&party, by(SigningAlgorithm::Es256, &skewed)).await.status, 200);
}

/// A37, C27.
async fn only_the_issuer_is_the_audience(app: &TestApp) {
    let party = key_client(app).await;
    let issuer = app.issuer().to_owned();
    let endpoint = format!("{issuer}/oauth/token");
    let sent = async |audience: Value| {
        let mut claims = claims(&party.client_id, &party.shared, app.now());
        claims["aud"] = audience;
        tried(&party, by(SigningAlgorithm::Es256, &claims)).await.status
    };
    for wrong in [
        json!(endpoint),
        json!([issuer]),
        json!([issuer, "https://other.test"]),
        json!(format!("{issuer}/")),
        json!(issuer[..issuer.len() - 1]),
        json!("https://other.test"),
        json!(""),
    ] {
        assert_eq!(sent(wrong.clone()).await, 401, "{wrong}");
    }
    assert_eq!(sent(json!(issuer)).await, 200);
    app.restart_with(|config| config.clients.token_endpoint_as_audience = true).await;
    assert_eq!(sent(json!(endpoint)).await, 200, "the operator said so");
    assert_eq!(sent(json!(issuer)).await, 200);
    assert_eq!(sent(json!([endpoint])).await, 401);
    assert_eq!(sent(json!(format!("{issuer}/oauth/introspect"))).await, 401);
}

/// A38, C26: of 64 at once exactly one succeeds, and none ever after.
async fn an_assertion_is_taken_once(app: &TestApp) {
    let party = key_client(app).await;
    let assertion = by(SigningAlgorithm::Es256, &claims(&party.client_id, &party.shared, app.now()));
    let same = with(&party, assertion);
    let answers = futures_util::future::join_all((0..64).map(|_| same.client_credentials("org:read"))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    app.wait(299);
    app.db_sweep().await;
    assert_ne!(same.client_credentials("org:read").await.status, 200);
    // Another client may have the same idea of a number.
    let other = key_client(app).await;
    for party in [&party, &other] {
        let mut claims = claims(&party.client_id, &party.shared, app.now());
        claims["jti"] = json!("1");
        assert_eq!(tried(party, by(SigningAlgorithm::Es256, &claims)).await.status, 200);
    }
}

/// A38, C28, C29.
async fn what_signs_is_the_clients_own_and_nothing_weaker(app: &TestApp) {
    let party = key_client(app).await;
    let new = || claims(&party.client_id, &party.shared, app.now());
    let rsa = demo("RS256", SigningAlgorithm::Rs256).public_jwk();
    let unsigned = hmac_signed(&json!({ "alg": "none" }), &new(), b"");
    let unsigned = format!("{}.", unsigned.rsplit_once('.').expect("three parts").0);
    let stranger = grantor::crypto::signing::SigningKey::generate(SigningAlgorithm::EdDsa, 2048).expect("a key");
    let critical = hmac_signed(&json!({ "alg": "ES256", "crit": ["x"], "x": 1 }), &new(), b"x");
    let mut large = new();
    large["x"] = json!("x".repeat(8 * 1024));
    let good = by(SigningAlgorithm::Es256, &new());
    let (signed, _) = good.rsplit_once('.').expect("three parts");
    for (what, assertion) in [
        ("none", unsigned),
        (
            "HS256 by the public key",
            hmac_signed(&json!({ "alg": "HS256" }), &new(), rsa["n"].as_str().expect("n").as_bytes()),
        ),
        (
            "HS256 by the JWK",
            hmac_signed(&json!({ "alg": "HS256", "kid": "RS256" }), &new(), rsa.to_string().as_bytes()),
        ),
        ("a stranger's key", stranger.sign("JWT", &new()).expect("a token")),
        ("another kind of token", demo("ES256", SigningAlgorithm::Es256).sign("at+jwt", &new()).expect("a token")),
        ("crit", critical),
        ("9 KB", by(SigningAlgorithm::Es256, &large)),
        ("no signature", format!("{signed}.")),
        ("two parts", signed.to_owned()),
        ("nothing", String::new()),
    ] {
        assert_eq!(tried(&party, assertion).await.error(), "401 invalid_client", "{what}");
    }
    // The server's own tokens are no assertion of a client's, and a secret's client has no keys.
    let secret_client = app.db_client(spec("client_secret_jwt")).await;
    let by_its_key = by(SigningAlgorithm::Es256, &claims(&secret_client.client_id, &secret_client.shared, app.now()));
    assert_eq!(tried(&secret_client, by_its_key).await.error(), "401 invalid_client");
    let other = key_client(app).await;
    let of_other = claims(&other.client_id, &other.shared, app.now());
    let own = app.app().keys.signing(SigningAlgorithm::Es256).expect("a key").sign("JWT", &of_other).expect("a token");
    assert_eq!(tried(&other, own).await.error(), "401 invalid_client");
}

/// `token_endpoint_auth_signing_alg_values_supported`, and the one a client registered alone.
async fn every_algorithm_named_is_taken(app: &TestApp) {
    let document = app.get("/.well-known/openid-configuration").await.json();
    for endpoint in ["token", "revocation", "introspection"] {
        let listed = &document[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")];
        let all = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "HS256"];
        assert_eq!(*listed, json!(all));
    }
    for algorithm in SigningAlgorithm::ALL {
        let mut registered = spec("private_key_jwt");
        registered.openid.token_endpoint_auth_signing_alg = Some(algorithm.as_str().to_owned());
        let party = app.db_client(registered).await;
        for other in SigningAlgorithm::ALL {
            let answer = tried(&party, by(other, &claims(&party.client_id, &party.shared, app.now()))).await;
            assert_eq!(answer.status == 200, other == algorithm, "{other:?} for {algorithm:?}: {}", answer.body);
        }
    }
    let party = by_secret(app, app.db_client(spec("client_secret_jwt")).await);
    assert_eq!(party.client_credentials("org:read").await.status, 200);
}

/// C30: `oidcc-refresh-token-rp-key-rotation` in small. An unknown key is looked for once a minute.
async fn a_client_changes_its_keys_where_it_publishes_them(app: &TestApp) {
    app.as_dev().await;
    let site = Site::start();
    let keys = |algorithm: SigningAlgorithm| json!({ "keys": [demo(algorithm.as_str(), algorithm).public_jwk()] });
    let url = site.gives("/jwks", &keys(SigningAlgorithm::Es256));
    let mut registered = spec("private_key_jwt");
    registered.openid.jwks = None;
    registered.openid.jwks_uri = Some(url);
    let party = app.db_client(registered).await;
    let sent = async |algorithm| {
        tried(&party, by(algorithm, &claims(&party.client_id, &party.shared, app.now()))).await.status
    };
    assert_eq!((sent(SigningAlgorithm::Es256).await, site.visits("/jwks")), (200, 1));
    assert_eq!((sent(SigningAlgorithm::Es256).await, site.visits("/jwks")), (200, 1), "kept");
    site.gives("/jwks", &keys(SigningAlgorithm::EdDsa));
    assert_eq!((sent(SigningAlgorithm::EdDsa).await, site.visits("/jwks")), (200, 2));
    assert_eq!(sent(SigningAlgorithm::Es256).await, 401, "the old key is gone");
    for _ in 0..5 {
        assert_eq!(sent(SigningAlgorithm::Ps256).await, 401);
    }
    assert_eq!(site.visits("/jwks"), 2, "no more than one a minute for unknown keys");
}

/// A32: one way to authenticate, and the same client everywhere in the request.
async fn an_assertion_stands_alone_in_its_request(app: &TestApp) {
    let party = key_client(app).await;
    let fresh = || by(SigningAlgorithm::Es256, &claims(&party.client_id, &party.shared, app.now()));
    let sent = async |more: &[(&str, &str)]| {
        let assertion = fresh();
        let mut form = vec![("grant_type", "client_credentials"), ("client_assertion", assertion.as_str())];
        form.extend(more);
        let request = app.shared.http.post(app.shared.url("/oauth/token")).form(&form);
        app.shared.send(request).await
    };
    let kind = ("client_assertion_type", ASSERTION_TYPE);
    assert_eq!(sent(&[kind]).await.status, 200, "sub names the client");
    assert_eq!(sent(&[kind, ("client_id", &party.client_id)]).await.status, 200);
    assert_eq!(sent(&[kind, ("client_id", "somebody")]).await.error(), "401 invalid_client");
    assert_eq!(sent(&[kind, ("client_secret", "a secret")]).await.error(), "400 invalid_request");
    assert_eq!(sent(&[kind, ("client_assertion", "again")]).await.error(), "400 invalid_request");
    assert_eq!(sent(&[]).await.error(), "401 invalid_client");
    let saml = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer");
    assert_eq!(sent(&[saml]).await.error(), "401 invalid_client");
    let request = app.shared.http.post(app.shared.url("/oauth/token")).basic_auth(&party.client_id, Some("secret"));
    let form = [("grant_type", "client_credentials"), kind, ("client_assertion", &fresh())];
    assert_eq!(app.shared.send(request.form(&form)).await.error(), "400 invalid_request");
    assert_eq!(
        RelyingParty { asserts: None, ..party.clone() }.client_credentials("org:read").await.error(),
        "401 invalid_client"
    );
}

/// Nothing but the sealed text is kept; the harness searches the database for it.
async fn a_secret_that_signs_is_sealed_and_rotates(app: &TestApp) {
    let first = app.db_client(spec("client_secret_jwt")).await;
    let secret = first.client_secret.clone().expect("a secret");
    assert_eq!(app.leaks(), Vec::<String>::new());
    let signing = by_secret(app, first.clone());
    assert_eq!(signing.client_credentials("org:read").await.status, 200);
    let plain = first.with_secret(Some(&secret), crate::support::relying_party::By::Basic);
    assert_eq!(plain.client_credentials("org:read").await.error(), "401 invalid_client", "it never travels");
    let second = by_secret(app, app.db_rotate_secret(&first, 60).await);
    for party in [&signing, &second] {
        assert_eq!(party.client_credentials("org:read").await.status, 200, "both, while they overlap");
    }
    app.wait(60);
    assert_eq!(signing.client_credentials("org:read").await.error(), "401 invalid_client");
    assert_eq!(second.client_credentials("org:read").await.status, 200);
    app.restart().await;
    assert_eq!(second.client_credentials("org:read").await.status, 200);
}

/// A digest cannot verify a signature, and what was sealed shall not stay so: a new method is a new secret.
async fn a_changed_method_changes_the_secret(app: &TestApp) {
    use crate::support::operator::Operator;
    let web = app.db_web_client().await;
    let operator = Operator::of(app);
    let to = async |method: &str| {
        let arguments = ["--json", "client", "update", &web.client_id, "--authentication-method", method];
        operator.says(&arguments).await.json()
    };
    let told = to("client_secret_jwt").await;
    let secret = told["client_secret"].as_str().expect("a new secret").to_owned();
    assert_eq!(web.client_credentials("org:read").await.error(), "401 invalid_client");
    let signing = by_secret(app, RelyingParty { client_secret: Some(secret.clone()), ..web.clone() });
    assert_eq!(signing.client_credentials("org:read").await.status, 200);
    assert!(to("client_secret_jwt").await.get("client_secret").is_none(), "nothing was changed");
    let told = to("client_secret_basic").await;
    let plain = web.with_secret(told["client_secret"].as_str(), crate::support::relying_party::By::Basic);
    assert_eq!(plain.client_credentials("org:read").await.status, 200);
    assert_eq!(
        web.with_secret(Some(&secret), crate::support::relying_party::By::Basic)
            .client_credentials("org:read")
            .await
            .status,
        401
    );
    assert!(to("client_secret_post").await.get("client_secret").is_none(), "a digest serves both");
    let posted = plain.with_secret(plain.client_secret.as_deref(), crate::support::relying_party::By::Post);
    assert_eq!(posted.client_credentials("org:read").await.status, 200);
}
