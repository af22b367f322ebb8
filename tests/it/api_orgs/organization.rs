//! Organizations by the API: a day's work of somebody who never opens a page.

use grantor::config::organizations::Creation;
use reqwest::Method;
use serde_json::json;

use super::{Script, problem};
use crate::support::{TestApp, on_both};

on_both!(
    an_organization_is_made_changed_and_left,
    settings_change_together_or_not_at_all,
    members_are_listed_found_changed_and_removed,
    administrators_add_members_and_nobody_else,
    teams_come_change_and_go,
    invitations_are_sent_again_and_taken_back,
    lists_go_on_where_they_ended,
    the_audit_log_is_read_and_exported,
    a_session_changes_keys_with_a_fresh_proof_only,
);

const ALL: [&str; 4] = ["org:admin", "member:admin", "team:admin", "account:write"];

async fn an_organization_is_made_changed_and_left(app: &TestApp) {
    let lovelace = app.db_user("lovelace").await;
    let script = app.db_token(&lovelace, &ALL).await;
    assert_eq!(problem(&script.post("", &json!({ "name": "Mine" })).await), "403 forbidden", "as configured");
    app.restart_with(|config| config.organizations.creation = Creation::Everyone).await;
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let script = app.db_token(&ada, &ALL).await;
    assert_eq!(script.get("").await.json(), json!([]));
    let made = script.post("", &json!({ "name": "Acme, Tools" })).await;
    assert_eq!((made.status, made.text("slug").as_str(), made.text("role").as_str()), (201, "acme-tools", "owner"));
    let taken = script.post("", &json!({ "name": "Acme Tools", "slug": "acme-tools" })).await;
    assert_eq!(problem(&taken), "409 conflict");
    assert_eq!(problem(&script.post("", &json!({ "name": "x", "slug": "API" })).await), "400 invalid-body");
    let id = made.text("id");
    assert_eq!(script.get(&format!("/{id}")).await.text("slug"), "acme-tools", "by id as well");
    let listed = script.get("").await.json();
    assert_eq!((listed[0]["id"].as_str(), listed[0]["role"].as_str()), (Some(id.as_str()), Some("owner")));
    let row = app.db_organization("acme-tools").await.expect("a row");
    app.db_join(&row, &bob, "member").await;
    let bobs = app.db_token(&bob, &ALL).await;
    assert_eq!(
        problem(&script.send(&Method::POST, "/acme-tools/leave", &[], None).await),
        "409 conflict",
        "the last owner"
    );
    assert_eq!(bobs.send(&Method::POST, "/acme-tools/leave", &[], None).await.status, 204);
    assert_eq!(problem(&bobs.get("/acme-tools").await), "404 not-found");
    assert!(app.db_events().await.contains(&"org.member.leave".to_owned()));
    let bound = app.db_token_with(&ada, &ALL[..3], Some("acme-tools"), None).await;
    assert_eq!(problem(&bound.get("").await), "403 bound-to-organization");
    assert_eq!(bound.get("/acme-tools").await.status, 200);
}

/// One transaction, one event; what tokens and applications may is the owners'.
async fn settings_change_together_or_not_at_all(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    app.db_owned("taken", &ada).await;
    let manager = app.db_member(&acme, "max", "manager").await;
    let (owner, managers) =
        (app.db_token(&ada, &ALL).await, app.db_token(&manager, &["org:write", "member:admin", "team:admin"]).await);
    let tag = owner.get("/acme").await.header("etag").expect("a tag").to_owned();
    let refused = owner.patch("/acme", &json!({ "name": "Other", "slug": "taken" })).await;
    assert_eq!(problem(&refused), "409 conflict");
    assert_eq!(owner.get("/acme").await.text("name"), "acme Inc");
    for body in [
        json!({ "default_role": "owner" }),
        json!({ "default_role": "king" }),
        json!({ "token_max_age": 1 }),
        json!({ "application_policy": "maybe" }),
        json!({ "name": "grantor" }),
    ] {
        assert_eq!(problem(&owner.patch("/acme", &body).await), "400 invalid-body", "{body}");
    }
    let owners = json!({ "token_max_age": 3600 });
    assert_eq!(problem(&managers.patch("/acme", &owners).await), "403 forbidden");
    assert_eq!(managers.patch("/acme", &json!({ "default_role": "admin" })).await.text("default_role"), "admin");
    let stale = owner.send(&Method::PATCH, "/acme", &[("If-Match", tag.as_str())], Some(&owners)).await;
    assert_eq!(problem(&stale), "412 precondition-failed");
    let before = app.db_audit().await.len();
    let all = json!({ "name": "Tools", "slug": "tools", "open_membership": false, "token_max_age": 3600,
        "application_policy": "approval" });
    let changed = owner.patch("/acme", &all).await;
    assert_eq!((changed.status, changed.text("slug").as_str()), (200, "tools"), "{}", changed.body);
    assert_eq!(changed.json()["token_max_age"], 3600);
    let events = app.db_audit().await;
    assert_eq!((events.len(), events.last().map(|event| event.event.as_str())), (before + 1, Some("org.settings")));
    assert_eq!(owner.patch("/tools", &json!({ "token_max_age": null })).await.json()["token_max_age"], json!(null));
    assert_eq!(owner.patch("/tools", &json!({})).await.status, 200);
    assert_eq!(app.db_audit().await.len(), before + 2, "nothing changed, nothing is told");
    assert_eq!(problem(&owner.get("/acme").await), "404 not-found");
}

async fn members_are_listed_found_changed_and_removed(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let bob = app.db_member(&acme, "bob", "member").await;
    let script = app.db_token(&ada, &ALL).await;
    let found = script.get("/acme/members?search=BO").await.json();
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (found[0]["sub"].as_str(), found[0]["sign_on"].as_str()),
        (Some(bob.row.sub.as_str()), Some("not_required"))
    );
    assert_eq!(problem(&script.get("/acme/members?search=%00").await), "400 invalid-request");
    let path = format!("/acme/members/{}", bob.row.sub);
    let tag = script.get(&path).await.header("etag").expect("a tag").to_owned();
    let headers = [("If-Match", tag.as_str())];
    let change = json!({ "role": "admin" });
    let changed = script.send(&Method::PATCH, &path, &headers, Some(&change)).await;
    assert_eq!((changed.status, changed.text("role").as_str()), (200, "admin"));
    assert_eq!(problem(&script.send(&Method::PATCH, &path, &headers, Some(&change)).await), "412 precondition-failed");
    assert_eq!(problem(&script.patch(&path, &json!({ "role": "king" })).await), "400 invalid-body");
    let own = format!("/acme/members/{}", ada.row.sub);
    assert_eq!(problem(&script.patch(&own, &json!({ "role": "member" })).await), "409 conflict", "the last owner");
    assert_eq!(script.delete(&path).await.status, 204);
    assert_eq!(problem(&script.get(&path).await), "404 not-found");
}

async fn administrators_add_members_and_nobody_else(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    app.db_owned("acme", &ada).await;
    let root = app.db_administrator("root").await;
    let new = json!({ "login": "bob", "role": "owner" });
    let owner = app.db_token(&ada, &ALL).await;
    assert_eq!(problem(&owner.post("/acme/members", &new).await), "403 forbidden");
    let narrow = app.db_token(&root, &["member:write", "admin:write"]).await;
    assert_eq!(problem(&narrow.post("/acme/members", &new).await), "403 forbidden", "more than the token could do");
    let roots = app.db_token(&root, &["org:admin", "member:admin", "team:admin", "admin:write"]).await;
    let added = roots.post("/acme/members", &new).await;
    assert_eq!((added.status, added.text("sub").as_str()), (201, bob.row.sub.as_str()), "{}", added.body);
    assert_eq!(problem(&roots.post("/acme/members", &new).await), "409 conflict");
    let unknown = json!({ "login": "nobody", "role": "member" });
    assert_eq!(problem(&roots.post("/acme/members", &unknown).await), "400 invalid-body");
}

async fn teams_come_change_and_go(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let bob = app.db_member(&acme, "bob", "member").await;
    let script = app.db_token(&ada, &ALL).await;
    assert_eq!(script.post("/acme/teams", &json!({ "name": "Blue" })).await.text("slug"), "blue");
    assert_eq!(problem(&script.post("/acme/teams", &json!({ "name": "Blue" })).await), "409 conflict");
    let place = format!("/acme/teams/blue/members/{}", bob.row.sub);
    for _ in 0..2 {
        assert_eq!(script.put(&place, None).await.status, 204, "once or twice is the same");
    }
    let members = script.get("/acme/teams/blue/members").await.json();
    assert_eq!((members.as_array().map(Vec::len), members[0]["login"].as_str()), (Some(1), Some("bob")));
    let renamed = script.patch("/acme/teams/blue", &json!({ "name": "Red", "slug": "red" })).await;
    assert_eq!((renamed.text("name").as_str(), renamed.json()["members"].as_u64()), ("Red", Some(1)));
    let place = format!("/acme/teams/red/members/{}", bob.row.sub);
    for _ in 0..2 {
        assert_eq!(script.delete(&place).await.status, 204);
    }
    assert_eq!(problem(&script.put("/acme/teams/red/members/nobody", None).await), "404 not-found");
    assert_eq!(script.delete("/acme/teams/red").await.status, 204);
    assert_eq!(script.get("/acme/teams").await.json(), json!([]));
}

async fn invitations_are_sent_again_and_taken_back(app: &TestApp) {
    app.as_dev().await;
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let script = app.db_token(&ada, &ALL).await;
    let invite = json!({ "email": "Mary@example.com", "role": "member" });
    let sent = script.post("/acme/invitations", &invite).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    assert!(!sent.body.contains("/invite/"), "the link goes by mail only: {}", sent.body);
    let first = app.db_mailed_path("Mary@example.com", "/invite/").await;
    let id = sent.text("id");
    assert_eq!(problem(&script.post("/acme/invitations", &invite).await), "429 too-many-requests");
    app.wait(60);
    let again = script.send(&Method::POST, &format!("/acme/invitations/{id}/resend"), &[], None).await;
    assert_eq!((again.status, again.text("id")), (200, id.clone()), "{}", again.body);
    let second = app.db_mailed_path("Mary@example.com", "/invite/").await;
    assert_ne!(first, second);
    assert_eq!(app.get(&first).await.status, 410);
    assert_eq!(script.delete(&format!("/acme/invitations/{id}")).await.status, 204);
    assert_eq!(problem(&script.delete(&format!("/acme/invitations/{id}")).await), "404 not-found");
    assert_eq!(app.get(&second).await.status, 410);
    for bad in [json!({ "email": "x", "role": "member" }), json!({ "email": "a@b.example", "role": "king" })] {
        assert_eq!(problem(&script.post("/acme/invitations", &bad).await), "400 invalid-body", "{bad}");
    }
}

/// C68, C74: every list of an organization, one entry at a time; limits and cursors that are none.
async fn lists_go_on_where_they_ended(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let script = app.db_token(&ada, &ALL).await;
    app.organizations_hand_out_tokens().await;
    for name in ["one", "two", "three"] {
        app.db_member(&acme, name, "member").await;
        app.db_team(&acme, name).await;
        app.db_invite(&acme, &format!("{name}@example.com"), "member").await;
        app.db_key(&acme, &["org:read"]).await;
        let made = script.post("/acme/registration-tokens", &json!({ "name": name })).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
    for (list, at_least) in [
        ("/acme/members", 4),
        ("/acme/teams", 3),
        ("/acme/invitations", 3),
        ("/acme/api-keys", 3),
        ("/acme/registration-tokens", 3),
        ("/acme/audit-log", 10),
    ] {
        let (mut path, mut seen) = (format!("{list}?limit=2"), Vec::new());
        loop {
            let page = script.get(&path).await;
            let entries = page.json().as_array().expect("a list").clone();
            assert!((1..=2).contains(&entries.len()), "{list}");
            seen.extend(entries.into_iter().map(|entry| entry.to_string()));
            let link = page.header("link").expect("links").to_owned();
            let Some(next) = link.split(", ").find(|link| link.ends_with("rel=\"next\"")) else { break };
            let (_, rest) = next.split_once("/api/v1/organizations").expect("an address of the API");
            path = rest.split('>').next().expect("an address").to_owned();
        }
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert!(seen.len() == all && all >= at_least, "{list}: {all}");
        for wrong in ["limit=0", "limit=-1", "limit=101", "limit=x", "limit=1&limit=2", "cursor=x", "cursor=i"] {
            assert_eq!(problem(&script.get(&format!("{list}?{wrong}")).await), "400 invalid-request", "{list} {wrong}");
        }
    }
}

async fn the_audit_log_is_read_and_exported(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let blue = app.db_owned("blue", &ada).await;
    app.db_team(&acme, "night").await;
    app.db_team(&blue, "day").await;
    let script: Script = app.db_token(&ada, &["org:write"]).await;
    let log = script.get("/acme/audit-log?event=org.team").await.json();
    assert_eq!(log.as_array().map(Vec::len), Some(1), "{log}");
    assert_eq!((log[0]["event"].as_str(), log[0]["at"].as_i64()), (Some("org.team.create"), Some(app.now())));
    assert_eq!(problem(&script.get("/acme/audit-log?event=%25").await), "400 invalid-body");
    assert_eq!(problem(&script.get("/acme/audit-log/export").await), "400 invalid-request");
    let file = script.get("/acme/audit-log/export?format=csv").await;
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    assert!(file.body.contains("org.team.create") && file.body.contains("night") && !file.body.contains("\"day\""));
    let file = script.get("/acme/audit-log/export?format=json&event=org.create").await.json();
    assert_eq!(file["events"].as_array().map(Vec::len), Some(1));
    let reads = app.db_token(&ada, &["org:read"]).await;
    assert_eq!(problem(&reads.get("/acme/audit-log").await), "403 insufficient-scope");
}

/// ASVS 7.5.3: a browser proves lately who sits before it; tokens have no such thing.
async fn a_session_changes_keys_with_a_fresh_proof_only(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let browser = app.db_signed_in(&ada).await;
    let token = browser.get("/orgs").await.sign_out_form().value("csrf_token").to_owned();
    let send = async |csrf: &str| {
        let request = app.shared.http.post(app.shared.url("/api/v1/organizations/acme/api-keys"));
        let request = request.header("Origin", app.issuer()).header("Sec-Fetch-Site", "same-origin");
        let request = request.header("X-CSRF-Token", csrf).header("Content-Type", "application/json");
        browser.send(request.body(json!({ "scopes": ["org:read"] }).to_string())).await
    };
    let forged = send("forged").await;
    assert_eq!(problem(&forged), "403 csrf");
    assert_eq!(send(&token).await.status, 201);
    app.wait(app.app().config.sign_in.step_up.unsigned_abs());
    let late = send(&token).await;
    assert_eq!((problem(&late), late.text("login_url")), ("403 step-up-required".to_owned(), "/step-up".to_owned()));
}
