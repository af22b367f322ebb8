//! Authorization server metadata (RFC 8414): each member is used the way it says.

use std::collections::BTreeSet;

use grantor::crypto::jwt::{self, KeySet};
use grantor::protocol::response_type::ResponseType;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Value, json};

use crate::openid::assertions;
use crate::support::db_shortcuts::{public_client, strings, web_client};
use crate::support::relying_party::{By, RelyingParty, Tokens};
use crate::support::{ClientSpec, TestApp, on_both};

const DOCUMENT: &str = "/.well-known/oauth-authorization-server";

on_both!(
    the_document_is_the_same_for_everybody,
    every_member_is_known_to_a_test,
    every_endpoint_answers,
    the_key_set_verifies_what_the_server_signs,
    every_scope_can_be_asked_for,
    every_response_type_and_mode_answers,
    every_grant_type_gives_tokens,
    every_authentication_method_works_where_it_is_named,
);

async fn document(app: &TestApp) -> Value {
    app.get(DOCUMENT).await.json()
}

fn texts(document: &Value, member: &str) -> Vec<String> {
    let list = document[member].as_array().unwrap_or_else(|| panic!("{member} is a list"));
    list.iter().map(|value| value.as_str().expect("text").to_owned()).collect()
}

/// A61, A09: what a request says of hosts changes nothing.
async fn the_document_is_the_same_for_everybody(app: &TestApp) {
    let plain = app.get(DOCUMENT).await;
    assert_eq!(plain.header("content-type"), Some("application/json"));
    let request = app.shared.http.get(app.shared.url(DOCUMENT)).header("X-Forwarded-Host", "evil.test");
    let request = request.header("Forwarded", "host=evil.test;proto=https").header("Origin", "https://any.test");
    let other = app.shared.send(request).await;
    assert_eq!((plain.body.as_str(), other.header("access-control-allow-origin")), (other.body.as_str(), Some("*")));
    assert!(other.header("access-control-allow-credentials").is_none());
    assert_eq!(plain.json()["issuer"], app.issuer(), "A62: the issuer string, identical");
}

/// A27, A62, A67: nothing is advertised that a test does not prove.
async fn every_member_is_known_to_a_test(app: &TestApp) {
    let document = document(app).await;
    let members: BTreeSet<&str> = document.as_object().expect("an object").keys().map(String::as_str).collect();
    let proven = BTreeSet::from([
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "introspection_endpoint",
        "revocation_endpoint",
        "scopes_supported",
        "response_types_supported",
        "response_modes_supported",
        "grant_types_supported",
        "token_endpoint_auth_methods_supported",
        "introspection_endpoint_auth_methods_supported",
        // `openid/assertions`: each signs an assertion that is taken.
        "token_endpoint_auth_signing_alg_values_supported",
        "revocation_endpoint_auth_signing_alg_values_supported",
        "introspection_endpoint_auth_signing_alg_values_supported",
        "revocation_endpoint_auth_methods_supported",
        // `authorization_code`: only S256 is taken, and it is checked.
        "code_challenge_methods_supported",
        // `authorize_answers`: `iss` stands in every redirect.
        "authorization_response_iss_parameter_supported",
        // `openid/userinfo`.
        "userinfo_endpoint",
        // `openid/discovery`: one name for everybody, and every claim is told somewhere.
        "subject_types_supported",
        "claim_types_supported",
        "claims_supported",
        // `openid/id_token`: each is signed with.
        "id_token_signing_alg_values_supported",
        // `openid/signed_answers`: each is signed with.
        "userinfo_signing_alg_values_supported",
        "introspection_signing_alg_values_supported",
        // `silence`, `openid/basic`, `openid/select_account`.
        "prompt_values_supported",
        // `openid/claims_parameter`.
        "claims_parameter_supported",
        // `openid/request_objects`.
        "request_parameter_supported",
        "request_uri_parameter_supported",
        "require_request_uri_registration",
        "request_object_signing_alg_values_supported",
        // `openid/hints`.
        "acr_values_supported",
        // `openid/basic`, and below.
        "display_values_supported",
        "ui_locales_supported",
        // `openid/logout`.
        "end_session_endpoint",
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
        "frontchannel_logout_supported",
        "frontchannel_logout_session_supported",
    ]);
    assert_eq!(members, proven);
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    let web = app.db_web_client().await;
    for display in texts(&document, "display_values_supported") {
        assert_eq!(app.browser().get(&web.authorize_url(&[("display", &display)])).await.status, 200, "{display}");
    }
    for language in texts(&document, "ui_locales_supported") {
        let page = app.browser().get(&web.authorize_url(&[("ui_locales", &language)])).await;
        assert_eq!(page.attributes("html", "lang"), [language]);
    }
}

async fn every_endpoint_answers(app: &TestApp) {
    let document = document(app).await;
    for member in ["token_endpoint", "introspection_endpoint", "revocation_endpoint"] {
        let url = document[member].as_str().expect("an address");
        let answer =
            app.shared.send(app.shared.http.post(url).form(&[("token", "x"), ("grant_type", "refresh_token")]));
        assert_eq!(answer.await.error(), "401 invalid_client", "{member}");
    }
    let url = document["authorization_endpoint"].as_str().expect("an address");
    assert_eq!(app.browser().get(url).await.status, 400, "a page that misses client_id");
}

async fn the_key_set_verifies_what_the_server_signs(app: &TestApp) {
    let document = document(app).await;
    let url = document["jwks_uri"].as_str().expect("an address");
    let keys = KeySet::parse(&app.get(url).await.body).expect("a key set");
    for algorithm in SigningAlgorithm::ALL {
        let key = app.app().keys.signing(algorithm).expect("a key");
        let token = key.sign("JWT", &json!({ "iss": document["issuer"] })).expect("a token");
        assert_eq!(jwt::verify(&token, &keys).expect("claims")["iss"], app.issuer(), "{key:?}");
    }
}

async fn every_scope_can_be_asked_for(app: &TestApp) {
    let scopes = texts(&document(app).await, "scopes_supported");
    assert_eq!(scopes.len(), 26);
    let spec = ClientSpec { scopes: scopes.clone(), ..web_client() };
    let (web, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    for scope in &scopes {
        let code = app.db_code(&web, &ada, &[("scope", scope)]).await;
        assert_eq!(web.redeem(&code).await.text("scope"), *scope);
    }
}

async fn every_response_type_and_mode_answers(app: &TestApp) {
    app.restart_with(|config| config.tokens.implicit = true).await;
    let document = document(app).await;
    let types = texts(&document, "response_types_supported");
    let all = ResponseType::ALL.map(|kind| kind.as_str().to_owned());
    let grants = texts(&document, "grant_types_supported");
    assert_eq!((types.as_slice(), grants.last().map(String::as_str)), (&all[..], Some("implicit")));
    let spec = ClientSpec { response_types: Some(types), scopes: strings(&["openid"]), ..public_client() };
    let (spa, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    for mode in texts(&document, "response_modes_supported") {
        for kind in ResponseType::ALL {
            let asked =
                [("response_type", kind.as_str()), ("response_mode", &mode), ("scope", "openid"), ("nonce", "n")];
            let answer = browser.allow(browser.get(&spa.authorize_url(&asked)).await).await;
            let has =
                [("code", kind.has_code()), ("access_token", kind.has_token()), ("id_token", kind.has_id_token())];
            for (carried, _) in has.iter().filter(|(_, carried)| *carried) {
                match mode.as_str() {
                    "form_post" => assert!(!answer.form("form-post-continue").value(carried).is_empty()),
                    "fragment" => {
                        let fragment = answer.location().split_once('#').expect("a fragment").1;
                        assert!(fragment.split('&').any(|pair| pair.starts_with(&format!("{carried}="))), "{fragment}");
                    }
                    "query" if kind == ResponseType::Code => assert!(answer.location().contains("?code=")),
                    "query" => assert!(answer.location().contains("#error=invalid_request"), "no token in a query"),
                    other => panic!("{other} is not tested"),
                }
            }
        }
    }
}

async fn every_grant_type_gives_tokens(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    for grant_type in texts(&document(app).await, "grant_types_supported") {
        let answer = match grant_type.as_str() {
            "authorization_code" => web.redeem(&app.db_code(&web, &ada, &[]).await).await,
            "refresh_token" => web.refresh(&app.db_tokens(&web, &ada, "org:read").await.refresh).await,
            "client_credentials" => web.client_credentials("org:read").await,
            other => panic!("{other} is not tested"),
        };
        assert_eq!(answer.status, 200, "{grant_type}: {}", answer.body);
    }
}

/// A36, A67.
async fn every_authentication_method_works_where_it_is_named(app: &TestApp) {
    let (document, ada) = (document(app).await, app.db_user("ada").await);
    for method in texts(&document, "token_endpoint_auth_methods_supported") {
        let (spec, by) = match method.as_str() {
            "none" => (public_client(), By::Nothing),
            "client_secret_basic" => (web_client(), By::Basic),
            "client_secret_post" => {
                (ClientSpec { authentication_method: Some(method.clone()), ..web_client() }, By::Post)
            }
            "client_secret_jwt" | "private_key_jwt" => (assertions::spec(&method), By::Nothing),
            other => panic!("{other} is not tested"),
        };
        let mut party: RelyingParty = app.db_client(spec).await;
        match method.as_str() {
            "client_secret_jwt" => party = assertions::by_secret(app, party),
            "private_key_jwt" => party = assertions::by_key(app, party),
            _ => assert!(party.by == by, "{method}"),
        }
        let tokens: Tokens = app.db_tokens(&party, &ada, "org:read").await;
        let may_introspect = texts(&document, "introspection_endpoint_auth_methods_supported").contains(&method);
        assert_eq!(party.introspect(&tokens.access).await.status == 200, may_introspect, "{method}");
        let may_revoke = texts(&document, "revocation_endpoint_auth_methods_supported").contains(&method);
        assert_eq!(party.revoke(&tokens.access).await.status == 200, may_revoke, "{method}");
    }
}
