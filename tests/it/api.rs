//! The API's door: who asks, with which one credential, from where, how often, and what they hear when it stays shut.

use std::collections::BTreeSet;

use grantor::flows::personal_tokens::NewPersonalToken;
use grantor::http::api::openapi;
use grantor::http::routes;
use serde_json::{Value, json};

use crate::support::db_shortcuts::{strings, web_client};
use crate::support::relying_party::basic;
use crate::support::{Answer, ClientSpec, RelyingParty, TestApp, assert_whole, on_both};

on_both!(
    each_credential_says_what_it_is,
    whoever_brings_nothing_is_told_what_to_bring,
    a_request_carries_one_credential,
    what_opens_nothing_says_why,
    a_token_for_another_resource_server_does_nothing_here,
    a_session_changes_things_from_our_own_pages_only,
    a_bound_token_lives_by_its_identity,
    a_bound_token_opens_nothing_else,
    a_credential_that_asks_too_often_waits,
    scripts_of_listed_origins_read_answers,
    the_document_and_the_router_agree,
    a_disabled_person_leaves_no_token_behind,
    a_token_ends_when_it_said,
);

async fn board(app: &TestApp) -> RelyingParty {
    let spec = ClientSpec {
        scopes: strings(&["org:read", "account:read", "account:write"]),
        allowed_origins: strings(&["https://app.test"]),
        ..web_client()
    };
    app.db_client(spec).await
}

fn code(answer: &Answer) -> String {
    format!("{} {}", answer.status, answer.text("code"))
}

async fn each_credential_says_what_it_is(app: &TestApp) {
    let (ada, board) = (app.db_user("ada").await, board(app).await);
    let token = app.db_personal_token(&ada, &["account:write", "org:read"], None).await;
    let answer = app.script(&token).get("/me").await;
    assert_eq!((answer.status, answer.header("ratelimit")), (200, Some("\"default\";r=599")));
    assert!(answer.header("etag").is_some() && answer.header("cache-control") == Some("no-store"));
    let ada_is = json!({
        "sub": "[sub ada]", "login": "ada", "name": "ada Example", "email": null, "email_verified": false, "emails": [],
        "administrator": false,
    });
    let scopes = ["account:read", "account:write", "org:read"];
    assert_eq!(
        answer.named_json(),
        json!({ "credential": "personal_token", "user": ada_is, "scopes": scopes, "organization": null })
    );
    let access = app.db_tokens(&board, &ada, "account:read").await.access;
    let answer = app.script(&access).get("/me").await.json();
    assert_eq!((&answer["credential"], &answer["scopes"]), (&json!("access_token"), &json!(["account:read"])));
    let browser = app.db_signed_in(&ada).await;
    let answer = app.page_script(&browser).await.get("/me").await.json();
    assert_eq!((&answer["credential"], &answer["scopes"]), (&json!("session"), &Value::Null));
    assert_eq!(answer["user"]["login"], "ada");
    // Consent to something else is no consent to the person's name and address.
    let narrow = app.db_tokens(&board, &ada, "org:read").await.access;
    let told = app.script(&narrow).get("/me").await.json();
    let members: Vec<&String> = told["user"].as_object().expect("a person").keys().collect();
    assert_eq!(members, ["sub"]);
}

async fn whoever_brings_nothing_is_told_what_to_bring(app: &TestApp) {
    assert_whole!(app.stranger().get("/me").await, @r#"
    401
    cache-control: no-store
    content-type: application/problem+json
    pragma: no-cache
    www-authenticate: Bearer realm="grantor"
    x-content-type-options: nosniff

    {"type":"/api/v1/docs#no-credential","title":"Who is asking?","status":401,"detail":"This needs a credential: `Authorization: Bearer` with a personal token, an access token or an API key, Basic with an API key as user name and no password, or the session of a browser.","code":"no-credential"}
    "#);
}

/// A32, RFC 6750 section 2: not two, and none in the address.
async fn a_request_carries_one_credential(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let token = app.db_personal_token(&ada, &["account:read"], None).await;
    let script = app.script(&token);
    let two = script.with("authorization", &format!("Bearer {token}")).get("/me").await;
    assert_eq!(code(&two), "400 invalid-request");
    let in_address = app.stranger().get(&format!("/me?access_token={token}")).await;
    assert_eq!(code(&in_address), "400 invalid-request");
    // A session beside a token that opens nothing is no way in.
    let browser = app.db_signed_in(&ada).await;
    let session = app.page_script(&browser).await;
    assert_eq!(session.get("/me").await.status, 200);
    let beside = session.with("authorization", "Bearer gpt_nothing").get("/me").await;
    assert_eq!(code(&beside), "401 invalid-token");
}

/// C11, C12: every other kind of secret, every wrong spelling.
async fn what_opens_nothing_says_why(app: &TestApp) {
    let (ada, board) = (app.db_user("ada").await, board(app).await);
    let token = app.db_personal_token(&ada, &["account:read"], None).await;
    let tokens = app.db_tokens(&board, &ada, "account:read").await;
    let refresh = tokens.refresh;
    let last = if token.ends_with('x') { 'y' } else { 'x' };
    let mistyped = format!("{}{last}", &token[..token.len() - 1]);
    for (said, expected) in [
        (format!("Bearer {refresh}"), "401 invalid-token"),
        (format!("Bearer {mistyped}"), "401 invalid-token"),
        (format!("Bearer {}", token.to_uppercase()), "401 invalid-token"),
        ("Bearer".to_owned(), "401 malformed-credential"),
        ("Bearer a b".to_owned(), "401 malformed-credential"),
        (format!("Token {token}"), "401 malformed-credential"),
        (basic(&token, ""), "401 malformed-credential"),
        (basic("somebody", "password"), "401 malformed-credential"),
        ("Basic ???".to_owned(), "401 malformed-credential"),
    ] {
        assert_eq!(code(&app.script_saying(&said).get("/me").await), expected, "{}", &said[..6]);
    }
    // Who used Basic hears of Basic; nobody else does, so that no browser opens a box for a password.
    let answer = app.script_saying(&basic(&token, "")).get("/me").await;
    assert!(answer.all("www-authenticate").iter().any(|challenge| challenge.starts_with("Basic")));
    let answer = app.script("gpt_x").get("/me").await;
    assert_eq!(answer.all("www-authenticate"), ["Bearer realm=\"grantor\", error=\"invalid_token\""]);
}

/// RFC 9700 section 2.3: what was issued for others must not act here.
async fn a_token_for_another_resource_server_does_nothing_here(app: &TestApp) {
    let (ada, board) = (app.db_user("ada").await, board(app).await);
    let before = app.db_tokens(&board, &ada, "org:read").await.access;
    assert_eq!(app.script(&before).get("/me").await.status, 200);
    app.db_resource_server("https://api.other.test", &["org"]).await;
    let after = app.db_tokens(&board, &ada, "org:read").await.access;
    assert_eq!(code(&app.script(&after).get("/me").await), "401 invalid-token");
}

/// A18: both fences.
async fn a_session_changes_things_from_our_own_pages_only(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let script = app.page_script(&browser).await;
    let new = || json!({ "name": "ci", "scopes": ["account:read"] });
    for (name, value) in [("x-csrf-token", "wrong"), ("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")]
    {
        let forged = match name {
            "x-csrf-token" => {
                let cookies = browser.cookies();
                let cookies: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                app.stranger().with("cookie", &cookies.join("; ")).with(name, value)
            }
            _ => script.with(name, value),
        };
        assert_eq!(code(&forged.post("/personal-tokens", new()).await), "403 csrf", "{name}");
    }
    assert_eq!(app.rows("personal_tokens"), 0);
    let made = script.post("/personal-tokens", new()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(app.rows("personal_tokens"), 1);
}

/// Seed 30: a personal token bound to an organization is worth what the identity is worth, at once and again.
async fn a_bound_token_lives_by_its_identity(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_org("acme").await;
    let ada = app.db_user("ada").await;
    app.db_join(&acme, &ada, "member").await;
    let token = app.db_personal_token(&ada, &["org:read"], Some("acme")).await;
    let script = app.script(&token);
    assert_eq!(script.get("/me").await.text("organization"), "acme");
    app.db_provider(&acme, "dummy", "{}").await;
    let refused = script.get("/me").await;
    assert_eq!(code(&refused), "401 sso-required");
    assert_eq!(refused.text("login_url"), "/login/acme");
    let browser = app.db_signed_in(&ada).await;
    let asked = browser.sso("/login/acme", crate::support::sso_stage::Said::verified("ada@acme.example")).await;
    if asked.has("#sso-link") {
        browser.submit(&asked, "sso-link", &[]).await;
    }
    assert_eq!(script.get("/me").await.status, 200);
    app.db_batch("UPDATE identities SET status = 'invalid'");
    app.restart().await;
    assert_eq!(code(&script.get("/me").await), "401 sso-required");
    app.db_batch("UPDATE identities SET status = 'valid'");
    app.restart().await;
    assert_eq!(script.get("/me").await.status, 200);
}

async fn a_bound_token_opens_nothing_else(app: &TestApp) {
    let acme = app.db_org("acme").await;
    let ada = app.db_user("ada").await;
    app.db_join(&acme, &ada, "owner").await;
    let token = app.db_personal_token(&ada, &["org:read", "account:write"], Some("acme")).await;
    assert_eq!(code(&app.script(&token).get("/personal-tokens").await), "403 bound-to-organization");
}

async fn a_credential_that_asks_too_often_waits(app: &TestApp) {
    app.restart_with(|config| config.api.requests_per_minute = 3).await;
    let (ada, bea) = (app.db_user("ada").await, app.db_user("bea").await);
    let script = app.script(&app.db_personal_token(&ada, &["account:read"], None).await);
    let mut left = Vec::new();
    for _ in 0..3 {
        left.push(script.get("/me").await.header("ratelimit").expect("a header").to_owned());
    }
    assert_eq!(left, ["\"default\";r=2", "\"default\";r=1", "\"default\";r=0"]);
    let refused = script.get("/me").await;
    assert_eq!(code(&refused), "429 too-many-requests");
    assert_eq!(refused.header("retry-after"), Some("20"));
    assert_eq!(refused.header("ratelimit-policy"), Some("\"default\";q=3;w=60"));
    let other = app.script(&app.db_personal_token(&bea, &["account:read"], None).await);
    assert_eq!(other.get("/me").await.status, 200);
    app.wait(20);
    assert_eq!(script.get("/me").await.status, 200);
}

/// A09, C72.
/// FIX 15.
async fn scripts_of_listed_origins_read_answers(app: &TestApp) {
    let (ada, board) = (app.db_user("ada").await, board(app).await);
    let access = app.db_tokens(&board, &ada, "account:read").await.access;
    let allowed = app.script(&access).with("origin", "https://app.test").get("/me").await;
    assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (200, Some("https://app.test")));
    assert_eq!(allowed.header("access-control-allow-credentials"), None);
    let personal = app.db_personal_token(&ada, &["account:read"], None).await;
    for (token, origin) in [
        (&access, "https://evilapp.test"),
        (&access, "https://app.test.evil.test"),
        (&access, "null"),
        (&personal, "https://app.test"),
    ] {
        let refused = app.script(token).with("origin", origin).get("/me").await;
        assert_eq!(code(&refused), "400 origin-not-allowed", "{origin}");
        assert_eq!(refused.header("access-control-allow-origin"), None);
    }
    let preflight = |origin: &str| {
        let asked = app.stranger().with("origin", origin).with("access-control-request-method", "DELETE");
        async move { asked.send(reqwest::Method::OPTIONS, "/personal-tokens/x", None).await }
    };
    let passed = preflight("https://app.test").await;
    assert_eq!(passed.header("access-control-allow-origin"), Some("https://app.test"));
    assert!(passed.header("access-control-allow-methods").is_some_and(|methods| methods.contains("DELETE")));
    assert_eq!(preflight("https://evil.test").await.header("access-control-allow-origin"), None);
}

/// Nothing is routed that is not described, and nothing described that is not routed.
async fn the_document_and_the_router_agree(app: &TestApp) {
    let served = app.stranger().get("/openapi.json").await.json();
    assert_eq!(served, openapi::document(&app.app()));
    let mut described = BTreeSet::new();
    for (path, methods) in served["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            described.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let mut routed = BTreeSet::new();
    for endpoint in routes::all(&app.app()) {
        for (method, _) in &endpoint.needs {
            routed.insert(format!("{method} {}", endpoint.path));
        }
    }
    assert_eq!(described, routed);
    assert!(served["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
}

/// C65: disabled is disabled, and enabling brings nothing back that an intruder may have made.
async fn a_disabled_person_leaves_no_token_behind(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let script = app.script(&app.db_personal_token(&ada, &["account:read"], None).await);
    assert_eq!(script.get("/me").await.status, 200);
    app.db_disable_user(&ada).await;
    assert_eq!(code(&script.get("/me").await), "401 invalid-token");
    app.db_enable_user(&ada).await;
    assert_eq!(code(&script.get("/me").await), "401 invalid-token");
}

/// S54.
async fn a_token_ends_when_it_said(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let credential = grantor::flows::api::Credential::Session(Box::new(app.db_session(&ada).await));
    let new = NewPersonalToken {
        name: "short".to_owned(),
        scopes: strings(&["account:read"]),
        expires_at: Some(app.now() + 60),
        organization: None,
    };
    let script = app.script(&app.db_token_of(&credential, new).await);
    app.wait(59);
    assert_eq!(script.get("/me").await.status, 200);
    app.wait(1);
    assert_eq!(code(&script.get("/me").await), "401 invalid-token");
}
