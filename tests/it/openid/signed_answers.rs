//! Answers that can be shown to others: UserInfo (OpenID Connect Core section 5.3.2) and introspection (RFC 9701) as JWTs.

use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Value, json};

use super::{part, signed_in, stage};
use crate::support::relying_party::basic;
use crate::support::{Answer, RelyingParty, TestApp, on_both};

on_both!(
    oidcc_userinfo_rs256,
    userinfo_is_signed_with_each_algorithm_there_is,
    introspection_is_signed_for_whoever_asks_for_it,
    introspection_is_signed_with_each_algorithm_there_is,
    an_inactive_token_says_nothing_else_under_a_signature_either,
    who_does_not_name_the_type_gets_json,
);

async fn userinfo(app: &TestApp, token: &str) -> Answer {
    let request = app.shared.http.get(app.shared.url("/oauth/userinfo"));
    app.shared.send(request.header("authorization", format!("Bearer {token}"))).await
}

async fn introspect(party: &RelyingParty, token: &str, accept: &str) -> Answer {
    let secret = party.client_secret.as_deref().expect("a secret");
    let request = party.shared.http.post(party.shared.url("/oauth/introspect")).form(&[("token", token)]);
    let request = request.header("authorization", basic(&party.client_id, secret)).header("accept", accept);
    party.shared.send(request).await
}

const JWT: &str = "application/token-introspection+jwt";

/// `oidcc-userinfo-rs256`.
async fn oidcc_userinfo_rs256(app: &TestApp) {
    let (web, ada) = stage(app).await;
    app.db_metadata(&web, |metadata| metadata.userinfo_signed_response_alg = Some(SigningAlgorithm::Rs256)).await;
    let answer = signed_in(app, &web, &ada, &[("scope", "openid email")]).await;
    let told = userinfo(app, &answer.text("access_token")).await;
    assert_eq!((told.status, told.header("content-type")), (200, Some("application/jwt")));
    assert_eq!(told.header("cache-control"), Some("no-store"));
    let claims = verified(app, &told.body).await;
    let expected = json!({
        "iss": app.shared.issuer, "aud": web.client_id, "sub": ada.row.sub, "email": "ada@example.test",
        "email_verified": false,
    });
    assert_eq!(claims, expected);
    let header = part(&told.body, 0);
    assert_eq!((&header["alg"], header.get("typ")), (&json!("RS256"), None), "it passes for nothing that has a type");
}

/// The claims of a JWT that the published keys fit.
async fn verified(app: &TestApp, token: &str) -> Value {
    use grantor::crypto::jwt::{KeySet, verify_of_kind};
    let keys = KeySet::parse(&app.get("/oauth/jwks.json").await.body).expect("a JWK set");
    let signed = verify_of_kind(token, &keys, &["token-introspection+jwt"]);
    Value::Object(signed.unwrap_or_else(|refusal| panic!("{refusal}: {token}")).claims)
}

/// `userinfo_signing_alg_values_supported`.
async fn userinfo_is_signed_with_each_algorithm_there_is(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let token = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("access_token");
    let document = app.get("/.well-known/openid-configuration").await.json();
    let listed = document["userinfo_signing_alg_values_supported"].as_array().expect("a list").clone();
    assert_eq!(listed.len(), SigningAlgorithm::ALL.len());
    for algorithm in listed {
        let named = SigningAlgorithm::parse(algorithm.as_str().expect("a name"));
        app.db_metadata(&web, |metadata| metadata.userinfo_signed_response_alg = named).await;
        let told = userinfo(app, &token).await.body;
        assert_eq!((&part(&told, 0)["alg"], &verified(app, &told).await["sub"]), (&algorithm, &json!(ada.row.sub)));
    }
}

/// RFC 9701 section 5.
async fn introspection_is_signed_for_whoever_asks_for_it(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let api = app.db_resource_server("https://orgs.example", &["org"]).await;
    let token = signed_in(app, &web, &ada, &[("scope", "openid org:read")]).await.text("access_token");
    let plain = api.introspect(&token).await.json();
    assert_eq!(plain["active"], json!(true));
    let told = introspect(&api, &token, JWT).await;
    assert_eq!((told.status, told.header("content-type")), (200, Some(JWT)));
    assert_eq!(told.header("cache-control"), Some("no-store"));
    let expected = json!({
        "iss": app.shared.issuer, "aud": api.client_id, "iat": app.now(), "token_introspection": plain,
    });
    assert_eq!(verified(app, &told.body).await, expected, "no exp and no sub: it is no token");
    let header = part(&told.body, 0);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("token-introspection+jwt")));
    // Whoever may not ask is told so in plain words.
    let stranger = api.with_secret(Some("wrong"), api.by);
    assert_eq!(introspect(&stranger, &token, JWT).await.error(), "401 invalid_client");
}

/// `introspection_signing_alg_values_supported`.
async fn introspection_is_signed_with_each_algorithm_there_is(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let token = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("access_token");
    let document = app.get("/.well-known/openid-configuration").await.json();
    let listed = document["introspection_signing_alg_values_supported"].as_array().expect("a list").clone();
    assert_eq!(listed.len(), SigningAlgorithm::ALL.len());
    for algorithm in listed {
        let named = SigningAlgorithm::parse(algorithm.as_str().expect("a name"));
        app.db_metadata(&web, |metadata| metadata.introspection_signed_response_alg = named).await;
        let told = introspect(&web, &token, JWT).await.body;
        assert_eq!(part(&told, 0)["alg"], algorithm);
        assert_eq!(verified(app, &told).await["token_introspection"]["active"], json!(true));
    }
}

/// A56, RFC 9701 section 5.
async fn an_inactive_token_says_nothing_else_under_a_signature_either(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let others = app.db_resource_server("https://people.example", &["member"]).await;
    let token = signed_in(app, &web, &ada, &[("scope", "org:read")]).await.text("access_token");
    for (asker, token) in [(&web, "nonsense"), (&others, token.as_str())] {
        let told = introspect(asker, token, JWT).await.body;
        assert_eq!(verified(app, &told).await["token_introspection"], json!({ "active": false }));
    }
}

/// RFC 9701 section 4.
async fn who_does_not_name_the_type_gets_json(app: &TestApp) {
    let (web, _) = stage(app).await;
    let kind = async |accept: &str| {
        let answer = introspect(&web, "nonsense", accept).await;
        answer.header("content-type").map(str::to_owned)
    };
    for plain in
        ["*/*", "application/*", "application/json", "application/jwt", &format!("{JWT};q=0"), &format!("x{JWT}")]
    {
        assert_eq!(kind(plain).await.as_deref(), Some("application/json"), "{plain}");
    }
    for signed in [format!("application/json, {JWT}"), format!("{JWT}; q=0.5"), JWT.to_uppercase()] {
        assert_eq!(kind(&signed).await.as_deref(), Some(JWT), "{signed}");
    }
}
