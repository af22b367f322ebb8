//! What the documents say is what the server does (OpenID Connect Discovery sections 3 and 4, RFC 8414).

use serde_json::{Value, json};

use super::{ALL, relying_party, signed_in, stage, verified};
use crate::support::{TestApp, on_both};

on_both!(
    oidcc_discovery_endpoint_verification,
    both_names_give_the_same_document,
    every_claim_it_names_is_told_somewhere,
    a_public_subject_is_one_name_for_every_client,
);

/// `oidcc-discovery-endpoint-verification`.
async fn oidcc_discovery_endpoint_verification(app: &TestApp) {
    let answer = app.get("/.well-known/openid-configuration").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let document = answer.json();
    assert_eq!(document["issuer"], json!(app.shared.issuer));
    for endpoint in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        let url = document[endpoint].as_str().unwrap_or_else(|| panic!("{endpoint} is required"));
        assert!(url.starts_with(&app.shared.issuer), "{url}");
    }
    let lists = |member: &str, value: &str| {
        document[member].as_array().is_some_and(|listed| listed.contains(&Value::from(value)))
    };
    for (member, value) in [
        ("response_types_supported", "code"),
        ("subject_types_supported", "public"),
        ("subject_types_supported", "pairwise"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("scopes_supported", "openid"),
        ("grant_types_supported", "authorization_code"),
        ("token_endpoint_auth_methods_supported", "client_secret_basic"),
        ("claims_supported", "email"),
    ] {
        assert!(lists(member, value), "{member} has {value}");
    }
    for member in ["claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported"] {
        assert_eq!(document[member], json!(true), "{member}");
    }
}

/// One document: a client may take either.
async fn both_names_give_the_same_document(app: &TestApp) {
    let openid = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(openid, app.get("/.well-known/oauth-authorization-server").await.json());
}

/// `claims_supported`, `claim_types_supported`.
async fn every_claim_it_names_is_told_somewhere(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let answer = signed_in(app, &web, &ada, &[("scope", ALL), ("nonce", "n")]).await;
    let (in_token, _) = verified(app, &answer).await;
    let request = app.shared.http.get(app.shared.url("/oauth/userinfo"));
    let bearer = format!("Bearer {}", answer.text("access_token"));
    let at_userinfo = app.shared.send(request.header("authorization", bearer)).await.json();
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["claim_types_supported"], json!(["normal"]));
    for claim in document["claims_supported"].as_array().expect("a list") {
        let claim = claim.as_str().expect("a name");
        assert!(in_token.contains_key(claim) || at_userinfo.get(claim).is_some(), "{claim}");
    }
}

/// `subject_types_supported`, section 8.
async fn a_public_subject_is_one_name_for_every_client(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let other = app.db_client(relying_party()).await;
    let mut told = Vec::new();
    for party in [&web, &other] {
        let answer = signed_in(app, party, &ada, &[("scope", "openid")]).await;
        told.push(verified(app, &answer).await.0["sub"].clone());
    }
    assert_eq!(told, [json!(ada.row.sub), json!(ada.row.sub)]);
}
