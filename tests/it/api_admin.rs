//! The API of administrators: users, clients, organizations, and the server itself.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp, on_both};

on_both!(
    users_are_made_changed_and_deleted,
    the_last_administrator_stays,
    a_browser_left_open_changes_nothing_for_everybody,
    users_are_searched_page_by_page,
    what_a_user_let_in_is_seen_and_ended,
    clients_are_registered_changed_and_switched_off,
    a_clients_secret_is_told_once_and_the_same_when_the_request_comes_again,
    a_client_is_deleted_after_a_while_and_taken_back,
    organizations_are_found_deleted_and_restored_by_administrators_without_membership,
    an_administrator_is_worth_no_less_as_a_member,
    the_server_tells_of_itself,
    what_changed_meanwhile_is_not_overwritten,
);

/// An administrator's token.
async fn root(app: &TestApp) -> String {
    let root = app.db_administrator("root").await;
    app.db_script_token(&root, &["admin:write".to_owned()], None, None).await
}

fn is(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.body);
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

async fn users_are_made_changed_and_deleted(app: &TestApp) {
    let token = root(app).await;
    let password = "a long passphrase nobody guesses at all";
    app.shared.secrets.saw(password);
    let new = json!({ "login": "Nell", "email": "nell@a.example", "password": password });
    let answer = app.api("POST", "/admin/users", Some(&token), &new).await;
    let made = is(&answer, 201);
    let id = made["id"].as_str().expect("an id").to_owned();
    assert_eq!(answer.header("location"), Some(format!("/api/v1/admin/users/{id}").as_str()));
    assert_eq!(
        (&made["login"], &made["name"], &made["email_verified"]),
        (&json!("Nell"), &json!("Nell"), &json!(false))
    );
    let again = app.api("POST", "/admin/users", Some(&token), &new).await;
    assert_eq!((again.status, again.json()["errors"][0]["field"].clone()), (400, json!("login")));

    let path = format!("/admin/users/{id}");
    let change = json!({ "name": "Nell Newcomer", "email": null, "administrator": true });
    let changed = is(&app.api("PATCH", &path, Some(&token), &change).await, 200);
    assert_eq!(
        (&changed["name"], &changed["email"], &changed["administrator"]),
        (&json!("Nell Newcomer"), &Value::Null, &json!(true))
    );
    for (change, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "email": "x" }), "email"),
        (json!({ "status": "deleted" }), "status"),
        (json!({ "status": "gone", "administrator": false }), "status"),
    ] {
        let refused = app.api("PATCH", &path, Some(&token), &change).await;
        assert_eq!((refused.status, &refused.json()["errors"][0]["field"]), (400, &json!(field)), "{change}");
    }
    let unknown = app.api("PATCH", &path, Some(&token), &json!({ "login": "x" })).await;
    assert_eq!(unknown.status, 400, "{}", unknown.body);
    assert_eq!(app.api_read(&path, &token).await, changed, "a refused change changes nothing at all");

    let nell = app.db_person_named("nell").await;
    let nells = app.db_script_token(&nell, &["account:read".to_owned()], None, None).await;
    assert_eq!(
        is(&app.api("PATCH", &path, Some(&token), &json!({ "status": "disabled" })).await, 200)["status"],
        "disabled"
    );
    assert_eq!(app.api("GET", "/me", Some(&nells), &Value::Null).await.status, 401);
    is(&app.api("PATCH", &path, Some(&token), &json!({ "status": "active" })).await, 200);
    is(&app.api("DELETE", &path, Some(&token), &Value::Null).await, 204);
    assert_eq!(app.api("GET", &path, Some(&token), &Value::Null).await.status, 404);
    assert_eq!(app.api("DELETE", &path, Some(&token), &Value::Null).await.status, 404);
    let events = app.db_audit().await;
    let mine: Vec<&str> = events.iter().filter(|row| row.actor_token.is_some()).map(|row| row.event.as_str()).collect();
    let did = ["user.create", "user.set_administrator", "user.correct", "user.disable", "user.enable", "user.delete"];
    assert_eq!(mine, did, "one event each, by the token");
}

async fn the_last_administrator_stays(app: &TestApp) {
    let token = root(app).await;
    let me = app.api_read("/me", &token).await["user"]["sub"].as_str().expect("me").to_owned();
    let path = format!("/admin/users/{me}");
    for change in [json!({ "administrator": false, "name": "X" }), json!({ "status": "disabled", "name": "X" })] {
        assert_eq!(app.api("PATCH", &path, Some(&token), &change).await.status, 409, "{change}");
    }
    assert_eq!(app.api("DELETE", &path, Some(&token), &Value::Null).await.status, 409);
    assert_eq!(app.api_read(&path, &token).await["name"], "root");
}

/// ASVS 7.5.3: the pages ask for a fresh proof, and so does the API behind the same cookie; tokens say so by their scope.
async fn a_browser_left_open_changes_nothing_for_everybody(app: &TestApp) {
    let root = app.db_administrator("root").await;
    let script = app.page_script(&app.db_signed_in(&root).await).await;
    let new = |login: &str| json!({ "login": login, "administrator": true });
    assert_eq!(script.post("/admin/users", new("first")).await.status, 201, "the control: lately proven");
    app.wait(u64::try_from(app.app().config.sign_in.step_up).expect("seconds"));
    let refused = script.post("/admin/users", new("second")).await;
    assert_eq!((refused.status, refused.text("code")), (403, "step-up-required".to_owned()), "{}", refused.body);
    assert_eq!(refused.text("login_url"), "/step-up");
    assert_eq!(script.post("/admin/keys/rotate", Value::Null).await.status, 403);
    let listed = script.get("/admin/users").await.json();
    let logins: Vec<_> = listed.as_array().expect("a list").iter().map(|one| one["login"].clone()).collect();
    assert_eq!(logins, [json!("first"), json!("root")], "looking is not changing");
}

async fn users_are_searched_page_by_page(app: &TestApp) {
    let token = root(app).await;
    for login in ["ann", "ben", "cat", "d_e", "dxe"] {
        app.db_user(login).await;
    }
    let logins = |value: &Value| -> Vec<String> {
        value
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["login"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let mut seen = Vec::new();
    let mut path = "/admin/users?limit=2".to_owned();
    loop {
        let answer = app.api("GET", &path, Some(&token), &Value::Null).await;
        seen.extend(logins(&is(&answer, 200)));
        let link = answer.header("link").expect("links").to_owned();
        let Some(next) = link.split(", ").find(|one| one.contains("rel=\"next\"")) else { break };
        let url = next.trim_start_matches('<').split('>').next().expect("an address");
        path = url.strip_prefix(&format!("{}/api/v1", app.issuer())).expect("of this server").to_owned();
    }
    assert_eq!(seen, ["ann", "ben", "cat", "d_e", "dxe", "root"]);
    assert_eq!(logins(&app.api_read("/admin/users?q=D_E", &token).await), ["d_e"], "folded, and nothing is a wildcard");
    assert_eq!(logins(&app.api_read("/admin/users?q=cat%20Ex", &token).await), ["cat"], "by name");
    assert_eq!(logins(&app.api_read("/admin/users?q=%25", &token).await), Vec::<String>::new());
    app.db_disable_user(&app.db_person_named("ben").await).await;
    assert_eq!(logins(&app.api_read("/admin/users?status=disabled", &token).await), ["ben"]);
    assert_eq!(app.api("GET", "/admin/users?status=x", Some(&token), &Value::Null).await.status, 400);
}

async fn what_a_user_let_in_is_seen_and_ended(app: &TestApp) {
    let token = root(app).await;
    let ada = app.db_user("ada").await;
    let (party, browser) = (app.db_web_client().await, app.db_signed_in(&ada).await);
    let tokens = app.db_tokens(&party, &ada, "org:read").await;
    let path = format!("/admin/users/{}", ada.row.sub);
    let authorizations = app.api_read(&format!("{path}/authorizations"), &token).await;
    assert_eq!(
        (&authorizations[0]["client_id"], &authorizations[0]["scopes"]),
        (&json!(party.client_id), &json!(["org:read"]))
    );
    let one = format!("{path}/authorizations/{}", party.client_id);
    is(&app.api("DELETE", &one, Some(&token), &Value::Null).await, 204);
    assert_eq!(app.api("DELETE", &one, Some(&token), &Value::Null).await.status, 404);
    let dead = party.refresh(&tokens.refresh).await;
    assert_eq!(dead.error(), "400 invalid_grant");

    let sessions = app.api_read(&format!("{path}/sessions"), &token).await;
    let count = sessions.as_array().map(Vec::len).expect("sessions");
    let newest = sessions[0]["id"].as_str().expect("a name").to_owned();
    let other = app.db_user("eve").await;
    let others = format!("/admin/users/{}/sessions/{newest}", other.row.sub);
    assert_eq!(app.api("DELETE", &others, Some(&token), &Value::Null).await.status, 404, "of that person only");
    is(&app.api("DELETE", &format!("{path}/sessions/{newest}"), Some(&token), &Value::Null).await, 204);
    let left = app.api_read(&format!("{path}/sessions"), &token).await;
    assert_eq!(left.as_array().map(Vec::len), Some(count - 1));
    is(&app.api("POST", &format!("{path}/sign-out-everywhere"), Some(&token), &Value::Null).await, 204);
    assert_eq!(app.api_read(&format!("{path}/sessions"), &token).await, json!([]));
    assert_eq!(browser.get("/account/sessions").await.status, 302, "the browser is signed out");
}

async fn clients_are_registered_changed_and_switched_off(app: &TestApp) {
    let token = root(app).await;
    let new = json!({ "name": "Sundial", "redirect_uris": ["https://sundial.example/cb"], "scopes": ["org:read"] });
    let answer = app.api("POST", "/admin/clients", Some(&token), &new).await;
    let made = is(&answer, 201);
    assert!(made["client_secret"].as_str().is_some_and(|secret| secret.len() > 40));
    let id = made["client_id"].as_str().expect("an id").to_owned();
    let path = format!("/admin/clients/{id}");
    let shown = app.api_read(&path, &token).await;
    assert_eq!((&shown["metadata"]["name"], &shown["status"]), (&json!("Sundial"), &json!("active")));
    assert_eq!(shown["credentials"].as_array().map(Vec::len), Some(1));

    let change = json!({ "name": "Sundial 2", "owner": null, "require_pkce": true });
    let changed = is(&app.api("PATCH", &path, Some(&token), &change).await, 200);
    assert_eq!(
        (&changed["metadata"]["name"], &changed["metadata"]["scopes"]),
        (&json!("Sundial 2"), &json!(["org:read"]))
    );
    for (change, field) in [
        (json!({ "redirect_uris": ["http://x.example/cb"] }), Some("redirect_uris")),
        (json!({ "owner": "nobody" }), Some("owner")),
        (json!({ "kind": "public", "authentication_method": "none" }), Some("kind")),
        (json!({ "client_id": "x" }), None),
        (json!({ "scopes": "org:read" }), None),
    ] {
        let refused = app.api("PATCH", &path, Some(&token), &change).await;
        assert_eq!(refused.status, 400, "{change}: {}", refused.body);
        assert_eq!(refused.json()["errors"][0]["field"].as_str(), field, "{change}");
    }
    assert_eq!(app.api_read(&path, &token).await, changed);

    let ada = app.db_user("ada").await;
    let party = app.db_web_client().await;
    app.db_tokens(&party, &ada, "org:read").await;
    let used = app.api_read(&format!("/admin/clients/{}/statistics", party.client_id), &token).await;
    assert_eq!((&used["users"]["count"], &used["live_tokens"]["count"]), (&json!(1), &json!(2)));
    app.wait(2 * 24 * 3600);
    let later = app.api_read(&format!("/admin/clients/{}/statistics", party.client_id), &token).await;
    assert_eq!((&later["users"]["count"], &later["live_tokens"]["count"]), (&json!(1), &json!(1)), "to refresh with");

    is(&app.api("POST", &format!("{path}/disable"), Some(&token), &Value::Null).await, 204);
    let list = app.api_read("/admin/clients?status=inactive", &token).await;
    assert_eq!((&list[0]["client_id"], list.as_array().map(Vec::len)), (&json!(id), Some(1)));
    is(&app.api("POST", &format!("{path}/enable"), Some(&token), &Value::Null).await, 204);
    assert_eq!(app.api_read("/admin/clients?q=dial", &token).await[0]["client_id"], json!(id));
    assert_eq!(app.api_read(&format!("/admin/clients?q={id}"), &token).await[0]["client_id"], json!(id));
    let nothing = app.api("GET", "/admin/clients/nobody", Some(&token), &Value::Null).await;
    assert_eq!(nothing.status, 404);
}

/// The same key is the same request; another body is none.
async fn a_clients_secret_is_told_once_and_the_same_when_the_request_comes_again(app: &TestApp) {
    let token = root(app).await;
    let key = [("Idempotency-Key", "c1")];
    let new = json!({ "name": "Sundial", "redirect_uris": ["https://sundial.example/cb"] });
    let first = is(&app.api_with("POST", "/admin/clients", Some(&token), &new, &key).await, 201);
    let again = is(&app.api_with("POST", "/admin/clients", Some(&token), &new, &key).await, 201);
    assert_eq!(first, again);
    let other = json!({ "name": "Other" });
    assert_eq!(app.api_with("POST", "/admin/clients", Some(&token), &other, &key).await.status, 422);
    assert_eq!(app.rows("clients"), 1);
    let id = first["client_id"].as_str().expect("an id");
    let secret = first["client_secret"].as_str().expect("a secret");

    let path = format!("/admin/clients/{id}/rotate-secret");
    let key = [("Idempotency-Key", "r1")];
    let rotated = is(&app.api_with("POST", &path, Some(&token), &json!({ "overlap": 60 }), &key).await, 201);
    let again = is(&app.api_with("POST", &path, Some(&token), &json!({ "overlap": 60 }), &key).await, 201);
    assert_eq!(rotated, again);
    assert_ne!(rotated["client_secret"], first["client_secret"]);
    assert_eq!(rotated["others_end_at"], json!(app.now() + 60));
    let works = async |secret: &str| {
        let request = app.shared.http.post(app.shared.url("/oauth/introspect")).basic_auth(id, Some(secret));
        app.shared.send(request.form(&[("token", "x")])).await.status
    };
    let new = rotated["client_secret"].as_str().expect("a secret");
    assert_eq!((works(secret).await, works(new).await), (200, 200));
    app.wait(61);
    assert_eq!((works(secret).await, works(new).await), (401, 200));
    assert_eq!(app.api("POST", &path, Some(&token), &json!({ "overlap": -1 })).await.status, 409);

    let public = json!({ "kind": "public", "redirect_uris": ["https://spa.example/cb"] });
    let key = [("Idempotency-Key", "p1")];
    let first = is(&app.api_with("POST", "/admin/clients", Some(&token), &public, &key).await, 201);
    let again = is(&app.api_with("POST", "/admin/clients", Some(&token), &public, &key).await, 201);
    assert_eq!((first.get("client_secret"), &first), (None, &again), "there is none, the second time either");
    let path = format!("/admin/clients/{}/rotate-secret", first["client_id"].as_str().expect("an id"));
    assert_eq!(app.api("POST", &path, Some(&token), &json!({})).await.status, 409);
}

/// S61.
async fn a_client_is_deleted_after_a_while_and_taken_back(app: &TestApp) {
    let token = root(app).await;
    let party = app.db_web_client().await;
    let path = format!("/admin/clients/{}", party.client_id);
    is(&app.api("DELETE", &path, Some(&token), &Value::Null).await, 204);
    let shown = app.api_read(&path, &token).await;
    assert_eq!(shown["status"], "pending_deletion");
    let jobs = app.api_read("/admin/jobs", &token).await;
    assert_eq!(jobs["deletions"][0]["id"], json!(party.client_id));
    assert_eq!(app.api("POST", &format!("{path}/enable"), Some(&token), &Value::Null).await.status, 409);
    is(&app.api("POST", &format!("{path}/restore"), Some(&token), &Value::Null).await, 204);
    assert_eq!(app.api("POST", &format!("{path}/restore"), Some(&token), &Value::Null).await.status, 409);
    assert_eq!(app.api_read(&path, &token).await["status"], "inactive");
    is(&app.api("DELETE", &path, Some(&token), &Value::Null).await, 204);
    let at = app.api_read(&path, &token).await["delete_at"].as_i64().expect("a time");
    app.wait((at - app.now()).unsigned_abs());
    app.db_sweep().await;
    assert_eq!(app.api("GET", &path, Some(&token), &Value::Null).await.status, 404);
}

/// S64: a superuser needs no membership, and their token no scope of organizations.
async fn organizations_are_found_deleted_and_restored_by_administrators_without_membership(app: &TestApp) {
    let token = root(app).await;
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    app.db_owned("beta", &ada).await;
    let listed = app.api_read("/admin/organizations?q=ACM", &token).await;
    assert_eq!((&listed[0]["slug"], listed.as_array().map(Vec::len)), (&json!("acme"), Some(1)));
    let by_slug = app.api_read("/admin/organizations/acme", &token).await;
    let by_id = app.api_read(&format!("/admin/organizations/{}", acme.public_id), &token).await;
    assert_eq!(by_slug, by_id);
    assert_eq!(by_slug["members"], 1);
    is(&app.api("DELETE", "/admin/organizations/acme", Some(&token), &Value::Null).await, 204);
    assert_eq!(app.api_read("/admin/organizations?status=pending_deletion", &token).await[0]["slug"], "acme");
    is(&app.api("POST", "/admin/organizations/acme/restore", Some(&token), &Value::Null).await, 204);
    assert_eq!(app.api("POST", "/admin/organizations/acme/restore", Some(&token), &Value::Null).await.status, 409);
    assert_eq!(app.api_read("/admin/organizations/acme", &token).await["status"], "active");
    assert_eq!(app.api("GET", "/admin/organizations/none", Some(&token), &Value::Null).await.status, 404);
    let events = app.db_audit().await;
    let told: Vec<_> = events
        .iter()
        .filter(|row| row.organization_id == Some(acme.id))
        .map(|row| (row.event.as_str(), row.actor_label.as_str()))
        .collect();
    assert_eq!(told[told.len() - 2..], [("org.delete", "root"), ("org.restore", "root")], "in the organization's log");
}

/// S64: the lowest role takes nothing away from whoever may everything outside.
async fn an_administrator_is_worth_no_less_as_a_member(app: &TestApp) {
    let root = app.db_administrator("root").await;
    let token = app.db_script_token(&root, &["admin:write".to_owned()], None, None).await;
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    app.db_join(&acme, &root, "member").await;
    is(&app.api("DELETE", "/admin/organizations/acme", Some(&token), &Value::Null).await, 204);
    is(&app.api("POST", "/admin/organizations/acme/restore", Some(&token), &Value::Null).await, 204);
}

async fn the_server_tells_of_itself(app: &TestApp) {
    let token = root(app).await;
    let keys = app.api_read("/admin/keys", &token).await;
    assert_eq!(keys.as_array().map(Vec::len), Some(1));
    let key = [("Idempotency-Key", "k1")];
    let made = is(&app.api_with("POST", "/admin/keys/rotate", Some(&token), &Value::Null, &key).await, 201);
    let again = is(&app.api_with("POST", "/admin/keys/rotate", Some(&token), &Value::Null, &key).await, 201);
    assert_eq!(made, again);
    let keys = app.api_read("/admin/keys", &token).await;
    assert_eq!((&keys[0]["id"], keys.as_array().map(Vec::len)), (&made["id"], Some(2)));
    assert!(keys[1]["retired_at"].is_i64());

    let log = app.api_read("/admin/audit-log?event=key&actor=root", &token).await;
    assert_eq!((&log[0]["event"], log.as_array().map(Vec::len)), (&json!("key.rotate"), Some(1)));
    let answer = app.api("GET", "/admin/audit-log?limit=1", Some(&token), &Value::Null).await;
    let first = is(&answer, 200);
    assert!(answer.header("link").is_some_and(|links| links.contains("rel=\"next\"")));
    assert_eq!(first[0]["event"], "key.rotate");
    assert_eq!(app.api("GET", "/admin/audit-log?since=yesterday", Some(&token), &Value::Null).await.status, 400);

    let jobs = app.api_read("/admin/jobs", &token).await;
    assert_eq!(
        (&jobs["housekeeping_at"], &jobs["mails_waiting"], &jobs["rechecks_due"]),
        (&Value::Null, &json!(0), &json!(0))
    );
    app.db_sweep().await;
    assert_eq!(app.api_read("/admin/jobs", &token).await["housekeeping_at"], json!(app.now()));

    let told = app.api_read("/admin/configuration", &token).await;
    assert_eq!(told["server"]["issuer"], json!(app.issuer()));
    assert_eq!((&told["secrets"]["master_key"], &told["mail"]["password"]), (&json!("(hidden)"), &Value::Null));
    assert!(!told.to_string().contains("dGVzdHMgb25seT"), "the master key of all tests");

    let party = app.db_web_client().await;
    let refused = party.redeem("gco_x").await;
    let reference = refused.reference();
    app.db_refusals_once_written().await;
    let explained = app.api_read(&format!("/admin/refusals/{reference}"), &token).await;
    assert_eq!((&explained["code"], &explained["client_id"]), (&json!("invalid_grant"), &json!(party.client_id)));
    let recent = app.api_read(&format!("/admin/refusals?client_id={}", party.client_id), &token).await;
    assert_eq!(recent[0]["reference"], json!(reference));
    assert_eq!(app.api_read("/admin/refusals?client_id=other", &token).await, json!([]));
}

/// RFC 9110 section 13.1.1.
async fn what_changed_meanwhile_is_not_overwritten(app: &TestApp) {
    let token = root(app).await;
    let (ada, party) = (app.db_user("ada").await, app.db_web_client().await);
    app.db_owned("acme", &ada).await;
    let paths = [
        (format!("/admin/users/{}", ada.row.sub), json!({ "name": "Ada" })),
        (format!("/admin/clients/{}", party.client_id), json!({ "name": "Sundial" })),
        ("/admin/organizations/acme".to_owned(), Value::Null),
    ];
    for (path, change) in paths {
        let read = app.api("GET", &path, Some(&token), &Value::Null).await;
        let tag = read.header("etag").expect("a tag").to_owned();
        let unchanged = app.api_with("GET", &path, Some(&token), &Value::Null, &[("If-None-Match", &tag)]).await;
        assert_eq!(unchanged.status, 304, "{path}");
        if !change.is_null() {
            is(&app.api_with("PATCH", &path, Some(&token), &change, &[("If-Match", &tag)]).await, 200);
            assert_eq!(app.api_with("PATCH", &path, Some(&token), &change, &[("If-Match", &tag)]).await.status, 412);
        }
        let other = app.api_with("DELETE", &path, Some(&token), &Value::Null, &[("If-Match", "\"x\"")]).await;
        assert_eq!(other.status, 412, "{path}");
        assert_eq!(app.api("GET", &path, Some(&token), &Value::Null).await.status, 200, "{path} is still there");
    }
}
