//! What the document promises of every creation, every update and every change by a browser is asked of each of them: a
//! new one is in here the day it is made, or these stories fail.

use std::collections::BTreeSet;

use grantor::config::clients::Registrars;
use grantor::config::registration::Mode;
use grantor::flows::api::{BASE, Needs};
use grantor::http::routes;
use grantor::store::organizations::OrganizationRow;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api_stage::Script;
use crate::support::db_shortcuts::{ClientSpec, strings, web_client};
use crate::support::{TestApp, on_both};

on_both!(
    every_creation_is_done_once_however_often_it_is_asked_for,
    every_update_is_refused_to_whoever_saw_another_state,
    no_page_but_our_own_changes_anything_by_a_session,
);

/// Somebody who may everything: administrator, owner of `acme`, signed in just now; and things to change.
pub(crate) struct Stage {
    pub script: Script,
    pub acme: OrganizationRow,
    /// Ada's application.
    pub client_id: String,
    /// Bob, in paths.
    pub member: String,
    /// One that `acme` refused.
    refused: String,
    pub team: String,
    pub key: String,
    /// A registration token of `acme`.
    token: String,
}

impl Stage {
    pub(crate) async fn of(app: &TestApp) -> Stage {
        app.restart_with(|config| {
            config.clients.registration = Registrars::Everyone;
            config.registration.mode = Mode::InitialToken;
            config.registration.organizations = true;
        })
        .await;
        let ada = app.db_administrator("ada").await;
        let (bob, _) = (app.db_user("bob").await, app.db_user("eve").await);
        let acme = app.db_owned("acme", &ada).await;
        app.db_join(&acme, &bob, "member").await;
        let script = app.page_script(&app.db_signed_in(&ada).await).await;
        let new = json!({ "name": "Sundial", "redirect_uris": ["https://sundial.example/cb"] });
        let client_id = made(&script, "/applications", new).await["client_id"].as_str().expect("an id").to_owned();
        let team = made(&script, "/organizations/acme/teams", json!({ "name": "Red" })).await;
        let key = json!({ "label": "ci", "scopes": ["team:read"] });
        let key = made(&script, "/organizations/acme/api-keys", key).await;
        let token = json!({ "name": "farm" });
        let token = made(&script, "/organizations/acme/registration-tokens", token).await;
        let level = ClientSpec { organization_access: true, scopes: strings(&["org:read"]), ..web_client() };
        let level = app.db_client(level).await;
        let path = format!("/organizations/acme/applications/{}", level.client_id);
        let word = script.send(Method::PUT, &path, Some(json!({ "status": "refused" }))).await;
        assert_eq!(word.status, 200, "{}", word.body);
        let members = script.get("/organizations/acme/members").await.json();
        let bobs = members.as_array().expect("a list").iter().find(|member| member["login"] == "bob");
        let told = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Stage {
            acme,
            client_id,
            member: told(bobs.expect("bob"), "sub"),
            refused: level.client_id.clone(),
            team: told(&team, "slug"),
            key: told(&key, "id"),
            token: told(&token, "id"),
            script,
        }
    }

    /// The path with things that are there.
    pub(crate) fn filled(&self, path: &str) -> String {
        path.replace("{org}", "acme")
            .replace("{client_id}", &self.client_id)
            .replace("{client}", &self.client_id)
            .replace("{application}", &self.refused)
            .replace("{user}", &self.member)
            .replace("{member}", &self.member)
            .replace("{team}", &self.team)
            .replace("{key}", &self.key)
            .replace("{registration_token}", &self.token)
    }
}

async fn made(script: &Script, path: &str, body: Value) -> Value {
    let answer = script.post(path, body).await;
    assert_eq!(answer.status, 201, "{path}: {}", answer.body);
    answer.json()
}

/// Methods and paths of the document that fulfil a wish.
pub(crate) fn named(document: &Value, wish: impl Fn(&str, &Value) -> bool) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            if wish(method, operation) {
                let path = path.strip_prefix(BASE).unwrap_or(path).to_owned();
                found.insert((method.to_uppercase(), path));
            }
        }
    }
    found
}

/// A body for each, and another one.
fn creations() -> Vec<(&'static str, Value, Value)> {
    let named = |name: &str| json!({ "name": name });
    vec![
        ("/personal-tokens", json!({ "name": "a", "scopes": ["account:read"] }), json!({ "name": "b", "scopes": [] })),
        ("/applications", named("Moondial"), named("Stardial")),
        ("/applications/{client_id}/rotate-secret", json!({}), json!({ "overlap": 60 })),
        ("/organizations", named("Beta"), named("Gamma")),
        (
            "/organizations/{org}/members",
            json!({ "login": "eve", "role": "member" }),
            json!({ "login": "eve", "role": "admin" }),
        ),
        (
            "/organizations/{org}/invitations",
            json!({ "email": "x@new.test", "role": "member" }),
            json!({ "email": "y@new.test", "role": "member" }),
        ),
        ("/organizations/{org}/teams", named("Blue"), named("Green")),
        ("/organizations/{org}/api-keys", json!({ "label": "x", "scopes": ["team:read"] }), json!({ "scopes": [] })),
        ("/organizations/{org}/registration-tokens", named("farm"), json!({ "name": "farm", "uses": 2 })),
        ("/admin/registration-tokens", named("shed"), json!({ "name": "shed", "organization": "acme" })),
        ("/admin/users", json!({ "login": "new" }), json!({ "login": "other" })),
        ("/admin/clients", named("Waterclock"), named("Hourglass")),
        ("/admin/clients/{client}/rotate-secret", json!({}), json!({ "overlap": 60 })),
        ("/admin/keys/rotate", Value::Null, Value::Null),
        ("/admin/signing-keys/rotate", json!({ "algorithms": ["ES256"] }), json!({ "algorithms": ["EdDSA"] })),
    ]
}

/// The answer that got lost is given again, secrets included, and the row is one.
async fn every_creation_is_done_once_however_often_it_is_asked_for(app: &TestApp) {
    let stage = Stage::of(app).await;
    let document = app.get("/api/v1/openapi.json").await.json();
    let promised = named(&document, |_, operation| operation["responses"].get("201").is_some());
    let shown = creations().into_iter().map(|(path, ..)| ("POST".to_owned(), path.to_owned()));
    assert_eq!(promised, shown.collect(), "every creation, and nothing else");
    for (number, (path, body, other)) in creations().into_iter().enumerate() {
        let path = stage.filled(path);
        let script = stage.script.with("idempotency-key", &format!("lost-answer-{number}"));
        let first = script.post(&path, body.clone()).await;
        assert_eq!(first.status, 201, "{path}: {}", first.body);
        let events = app.db_events().await.len();
        let again = script.post(&path, body.clone()).await;
        assert_eq!((again.status, again.body), (first.status, first.body), "{path}");
        assert_eq!(app.db_events().await.len(), events, "{path}: nothing happened the second time");
        // Rotating keys reads no body.
        if other.is_null() {
            continue;
        }
        let another = script.post(&path, other).await;
        assert_eq!((another.status, another.text("code")), (422, "idempotency-key-reused".to_owned()), "{path}");
    }
}

/// Bodies of changes that every update of the document takes.
pub(crate) fn updates() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("PATCH", "/me", json!({ "name": "Ada L." })),
        ("PATCH", "/applications/{client_id}", json!({ "name": "Moondial" })),
        ("PATCH", "/organizations/{org}", json!({ "name": "Acme Ltd" })),
        ("PATCH", "/organizations/{org}/members/{member}", json!({ "role": "admin" })),
        ("PATCH", "/organizations/{org}/teams/{team}", json!({ "name": "Crimson" })),
        ("PATCH", "/organizations/{org}/api-keys/{key}", json!({ "label": "nightly" })),
        ("PATCH", "/organizations/{org}/provider", json!({ "allow_unlinked": true })),
        ("PUT", "/organizations/{org}/applications/{application}", json!({ "status": "allowed" })),
        ("PATCH", "/admin/users/{user}", json!({ "name": "Robert" })),
        ("PATCH", "/admin/clients/{client}", json!({ "name": "Sandclock" })),
    ]
}

/// RFC 9110 section 13.1.1.
async fn every_update_is_refused_to_whoever_saw_another_state(app: &TestApp) {
    let stage = Stage::of(app).await;
    let document = app.get("/api/v1/openapi.json").await.json();
    // These two make what they name, whatever was there.
    let makes = ["/organizations/{org}/provider", "/organizations/{org}/teams/{team}/members/{member}"];
    let mut promised = named(&document, |method, _| matches!(method, "patch" | "put"));
    promised.retain(|(method, path)| method == "PATCH" || !makes.contains(&path.as_str()));
    let shown = updates().into_iter().map(|(method, path, _)| (method.to_owned(), path.to_owned()));
    assert_eq!(promised, shown.collect(), "every update, and nothing else");
    let settings =
        r#"{"issuer":"https://idp.example","client_id":"grantor","claims":{"subject":"sub","email":"email"}}"#;
    app.db_provider(&stage.acme, "oidc", settings).await;
    app.db_batch("UPDATE providers SET allow_unlinked = TRUE");
    app.restart().await;
    for (method, path, body) in updates() {
        let path = stage.filled(path);
        let before = stage.script.get(&path).await;
        let seen =
            before.header("etag").unwrap_or_else(|| panic!("{path}: {} {}", before.status, before.body)).to_owned();
        let method: Method = method.parse().expect("a method");
        let stale = stage.script.with("if-match", "\"another-state\"");
        let refused = stale.send(method.clone(), &path, Some(body.clone())).await;
        assert_eq!((refused.status, refused.text("code")), (412, "precondition-failed".to_owned()), "{path}");
        assert_eq!(stage.script.get(&path).await.header("etag"), Some(seen.as_str()), "{path}: as it was");
        let done = stage.script.with("if-match", &seen).send(method, &path, Some(body)).await;
        assert_eq!(done.status, 200, "{path}: {}", done.body);
    }
}

/// A44, C65: a session is nobody's permission for another site's form or script.
async fn no_page_but_our_own_changes_anything_by_a_session(app: &TestApp) {
    let stage = Stage::of(app).await;
    let bare = stage.script.without("x-csrf-token");
    let (kept, mut tried) = (app.db_events().await.len(), 0);
    for endpoint in routes::all(&app.app()) {
        let path = stage.filled(endpoint.path.strip_prefix(BASE).unwrap_or(&endpoint.path));
        for (method, _) in endpoint.needs.iter().filter(|(_, needs)| *needs != Needs::Nothing) {
            if matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS") {
                continue;
            }
            tried += 1;
            let forged = [
                ("no token", bare.clone()),
                ("a wrong token", bare.with("x-csrf-token", "wrong")),
                ("another origin", stage.script.with("origin", "https://evil.test")),
                ("another site", stage.script.with("sec-fetch-site", "cross-site")),
            ];
            for (what, script) in forged {
                let method: Method = method.as_str().parse().expect("a method");
                let answer = script.send(method.clone(), &path, Some(json!({}))).await;
                assert_eq!((answer.status, answer.text("code")), (403, "csrf".to_owned()), "{method} {path}: {what}");
            }
            app.wait(1);
        }
    }
    assert!(tried > 40, "{tried}");
    assert_eq!(app.db_events().await.len(), kept, "nothing was done");
}
