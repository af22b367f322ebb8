//! A person's own account at the API: what applications may do, sessions, personal tokens, the profile.

use serde_json::json;

use crate::account_stage::{Script, by_session, each, problem};
use crate::support::db_shortcuts::web_client;
use crate::support::mail::NOWHERE;
use crate::support::relying_party::Tokens;
use crate::support::{ClientSpec, Person, RelyingParty, TestApp, on_both};

on_both!(
    authorizations_are_listed_by_the_names_of_the_applications,
    a_revoked_authorization_leaves_nothing_alive,
    an_authorization_in_an_organization_is_one_of_its_own,
    sessions_are_listed_and_ended,
    what_belongs_to_somebody_else_is_not_there,
    personal_tokens_are_made_listed_and_deleted,
    a_token_makes_no_token_that_is_stronger_or_lives_longer,
    a_browser_makes_tokens_only_after_a_fresh_proof,
    a_token_made_is_told_by_mail,
    a_person_is_called_what_they_say,
    lists_take_limits_and_cursors_of_their_own_only,
);

const ACCOUNT: [&str; 1] = ["account:write"];

async fn named(app: &TestApp, name: &str) -> RelyingParty {
    app.db_client(ClientSpec { name: Some(name.to_owned()), ..web_client() }).await
}

/// S59: own ones only, by name, with what people want to know.
async fn authorizations_are_listed_by_the_names_of_the_applications(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    for name in ["Meridian", "Almanac", "Zenith"] {
        let spec = ClientSpec { name: Some(name.to_owned()), owner: Some("bob".to_owned()), ..web_client() };
        let party = app.db_client(spec).await;
        app.db_tokens(&party, &ada, "org:read member:admin").await;
        if name == "Zenith" {
            app.db_tokens(&party, &bob, "org:read").await;
        }
    }
    let script = Script::of(app, &ada, &["account:read"]).await;
    let listed = script.get("/authorizations").await;
    assert_eq!(each(&listed, "/application/name"), ["Almanac", "Meridian", "Zenith"]);
    let first = &listed.json()[0];
    assert_eq!(first["scopes"], json!(["member:admin", "org:read"]));
    assert_eq!(
        first["scope_texts"],
        json!(["Read access to organization details", "Read, write and admin access to organization members"])
    );
    assert_eq!((&first["application"]["owner"], &first["organization"]), (&json!("bob"), &json!(null)));
    let bobs = Script::of(app, &bob, &["account:read"]).await;
    assert_eq!(each(&bobs.get("/authorizations").await, "/application/name"), ["Zenith"]);
    let page = script.get("/authorizations?limit=2").await;
    let next = page.header("link").expect("links").split('<').next_back().expect("a link");
    let next = next.split('>').next().expect("an address").rsplit_once("/api/v1").expect("a path").1.to_owned();
    assert_eq!(each(&script.get(&next).await, "/application/name"), ["Zenith"]);
}

/// A65, S59: when the answer comes, access token, refresh token and code are dead; a later consent begins empty.
async fn a_revoked_authorization_leaves_nothing_alive(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let other = named(app, "Other").await;
    let api = app.db_resource_server("https://api.example", &["org"]).await;
    let tokens = app.db_tokens(&web, &ada, "org:write").await;
    let others = app.db_tokens(&other, &ada, "org:read").await;
    let code = app.db_code(&web, &ada, &[("scope", "org:read")]).await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let path = format!("/authorizations/{}", web.client_id);
    assert_eq!(script.get(&path).await.status, 200);
    assert!(api.is_active(&tokens.access).await);
    assert_eq!(script.delete(&path).await.status, 204);
    assert!(!api.is_active(&tokens.access).await);
    assert_eq!(web.refresh(&tokens.refresh).await.error(), "400 invalid_grant");
    assert_eq!(web.redeem(&code).await.error(), "400 invalid_grant");
    assert!(api.is_active(&others.access).await, "another application's is none of it");
    for method in ["GET", "DELETE"] {
        assert_eq!(problem(&script.send(method, &path, None, &[]).await), "404 not-found");
    }
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| *event == "authorization.revoke").count(), 1);
    app.db_tokens(&web, &ada, "org:read").await;
    assert_eq!(script.get(&path).await.json()["scopes"], json!(["org:read"]));
}

/// A65 for what is bound to an organization: each is taken back by itself.
async fn an_authorization_in_an_organization_is_one_of_its_own(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let spec = ClientSpec { name: Some("Board".to_owned()), organization_access: true, ..web_client() };
    let board = app.db_client(spec).await;
    let mut held = Vec::new();
    for slug in ["acme", "zeta"] {
        app.db_owned(slug, &ada).await;
        let code = app.db_code(&board, &ada, &[("scope", "org:read"), ("organization", slug)]).await;
        held.push(Tokens::of(&board.redeem(&code).await));
    }
    let script = Script::of(app, &ada, &ACCOUNT).await;
    assert_eq!(each(&script.get("/authorizations").await, "/organization"), ["acme", "zeta"]);
    let path = format!("/authorizations/{}", board.client_id);
    assert_eq!(problem(&script.delete(&path).await), "404 not-found", "there is none without organization");
    assert_eq!(problem(&script.delete(&format!("{path}?organization=nowhere")).await), "404 not-found");
    assert_eq!(script.get(&format!("{path}?organization=zeta")).await.text("organization"), "zeta");
    assert_eq!(script.delete(&format!("{path}?organization=acme")).await.status, 204);
    assert_eq!(board.refresh(&held[0].refresh).await.error(), "400 invalid_grant");
    assert_eq!(board.refresh(&held[1].refresh).await.status, 200);
    assert_eq!(each(&script.get("/authorizations").await, "/organization"), ["zeta"]);
    let event = app.db_audit().await.into_iter().find(|row| row.event == "authorization.revoke").expect("an event");
    assert_eq!(event.organization_id, app.db_organization("acme").await.map(|row| row.id));
}

/// ASVS 7.5.2: by a session which one is it, and it stays; by a token none stays.
async fn sessions_are_listed_and_ended(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let (one, two, three) = (app.db_signed_in(&ada).await, app.db_signed_in(&ada).await, app.db_signed_in(&ada).await);
    let listed = by_session(app, &one, "GET", "/sessions", None).await;
    let json = listed.json();
    let current: Vec<&serde_json::Value> =
        json.as_array().expect("a list").iter().filter(|entry| entry["current"] == true).collect();
    assert_eq!((json.as_array().map(Vec::len), current.len()), (Some(3), 1), "{}", listed.body);
    let own = current[0]["id"].as_str().expect("an id").to_owned();
    let other = each(&listed, "/id").into_iter().find(|id| *id != own).expect("another");
    assert_eq!(by_session(app, &one, "DELETE", &format!("/sessions/{other}"), None).await.status, 204);
    let again = by_session(app, &one, "DELETE", &format!("/sessions/{other}"), None).await;
    assert_eq!(problem(&again), "404 not-found");
    let is_in = async |browser: &crate::support::Browser| browser.get("/account/sessions").await.status == 200;
    let left = [is_in(&two).await, is_in(&three).await];
    assert_eq!(left.iter().filter(|left| **left).count(), 1);
    assert_eq!(by_session(app, &one, "DELETE", "/sessions", None).await.status, 204);
    assert!(is_in(&one).await && !is_in(&two).await && !is_in(&three).await);
    let script = Script::of(app, &ada, &ACCOUNT).await;
    assert!(script.get("/sessions").await.json().as_array().expect("a list").iter().all(|one| one["current"] == false));
    assert_eq!(script.delete("/sessions").await.status, 204);
    assert!(!is_in(&one).await);
    assert_eq!(script.get("/sessions").await.body, "[]");
}

/// C70.
async fn what_belongs_to_somebody_else_is_not_there(app: &TestApp) {
    let (web, ada, eve) = (app.db_web_client().await, app.db_user("ada").await, app.db_user("eve").await);
    app.db_tokens(&web, &ada, "org:read").await;
    let browser = app.db_signed_in(&ada).await;
    let mine = Script::of(app, &ada, &ACCOUNT).await;
    let session = each(&mine.get("/sessions").await, "/id").remove(0);
    let token = each(&mine.get("/personal-tokens").await, "/id").remove(0);
    let script = Script::of(app, &eve, &ACCOUNT).await;
    for (method, path) in [
        ("DELETE", format!("/sessions/{session}")),
        ("GET", format!("/authorizations/{}", web.client_id)),
        ("DELETE", format!("/authorizations/{}", web.client_id)),
        ("GET", format!("/personal-tokens/{token}")),
        ("DELETE", format!("/personal-tokens/{token}")),
    ] {
        let nothing = format!("{}/nothing", path.rsplit_once('/').expect("a path").0);
        let (told, expected) =
            (script.send(method, &path, None, &[]).await, script.send(method, &nothing, None, &[]).await);
        assert_eq!((problem(&told).as_str(), &told.body), ("404 not-found", &expected.body), "{method} {path}");
    }
    assert_eq!(browser.get("/account/sessions").await.status, 200);
    assert_eq!((app.rows("authorizations"), mine.get("/me").await.status), (1, 200));
}

/// S58.
/// FIX 19: by id, 404 for what is not there, and no values.
async fn personal_tokens_are_made_listed_and_deleted(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let script = Script::of(app, &ada, &["account:write", "event:read"]).await;
    Script::of(app, &ada, &["org:read"]).await;
    Script::of(app, &bob, &["org:read"]).await;
    assert_eq!(script.get("/personal-tokens").await.json().as_array().map(Vec::len), Some(2), "her own two");
    for body in [
        json!({ "name": "x" }),
        json!({ "name": "x", "scopes": [] }),
        json!({ "name": "x", "scopes": ["nothing:such"] }),
        json!({ "name": "", "scopes": ["event:read"] }),
        json!({ "name": "x", "scopes": ["event:read"], "expires_at": app.now() }),
        json!({ "name": "x", "scopes": ["event:read"], "organization": "nowhere" }),
        json!({ "name": "x", "scopes": ["event:read"], "user": "bob" }),
    ] {
        assert_eq!(script.post("/personal-tokens", body.clone()).await.status, 400, "{body}");
    }
    let made = script.post("/personal-tokens", json!({ "name": "reader", "scopes": ["event:read"] })).await;
    assert_eq!((made.status, &made.json()["expires_at"]), (201, &json!(null)), "{}", made.body);
    assert_eq!(made.json()["scopes"], json!(["event:read"]));
    assert!(made.json().get("refresh_token").is_none());
    let new = Script::with(app, &made.text("token"));
    assert_eq!(new.get("/me").await.status, 200);
    assert_eq!(script.delete(&format!("/personal-tokens/{}", made.text("id"))).await.status, 204);
    assert_eq!(problem(&new.get("/me").await), "401 invalid-token");
}

/// C23: no scope beyond its own, no end after its own, and not for an organization it does not reach.
async fn a_token_makes_no_token_that_is_stronger_or_lives_longer(app: &TestApp) {
    let root = app.db_administrator("root").await;
    let strong = Script::of(app, &root, &["account:write", "event:read", "admin:read"]).await;
    let end = app.now() + 3600;
    let short = strong
        .post(
            "/personal-tokens",
            json!({ "name": "short", "scopes": ["account:write", "event:read"], "expires_at": end }),
        )
        .await;
    let short = Script::with(app, &short.text("token"));
    let ask = async |scopes: serde_json::Value, end: Option<i64>| {
        short.post("/personal-tokens", json!({ "name": "child", "scopes": scopes, "expires_at": end })).await
    };
    for (scopes, until) in [
        (json!(["event:write"]), Some(end)),
        (json!(["admin:read"]), Some(end)),
        (json!(["account:write", "org:read"]), Some(end)),
        (json!(["event:read"]), None),
        (json!(["event:read"]), Some(end + 1)),
    ] {
        assert_eq!(problem(&ask(scopes.clone(), until).await), "403 forbidden", "{scopes} {until:?}");
    }
    assert_eq!(ask(json!(["event:read", "account:read"]), Some(end)).await.status, 201, "less is fine");
    let reader = Script::of(app, &root, &["account:read"]).await;
    let refused = reader.post("/personal-tokens", json!({ "name": "x", "scopes": ["account:read"] })).await;
    assert_eq!(problem(&refused), "403 insufficient-scope");
    let ada = app.db_user("ada").await;
    let plain = Script::of(app, &ada, &ACCOUNT).await;
    let refused = plain.post("/personal-tokens", json!({ "name": "x", "scopes": ["admin:read"] })).await;
    assert_eq!(problem(&refused), "403 forbidden");
}

/// ASVS 7.5.3: pages and the API alike.
async fn a_browser_makes_tokens_only_after_a_fresh_proof(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let body = || Some(json!({ "name": "x", "scopes": ["org:read"] }));
    assert_eq!(by_session(app, &browser, "POST", "/personal-tokens", body()).await.status, 201);
    app.wait(3600);
    let refused = by_session(app, &browser, "POST", "/personal-tokens", body()).await;
    assert_eq!((problem(&refused).as_str(), refused.text("login_url").as_str()), ("403 step-up-required", "/step-up"));
    assert_eq!(app.rows("personal_tokens"), 1);
}

/// ASVS 6.3.7: in the transaction of the token itself, and without it.
async fn a_token_made_is_told_by_mail(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    let everyone = grantor::config::clients::Registrars::Everyone;
    app.restart_with(|config| config.clients.registration = everyone).await;
    let ada = app.db_user_at("ada", "ada@example.com").await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let letter = app.db_last_letter().await;
    assert_eq!((letter.kind.as_str(), letter.to.as_str()), ("personal_token_made", "ada@example.com"));
    assert!(letter.text.contains("of the tests") && letter.text.contains("account:write"), "{}", letter.text);
    assert!(!letter.text.contains(&script.token));
    let refused = script.post("/personal-tokens", json!({ "name": "x", "scopes": [] })).await;
    assert_eq!((refused.status, app.db_letters().await.len()), (400, 1));
    let made = script.post("/applications", json!({ "name": "Sundial" })).await;
    let letter = app.db_last_letter().await;
    assert_eq!((letter.kind.as_str(), made.status), ("client_secret_made", 201));
    assert!(letter.text.contains("Sundial") && !letter.text.contains(&made.text("client_secret")), "{}", letter.text);
    script.post("/applications", json!({ "kind": "public" })).await;
    assert_eq!(app.db_letters().await.len(), 2, "a public one has no secret");
}

async fn a_person_is_called_what_they_say(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let me = script.get("/me").await;
    let tag = me.header("etag").expect("a tag").to_owned();
    let changed = script.patch("/me", json!({ "name": " Ada Lovelace " })).await;
    assert_eq!((changed.status, &changed.json()["user"]["name"]), (200, &json!("Ada Lovelace")), "{}", changed.body);
    assert_eq!(script.get("/me").await.body, changed.body);
    let stale = script.send("PATCH", "/me", Some(&json!({ "name": "X" })), &[("if-match", &tag)]).await;
    assert_eq!(problem(&stale), "412 precondition-failed");
    for name in ["a\u{202e}b", "a\nb", &"x".repeat(101)] {
        assert_eq!(problem(&script.patch("/me", json!({ "name": name })).await), "400 invalid-body");
    }
    assert_eq!(script.patch("/me", json!({ "login": "eve" })).await.status, 400);
    assert_eq!(script.patch("/me", json!({ "name": "" })).await.json()["user"]["name"], "ada");
    let reader = Script::of(app, &ada, &["account:read"]).await;
    assert_eq!(problem(&reader.patch("/me", json!({ "name": "X" })).await), "403 insufficient-scope");
    assert_eq!(app.db_events().await.iter().filter(|event| *event == "user.rename").count(), 2);
}

/// C68, C74.
async fn lists_take_limits_and_cursors_of_their_own_only(app: &TestApp) {
    let ada: Person = app.db_user("ada").await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    for list in ["/applications", "/authorizations", "/sessions", "/personal-tokens"] {
        for wrong in ["0", "-1", "101", "99999999999999999999", "x", "1.5", "1;2", "%00"] {
            let answer = script.get(&format!("{list}?limit={wrong}")).await;
            assert_eq!(problem(&answer), "400 invalid-request", "{list} {wrong}");
        }
        for wrong in ["x", "i", "1'%20OR%20'1'='1", "iAAAA", "%00"] {
            let answer = script.get(&format!("{list}?cursor={wrong}")).await;
            assert_eq!(problem(&answer), "400 invalid-request", "{list} {wrong}");
        }
        assert_eq!(problem(&script.get(&format!("{list}?limit=1&limit=2")).await), "400 invalid-request");
        assert_eq!(script.get(&format!("{list}?limit=1")).await.status, 200);
    }
    // A cursor of a list by name is none of a list by age.
    assert_eq!(script.get("/applications?cursor=tYQ").await.status, 200);
    assert_eq!(problem(&script.get("/personal-tokens?cursor=tYQ").await), "400 invalid-request");
}
