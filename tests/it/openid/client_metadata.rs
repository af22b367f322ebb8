//! What a client registers as an OpenID Connect client, through every way in: command line, file, API.

use grantor::config::clients::Registrars;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Value, json};

use crate::account_stage::Script;
use crate::support::operator::Operator;
use crate::support::signing_keys::demo;
use crate::support::{TestApp, on_both};

on_both!(
    the_command_line_sets_shows_and_removes_members,
    a_change_of_something_else_leaves_response_types_alone,
    a_file_declares_members_and_a_second_time_does_nothing,
    every_problem_is_told_at_once,
    a_private_key_is_refused_loudly,
    developers_and_administrators_set_members_by_the_api,
);

async fn registered(operator: &Operator<'_>, client_id: &str) -> Value {
    operator.says(&["--json", "client", "show", client_id]).await.json()["metadata"]["openid"].clone()
}

async fn the_command_line_sets_shows_and_removes_members(app: &TestApp) {
    let operator = Operator::of(app);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("keys.json");
    let keys = json!({ "keys": [demo("k", SigningAlgorithm::Es256).public_jwk()] });
    std::fs::write(&file, keys.to_string()).expect("a file");
    let path = file.display().to_string();
    let made = operator
        .says(&[
            "--json",
            "client",
            "create",
            "--name",
            "Shop",
            "--redirect-uri",
            "https://shop.example/cb",
            "--authentication-method",
            "private_key_jwt",
            "--jwks",
            &path,
            "--id-token-alg",
            "RS256",
            "--post-logout-redirect-uri",
            "https://shop.example/bye",
            "--frontchannel-logout-uri",
            "https://shop.example/front",
            "--frontchannel-logout-session",
            "true",
            "--backchannel-logout-uri",
            "https://shop.example/back",
            "--default-max-age",
            "600",
            "--contact",
            "ops@shop.example",
            "--initiate-login-uri",
            "https://shop.example/start",
            "--request-uri",
            "https://shop.example/request#h",
        ])
        .await
        .json();
    assert_eq!(made["client_secret"], Value::Null, "it has keys of its own");
    let id = made["client_id"].as_str().expect("a client").to_owned();
    let expected = json!({
        "id_token_signed_response_alg": "RS256", "jwks": keys, "default_max_age": 600,
        "post_logout_redirect_uris": ["https://shop.example/bye"], "contacts": ["ops@shop.example"],
        "frontchannel_logout_uri": "https://shop.example/front", "frontchannel_logout_session_required": true,
        "backchannel_logout_uri": "https://shop.example/back", "initiate_login_uri": "https://shop.example/start",
        "request_uris": ["https://shop.example/request#h"],
    });
    assert_eq!(registered(&operator, &id).await, expected);
    let words = operator.says(&["client", "show", &id]).await.words();
    assert!(words.contains("backchannel_logout_uri") && words.contains("https://shop.example/back"), "{words}");
    let failure = operator.says(&["client", "rotate-secret", &id]).await.failure();
    assert!(failure.contains("keys of its own"), "{failure}");

    let changed = [
        "client",
        "update",
        &id,
        "--jwks",
        "",
        "--jwks-uri",
        "https://shop.example/jwks",
        "--contact",
        "",
        "--frontchannel-logout-uri",
        "",
        "--frontchannel-logout-session",
        "false",
        "--request-uri",
        "",
    ];
    operator.says(&changed).await.words();
    let expected = json!({
        "id_token_signed_response_alg": "RS256", "jwks_uri": "https://shop.example/jwks", "default_max_age": 600,
        "post_logout_redirect_uris": ["https://shop.example/bye"],
        "backchannel_logout_uri": "https://shop.example/back", "initiate_login_uri": "https://shop.example/start",
    });
    assert_eq!(registered(&operator, &id).await, expected);
}

async fn a_change_of_something_else_leaves_response_types_alone(app: &TestApp) {
    let operator = Operator::of(app);
    let types = async |client_id: &str| {
        let shown = operator.says(&["--json", "client", "show", client_id]).await.json();
        let list = shown["metadata"]["response_types"].as_array().expect("a list").clone();
        list.iter().map(|one| one.as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    let create = async |kinds: &[&str]| {
        let usual = ["--json", "client", "create", "--redirect-uri", "https://shop.example/cb"];
        let kinds = kinds.iter().flat_map(|kind| ["--response-type", *kind]);
        let arguments: Vec<&str> = usual.into_iter().chain(kinds).collect();
        operator.says(&arguments).await.json()["client_id"].as_str().expect("a client").to_owned()
    };
    let hybrid = create(&["code", "code id_token", "id_token token"]).await;
    let change = async |arguments: &[&str]| {
        let all = [&["client", "update", &*hybrid], arguments].concat();
        operator.says(&all).await.words();
    };
    change(&["--name", "Shop"]).await;
    assert_eq!(types(&hybrid).await, ["code", "code id_token", "id_token token"]);
    change(&["--implicit", "true"]).await;
    assert_eq!(types(&hybrid).await, ["code", "code id_token", "id_token token", "token"]);
    change(&["--implicit", "false"]).await;
    change(&["--grant-type", ""]).await;
    assert_eq!(types(&hybrid).await, ["id_token token"], "no code without its grant type");
    change(&["--grant-type", "authorization_code"]).await;
    assert_eq!(types(&hybrid).await, ["code", "id_token token"]);
    change(&["--response-type", "code"]).await;
    assert_eq!(types(&hybrid).await, ["code"]);
    assert_eq!(types(&create(&["id_token"]).await).await, ["id_token"], "nothing of it needs the token endpoint");
    let refused = operator.says(&["client", "update", &hybrid, "--response-type", "code_id_token"]).await.failure();
    assert!(refused.contains("code id_token token"), "{refused}");
}

async fn a_file_declares_members_and_a_second_time_does_nothing(app: &TestApp) {
    let operator = Operator::of(app);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("clients.toml").display().to_string();
    let apply = async |text: &str| {
        std::fs::write(&path, text).expect("a file");
        operator.says(&["--json", "apply", &path]).await
    };
    let text = r#"
name = "shop"
[[clients]]
key = "web"
redirect_uris = ["https://shop.example/cb"]
[clients.openid]
id_token_signed_response_alg = "PS256"
post_logout_redirect_uris = ["https://shop.example/bye"]
default_max_age = 60
"#;
    let made = apply(text).await.json();
    let id = made["created"][0]["client_id"].as_str().expect("a client").to_owned();
    let expected = json!({
        "id_token_signed_response_alg": "PS256", "post_logout_redirect_uris": ["https://shop.example/bye"],
        "default_max_age": 60,
    });
    assert_eq!(registered(&operator, &id).await, expected);
    assert_eq!(apply(text).await.json()["plan"][0]["action"], "keep_client");
    let changed = apply(&text.replace("PS256", "EdDSA")).await.json();
    assert_eq!(changed["plan"][0]["changed"], json!(["id_token_signed_response_alg"]));
    let failure = apply(&text.replace("default_max_age", "max_age")).await.failure();
    assert!(failure.contains("max_age") && failure.contains("default_max_age"), "{failure}");
}

async fn every_problem_is_told_at_once(app: &TestApp) {
    let operator = Operator::of(app);
    let wrong = [
        "client",
        "create",
        "--redirect-uri",
        "https://shop.example/cb",
        "--jwks-uri",
        "http://shop.example/jwks",
        "--initiate-login-uri",
        "http://localhost/start",
        "--frontchannel-logout-uri",
        "https://other.example/f",
        "--backchannel-logout-uri",
        "https://shop.example/back#x",
        "--post-logout-redirect-uri",
        "javascript:alert(1)",
        "--request-object-alg",
        "none",
    ];
    let failure = operator.says(&wrong).await.failure();
    for member in [
        "jwks_uri",
        "initiate_login_uri",
        "frontchannel_logout_uri",
        "backchannel_logout_uri",
        "post_logout_redirect_uris",
        "request_object_signing_alg",
    ] {
        assert!(failure.contains(member), "{member}: {failure}");
    }
    let failure =
        operator.says(&["client", "create", "--id-token-alg", "HS256", "--subject-type", "secret"]).await.failure();
    assert!(failure.contains("ES256") && failure.contains("pairwise"), "{failure}");
    assert_eq!(app.rows("clients"), 0);
}

/// A60.
async fn a_private_key_is_refused_loudly(app: &TestApp) {
    let operator = Operator::of(app);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.json");
    let mut key = demo("k", SigningAlgorithm::Es256).public_jwk();
    key["d"] = json!("a private number nobody should see here");
    std::fs::write(&path, json!({ "keys": [key] }).to_string()).expect("a file");
    let failure = operator.says(&["client", "create", "--jwks", &path.display().to_string()]).await.failure();
    assert!(failure.contains("you sent a private key") && !failure.contains("nobody should see"), "{failure}");
    assert!(!app.log().contains("nobody should see"));
}

/// Members left out stay, null takes one away; developers leave alone what is the operator's to decide.
async fn developers_and_administrators_set_members_by_the_api(app: &TestApp) {
    app.restart_with(|config| config.clients.registration = Registrars::Everyone).await;
    let ada = app.db_user("ada").await;
    let script = Script::of(app, &ada, &["account:write"]).await;
    let members = json!({ "jwks_uri": "https://shop.example/jwks", "id_token_signed_response_alg": "RS256" });
    let body = json!({
        "redirect_uris": ["https://shop.example/cb"], "authentication_method": "private_key_jwt", "openid": members,
    });
    let made = script.post("/applications", body).await;
    assert_eq!((made.status, made.json()["client_secret"].clone()), (201, Value::Null), "{}", made.body);
    let path = format!("/applications/{}", made.text("client_id"));
    let change = json!({ "openid": { "id_token_signed_response_alg": null, "subject_type": "pairwise" } });
    let changed = script.patch(&path, change).await;
    let expected = json!({ "jwks_uri": "https://shop.example/jwks", "subject_type": "pairwise" });
    assert_eq!((changed.status, changed.json()["openid"].clone()), (200, expected.clone()), "{}", changed.body);
    for (name, value) in [
        ("refresh_without_offline_access", json!(true)),
        ("access_token_signed_response_alg", json!("RS256")),
        ("registered_openly", json!(true)),
        ("jwks_url", json!("https://shop.example/jwks")),
        ("initiate_login_uri", json!("http://shop.example/")),
        ("jwks", json!({ "keys": [] })),
    ] {
        let refused = script.patch(&path, json!({ "openid": { name: value } })).await;
        assert_eq!(refused.status / 100, 4, "{name}: {}", refused.body);
        assert!(refused.body.contains(name), "{}", refused.body);
    }
    let changed = script.patch(&path, json!({ "authentication_method": "client_secret_jwt" })).await;
    assert_eq!((changed.status, changed.json().get("client_secret")), (200, None), "only a creation tells a secret");
    let rotated = script.post(&format!("{path}/rotate-secret"), json!({})).await;
    assert_eq!(rotated.status, 201, "{}", rotated.body);

    let grace = app.db_administrator("grace").await;
    let admin = Script::of(app, &grace, &["admin:write"]).await;
    let path = format!("/admin{}", path.replace("applications", "clients"));
    let changed = admin.patch(&path, json!({ "openid": { "refresh_without_offline_access": true } })).await;
    let expected = json!({
        "jwks_uri": "https://shop.example/jwks", "subject_type": "pairwise", "refresh_without_offline_access": true,
    });
    assert_eq!(changed.json()["metadata"]["openid"], expected, "{}", changed.body);
    let changed = admin.patch(&path, json!({ "openid": { "subject_type": null, "jwks_uri": null } })).await;
    assert_eq!(changed.json()["metadata"]["openid"], json!({ "refresh_without_offline_access": true }));
    let refused = admin.patch(&path, json!({ "openid": { "subject_type": "x" } })).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}
