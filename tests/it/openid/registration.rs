//! Clients that register themselves, as the certification plans do it (OpenID Connect Dynamic Client Registration 1.0).

use std::sync::Arc;

use grantor::config::registration::Mode;
use grantor::flows::audit::Actor;
use grantor::flows::signing_keys::{How, rotate};
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Value, json};

use super::{signed_in, verified};
use crate::support::relying_party::By;
use crate::support::signing_keys::demo;
use crate::support::site::Site;
use crate::support::{Answer, Person, RelyingParty, TestApp, on_both};

on_both!(
    oidcc_server,
    oidcc_idtoken_rs256,
    oidcc_idtoken_unsigned,
    oidcc_registration_logo_uri,
    oidcc_registration_policy_uri,
    oidcc_registration_tos_uri,
    oidcc_registration_jwks_uri,
    oidcc_registration_sector_uri_at_the_endpoint,
    oidcc_redirect_uri_query_ok,
    oidcc_redirect_uri_query_mismatch,
    oidcc_redirect_uri_query_added,
    oidcc_redirect_uri_regfrag,
    oidcc_ensure_redirect_uri_in_authorization_request,
    oidcc_refresh_token_rp_key_rotation,
    oidcc_server_rotate_keys,
);

pub const CB: &str = "https://rp.example/cb";

pub async fn open(app: &TestApp) {
    app.restart_with(|config| {
        config.dev = true;
        config.tokens.implicit = true;
        config.registration.mode = Mode::Open;
        config.registration.per_hour = 200;
    })
    .await;
}

pub async fn post(app: &TestApp, body: &Value, token: Option<&str>) -> Answer {
    let mut request = app.shared.http.post(app.shared.url("/oauth/register")).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    app.shared.send(request).await
}

/// What certification registers: one redirect URI, and what the module is about.
pub async fn register(app: &TestApp, more: Value) -> (RelyingParty, Value) {
    let mut body = json!({ "redirect_uris": [CB], "client_name": "Certified" });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let answer = post(app, &body, None).await;
    assert_eq!((answer.status, answer.header("cache-control")), (201, Some("no-store")), "{}", answer.body);
    let told = answer.json();
    (party(app, &told), told)
}

pub fn party(app: &TestApp, told: &Value) -> RelyingParty {
    let text = |name: &str| told[name].as_str();
    let party = RelyingParty::new(
        Arc::clone(&app.shared),
        text("client_id").expect("a client_id"),
        text("client_secret"),
        told["redirect_uris"][0].as_str().unwrap_or_default(),
    );
    match text("token_endpoint_auth_method") {
        Some("client_secret_post") => party.with_secret(text("client_secret"), By::Post),
        _ => party,
    }
}

pub async fn ada(app: &TestApp) -> Person {
    app.db_user("ada").await
}

/// `oidcc-server` as the dynamic plan runs it: discovered, registered, signed in; and `registration_endpoint`.
async fn oidcc_server(app: &TestApp) {
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document.get("registration_endpoint"), None, "off");
    open(app).await;
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["registration_endpoint"], format!("{}/oauth/register", app.issuer()));
    let (party, told) = register(app, json!({ "contacts": ["ops@rp.example"], "unheard_of": { "x": 1 } })).await;
    for member in ["client_secret", "registration_access_token", "registration_client_uri"] {
        assert!(told[member].is_string(), "{member}");
    }
    assert_eq!(told["client_secret_expires_at"], 0);
    assert_eq!(told["client_id_issued_at"], app.now());
    assert_eq!(told["id_token_signed_response_alg"], "RS256");
    assert_eq!(told["grant_types"], json!(["authorization_code"]));
    assert_eq!(told["response_types"], json!(["code"]));
    assert_eq!(told["contacts"], json!(["ops@rp.example"]));
    assert_eq!(told.get("unheard_of"), None);
    let ada = ada(app).await;
    let answer = signed_in(app, &party, &ada, &[("scope", "openid"), ("nonce", "n")]).await;
    let (claims, header) = verified(app, &answer).await;
    assert_eq!((&claims["aud"], &claims["nonce"]), (&json!(party.client_id), &json!("n")));
    assert_eq!(header["alg"], "RS256");
    let page =
        app.db_signed_in(&ada).await.get(&party.authorize_url(&[("scope", "openid"), ("prompt", "consent")])).await;
    assert!(page.body.contains("Unverified"), "nobody vouched for it");
    assert!(app.db_events().await.contains(&"client.register".to_owned()));
}

/// `oidcc-idtoken-rs256`.
async fn oidcc_idtoken_rs256(app: &TestApp) {
    open(app).await;
    let ada = ada(app).await;
    for algorithm in SigningAlgorithm::ALL {
        let (party, told) = register(app, json!({ "id_token_signed_response_alg": algorithm.as_str() })).await;
        assert_eq!(told["id_token_signed_response_alg"], algorithm.as_str());
        let answer = signed_in(app, &party, &ada, &[("scope", "openid")]).await;
        assert_eq!(verified(app, &answer).await.1["alg"], algorithm.as_str());
    }
}

/// `oidcc-idtoken-unsigned`: not offered, and refused where it is asked for.
async fn oidcc_idtoken_unsigned(app: &TestApp) {
    open(app).await;
    let document = app.get("/.well-known/openid-configuration").await.json();
    let offered = document["id_token_signing_alg_values_supported"].as_array().expect("a list");
    assert!(!offered.contains(&json!("none")));
    let body = json!({ "redirect_uris": [CB], "id_token_signed_response_alg": "none" });
    assert_eq!(post(app, &body, None).await.error(), "400 invalid_client_metadata");
}

async fn consent_page(app: &TestApp, party: &RelyingParty) -> crate::support::page::Page {
    let ada = ada(app).await;
    app.db_signed_in(&ada).await.get(&party.authorize_url(&[("scope", "openid")])).await
}

/// `oidcc-registration-logo-uri`; C67: nothing of what a stranger registers is anything but text on the page.
async fn oidcc_registration_logo_uri(app: &TestApp) {
    open(app).await;
    let (party, told) = register(app, json!({ "logo_uri": "https://rp.example/logo.png" })).await;
    assert_eq!(told["logo_uri"], "https://rp.example/logo.png");
    let page = consent_page(app, &party).await;
    assert_eq!(page.attributes("#client-logo", "src"), ["https://rp.example/logo.png"]);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("img-src 'self' https://rp.example;"), "{policy}");
    for bad in
        ["http://rp.example/logo.png", "javascript:alert(1)", "data:image/svg+xml,x", "https://u@rp.example/", "x"]
    {
        let body = json!({ "redirect_uris": [CB], "logo_uri": bad });
        assert_eq!(post(app, &body, None).await.error(), "400 invalid_client_metadata", "{bad}");
    }
}

/// `oidcc-registration-policy-uri`.
async fn oidcc_registration_policy_uri(app: &TestApp) {
    shows_link(app, "policy_uri").await;
}

/// `oidcc-registration-tos-uri`.
async fn oidcc_registration_tos_uri(app: &TestApp) {
    shows_link(app, "tos_uri").await;
}

async fn shows_link(app: &TestApp, member: &str) {
    open(app).await;
    let url = format!("https://rp.example/{member}?a=1&b=2");
    let (party, told) = register(app, json!({ member: url })).await;
    assert_eq!(told[member], url);
    let page = consent_page(app, &party).await;
    assert!(page.body.contains(&format!("https://rp.example/{member}?a=1&#38;b=2")), "{}", page.body);
    for bad in ["http://rp.example/x", "javascript:alert(1)", "https://rp.example/\"onclick=\"x"] {
        let body = json!({ "redirect_uris": [CB], member: bad });
        assert_eq!(post(app, &body, None).await.error(), "400 invalid_client_metadata", "{bad}");
    }
}

/// An assertion of a registered client.
fn assertion(app: &TestApp, client_id: &str, algorithm: SigningAlgorithm, kid: &str) -> String {
    let claims = json!({
        "iss": client_id, "sub": client_id, "aud": app.issuer(), "exp": app.now() + 60,
        "jti": grantor::crypto::random::url_safe_text(12),
    });
    demo(kid, algorithm).sign("JWT", &claims).expect("a token")
}

pub fn signing(app: &TestApp, party: &RelyingParty, algorithm: SigningAlgorithm, kid: &str) -> RelyingParty {
    let text = assertion(app, &party.client_id, algorithm, kid);
    RelyingParty { asserts: Some(Arc::new(move |_: &crate::support::test_app::Shared| text.clone())), ..party.clone() }
}

pub fn keys(algorithm: SigningAlgorithm, kid: &str) -> Value {
    json!({ "keys": [demo(kid, algorithm).public_jwk()] })
}

/// `oidcc-registration-jwks-uri`; and the same keys in the registration itself.
async fn oidcc_registration_jwks_uri(app: &TestApp) {
    open(app).await;
    let (site, ada) = (Site::start(), ada(app).await);
    let set = keys(SigningAlgorithm::Rs256, "one");
    let url = site.gives("/jwks", &set);
    for more in [json!({ "jwks_uri": url }), json!({ "jwks": set })] {
        let mut body = json!({ "token_endpoint_auth_method": "private_key_jwt" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let (party, told) = register(app, body).await;
        assert_eq!(told.get("client_secret"), None, "it has keys of its own");
        let code = party.code(&app.db_signed_in(&ada).await, &[("scope", "openid")]).await;
        verified(app, &signing(app, &party, SigningAlgorithm::Rs256, "one").redeem(&code).await).await;
    }
}

/// `oidcc-registration-sector-uri` and `-bad` at the endpoint; `pairwise` tells both what they are about.
async fn oidcc_registration_sector_uri_at_the_endpoint(app: &TestApp) {
    open(app).await;
    let site = Site::start();
    let uris = json!([CB, "https://other.example/cb"]);
    let asked =
        |sector: String| json!({ "redirect_uris": uris, "subject_type": "pairwise", "sector_identifier_uri": sector });
    let good = post(app, &asked(site.gives("/sector", &uris)), None).await;
    assert_eq!((good.status, good.json()["subject_type"].clone()), (201, json!("pairwise")));
    let ada = ada(app).await;
    let answer = signed_in(app, &party(app, &good.json()), &ada, &[("scope", "openid")]).await;
    assert_ne!(verified(app, &answer).await.0["sub"], json!(ada.row.sub));
    let bad = post(app, &asked(site.gives("/bad", &json!([CB]))), None).await;
    assert_eq!(bad.error(), "400 invalid_client_metadata");
}

/// `oidcc-redirect-uri-query-OK`: a query that was registered is kept, and parameters come behind it.
async fn oidcc_redirect_uri_query_ok(app: &TestApp) {
    open(app).await;
    let with_query = format!("{CB}?foo=bar");
    let (party, _) = register(app, json!({ "redirect_uris": [with_query] })).await;
    let browser = app.db_signed_in(&ada(app).await).await;
    let page = browser.allow(browser.get(&party.authorize_url(&[("scope", "openid")])).await).await;
    assert!(page.location().starts_with(&format!("{with_query}&")), "{}", page.location());
}

async fn is_refused_on_a_page(app: &TestApp, registered: &str, asked: &str) {
    open(app).await;
    let (party, _) = register(app, json!({ "redirect_uris": [registered] })).await;
    let browser = app.db_signed_in(&ada(app).await).await;
    let page = browser.get(&party.authorize_url(&[("scope", "openid"), ("redirect_uri", asked)])).await;
    assert_eq!(page.status, 400, "{asked}");
}

/// `oidcc-redirect-uri-query-mismatch`.
async fn oidcc_redirect_uri_query_mismatch(app: &TestApp) {
    is_refused_on_a_page(app, &format!("{CB}?foo=bar"), &format!("{CB}?bar=foo")).await;
}

/// `oidcc-redirect-uri-query-added`.
async fn oidcc_redirect_uri_query_added(app: &TestApp) {
    is_refused_on_a_page(app, CB, &format!("{CB}?foo=bar")).await;
}

/// `oidcc-redirect-uri-regfrag`, A03: whatever could lead elsewhere is not registered at all.
async fn oidcc_redirect_uri_regfrag(app: &TestApp) {
    open(app).await;
    for bad in [
        format!("{CB}#foobar"),
        format!("{CB}#"),
        "http://rp.example/cb".to_owned(),
        "javascript:alert(1)".to_owned(),
        "data:text/html,x".to_owned(),
        "vbscript:x".to_owned(),
        "/cb".to_owned(),
        "https://u:p@rp.example/cb".to_owned(),
        "https://*.example/cb".to_owned(),
        "myapp:/cb".to_owned(),
    ] {
        assert_eq!(
            post(app, &json!({ "redirect_uris": [bad] }), None).await.error(),
            "400 invalid_redirect_uri",
            "{bad}"
        );
    }
    assert_eq!(app.rows("clients"), 0);
}

/// `oidcc-ensure-redirect-uri-in-authorization-request`.
async fn oidcc_ensure_redirect_uri_in_authorization_request(app: &TestApp) {
    open(app).await;
    let (party, _) = register(app, json!({})).await;
    let browser = app.db_signed_in(&ada(app).await).await;
    for scope in ["openid", "profile openid"] {
        let page = browser.get(&party.authorize_url(&[("scope", scope), ("redirect_uri", "")])).await;
        assert_eq!((page.status, page.header("location")), (400, None), "{scope}");
        assert!(page.body.contains("redirect_uri is missing"), "{}", page.body);
    }
}

/// `oidcc-refresh-token-rp-key-rotation`: the client's new keys are found where it publishes them.
async fn oidcc_refresh_token_rp_key_rotation(app: &TestApp) {
    open(app).await;
    let site = Site::start();
    let url = site.gives("/jwks", &keys(SigningAlgorithm::Es256, "one"));
    let body = json!({
        "jwks_uri": url, "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let (party, told) = register(app, body).await;
    assert_eq!(told["grant_types"], json!(["authorization_code", "refresh_token"]));
    let browser = app.db_signed_in(&ada(app).await).await;
    let code = party.code(&browser, &[("scope", "openid offline_access"), ("prompt", "consent")]).await;
    let answer = signing(app, &party, SigningAlgorithm::Es256, "one").redeem(&code).await;
    let refresh = answer.text("refresh_token");
    site.gives("/jwks", &keys(SigningAlgorithm::EdDsa, "two"));
    let answer = signing(app, &party, SigningAlgorithm::EdDsa, "two").refresh(&refresh).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        signing(app, &party, SigningAlgorithm::Es256, "one").refresh(&refresh).await.error(),
        "401 invalid_client"
    );
}

/// `oidcc-server-rotate-keys`: what is signed with a new key verifies by the set as it is published then.
async fn oidcc_server_rotate_keys(app: &TestApp) {
    open(app).await;
    let ((party, _), ada) = (register(app, json!({ "id_token_signed_response_alg": "ES256" })).await, ada(app).await);
    let (_, before) = verified(app, &signed_in(app, &party, &ada, &[("scope", "openid")]).await).await;
    let rotated = rotate(&app.app(), None, Actor::Operator, &[SigningAlgorithm::Es256], How::Ahead).await;
    rotated.unwrap_or_else(|failure| panic!("{failure}"));
    app.wait(2 * 86_400);
    app.restart().await;
    let (_, after) = verified(app, &signed_in(app, &party, &ada, &[("scope", "openid")]).await).await;
    assert_ne!(before["kid"], after["kid"]);
}
