//! API keys by the API: made, told once, changed at once, never stronger than whoever makes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::json;

use super::{ORGS, Script, problem};
use crate::support::db_shortcuts::web_client;
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    a_key_is_told_once_and_works_both_ways,
    fields_of_a_key_are_checked,
    no_key_is_stronger_than_whoever_makes_it,
    a_key_makes_no_key_that_outlives_or_outgrows_it,
    editing_a_key_takes_effect_at_once,
    a_key_made_again_is_another_key,
    the_same_request_makes_one_key,
    origins_of_a_key_are_echoed_and_others_refused,
);

/// A44, C73: the value stands in the 201 and nowhere else; bearer and Basic with it open the same.
/// FIX 31: and no audit event carries it.
async fn a_key_is_told_once_and_works_both_ways(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let owner = app.db_token(&ada, &["org:admin", "member:read"]).await;
    let body =
        json!({ "label": " Nightly ", "scopes": ["member:read", "org:read"], "allowed_origins": ["App.Example.com"] });
    let made = owner.post("/acme/api-keys", &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let key = made.text("key");
    let id = made.text("id");
    assert_eq!(made.header("location"), Some(format!("{ORGS}/acme/api-keys/{id}").as_str()));
    let shown = owner.get(&format!("/acme/api-keys/{id}")).await;
    let seen = shown.json();
    assert_eq!(
        (seen["label"].as_str(), seen["status"].as_str(), seen["sso_policy"].as_str(), seen["made_by"].as_str()),
        (Some("Nightly"), Some("active"), Some("exempt"), Some("ada"))
    );
    assert_eq!(seen["allowed_origins"], json!(["app.example.com"]));
    assert_eq!(seen["last_four"].as_str(), Some(&key[key.len() - 4..]));
    assert_eq!(seen.get("key"), None);
    for answer in [&shown, &owner.get("/acme/api-keys").await] {
        assert!(!answer.body.contains(&key), "{}", answer.body);
    }
    let script = Script::bearer(app, &key);
    let basic =
        Script { authorization: Some(format!("Basic {}", STANDARD.encode(format!("{key}:")))), ..script.clone() };
    for script in [&script, &basic] {
        let members = script.get("/acme/members").await;
        assert_eq!((members.status, members.json()[0]["login"].as_str()), (200, Some("ada")), "{}", members.body);
    }
    let with_password =
        Script { authorization: Some(format!("Basic {}", STANDARD.encode(format!("{key}:x")))), ..script.clone() };
    assert_eq!(problem(&with_password.get("/acme").await), "401 malformed-credential");
    let events = app.db_audit().await;
    let event = events.iter().find(|event| event.event == "api_key.create").expect("an event");
    assert!(event.organization_id.is_some() && event.actor_token.is_some() && event.data.contains("member:read"));
    app.app().last_used.flush(&app.app().store).await.expect("times are written");
    assert_eq!(owner.get(&format!("/acme/api-keys/{id}")).await.json()["last_used_at"].as_i64(), Some(app.now()));
}

async fn fields_of_a_key_are_checked(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let owner = app.db_token(&ada, &["org:admin"]).await;
    let now = app.now();
    for (body, field) in [
        (json!({ "label": "", "scopes": [] }), "label"),
        (json!({ "label": "x".repeat(65), "scopes": [] }), "label"),
        (json!({ "label": "a\u{202e}b", "scopes": [] }), "label"),
        (json!({ "scopes": ["org:fly"] }), "scopes"),
        (json!({ "scopes": ["account:read"] }), "scopes"),
        (json!({ "scopes": ["admin:read"] }), "scopes"),
        (json!({ "scopes": [], "allowed_origins": ["https://a.example/path"] }), "allowed_origins"),
        (json!({ "scopes": [], "allowed_origins": ["https://"] }), "allowed_origins"),
        (json!({ "scopes": [], "sso_policy": "never" }), "sso_policy"),
        (json!({ "scopes": [], "expires_at": now }), "expires_at"),
        (json!({ "scopes": [], "expires_at": i64::MAX }), "expires_at"),
    ] {
        let answer = owner.post("/acme/api-keys", &body).await;
        assert_eq!(problem(&answer), "400 invalid-body", "{body}");
        assert_eq!(answer.json()["errors"][0]["field"].as_str(), Some(field), "{body}: {}", answer.body);
    }
    for body in [json!({}), json!({ "scopes": [], "digest": "x" }), json!({ "scopes": "org:read" }), json!([])] {
        assert_eq!(problem(&owner.post("/acme/api-keys", &body).await), "400 invalid-request", "{body}");
    }
    let usual = owner.post("/acme/api-keys", &json!({ "scopes": [] })).await;
    assert_eq!((usual.status, usual.text("label").as_str()), (201, "Default"));
    let idle = Script::bearer(app, &usual.text("key"));
    assert_eq!(problem(&idle.get("/acme").await), "403 insufficient-scope", "no scopes, nothing");
}

/// C23: neither the role nor the credential is exceeded; applications make none at all.
async fn no_key_is_stronger_than_whoever_makes_it(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let manager = app.db_member(&acme, "max", "manager").await;
    let narrow = app.db_token(&ada, &["org:admin"]).await;
    let ask = |scope: &str| json!({ "scopes": [scope] });
    let refused = narrow.post("/acme/api-keys", &ask("member:read")).await;
    assert_eq!(problem(&refused), "403 forbidden");
    assert!(refused.text("detail").contains("member:read is beyond"), "{}", refused.body);
    let wide = app.db_token(&ada, &["org:admin", "member:write"]).await;
    assert_eq!(wide.post("/acme/api-keys", &ask("member:read")).await.status, 201, "what write implies");
    assert_eq!(problem(&wide.post("/acme/api-keys", &ask("member:admin")).await), "403 forbidden");
    let managers = app.db_token(&manager, &["org:admin", "member:admin"]).await;
    assert_eq!(problem(&managers.post("/acme/api-keys", &ask("member:read")).await), "403 role");

    let spec = ClientSpec { scopes: vec!["org:admin".to_owned()], ..web_client() };
    let web = app.db_client(spec).await;
    let token = app.db_tokens(&web, &ada, "org:admin").await.access;
    let application = Script::bearer(app, &token);
    assert_eq!(application.get("/acme/api-keys").await.status, 200);
    let refused = application.post("/acme/api-keys", &ask("org:read")).await;
    assert_eq!(problem(&refused), "403 forbidden");
    assert!(refused.text("detail").contains("Applications make"), "{}", refused.body);
}

/// C23: a key with an end or a policy hands both on, and changes itself into nothing stronger.
async fn a_key_makes_no_key_that_outlives_or_outgrows_it(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let owner = app.db_token(&ada, &["org:admin", "member:admin"]).await;
    let end = app.now() + 3600;
    let parent = json!({ "scopes": ["org:admin"], "expires_at": end, "sso_policy": "creator" });
    let parent = owner.post("/acme/api-keys", &parent).await;
    let (key, id) = (Script::bearer(app, &parent.text("key")), parent.text("id"));
    let child = |end: Option<i64>, policy: &str, scope: &str| json!({ "scopes": [scope], "expires_at": end, "sso_policy": policy });
    for refused in [
        child(None, "creator", "org:read"),
        child(Some(end + 1), "creator", "org:read"),
        child(Some(end), "exempt", "org:read"),
        child(Some(end), "creator", "member:read"),
    ] {
        assert_eq!(problem(&key.post("/acme/api-keys", &refused).await), "403 forbidden", "{refused}");
    }
    let made = key.post("/acme/api-keys", &child(Some(end), "creator", "org:read")).await;
    assert_eq!((made.status, made.text("made_by").as_str()), (201, "ada"), "it follows the same person");
    let path = format!("/acme/api-keys/{id}");
    for refused in [
        json!({ "scopes": ["org:admin", "member:read"] }),
        json!({ "expires_at": null }),
        json!({ "expires_at": end + 1 }),
        json!({ "sso_policy": "exempt" }),
    ] {
        assert_eq!(problem(&key.patch(&path, &refused).await), "403 forbidden", "{refused}");
    }
    assert_eq!(key.patch(&path, &json!({ "scopes": ["org:admin"], "label": "Same" })).await.status, 200);
    let ending = app.db_token_with(&ada, &["org:admin"], None, Some(end)).await;
    assert_eq!(problem(&ending.post("/acme/api-keys", &json!({ "scopes": [] })).await), "403 forbidden");
    // A key of the operator follows nobody.
    let acme = app.db_organization("acme").await.expect("acme");
    let (_, orphan) = app.db_key(&acme, &["org:read"]).await;
    let follows = owner.patch(&format!("/acme/api-keys/{orphan}"), &json!({ "sso_policy": "creator" })).await;
    assert_eq!(problem(&follows), "400 invalid-body");
    // Whoever could not have made a switched off key does not switch it on.
    assert_eq!(owner.patch(&path, &json!({ "status": "inactive" })).await.status, 200);
    assert_eq!(problem(&key.get("/acme").await), "401 invalid-token");
    let strong = app.db_key(&acme, &["org:admin", "team:admin"]).await.1;
    let strong = format!("/acme/api-keys/{strong}");
    assert_eq!(owner.patch(&strong, &json!({ "status": "inactive" })).await.status, 200);
    assert_eq!(problem(&owner.patch(&strong, &json!({ "status": "active" })).await), "403 forbidden");
}

/// S20 of section 6: one scope store, and the next request reads it. If-Match, and the record without secrets.
/// FIX 20.
async fn editing_a_key_takes_effect_at_once(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let owner = app.db_token(&ada, &["org:admin", "member:admin", "team:admin"]).await;
    let (key, id) = app.db_key(&acme, &["org:read"]).await;
    let path = format!("/acme/api-keys/{id}");
    assert_eq!(problem(&key.get("/acme/members").await), "403 insufficient-scope");
    let tag = owner.get(&path).await.header("etag").expect("a tag").to_owned();
    let change = json!({ "scopes": ["member:read"] });
    let changed = owner.send(&Method::PATCH, &path, &[("If-Match", tag.as_str())], Some(&change)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
    assert_eq!(key.get("/acme/members").await.status, 200);
    assert_eq!(problem(&key.get("/acme").await), "403 insufficient-scope");
    let late = owner.send(&Method::PATCH, &path, &[("If-Match", tag.as_str())], Some(&change)).await;
    assert_eq!(problem(&late), "412 precondition-failed");
    app.app().last_used.flush(&app.app().store).await.expect("times are written");
    let tag = changed.header("etag").expect("a tag").to_owned();
    let change = json!({ "expires_at": app.now() + 60 });
    let used = owner.send(&Method::PATCH, &path, &[("If-Match", tag.as_str())], Some(&change)).await;
    assert_eq!(used.status, 200, "a use is no change");
    app.wait(60);
    assert_eq!(problem(&key.get("/acme/members").await), "401 invalid-token");
    assert_eq!(owner.patch(&path, &json!({ "expires_at": null, "status": "inactive" })).await.status, 200);
    assert_eq!(problem(&key.get("/acme/members").await), "401 invalid-token");
    assert_eq!(owner.patch(&path, &json!({ "status": "active" })).await.status, 200);
    assert_eq!(key.get("/acme/members").await.status, 200);
    let events = app.db_audit().await;
    let edit = events.iter().find(|event| event.event == "api_key.edit").expect("an event");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&edit.data).expect("JSON"),
        json!({ "scopes": { "from": ["org:read"], "to": ["member:read"] } })
    );
    assert_eq!(owner.delete(&path).await.status, 204);
    assert_eq!(problem(&key.get("/acme/members").await), "401 invalid-token");
    assert_eq!(problem(&owner.delete(&path).await), "404 not-found");
    assert_eq!(app.db_events().await.last().map(String::as_str), Some("api_key.delete"));
}

/// C49: a name is never used again, and the old text opens nothing.
async fn a_key_made_again_is_another_key(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let owner = app.db_token(&ada, &["org:admin"]).await;
    let body = json!({ "label": "Same", "scopes": ["org:read"] });
    let first = owner.post("/acme/api-keys", &body).await;
    assert_eq!(owner.delete(&format!("/acme/api-keys/{}", first.text("id"))).await.status, 204);
    let second = owner.post("/acme/api-keys", &body).await;
    assert_ne!((first.text("id"), first.text("key")), (second.text("id"), second.text("key")));
    assert_eq!(problem(&Script::bearer(app, &first.text("key")).get("/acme").await), "401 invalid-token");
    assert_eq!(Script::bearer(app, &second.text("key")).get("/acme").await.status, 200);
    // So with an organization of the same address.
    let confirm = owner.delete("/acme?confirm=acme").await;
    assert_eq!(confirm.status, 204, "{}", confirm.body);
    app.wait(u64::try_from(app.app().config.organizations.deletion_delay).expect("a delay"));
    grantor::flows::organizations::delete::carry_out_due(&app.app()).await.expect("the store answers");
    app.db_owned("acme", &ada).await;
    assert_eq!(problem(&Script::bearer(app, &second.text("key")).get("/acme").await), "401 invalid-token");
    assert_eq!(owner.get("/acme/api-keys").await.json(), json!([]));
}

/// The second request hears the first one's answer, secret included; another body is told so.
async fn the_same_request_makes_one_key(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let owner = app.db_token(&ada, &["org:admin"]).await;
    let body = json!({ "label": "Once", "scopes": ["org:read"] });
    let again = [("Idempotency-Key", "a-request-that-may-come-again")];
    let first = owner.send(&Method::POST, "/acme/api-keys", &again, Some(&body)).await;
    let second = owner.send(&Method::POST, "/acme/api-keys", &again, Some(&body)).await;
    assert_eq!((first.status, second.status), (201, 201), "{}", second.body);
    assert_eq!(first.json(), second.json());
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(owner.get("/acme/api-keys").await.json().as_array().map(Vec::len), Some(1));
    assert_eq!(Script::bearer(app, &second.text("key")).get("/acme").await.status, 200);
    let other = json!({ "label": "Twice", "scopes": ["org:read"] });
    let reused = owner.send(&Method::POST, "/acme/api-keys", &again, Some(&other)).await;
    assert_eq!(problem(&reused), "422 idempotency-key-reused");
    let bad = [("Idempotency-Key", "one-that-is-corrected")];
    let wrong = owner.send(&Method::POST, "/acme/api-keys", &bad, Some(&json!({ "scopes": ["x:y"] }))).await;
    assert_eq!(problem(&wrong), "400 invalid-body");
    let right = owner.send(&Method::POST, "/acme/api-keys", &bad, Some(&json!({ "scopes": [] }))).await;
    assert_eq!(right.status, 201, "what made nothing may be corrected: {}", right.body);
}

/// S62, C72, A09: echoed to the origins the key lists; 400 for all others, `null` and lookalikes among them.
async fn origins_of_a_key_are_echoed_and_others_refused(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let owner = app.db_token(&ada, &["org:admin"]).await;
    let with = async |origins: &[&str]| {
        let body = json!({ "scopes": ["org:read"], "allowed_origins": origins });
        Script::bearer(app, &owner.post("/acme/api-keys", &body).await.text("key"))
    };
    let (any, some, none) = (with(&["*"]).await, with(&["*.app.example"]).await, with(&[]).await);
    let asked =
        async |script: &Script, origin: &str| script.send(&Method::GET, "/acme", &[("Origin", origin)], None).await;
    for (script, origin) in
        [(&any, "https://anything.example:8443"), (&some, "https://app.example"), (&some, "http://deep.app.example:1")]
    {
        let answer = asked(script, origin).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some(origin)));
        assert_eq!(answer.header("vary"), Some("Origin"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    for (script, origin) in [
        (&any, "null"),
        (&some, "https://evilapp.example"),
        (&some, "https://app.example.evil.test"),
        (&some, "https://app.example@evil.test"),
        (&none, "https://app.example"),
        (&owner, "https://app.example"),
    ] {
        let answer = asked(script, origin).await;
        assert_eq!(problem(&answer), "400 origin-not-allowed", "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }
    let preflight = nobody_asks(app, "https://deep.app.example").await;
    assert_eq!(preflight.header("access-control-allow-origin"), Some("https://deep.app.example"));
    let methods = preflight.header("access-control-allow-methods").expect("methods");
    assert!(methods.contains("PATCH") && methods.contains("DELETE"), "{methods}");
}

async fn nobody_asks(app: &TestApp, origin: &str) -> crate::support::Answer {
    let headers = [("Origin", origin), ("Access-Control-Request-Method", "PATCH")];
    super::nobody(app).send(&Method::OPTIONS, "/acme", &headers, None).await
}
