//! What happens between a request's judgement and its change: whoever lost their say meanwhile changes nothing, and nobody
//! changes what they have not seen. The routes come from the router and the document, so that a new one is in here.

use std::collections::BTreeSet;
use std::time::Duration;

use grantor::crypto::token::{TokenKind, TokenText};
use grantor::flows::api::Needs;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::addresses::db_further;
use crate::api_generated::{Stage, named, updates};
use crate::api_permissions::operations;
use crate::support::api_stage::Script;
use crate::support::{Answer, Database, TestApp, on_both, play, raw};

on_both!(
    nobody_changes_or_deletes_what_changed_while_they_asked,
    whoever_lost_their_say_while_the_body_was_on_its_way_changes_nothing,
    nobody_undoes_what_they_did_not_know_of,
);

const SETTINGS: &str =
    r#"{"issuer":"https://idp.example","client_id":"grantor","claims":{"subject":"sub","email":"email"}}"#;

/// A request that is sent by itself.
fn sent(
    script: &Script,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> impl Future<Output = Answer> + Send + 'static {
    let (script, path) = (script.clone(), path.to_owned());
    let method: Method = method.parse().expect("a method");
    async move { script.send(method, &path, body).await }
}

/// What somebody else does to the thing behind a path, for the time `number`: one way after the other.
fn changes(stage: &Stage, path: &str, number: usize) -> Vec<String> {
    let claims = format!(r#"{{"nickname":"Name {number}"}}"#);
    let claimed = |whose: &str| format!("UPDATE users SET claims = '{claims}' WHERE {whose}");
    let ada = "(SELECT id FROM users WHERE login = 'ada')";
    let mut all = vec![changed(stage, path, number)];
    match path {
        "/me" => all.extend([
            claimed("login = 'ada'"),
            // As every change of addresses does, it holds the account.
            format!(
                "UPDATE users SET valid_from = valid_from WHERE login = 'ada'; INSERT INTO email_addresses VALUES ({number}, \
                 {ada}, 'ada@{number}.example', 'ada@{number}.example', 1, 1)"
            ),
        ]),
        "/admin/users/{user}" => all.push(claimed(&format!("sub = '{}'", stage.member))),
        _ => {}
    }
    all
}

fn changed(stage: &Stage, path: &str, number: usize) -> String {
    let Stage { client_id, member, team, key, .. } = stage;
    // Whoever changes something in an organization holds it.
    let within = |sql: String| format!("UPDATE organizations SET updated_at = updated_at WHERE slug = 'acme'; {sql}");
    let role = if number.is_multiple_of(2) { "manager" } else { "admin" };
    match path {
        "/me" => format!("UPDATE users SET name = 'Name {number}' WHERE login = 'ada'"),
        "/admin/users/{user}" => format!("UPDATE users SET name = 'Name {number}' WHERE sub = '{member}'"),
        "/applications/{client_id}" | "/admin/clients/{client}" => {
            format!("UPDATE clients SET name = 'Name {number}' WHERE client_id = '{client_id}'")
        }
        "/organizations/{org}" | "/admin/organizations/{org}" => {
            format!("UPDATE organizations SET name = 'Name {number}' WHERE slug = 'acme'")
        }
        "/organizations/{org}/members/{member}" => within(format!(
            "UPDATE organization_members SET role = '{role}' WHERE user_id = (SELECT id FROM users WHERE sub = '{member}')"
        )),
        "/organizations/{org}/teams/{team}" => {
            within(format!("UPDATE teams SET name = 'Name {number}' WHERE slug = '{team}'"))
        }
        "/organizations/{org}/api-keys/{key}" => {
            within(format!("UPDATE api_keys SET label = 'Label {number}' WHERE public_id = '{key}'"))
        }
        "/organizations/{org}/provider" => within("UPDATE providers SET allow_unlinked = FALSE".to_owned()),
        "/organizations/{org}/applications/{application}" => {
            within("UPDATE organization_clients SET status = 'asked'".to_owned())
        }
        path => panic!("a new update or deletion with If-Match: say what somebody else could do to {path}"),
    }
}

/// RFC 9110 section 13.1.1: compared where the change is made, or two people who both looked first both write.
async fn nobody_changes_or_deletes_what_changed_while_they_asked(app: &TestApp) {
    let stage = Stage::of(app).await;
    app.db_provider(&stage.acme, "oidc", SETTINGS).await;
    app.db_change("UPDATE providers SET allow_unlinked = TRUE").await;
    let document = app.get("/api/v1/openapi.json").await.json();
    let conditional = named(&document, |_, operation| {
        let all = operation["parameters"].as_array().into_iter().flatten();
        all.into_iter().any(|parameter| parameter["name"] == "If-Match")
    });
    assert!(conditional.len() > 12, "{conditional:?}");
    let cases = conditional.iter().enumerate();
    let cases = cases.flat_map(|(number, (method, path))| {
        changes(&stage, path, number).into_iter().map(move |sql| (method, path, sql))
    });
    let cases: Vec<_> = cases.collect();
    for (method, path, sql) in &cases {
        let body = updates().into_iter().find(|(known, at, _)| *known == method.as_str() && at == path);
        let body = body.map(|(_, _, body)| body);
        assert_eq!(body.is_none(), *method == "DELETE", "{method} {path}");
        let at = stage.filled(path);
        let seen = stage.script.get(&at).await.header("etag").unwrap_or_else(|| panic!("{at}: no tag")).to_owned();
        let events = app.db_events().await.len();
        let script = stage.script.with("if-match", &seen);
        let (late, waited) = app.db_meanwhile(sql, sent(&script, method, &at, body.clone())).await;
        assert!(waited, "{method} {path} came too early: {} {}", late.status, late.body);
        let told = (late.status, late.text("code"));
        assert_eq!(told, (412, "precondition-failed".to_owned()), "{method} {path}, {sql}: {}", late.body);
        assert_eq!(app.db_events().await.len(), events, "{method} {path}: nothing was done");
        // Ada, who is not linked, gets in again.
        app.db_change("UPDATE providers SET allow_unlinked = TRUE").await;
    }
}

/// Two developers, one application: a change of its name does not bring back addresses the other one just took away.
async fn nobody_undoes_what_they_did_not_know_of(app: &TestApp) {
    let stage = Stage::of(app).await;
    for path in ["/applications/{client_id}", "/admin/clients/{client}"] {
        let at = stage.filled(path);
        let name = json!({ "name": format!("Named at {}", at.len()) });
        let elsewhere = format!("https://other.example/{}", at.len());
        let sql = format!("UPDATE clients SET homepage_url = '{elsewhere}'");
        let (late, waited) = app.db_meanwhile(&sql, sent(&stage.script, "PATCH", &at, Some(name.clone()))).await;
        assert!(waited, "{path}: {}", late.body);
        assert_eq!((late.status, late.text("code")), (409, "conflict".to_owned()), "{path}: {}", late.body);
        let again = stage.script.send(Method::PATCH, &at, Some(name.clone())).await;
        assert_eq!(again.status, 200, "{path}: {}", again.body);
        assert!(again.body.contains(&elsewhere), "{path}: {}", again.body);
    }
}

/// The body of every change outside organizations; those inside are judged by their role (`api_orgs/meanwhile.rs`).
fn body_of(method: &str, path: &str) -> Option<Value> {
    let name = json!({ "name": "Meanwhile" });
    match (method, path) {
        ("DELETE", _) => None,
        ("PATCH", "/me" | "/applications/{client_id}" | "/admin/users/{user}" | "/admin/clients/{client}")
        | ("POST", "/applications" | "/organizations" | "/admin/clients" | "/admin/registration-tokens") => Some(name),
        ("POST", "/personal-tokens") => Some(json!({ "name": "meanwhile", "scopes": ["account:read"] })),
        ("POST", "/admin/users") => Some(json!({ "login": "meanwhile" })),
        ("POST", "/emails") => Some(json!({ "email": "ada@new.example" })),
        ("POST", path) if path.ends_with("/rotate-secret") => Some(json!({})),
        ("POST", "/admin/signing-keys/rotate") => Some(json!({ "algorithms": ["ES256"] })),
        ("POST", path) => {
            let bare =
                ["restore", "leave", "sign-out-everywhere", "enable", "disable", "make-main", "/admin/keys/rotate"];
            assert!(bare.iter().any(|end| path.ends_with(end)), "a new change: say what {method} {path} takes");
            None
        }
        _ => panic!("a new change: say what {method} {path} takes"),
    }
}

/// A way to lose one's say, and the way back for the next case.
struct Loss {
    what: &'static str,
    sql: &'static str,
    undone: &'static str,
}

const SIGNED_OUT: Loss =
    Loss { what: "signed out", sql: "UPDATE sessions SET ended_at = 1", undone: "UPDATE sessions SET ended_at = NULL" };
const DISABLED: Loss = Loss {
    what: "disabled",
    sql: "UPDATE users SET status = 'disabled' WHERE login = 'ada'",
    undone: "UPDATE users SET status = 'active' WHERE login = 'ada'",
};
const SIGNED_OUT_EVERYWHERE: Loss = Loss {
    what: "signed out everywhere, or with a new password",
    sql: "UPDATE users SET valid_from = 9223372036854775807 WHERE login = 'ada'",
    undone: "UPDATE users SET valid_from = 0 WHERE login = 'ada'",
};
const NO_ADMINISTRATOR: Loss = Loss {
    what: "no administrator any more",
    sql: "UPDATE users SET administrator = FALSE WHERE login = 'ada'",
    undone: "UPDATE users SET administrator = TRUE WHERE login = 'ada'",
};

/// C65, ASVS 8.3.2. On SQLite, where one writer can be made to wait, for every route; PostgreSQL runs the same code.
#[test]
fn every_change_outside_organizations_asks_once_more_who_makes_it() {
    play(Database::Sqlite, async |app| {
        app.db_mail_on(1).await;
        let stage = Stage::of(app).await;
        let bob = app.db_person_named("bob").await;
        db_further(app, &bob, "bob@further.example").await;
        db_further(app, &app.db_person_named("ada").await, "ada@further.example").await;
        app.db_session(&bob).await;
        app.db_personal_token(&bob, &["account:read"], None).await;
        app.db_personal_token(&app.db_person_named("ada").await, &["account:read"], None).await;
        let first = async |path: &str| {
            let listed = stage.script.get(&stage.filled(path)).await;
            let listed = listed.json();
            listed[0]["id"].as_str().unwrap_or_else(|| panic!("{path}: {listed}")).to_owned()
        };
        let (session, token) = (first("/sessions").await, first("/personal-tokens").await);
        let others = (first("/admin/users/{user}/sessions").await, first("/admin/users/{user}/personal-tokens").await);
        let emails = (first("/emails").await, first("/admin/users/{user}/emails").await);
        let mut tried = BTreeSet::new();
        for operation in operations(app) {
            let administration = matches!(operation.needs, Needs::Administrator(_));
            let outside = administration || matches!(operation.needs, Needs::Account(_) | Needs::FreshSession);
            if !outside || matches!(operation.method.as_str(), "GET" | "HEAD") {
                continue;
            }
            let (method, path) = (operation.method.as_str(), operation.path.as_str());
            let (of_session, of_token, email) =
                if administration { (&others.0, &others.1, &emails.1) } else { (&session, &token, &emails.0) };
            let at = stage.filled(path).replace("{session}", of_session).replace("{token}", of_token);
            let at = at.replace("{email}", email);
            let mut losses = vec![SIGNED_OUT];
            // Links are limited.
            if path != "/emails" {
                losses.extend([SIGNED_OUT_EVERYWHERE, DISABLED]);
            }
            if administration {
                losses.push(NO_ADMINISTRATOR);
            }
            for Loss { what, sql, undone } in losses {
                let events = app.db_events().await.len();
                let (late, waited) =
                    app.db_meanwhile(sql, sent(&stage.script, method, &at, body_of(method, path))).await;
                assert!(waited, "{method} {path}, {what}: came too early: {} {}", late.status, late.body);
                // What is done to an organization says what it says to strangers.
                let told = if at.contains("/organizations/") { (404, "not-found") } else { (401, "invalid-token") };
                assert_eq!((late.status, late.text("code").as_str()), told, "{method} {path}, {what}: {}", late.body);
                app.db_change(undone).await;
                assert_eq!(app.db_events().await.len(), events, "{method} {path}, {what}: nothing was done");
            }
            tried.insert((method.to_owned(), path.to_owned()));
            app.wait(1);
        }
        assert!(tried.len() > 25, "{tried:?}");
    });
}

/// Head first; the body when `meanwhile` has happened. How it ends.
async fn slowly(app: &TestApp, token: &str, (method, path): (&str, &str), body: &Value, meanwhile: &str) -> String {
    let body = body.to_string();
    let head = format!(
        "{method} /api/v1{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        app.address(),
        body.len()
    );
    let id = TokenText::parse(TokenKind::PersonalToken, token).expect("a token").id;
    let (name, inner) = (format!("token {id}"), app.app());
    let throttle = &inner.throttles.api;
    let before = throttle.left(&name);
    let mut stream = TcpStream::connect(app.address()).await.expect("the server listens");
    stream.write_all(head.as_bytes()).await.expect("the head is sent");
    // Counted once the token was found and its person read.
    while throttle.left(&name) == before {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    if !meanwhile.is_empty() {
        app.db_change(meanwhile).await;
    }
    stream.write_all(body.as_bytes()).await.expect("the body is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let code = answer.split("\"code\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    format!("{} {code}", raw::status(&answer)).trim_end().to_owned()
}

/// C65: a token deleted, a person disabled, a flag taken, while the body is still open.
async fn whoever_lost_their_say_while_the_body_was_on_its_way_changes_nothing(app: &TestApp) {
    let stage = Stage::of(app).await;
    let ada = app.db_person_named("ada").await;
    let every = app.every_scope();
    let deleted = "DELETE FROM personal_tokens";
    let changes = [
        ("PATCH", "/admin/users/{user}", true),
        ("POST", "/admin/users", true),
        ("PATCH", "/admin/clients/{client}", true),
        ("POST", "/admin/clients", true),
        ("POST", "/admin/registration-tokens", true),
        ("PATCH", "/applications/{client_id}", false),
        ("POST", "/applications", false),
        ("PATCH", "/me", false),
    ];
    for (method, path, administration) in changes {
        let (at, mut body) = (stage.filled(path), body_of(method, path).expect("a body"));
        if body["name"].is_string() {
            // One that it has not yet, or nothing would change.
            body["name"] = json!(format!("Late at {path}"));
        }
        let losses = [(deleted, ""), (DISABLED.sql, DISABLED.undone), (NO_ADMINISTRATOR.sql, NO_ADMINISTRATOR.undone)];
        for (sql, undone) in losses.into_iter().take(if administration { 3 } else { 2 }) {
            let token = app.db_script_token(&ada, &every, None, None).await;
            let events = app.db_events().await.len();
            let ended = slowly(app, &token, (method, &at), &body, sql).await;
            assert_eq!(ended, "401 invalid-token", "{method} {path} after {sql}");
            if !undone.is_empty() {
                app.db_change(undone).await;
            }
            assert_eq!(app.db_events().await.len(), events, "{method} {path} after {sql}: nothing was done");
        }
        let token = app.db_script_token(&ada, &every, None, None).await;
        let ended = slowly(app, &token, (method, &at), &body, "").await;
        assert!(ended.starts_with("20"), "{method} {path}, the control: {ended}");
    }
}
