//! Applications at the API: made and kept by whoever develops them.

use grantor::config::clients::Registrars;
use serde_json::{Value, json};

use crate::account_stage::{Script, each, problem};
use crate::support::answer::Answer;
use crate::support::db_shortcuts::{strings, web_client};
use crate::support::{ClientSpec, RelyingParty, TestApp, on_both};

on_both!(
    a_developer_makes_lists_changes_and_deletes_applications,
    who_may_register_is_what_the_operator_says,
    a_developer_does_not_reach_beyond_what_developers_may,
    nobody_has_more_applications_than_the_operator_allows,
    an_application_of_somebody_else_is_not_there,
    a_request_that_comes_again_makes_one_application,
    a_rotation_that_comes_again_tells_the_same_secret,
    what_changed_meanwhile_is_not_overwritten,
    a_deletion_taken_back_leads_to_what_was_before,
    an_application_makes_no_applications,
    a_developer_sees_use_and_refusals,
    what_a_file_declares_is_changed_there,
    no_answer_but_a_creation_tells_a_secret,
);

const ACCOUNT: [&str; 1] = ["account:write"];

async fn open(app: &TestApp) {
    app.restart_with(|config| config.clients.registration = Registrars::Everyone).await;
}

fn sundial() -> Value {
    json!({ "name": "Sundial", "redirect_uris": ["https://sundial.example/cb"], "scopes": ["org:read"] })
}

/// The application as its developer holds it.
fn party(app: &TestApp, made: &Answer) -> RelyingParty {
    let json = made.json();
    let secret = json["client_secret"].as_str();
    RelyingParty::new(app.shared.clone(), &made.text("client_id"), secret, "https://sundial.example/cb")
}

/// Whether the secret is one of the application's.
async fn authenticates(party: &RelyingParty) -> bool {
    match party.redeem("x").await.error().as_str() {
        "400 invalid_grant" => true,
        "401 invalid_client" => false,
        other => panic!("{other}"),
    }
}

/// S60.
async fn a_developer_makes_lists_changes_and_deletes_applications(app: &TestApp) {
    open(app).await;
    let ada = app.db_user("ada").await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let made = script.post("/applications", sundial()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.text("client_id");
    assert_eq!(made.header("location"), Some(format!("/api/v1/applications/{id}").as_str()));
    assert!(authenticates(&party(app, &made)).await);
    // A pleasant name when there is none, and nothing it could do yet.
    let bare = script.post("/applications", json!({})).await;
    assert_eq!((bare.status, bare.json()["grant_types"].clone()), (201, json!([])), "{}", bare.body);
    assert!(bare.text("name").len() > 3);
    assert_eq!(bare.json()["verified"], false);
    let public = script.post("/applications", json!({ "name": "App", "kind": "public" })).await;
    assert_eq!((public.status, public.json().get("client_secret")), (201, None), "{}", public.body);
    let listed = each(&script.get("/applications").await, "/name");
    let mut sorted = listed.clone();
    sorted.sort();
    assert_eq!((listed.len(), &listed), (3, &sorted));

    let path = format!("/applications/{id}");
    let changed = script.patch(&path, json!({ "name": "Moondial", "homepage_url": "https://moon.example/" })).await;
    assert_eq!((changed.status, changed.text("name").as_str()), (200, "Moondial"), "{}", changed.body);
    assert_eq!(changed.json()["redirect_uris"], json!(["https://sundial.example/cb"]), "what is not named stays");
    let changed = script.patch(&path, json!({ "homepage_url": null })).await;
    assert_eq!(changed.json()["homepage_url"], Value::Null);
    // The first address gives what new applications with an address have.
    let path = format!("/applications/{}", bare.text("client_id"));
    let changed = script.patch(&path, json!({ "redirect_uris": ["https://late.example/cb"] })).await;
    assert_eq!(changed.json()["grant_types"], json!(["authorization_code", "refresh_token"]), "{}", changed.body);
    assert_eq!(script.delete(&path).await.status, 204);
    assert_eq!(script.get(&path).await.text("status"), "pending_deletion");
    assert_eq!(problem(&script.patch(&path, json!({ "name": "X" })).await), "409 conflict");
    app.wait(3601);
    app.db_sweep().await;
    assert_eq!(problem(&script.get(&path).await), "404 not-found");
    assert_eq!(app.rows("clients"), 2);
    let events = app.db_events().await;
    for event in ["client.create", "client.update", "client.request_deletion"] {
        assert!(events.iter().any(|known| known == event), "{event} in {events:?}");
    }
}

/// DECISIONS: nobody, staff, everyone. Whoever may not register keeps what there is.
async fn who_may_register_is_what_the_operator_says(app: &TestApp) {
    let (ada, root) = (app.db_user("ada").await, app.db_administrator("root").await);
    for (who, ada_may, root_may) in
        [(Registrars::Nobody, 403, 403), (Registrars::Staff, 403, 201), (Registrars::Everyone, 201, 201)]
    {
        app.restart_with(|config| config.clients.registration = who).await;
        for (person, expected) in [(&ada, ada_may), (&root, root_may)] {
            let script = Script::of(app, person, &ACCOUNT).await;
            let made = script.post("/applications", sundial()).await;
            assert_eq!(made.status, expected, "{who:?} {}: {}", person.login, made.body);
            assert_eq!(script.get("/applications").await.status, 200);
        }
    }
    app.restart_with(|config| config.clients.registration = Registrars::Nobody).await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let id = each(&script.get("/applications").await, "/client_id").remove(0);
    assert_eq!(script.patch(&format!("/applications/{id}"), json!({ "name": "Still mine" })).await.status, 200);
    let reader = Script::of(app, &ada, &["account:read"]).await;
    assert_eq!(problem(&reader.post("/applications", sundial()).await), "403 insufficient-scope");
}

/// C67, A60: members that are not a developer's to set, values that are not theirs to choose; all told at once.
async fn a_developer_does_not_reach_beyond_what_developers_may(app: &TestApp) {
    open(app).await;
    let (ada, root) = (app.db_user("ada").await, app.db_administrator("root").await);
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let with = |member: &str, value: Value| {
        let mut body = sundial();
        body[member] = value;
        body
    };
    for (member, value) in [
        ("verified", json!(true)),
        ("may_introspect", json!(true)),
        ("owner", json!("root")),
        ("silent_token", json!(true)),
        ("response_types", json!(["token"])),
        ("require_pkce", json!(false)),
    ] {
        assert_eq!(
            problem(&script.post("/applications", with(member, value)).await),
            "400 invalid-request",
            "{member}"
        );
    }
    for (member, value) in [
        ("scopes", json!(["admin:read"])),
        ("grant_types", json!(["client_credentials"])),
        ("access_token_lifetime", json!(86_400)),
        ("refresh_idle_lifetime", json!(86_400 * 365)),
        ("refresh_absolute_lifetime", json!(86_400 * 3650)),
        ("redirect_uris", json!(["javascript:alert(1)"])),
        ("homepage_url", json!("javascript:alert(1)")),
        ("name", json!("grantor")),
        ("kind", json!("x")),
    ] {
        let refused = script.post("/applications", with(member, value)).await;
        assert_eq!(problem(&refused), "400 invalid-body", "{member}");
        assert_eq!(refused.json()["errors"][0]["field"], member, "{}", refused.body);
    }
    let worst = json!({ "scopes": ["admin:write"], "grant_types": ["client_credentials"], "name": "x" });
    assert_eq!(script.post("/applications", worst).await.json()["errors"].as_array().map(Vec::len), Some(2));
    assert_eq!(app.rows("clients"), 0);
    let id = script.post("/applications", sundial()).await.text("client_id");
    let path = format!("/applications/{id}");
    assert_eq!(problem(&script.patch(&path, json!({ "scopes": ["admin:read"] })).await), "400 invalid-body");
    assert_eq!(problem(&script.patch(&path, json!({ "kind": "public" })).await), "400 invalid-body");
    // What an administrator gave, the developer may keep.
    let held = RelyingParty::new(app.shared.clone(), &id, None, "https://sundial.example/cb");
    app.db_update_client(&held, |metadata| metadata.access_token_lifetime = Some(86_400)).await;
    assert_eq!(script.patch(&path, json!({ "name": "Other" })).await.status, 200);
    // An administrator's token that was made for less makes nothing that does more (C23).
    for (scopes, expected) in [(vec!["account:write"], 400), (vec!["account:write", "admin:write"], 201)] {
        let staff = Script::of(app, &root, &scopes).await;
        let made = staff.post("/applications", with("scopes", json!(["admin:read"]))).await;
        assert_eq!(made.status, expected, "{}", made.body);
    }
}

async fn nobody_has_more_applications_than_the_operator_allows(app: &TestApp) {
    app.restart_with(|config| {
        config.clients.registration = Registrars::Everyone;
        config.clients.per_person = 2;
    })
    .await;
    let ada = app.db_user("ada").await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    assert_eq!(script.post("/applications", sundial()).await.status, 201);
    let (one, two, three) = tokio::join!(
        script.post("/applications", sundial()),
        script.post("/applications", sundial()),
        script.post("/applications", sundial())
    );
    let mut statuses = [one.status, two.status, three.status];
    statuses.sort_unstable();
    assert_eq!((statuses, app.rows("clients")), ([201, 409, 409], 2));
}

/// C70: whatever is asked, the answer is the one for what does not exist.
async fn an_application_of_somebody_else_is_not_there(app: &TestApp) {
    open(app).await;
    let (ada, eve) = (app.db_user("ada").await, app.db_user("eve").await);
    let (script, other) = (Script::of(app, &ada, &ACCOUNT).await, Script::of(app, &eve, &ACCOUNT).await);
    let id = script.post("/applications", sundial()).await.text("client_id");
    let unowned = app.db_web_client().await.client_id;
    assert_eq!(other.get("/applications").await.body, "[]");
    for (method, rest, body) in [
        ("GET", "", None),
        ("PATCH", "", Some(json!({ "name": "Mine" }))),
        ("DELETE", "", None),
        ("POST", "/restore", Some(json!({}))),
        ("POST", "/rotate-secret", Some(json!({}))),
        ("GET", "/statistics", None),
        ("GET", "/refusals", None),
    ] {
        let mut told = Vec::new();
        for id in [id.as_str(), unowned.as_str(), "nobody", "%00", &"x".repeat(300)] {
            let answer = other.send(method, &format!("/applications/{id}{rest}"), body.as_ref(), &[]).await;
            assert_eq!(problem(&answer), "404 not-found", "{method} {id}{rest}");
            told.push(answer.body);
        }
        assert!(told.iter().all(|body| *body == told[0]), "{told:?}");
    }
    assert_eq!(script.get(&format!("/applications/{id}")).await.text("name"), "Sundial");
}

async fn a_request_that_comes_again_makes_one_application(app: &TestApp) {
    open(app).await;
    let ada = app.db_user("ada").await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let first = script.post_once("/applications", sundial(), "key-1").await;
    let again = script.post_once("/applications", sundial(), "key-1").await;
    assert_eq!((first.status, again.status, &first.body), (201, 201, &again.body));
    assert!(authenticates(&party(app, &again)).await, "the secret that was told again works");
    let other = script.post_once("/applications", json!({ "name": "Other" }), "key-1").await;
    assert_eq!(problem(&other), "422 idempotency-key-reused");
    assert_eq!((app.rows("clients"), app.rows("client_secrets")), (1, 1));
    // A refused one made nothing: corrected, it may come again under its key.
    assert_eq!(script.post_once("/applications", json!({ "kind": "x" }), "key-2").await.status, 400);
    assert_eq!(script.post_once("/applications", json!({ "kind": "public" }), "key-2").await.status, 201);
    let again = script.post_once("/applications", json!({ "kind": "public" }), "key-2").await;
    assert_eq!((again.status, again.json().get("client_secret")), (201, None), "a public one has no secret");
    let twin = || script.post_once("/applications", sundial(), "key-3");
    let (one, two, three, four) = tokio::join!(twin(), twin(), twin(), twin());
    let all = [one, two, three, four];
    assert!(all.iter().all(|answer| matches!(answer.status, 201 | 409)), "{:?}", all.map(|answer| answer.status));
    assert!(all.iter().any(|answer| answer.status == 201));
    assert_eq!(app.rows("clients"), 3, "of twins at once one made it");
}

async fn a_rotation_that_comes_again_tells_the_same_secret(app: &TestApp) {
    open(app).await;
    let ada = app.db_user("ada").await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let made = script.post("/applications", sundial()).await;
    let old = party(app, &made);
    let path = format!("/applications/{}/rotate-secret", made.text("client_id"));
    let first = script.post_once(&path, json!({ "overlap": 600 }), "key").await;
    let again = script.post_once(&path, json!({ "overlap": 600 }), "key").await;
    assert_eq!((first.status, &first.body), (201, &again.body), "{}", first.body);
    assert_eq!(first.json()["others_end_at"], app.now() + 600);
    let new = party(app, &first);
    assert!(authenticates(&old).await && authenticates(&new).await);
    app.wait(601);
    assert!(!authenticates(&old).await && authenticates(&new).await);
    assert_eq!(app.rows("client_secrets"), 2);
    let shown = script.get(&format!("/applications/{}", made.text("client_id"))).await;
    assert_eq!(shown.json()["credentials"].as_array().map(Vec::len), Some(1), "only what works is told of");
    let backwards = script.post(&path, json!({ "overlap": -1 })).await;
    assert_eq!(problem(&backwards), "400 invalid-body");
    let public = script.post("/applications", json!({ "kind": "public" })).await.text("client_id");
    let refused = script.post(&format!("/applications/{public}/rotate-secret"), json!({})).await;
    assert_eq!(problem(&refused), "409 conflict");
}

/// RFC 9110 section 13.1.1.
async fn what_changed_meanwhile_is_not_overwritten(app: &TestApp) {
    open(app).await;
    let ada = app.db_user("ada").await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let path = format!("/applications/{}", script.post("/applications", sundial()).await.text("client_id"));
    let tag = script.get(&path).await.header("etag").expect("a tag").to_owned();
    let name = |name: &str| json!({ "name": name });
    let held = |tag: &str| [("if-match", tag.to_owned())];
    let send = async |method: &str, body: Option<Value>, tag: &str| {
        let headers = held(tag);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, tag)| (*name, tag.as_str())).collect();
        script.send(method, &path, body.as_ref(), &headers).await
    };
    let changed = send("PATCH", Some(name("One")), &tag).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
    assert_eq!(problem(&send("PATCH", Some(name("Two")), &tag).await), "412 precondition-failed");
    assert_eq!(problem(&send("DELETE", None, &tag).await), "412 precondition-failed");
    let unchanged = script.send("GET", &path, None, &[("if-none-match", changed.header("etag").expect("a tag"))]).await;
    assert_eq!((unchanged.status, unchanged.body.as_str()), (304, ""));
    assert_eq!(send("PATCH", Some(name("Three")), "*").await.status, 200);
}

/// S61: on again if it was on; what the operator switched off stays off, and is seen by whoever has to mend it.
async fn a_deletion_taken_back_leads_to_what_was_before(app: &TestApp) {
    open(app).await;
    let ada = app.db_user("ada").await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let made = script.post("/applications", sundial()).await;
    let (held, path) = (party(app, &made), format!("/applications/{}", made.text("client_id")));
    for (off, expected) in [(false, "active"), (true, "inactive")] {
        if off {
            app.db_disable_client(&held).await;
            assert_eq!(script.get(&path).await.text("status"), "inactive");
        }
        assert_eq!(script.delete(&path).await.status, 204);
        assert_eq!(script.delete(&path).await.status, 204, "asking again changes nothing");
        assert_eq!(held.redeem("x").await.status, 401);
        let restored = script.post(&format!("{path}/restore"), json!({})).await;
        assert_eq!((restored.status, restored.text("status").as_str()), (200, expected), "{}", restored.body);
        assert_eq!(problem(&script.post(&format!("{path}/restore"), json!({})).await), "409 conflict");
    }
    assert_eq!(each(&script.get("/applications").await, "/status"), ["inactive"]);
}

/// C23: what an application makes would outlive what it was allowed.
async fn an_application_makes_no_applications(app: &TestApp) {
    open(app).await;
    let ada = app.db_user("ada").await;
    let spec = ClientSpec { scopes: strings(&["account:write"]), ..web_client() };
    let web = app.db_client(spec).await;
    let tokens = app.db_tokens(&web, &ada, "account:write").await;
    let own = Script::of(app, &ada, &ACCOUNT).await;
    let id = own.post("/applications", sundial()).await.text("client_id");
    let foreign = Script::with(app, &tokens.access);
    assert_eq!(foreign.get("/applications").await.status, 200, "it may look");
    for (method, path, body) in [
        ("POST", "/applications".to_owned(), Some(sundial())),
        ("PATCH", format!("/applications/{id}"), Some(json!({ "redirect_uris": ["https://evil.example/cb"] }))),
        ("DELETE", format!("/applications/{id}"), None),
        ("POST", format!("/applications/{id}/rotate-secret"), Some(json!({}))),
        ("POST", "/personal-tokens".to_owned(), Some(json!({ "name": "x", "scopes": ["account:read"] }))),
    ] {
        assert_eq!(problem(&foreign.send(method, &path, body.as_ref(), &[]).await), "403 forbidden", "{method} {path}");
    }
    assert_eq!((app.rows("clients"), app.rows("personal_tokens")), (2, 1));
}

async fn a_developer_sees_use_and_refusals(app: &TestApp) {
    open(app).await;
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let made = script.post("/applications", sundial()).await;
    let (held, path) = (party(app, &made), format!("/applications/{}", made.text("client_id")));
    let statistics = async || script.get(&format!("{path}/statistics")).await.json();
    let none = json!({ "count": 0, "more": false });
    assert_eq!(statistics().await, json!({ "users": none, "live_tokens": none, "last_used_at": null }));
    let tokens = app.db_tokens(&held, &ada, "org:read").await;
    app.db_tokens(&held, &bob, "org:read").await;
    held.refresh(&tokens.refresh).await;
    app.app().last_used.flush(&app.app().store).await.expect("written");
    let counted = statistics().await;
    assert_eq!((&counted["users"]["count"], &counted["live_tokens"]["count"]), (&json!(2), &json!(5)), "{counted}");
    assert_eq!(counted["last_used_at"], app.now());
    app.db_revoke_authorization(&bob, &held).await;
    let counted = statistics().await;
    assert_eq!((&counted["users"]["count"], &counted["live_tokens"]["count"]), (&json!(1), &json!(3)), "{counted}");

    held.redeem("gac_nothing").await;
    app.db_refusals_once_written().await;
    let seen = script.get(&format!("{path}/refusals")).await;
    assert_eq!(each(&seen, "/endpoint"), ["token"], "{}", seen.body);
    assert_eq!(each(&seen, "/code"), ["invalid_grant"]);
    assert!(seen.json()[0].get("address").is_none(), "who sent it is the user's business");
}

async fn what_a_file_declares_is_changed_there(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let spec = ClientSpec { owner: Some("ada".to_owned()), ..web_client() };
    let actor = grantor::flows::audit::Actor::Operator;
    let mark = Some("clients.toml:web".to_owned());
    let made = grantor::flows::clients::create::create(&app.app(), None, actor, spec, None, mark).await;
    let made = made.unwrap_or_else(|failure| panic!("{failure}"));
    app.shared.secrets.saw(made.secret.as_ref().map(|secret| secret.expose()).expect("a secret"));
    let path = format!("/applications/{}", made.client_id);
    assert_eq!(script.get(&path).await.text("managed_by"), "clients.toml:web");
    assert_eq!(problem(&script.patch(&path, json!({ "name": "X" })).await), "409 conflict");
    assert_eq!(problem(&script.delete(&path).await), "409 conflict");
}

/// C66, A44, FIX 13: generated over every GET about a person's own, in a state where there is something to tell; to
/// somebody else who uses the application as little as to its owner.
async fn no_answer_but_a_creation_tells_a_secret(app: &TestApp) {
    open(app).await;
    let ada = app.db_user("ada").await;
    let script = Script::of(app, &ada, &ACCOUNT).await;
    let made = script.post("/applications", sundial()).await;
    let held = party(app, &made);
    app.db_tokens(&held, &ada, "org:read").await;
    let bob = app.db_user("bob").await;
    app.db_tokens(&held, &bob, "org:read").await;
    let user = Script::of(app, &bob, &ACCOUNT).await;
    let token = script.post("/personal-tokens", json!({ "name": "x", "scopes": ["account:read"] })).await;
    let id = made.text("client_id");
    let mut seen = 0;
    for endpoint in grantor::http::routes::all(&app.app()) {
        let Some(path) = endpoint.path.strip_prefix("/api/v1") else { continue };
        let own = ["/me", "/applications", "/authorizations", "/sessions", "/personal-tokens"];
        let reads = endpoint.needs.iter().any(|(method, _)| method.as_str() == "GET");
        if !reads || !own.iter().any(|begin| path.starts_with(begin)) {
            continue;
        }
        let path = path.replace("{client_id}", &id).replace("{token}", &token.text("id"));
        let readers = if path.starts_with("/authorizations") { vec![&script, &user] } else { vec![&script] };
        for reader in readers {
            let answer = reader.get(&path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            let mut names = Vec::new();
            members(&answer.json(), &mut names);
            for name in names {
                let telling = ["secret", "digest", "password", "token_value", "hash"];
                assert!(!telling.iter().any(|part| name.contains(part)) && name != "token", "{name} at {path}");
            }
            for prefix in ["gpt_", "gcs_", "gat_", "grt_", "gac_", "gss_"] {
                assert!(!answer.body.contains(prefix), "{prefix} at {path}: {}", answer.body);
            }
        }
        seen += 1;
    }
    assert!(seen >= 9, "{seen}");
}

fn members(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                names.push(name.clone());
                members(value, names);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| members(entry, names)),
        _ => {}
    }
}
