//! Clients that register themselves (RFC 7591, RFC 7592, OpenID Connect Dynamic Client Registration 1.0).

use std::sync::Arc;

use futures_util::future::join_all;
use grantor::config::registration::Mode;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Value, json};

use super::{signed_in, verified};
use crate::support::operator::Operator;
use crate::support::relying_party::By;
use crate::support::signing_keys::demo;
use crate::support::site::Site;
use crate::support::{Answer, Person, RelyingParty, TestApp, assert_whole, on_both};

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
    registration_is_closed_unless_somebody_opens_it,
    an_initial_access_token_registers_so_many_clients_for_so_long,
    a_registration_is_read_changed_and_ended_by_its_own_client,
    one_token_changes_a_registration_once,
    what_is_wrong_is_told_in_the_words_of_the_rfc,
    a_registered_client_has_the_scopes_the_operator_offers,
    addresses_on_private_networks_are_never_called,
    one_address_registers_so_many,
    scripts_of_any_site_may_register_while_it_is_open,
);

const CB: &str = "https://rp.example/cb";

async fn open(app: &TestApp) {
    app.restart_with(|config| {
        config.dev = true;
        config.tokens.implicit = true;
        config.registration.mode = Mode::Open;
        config.registration.per_hour = 200;
    })
    .await;
}

async fn post(app: &TestApp, body: &Value, token: Option<&str>) -> Answer {
    let mut request = app.shared.http.post(app.shared.url("/oauth/register")).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    app.shared.send(request).await
}

/// What certification registers: one redirect URI, and what the module is about.
async fn register(app: &TestApp, more: Value) -> (RelyingParty, Value) {
    let mut body = json!({ "redirect_uris": [CB], "client_name": "Certified" });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let answer = post(app, &body, None).await;
    assert_eq!((answer.status, answer.header("cache-control")), (201, Some("no-store")), "{}", answer.body);
    let told = answer.json();
    (party(app, &told), told)
}

fn party(app: &TestApp, told: &Value) -> RelyingParty {
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

async fn ada(app: &TestApp) -> Person {
    app.db_user("ada").await
}

async fn manage(app: &TestApp, method: &str, told: &Value, body: Option<&Value>) -> Answer {
    let uri = told["registration_client_uri"].as_str().expect("a URI");
    let token = told["registration_access_token"].as_str().expect("a token");
    let mut request = app.shared.http.request(method.parse().expect("a method"), uri).bearer_auth(token);
    if let Some(body) = body {
        request = request.json(body);
    }
    app.shared.send(request).await
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
    let page = app.db_signed_in(&ada).await.get(&party.authorize_url(&[("scope", "openid"), ("prompt", "consent")])).await;
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
    assert_eq!(consent_page(app, &party).await.status, 200);
    for bad in ["http://rp.example/logo.png", "javascript:alert(1)", "data:image/svg+xml,x", "https://u@rp.example/", "x"] {
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

fn signing(app: &TestApp, party: &RelyingParty, algorithm: SigningAlgorithm, kid: &str) -> RelyingParty {
    let text = assertion(app, &party.client_id, algorithm, kid);
    RelyingParty { asserts: Some(Arc::new(move |_: &crate::support::test_app::Shared| text.clone())), ..party.clone() }
}

fn keys(algorithm: SigningAlgorithm, kid: &str) -> Value {
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
    let asked = |sector: String| json!({ "redirect_uris": uris, "subject_type": "pairwise", "sector_identifier_uri": sector });
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
        assert_eq!(post(app, &json!({ "redirect_uris": [bad] }), None).await.error(), "400 invalid_redirect_uri", "{bad}");
    }
    assert_eq!(app.rows("clients"), 0);
}

/// `oidcc-ensure-redirect-uri-in-authorization-request`.
async fn oidcc_ensure_redirect_uri_in_authorization_request(app: &TestApp) {
    open(app).await;
    let (party, _) = register(app, json!({})).await;
    let browser = app.db_signed_in(&ada(app).await).await;
    let page = browser.get(&party.authorize_url(&[("scope", "openid"), ("redirect_uri", "")])).await;
    assert_eq!(page.status, 400);
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
    assert_eq!(signing(app, &party, SigningAlgorithm::Es256, "one").refresh(&refresh).await.error(), "401 invalid_client");
}

/// `oidcc-server-rotate-keys`: what is signed with a new key verifies by the set as it is published then.
async fn oidcc_server_rotate_keys(app: &TestApp) {
    open(app).await;
    let ((party, _), ada) = (register(app, json!({ "id_token_signed_response_alg": "ES256" })).await, ada(app).await);
    let (_, before) = verified(app, &signed_in(app, &party, &ada, &[("scope", "openid")]).await).await;
    let rotated = Operator::of(app).says(&["key", "rotate", "signing", "--algorithm", "ES256"]).await;
    assert!(rotated.done, "{}", rotated.error);
    app.wait(2 * 86_400);
    app.restart().await;
    let (_, after) = verified(app, &signed_in(app, &party, &ada, &[("scope", "openid")]).await).await;
    assert_ne!(before["kid"], after["kid"]);
}

/// A60: not there, not named, and not there for a token either.
async fn registration_is_closed_unless_somebody_opens_it(app: &TestApp) {
    let body = json!({ "redirect_uris": [CB] });
    assert_eq!(post(app, &body, None).await.status, 404);
    app.restart_with(|config| config.registration.mode = Mode::InitialToken).await;
    let answer = post(app, &body, None).await;
    assert_whole!(answer, @r#"
    401
    cache-control: no-store
    pragma: no-cache
    www-authenticate: Bearer realm="grantor"
    x-content-type-options: nosniff

    "#);
    for token in ["x", "gia_nonsense"] {
        assert_eq!(post(app, &body, Some(token)).await.error(), "401 invalid_token", "{token}");
    }
    let web = app.db_web_client().await;
    let other = web.client_credentials("org:read").await.text("access_token");
    assert_eq!(post(app, &body, Some(&other)).await.error(), "401 invalid_token", "a token of another kind");
    assert_eq!(app.rows("clients"), 1);
}

/// Parallel uses count; an expired or deleted token registers nothing.
async fn an_initial_access_token_registers_so_many_clients_for_so_long(app: &TestApp) {
    app.restart_with(|config| config.registration.mode = Mode::InitialToken).await;
    let operator = Operator::of(app);
    let body = json!({ "redirect_uris": [CB] });
    let made = operator.says(&["--json", "registration-token", "create", "--name", "farm", "--uses", "3"]).await.json();
    let token = made["token"].as_str().expect("a token").to_owned();
    let answers = join_all((0..8).map(|_| post(app, &body, Some(&token)))).await;
    let registered = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(registered, 3, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert_eq!(app.rows("clients"), 3);
    let listed = operator.says(&["--json", "registration-token", "list"]).await.json();
    assert_eq!((&listed[0]["uses_left"], &listed[0]["clients"], &listed[0]["name"]), (&json!(0), &json!(3), &json!("farm")));
    assert!(listed[0].get("token").is_none());

    let create = ["--json", "registration-token", "create", "--for", "1h"];
    let (brief, gone) = (operator.says(&create).await.json(), operator.says(&create).await.json());
    let id = gone["id"].as_str().expect("an id");
    assert!(operator.says(&["registration-token", "delete", id]).await.done);
    assert!(!operator.says(&["registration-token", "delete", id]).await.done, "twice");
    assert_eq!(post(app, &body, gone["token"].as_str()).await.error(), "401 invalid_token");
    app.wait(3600);
    assert_eq!(post(app, &body, brief["token"].as_str()).await.error(), "401 invalid_token");
    let events = app.db_events().await;
    for event in ["registration_token.create", "registration_token.delete", "client.register"] {
        assert!(events.iter().any(|known| known == event), "{event}");
    }
}

/// RFC 7592: each change makes a new token, and the end is the end of everything.
async fn a_registration_is_read_changed_and_ended_by_its_own_client(app: &TestApp) {
    open(app).await;
    let (party, told) = register(app, json!({ "contacts": ["a@rp.example"], "logo_uri": "https://rp.example/l.png" })).await;
    let read = manage(app, "GET", &told, None).await;
    assert_eq!((read.status, read.header("cache-control")), (200, Some("no-store")));
    assert_eq!(read.json().get("client_secret"), None, "only its digest is kept");
    assert_eq!(read.json()["registration_access_token"], told["registration_access_token"]);

    let (_, other) = register(app, json!({})).await;
    let mut stranger = told.clone();
    stranger["registration_access_token"] = other["registration_access_token"].clone();
    for method in ["GET", "DELETE"] {
        assert_eq!(manage(app, method, &stranger, None).await.error(), "401 invalid_token", "{method} by another client");
    }

    let change = json!({
        "client_id": told["client_id"], "client_secret": told["client_secret"], "redirect_uris": [CB],
        "client_name": "Changed", "scope": "openid profile",
    });
    let mut wrong = change.clone();
    wrong["client_id"] = other["client_id"].clone();
    assert_eq!(manage(app, "PUT", &told, Some(&wrong)).await.error(), "400 invalid_client_metadata");
    wrong = change.clone();
    wrong["client_secret"] = other["client_secret"].clone();
    assert_eq!(manage(app, "PUT", &told, Some(&wrong)).await.error(), "400 invalid_client_metadata");
    let changed = manage(app, "PUT", &told, Some(&change)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let now = changed.json();
    assert_eq!((&now["client_name"], &now["scope"]), (&json!("Changed"), &json!("openid profile")));
    assert_eq!((now.get("contacts"), now.get("logo_uri")), (None, None), "what is left out is gone");
    assert_ne!(now["registration_access_token"], told["registration_access_token"]);
    assert_eq!(manage(app, "GET", &told, None).await.error(), "401 invalid_token", "the old token");
    assert_eq!(manage(app, "GET", &now, None).await.status, 200);

    let ada = ada(app).await;
    let token = signed_in(app, &party, &ada, &[("scope", "openid")]).await.text("access_token");
    assert!(party.is_active(&token).await);
    assert_eq!(manage(app, "DELETE", &now, None).await.status, 204);
    assert_eq!(party.introspect(&token).await.error(), "401 invalid_client");
    for method in ["GET", "DELETE"] {
        assert_eq!(manage(app, method, &now, None).await.error(), "401 invalid_token", "{method} after the end");
    }
    assert_eq!((app.rows("clients"), app.rows("client_registrations")), (1, 1));
    let operator = Operator::of(app);
    let id = other["client_id"].as_str().expect("a client");
    assert!(operator.says(&["client", "disable", id]).await.done);
    assert_eq!(manage(app, "GET", &other, None).await.error(), "401 invalid_token", "a client that is off");
    assert!(operator.says(&["client", "enable", id]).await.done);
    assert_eq!(manage(app, "GET", &other, None).await.status, 200);
}

async fn one_token_changes_a_registration_once(app: &TestApp) {
    open(app).await;
    let (_, told) = register(app, json!({})).await;
    let change = |number: usize| {
        json!({ "client_id": told["client_id"], "redirect_uris": [CB], "client_name": format!("Name {number}") })
    };
    let changes: Vec<Value> = (0..16).map(change).collect();
    let answers = join_all(changes.iter().map(|change| manage(app, "PUT", &told, Some(change)))).await;
    let done: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(done.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert_eq!(manage(app, "GET", &done[0].json(), None).await.json()["client_name"], done[0].json()["client_name"]);
}

async fn what_is_wrong_is_told_in_the_words_of_the_rfc(app: &TestApp) {
    open(app).await;
    let with = |member: &str, value: Value| {
        let mut body = json!({ "redirect_uris": [CB] });
        body[member] = value;
        body
    };
    for (member, value) in [
        ("redirect_uris", json!([])),
        ("redirect_uris", json!("https://rp.example/cb")),
        ("client_name", json!("grantor")),
        ("client_name", json!("x".repeat(65))),
        ("client_name", json!(7)),
        ("client_name", json!("<script>\u{202e}")),
        ("token_endpoint_auth_method", json!("tls_client_auth")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("response_types", json!(["device"])),
        ("grant_types", json!(["client_credentials"])),
        ("id_token_encrypted_response_alg", json!("RSA-OAEP")),
        ("jwks", json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "x", "y": "y", "d": "secret" }] })),
        ("subject_type", json!("other")),
        ("initiate_login_uri", json!("http://rp.example/start")),
    ] {
        let answer = post(app, &with(member, value.clone()), None).await;
        let expected = if member == "redirect_uris" && value.is_array() { "redirect_uri" } else { "client_metadata" };
        let expected = if member == "redirect_uris" { "redirect_uri" } else { expected };
        assert_eq!(answer.error(), format!("400 invalid_{expected}"), "{member} {value}: {}", answer.body);
        let told = answer.text("error_description");
        assert!(told.is_ascii() && !told.contains("secret,"), "{told}");
    }
    for (kind, body) in [("application/json", "[]"), ("application/json", "{"), ("text/plain", "{}"), ("application/json", r#"{"x":"\u0000"}"#)] {
        let request = app.shared.http.post(app.shared.url("/oauth/register")).header("Content-Type", kind).body(body);
        assert_eq!(app.shared.send(request).await.error(), "400 invalid_client_metadata", "{kind} {body}");
    }
    assert_eq!(app.rows("clients"), 0);
    app.restart_with(|config| config.tokens.implicit = false).await;
    let implicit = with("response_types", json!(["id_token"]));
    assert_eq!(post(app, &implicit, None).await.error(), "400 invalid_client_metadata", "switched off");
    open(app).await;
    let told = post(app, &implicit, None).await.json();
    assert_eq!((&told["grant_types"], &told["response_types"]), (&json!(["implicit"]), &json!(["id_token"])));
}

/// C67: registering is no way to more than what the operator offers.
async fn a_registered_client_has_the_scopes_the_operator_offers(app: &TestApp) {
    open(app).await;
    let asked = json!({ "scope": "openid profile org:admin admin:write nonsense", "grant_types": ["authorization_code", "client_credentials"],
        "may_introspect": true, "verified": true, "owner": "ada", "refresh_without_offline_access": true });
    let (party, told) = register(app, asked).await;
    assert_eq!((&told["scope"], &told["grant_types"]), (&json!("openid profile"), &json!(["authorization_code"])));
    let show = Operator::of(app).says(&["--json", "client", "show", &party.client_id]).await.json();
    let metadata = &show["metadata"];
    assert_eq!((&metadata["may_introspect"], &metadata["verified"], &metadata["owner"]), (&json!(false), &json!(false), &Value::Null));
    assert_eq!(metadata["openid"].get("refresh_without_offline_access"), None);
    assert_eq!(party.client_credentials("openid").await.error(), "400 unauthorized_client");
    app.restart_with(|config| config.registration.scopes.push("org:read".to_owned())).await;
    let (_, told) = register(app, json!({ "scope": "openid org:read org:write" })).await;
    assert_eq!(told["scope"], "openid org:read");
}

/// A60, C71.
async fn addresses_on_private_networks_are_never_called(app: &TestApp) {
    open(app).await;
    app.restart_with(|config| config.dev = false).await;
    let site = Site::start();
    for sector in [
        site.gives("/sector", &json!([CB])),
        "https://127.0.0.1/x".to_owned(),
        "https://169.254.169.254/latest".to_owned(),
        "https://[::ffff:10.0.0.1]/x".to_owned(),
        "https://localhost/x".to_owned(),
    ] {
        let body = json!({ "redirect_uris": [CB], "subject_type": "pairwise", "sector_identifier_uri": sector });
        assert_eq!(post(app, &body, None).await.error(), "400 invalid_client_metadata", "{sector}");
    }
    let keys = site.gives("/jwks", &keys(SigningAlgorithm::Es256, "one"));
    let (party, _) = register(app, json!({ "jwks_uri": keys, "token_endpoint_auth_method": "private_key_jwt" })).await;
    let refused = signing(app, &party, SigningAlgorithm::Es256, "one").redeem("x").await;
    assert_eq!(refused.error(), "401 invalid_client");
    assert_eq!((site.visits("/sector"), site.visits("/jwks")), (0, 0));
}

async fn one_address_registers_so_many(app: &TestApp) {
    app.restart_with(|config| {
        config.registration.mode = Mode::Open;
        config.registration.per_hour = 3;
    })
    .await;
    let body = json!({ "redirect_uris": [CB] });
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(post(app, &body, None).await.status);
    }
    assert_eq!(statuses, [201, 201, 201, 429, 429]);
    app.wait(3600);
    assert_eq!(post(app, &body, None).await.status, 201);
    app.restart_with(|config| config.registration.most = 4).await;
    assert_eq!(post(app, &body, None).await.error(), "400 access_denied", "so many in all");
}

/// A09: never with cookies, and for nobody while tokens are needed.
async fn scripts_of_any_site_may_register_while_it_is_open(app: &TestApp) {
    let preflight = async || {
        let request = app.shared.http.request("OPTIONS".parse().expect("a method"), app.shared.url("/oauth/register"));
        app.shared.send(request.header("Origin", "https://any.test").header("Access-Control-Request-Method", "POST")).await
    };
    app.restart_with(|config| config.registration.mode = Mode::InitialToken).await;
    assert_eq!(preflight().await.header("access-control-allow-origin"), None);
    open(app).await;
    let answer = preflight().await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, Some("*")));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let answer = post(app, &json!({ "redirect_uris": [CB] }), None).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let told = answer.json();
    assert_eq!(manage(app, "GET", &told, None).await.header("access-control-allow-origin"), Some("*"));
    let spa = post(app, &json!({ "redirect_uris": [CB], "token_endpoint_auth_method": "none" }), None).await.json();
    assert_eq!(spa.get("client_secret"), None);
    let request = app.shared.http.post(app.shared.url("/oauth/token")).header("Origin", "https://rp.example");
    let client_id = spa["client_id"].as_str().expect("a client");
    let answer = app.shared.send(request.form(&[("grant_type", "refresh_token"), ("client_id", client_id)])).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://rp.example"), "its own site redeems its codes");
}
