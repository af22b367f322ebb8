//! What the metadata names and the certification plans register, each used once in the way it is named.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantor::config::registration::Mode;
use grantor::crypto::signing::half_hash;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Value, json};

use super::front_channel::{claims_of, switched_on};
use super::registration::{CB, ada, open, post, register};
use super::request_signer::{Place, key};
use super::{sent_back, signed_in, verified_jwt};
use crate::support::signing_keys::demo;
use crate::support::{RelyingParty, TestApp, on_both};

on_both!(
    the_longer_hashes_sign_assertions_too,
    every_algorithm_signs_what_comes_through_the_front_channel,
    a_client_registers_its_members_at_the_endpoint_and_reads_them_there,
    a_registered_client_gets_signed_userinfo_and_keeps_its_requests_at_a_url,
    discovery_stands_in_every_form_of_an_issuer_with_a_path,
    nothing_more_is_named_with_every_switch_on,
    every_endpoint_named_answers,
);

/// A JWT whose signature `sign` makes.
fn jwt(alg: &str, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&json!({ "alg": alg, "kid": "long" })), part(claims));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(sign(message.as_bytes())))
}

/// `token_endpoint_auth_signing_alg_values_supported`: those this server signs nothing with itself.
async fn the_longer_hashes_sign_assertions_too(app: &TestApp) {
    let random = SystemRandom::new();
    let rsa = RsaKeyPair::from_pkcs8(include_bytes!("../fixtures/signing/demo-rsa.der")).expect("a key");
    let by_rsa = |encoding: &'static dyn RsaEncoding, message: &[u8]| {
        let mut signature = vec![0; rsa.public_modulus_len()];
        rsa.sign(encoding, &random, message, &mut signature).expect("a signature");
        signature
    };
    let ec = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect("a key");
    let point = ec.public_key().as_ref();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..49]), URL_SAFE_NO_PAD.encode(&point[49..97]));
    let ec_jwk = json!({ "kty": "EC", "crv": "P-384", "x": x, "y": y, "kid": "long" });
    let public = demo("long", SigningAlgorithm::Rs256).public_jwk();
    let rsa_jwk = json!({ "kty": "RSA", "n": public["n"], "e": public["e"], "kid": "long" });
    for (alg, jwk) in
        [("RS384", &rsa_jwk), ("RS512", &rsa_jwk), ("PS384", &rsa_jwk), ("PS512", &rsa_jwk), ("ES384", &ec_jwk)]
    {
        let mut spec = super::assertions::spec("private_key_jwt");
        spec.openid.jwks = Some(json!({ "keys": [jwk] }));
        let party = app.db_client(spec).await;
        let claims = json!({
            "iss": party.client_id, "sub": party.client_id, "aud": app.shared.issuer, "jti": alg,
            "iat": app.now(), "exp": app.now() + 60,
        });
        let assertion = jwt(alg, &claims, |message| match alg {
            "RS384" => by_rsa(&RSA_PKCS1_SHA384, message),
            "RS512" => by_rsa(&RSA_PKCS1_SHA512, message),
            "PS384" => by_rsa(&RSA_PSS_SHA384, message),
            "PS512" => by_rsa(&RSA_PSS_SHA512, message),
            _ => ec.sign(&random, message).expect("a signature").as_ref().to_vec(),
        });
        let (signed, _) = assertion.rsplit_once('.').expect("three parts");
        let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode([7; 256]));
        let sent = async |text: &str| {
            let text = text.to_owned();
            let party = RelyingParty { asserts: Some(std::sync::Arc::new(move |_| text.clone())), ..party.clone() };
            party.client_credentials("org:read").await
        };
        assert_eq!(sent(&forged).await.error(), "401 invalid_client", "{alg}");
        let answer = sent(&assertion).await;
        assert_eq!(answer.status, 200, "{alg}: {}", answer.body);
    }
}

/// `oidcc-idtoken-signature` of the implicit and hybrid plans, by each algorithm.
async fn every_algorithm_signs_what_comes_through_the_front_channel(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    for algorithm in SigningAlgorithm::ALL {
        app.db_metadata(&web, |metadata| metadata.id_token_signed_response_alg = Some(algorithm)).await;
        let asked = [("scope", "openid org:read"), ("response_type", "code id_token token"), ("nonce", "n")];
        let page = browser.allow(browser.get(&web.authorize_url(&asked)).await).await;
        let answer = sent_back(&page, &web);
        let (claims, header) = verified_jwt(app, answer["id_token"].as_str().expect("an ID token"), "JWT").await;
        assert_eq!(header["alg"], algorithm.as_str());
        let hash = |name: &str| half_hash(algorithm, answer[name].as_str().expect("text"));
        assert_eq!((&claims["at_hash"], &claims["c_hash"]), (&json!(hash("access_token")), &json!(hash("code"))));
    }
}

/// `oidcc-3rd-party-init-login` and `-nohttps` as the plan registers: at the endpoint, and read there again.
async fn a_client_registers_its_members_at_the_endpoint_and_reads_them_there(app: &TestApp) {
    open(app).await;
    let members = json!({
        "initiate_login_uri": "https://rp.example/start",
        "logo_uri": "https://rp.example/logo.png",
        "request_uris": ["https://rp.example/request#hash"],
        "post_logout_redirect_uris": ["https://rp.example/bye"],
        "backchannel_logout_uri": "https://rp.example/back",
        "frontchannel_logout_uri": "https://rp.example/front",
        "userinfo_signed_response_alg": "PS256",
        "default_max_age": 3600,
        "require_auth_time": true,
    });
    let (_, told) = register(app, members.clone()).await;
    let text = |name: &str| told[name].as_str().expect("text");
    let read = app.shared.http.get(text("registration_client_uri")).bearer_auth(text("registration_access_token"));
    let read = app.shared.send(read).await.json();
    for (name, value) in members.as_object().expect("an object") {
        assert_eq!((&told[name], &read[name]), (value, value), "{name}");
    }
    for (name, wrong) in [
        ("initiate_login_uri", "http://rp.example/start"),
        ("backchannel_logout_uri", "http://rp.example/back"),
        ("frontchannel_logout_uri", "https://elsewhere.example/front"),
        ("request_uris", "http://rp.example/request"),
    ] {
        let value = if name == "request_uris" { json!([wrong]) } else { json!(wrong) };
        app.restart_with(|config| (config.dev, config.registration.mode) = (false, Mode::Open)).await;
        let answer = post(app, &json!({ "redirect_uris": [CB], name: value }), None).await;
        assert_eq!(answer.error(), "400 invalid_client_metadata", "{name}");
        assert!(answer.text("error_description").contains(name), "{}", answer.body);
    }
}

/// `oidcc-userinfo-rs256` and `oidcc-request-uri-signed-rs256` as the dynamic plan registers.
async fn a_registered_client_gets_signed_userinfo_and_keeps_its_requests_at_a_url(app: &TestApp) {
    open(app).await;
    let (ada, place) = (ada(app).await, Place::open());
    let keys = json!({ "keys": [key(SigningAlgorithm::Rs256).public_jwk()] });
    let (party, told) = register(
        app,
        json!({
            "userinfo_signed_response_alg": "RS256", "request_object_signing_alg": "RS256",
            "request_uris": [place.url], "jwks": keys,
        }),
    )
    .await;
    assert_eq!(told["userinfo_signed_response_alg"], "RS256");
    let said = super::request_signer::said(app, &party, &json!({}));
    let object = key(SigningAlgorithm::Rs256).sign("oauth-authz-req+jwt", &said).expect("a token");
    place.gives("200 OK", object);
    let browser = app.db_signed_in(&ada).await;
    let asked = [("scope", "openid"), ("request_uri", &*place.url)];
    let page = browser.allow(browser.get(&super::request_signer::link(&party, &asked)).await).await;
    let answer = sent_back(&page, &party);
    let redeemed = party.redeem(answer["code"].as_str().unwrap_or_else(|| panic!("{answer:?}"))).await;
    let userinfo = app.shared.http.get(app.shared.url("/oauth/userinfo")).bearer_auth(redeemed.text("access_token"));
    let userinfo = app.shared.send(userinfo).await;
    assert_eq!((userinfo.status, userinfo.header("content-type")), (200, Some("application/jwt")));
    let keys = grantor::crypto::jwt::KeySet::parse(&app.get("/oauth/jwks.json").await.body).expect("a JWK set");
    let claims = grantor::crypto::jwt::verify(&userinfo.body, &keys).expect("a JWT");
    assert_eq!((&claims["sub"], &claims["aud"]), (&json!(ada.row.sub), &json!(party.client_id)));
}

/// RFC 8414 section 3.1 puts the name before the path, OpenID Connect Discovery section 4 behind it.
async fn discovery_stands_in_every_form_of_an_issuer_with_a_path(app: &TestApp) {
    let issuer = format!("{}/tenants/one", app.issuer());
    let text = issuer.clone();
    app.restart_with(move |config| {
        config.server.issuer = text;
        config.registration.mode = Mode::Open;
        config.sign_in.session_management = true;
    })
    .await;
    let mut documents = Vec::new();
    for name in ["openid-configuration", "oauth-authorization-server"] {
        for place in [format!("/.well-known/{name}/tenants/one"), format!("/tenants/one/.well-known/{name}")] {
            let document = app.get(&place).await.json();
            assert_eq!(document["issuer"], issuer, "{place}");
            for (member, value) in document.as_object().expect("an object") {
                let is_address =
                    member.ends_with("_endpoint") || member.ends_with("_uri") || member.ends_with("_iframe");
                if let (true, Some(url)) = (is_address, value.as_str()) {
                    assert!(url.starts_with(&format!("{issuer}/oauth/")), "{place}: {member}: {url}");
                }
            }
            documents.push(document);
        }
    }
    assert!(documents.windows(2).all(|pair| pair[0] == pair[1]), "one document");
    for place in ["/.well-known/openid-configuration", "/.well-known/openid-configuration/tenants"] {
        assert_eq!(app.get(place).await.status, 404, "{place}");
    }
}

/// A27: members that come with a switch are these two and no others.
async fn nothing_more_is_named_with_every_switch_on(app: &TestApp) {
    let members = async || {
        let document = app.get("/.well-known/openid-configuration").await.json();
        document.as_object().expect("an object").keys().cloned().collect::<std::collections::BTreeSet<_>>()
    };
    let usual = members().await;
    app.restart_with(|config| {
        config.tokens.implicit = true;
        config.registration.mode = Mode::Open;
        config.sign_in.session_management = true;
        config.sign_in.registration = true;
    })
    .await;
    let all = members().await;
    let more: Vec<&str> = all.difference(&usual).map(String::as_str).collect();
    assert_eq!(more, ["check_session_iframe", "registration_endpoint"]);
    assert!(usual.is_subset(&all));
}

/// A27: at the addresses the document says, not at those we know.
async fn every_endpoint_named_answers(app: &TestApp) {
    open(app).await;
    let (web, ada) = super::stage(app).await;
    let document = app.get("/.well-known/openid-configuration").await.json();
    let token = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("access_token");
    let url = |name: &str| document[name].as_str().unwrap_or_else(|| panic!("{name}")).to_owned();
    let userinfo = app.shared.send(app.shared.http.get(url("userinfo_endpoint")).bearer_auth(token)).await;
    assert_eq!(userinfo.json()["sub"], json!(ada.row.sub));
    let out = app.db_signed_in(&ada).await.get(&url("end_session_endpoint")).await;
    assert!(out.body.contains("logout-confirm"), "{}", out.body);
    let body = json!({ "redirect_uris": [CB] });
    let made = app.shared.send(app.shared.http.post(url("registration_endpoint")).json(&body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    let asked = [("scope", "openid"), ("response_type", "id_token"), ("nonce", "n")];
    let asked =
        format!("{}?{}", url("authorization_endpoint"), web.authorize_url(&asked).split_once('?').expect("?").1);
    let page = browser.allow(browser.get(&asked).await).await;
    assert_eq!(claims_of(app, &sent_back(&page, &web)).await["nonce"], "n");
}
