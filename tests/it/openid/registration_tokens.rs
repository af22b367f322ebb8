//! Initial access tokens that organizations and administrators make by the API (RFC 7591 section 1.2).

use grantor::config::registration::Mode;
use grantor::crypto::random;
use grantor::flows::organizations::By;
use grantor::flows::registration::tokens::{self, MOST, NewToken, TokenRefusal};
use reqwest::Method;
use serde_json::{Value, json};

use super::registration::{CB, post};
use crate::support::api_stage::Script;
use crate::support::db_shortcuts::{ClientSpec, strings, web_client};
use crate::support::relying_party::Tokens;
use crate::support::{Answer, TestApp, on_both};

on_both!(
    organizations_make_tokens_only_where_the_operator_lets_them,
    what_an_organizations_token_registers_stands_in_its_log,
    tokens_of_an_organization_are_its_owners,
    a_token_of_another_organization_is_not_there,
    a_token_says_what_it_is_for_how_often_and_how_long,
    an_organization_has_so_many_tokens_that_work,
    administrators_see_and_make_them_all,
    whoever_lost_their_say_makes_and_deletes_no_token,
);

const LIST: &str = "/organizations/acme/registration-tokens";

pub async fn may(app: &TestApp, mode: Mode, organizations: bool) {
    app.restart_with(move |config| {
        config.registration.mode = mode;
        config.registration.organizations = organizations;
        config.registration.per_hour = 200;
    })
    .await;
}

async fn owner(app: &TestApp) -> Script {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    app.script(&app.db_personal_token(&ada, &["org:admin"], None).await)
}

fn problem(answer: &Answer) -> String {
    format!("{} {}", answer.status, answer.text("code"))
}

async fn made(script: &Script, list: &str, body: Value) -> (String, String) {
    let answer = script.post(list, body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    (format!("{list}/{}", answer.text("id")), answer.text("token"))
}

async fn delete(script: &Script, path: &str) -> Answer {
    script.send(Method::DELETE, path, None).await
}

fn client() -> Value {
    json!({ "redirect_uris": [CB], "client_name": "Sundial" })
}

/// A60: off it is not there, for those inside with the reason; on, it is in both modes that take tokens.
async fn organizations_make_tokens_only_where_the_operator_lets_them(app: &TestApp) {
    let script = owner(app).await;
    for (mode, organizations) in
        [(Mode::Off, false), (Mode::Off, true), (Mode::InitialToken, false), (Mode::Open, false)]
    {
        may(app, mode, organizations).await;
        let refused = script.post(LIST, json!({ "name": "farm" })).await;
        assert_eq!(problem(&refused), "404 not-found", "{mode:?}");
        assert!(refused.body.contains("ask whoever runs it"), "{}", refused.body);
        for (method, path) in
            [(Method::GET, LIST), (Method::GET, &format!("{LIST}/1")), (Method::DELETE, &format!("{LIST}/1"))]
        {
            assert_eq!(problem(&script.send(method, path, None).await), "404 not-found", "{mode:?} {path}");
        }
        let acme = grantor::flows::organizations::show::by_slug(&app.app(), "acme").await.expect("acme");
        let new = NewToken { name: "farm".to_owned(), expires_at: None, uses: 1 };
        let (id, secret) = (app.app().store.next_id().expect("an id"), random::secret());
        let past = tokens::hand_out(&app.app(), By::Operator, &acme, &new, id, secret.expose()).await;
        assert!(matches!(past, Err(TokenRefusal::Closed)), "nor behind the route");
    }
    assert_eq!(app.rows("initial_access_tokens"), 0);
    for mode in [Mode::InitialToken, Mode::Open] {
        may(app, mode, true).await;
        made(&script, LIST, json!({ "name": "farm" })).await;
    }
    assert_eq!(script.get(LIST).await.json().as_array().map(Vec::len), Some(2));
}

/// S45: told once; used up, ended, deleted or of a closed organization it registers nothing, and what it registered stays.
async fn what_an_organizations_token_registers_stands_in_its_log(app: &TestApp) {
    let script = owner(app).await;
    may(app, Mode::InitialToken, true).await;
    let acme = grantor::flows::organizations::show::by_slug(&app.app(), "acme").await.expect("acme");
    let (path, token) = made(&script, LIST, json!({ "name": "farm", "uses": 2 })).await;
    app.shared.secrets.saw(&token);
    assert!(token.starts_with("gia_"), "{token}");
    let registered = post(app, &client(), Some(&token)).await;
    assert_eq!(registered.status, 201, "{}", registered.body);
    let shown = script.get(&path).await;
    assert!(!shown.body.contains(&token), "told once");
    let shown = shown.json();
    assert_eq!(
        (&shown["name"], &shown["made_by"], &shown["uses_left"], &shown["clients"], &shown["expires_at"]),
        (&json!("farm"), &json!("ada"), &json!(1), &json!(1), &json!(app.now() + 7 * 86_400))
    );
    assert_eq!(script.get(LIST).await.json(), json!([shown]));
    let told = |events: Vec<grantor::store::audit_events::AuditEventRow>| -> Vec<String> {
        let own = events.into_iter().filter(|event| event.organization_id == Some(acme.id));
        own.map(|event| event.event).collect()
    };
    assert_eq!(told(app.db_audit().await), ["org.create", "registration_token.create", "client.register"]);
    assert_eq!(post(app, &client(), Some(&token)).await.status, 201);
    assert_eq!(post(app, &client(), Some(&token)).await.error(), "401 invalid_token", "used up");

    let (brief, ends) = made(&script, LIST, json!({ "name": "brief", "expires_at": app.now() + 60, "uses": 9 })).await;
    assert_eq!(post(app, &client(), Some(&ends)).await.status, 201);
    app.wait(60);
    assert_eq!(post(app, &client(), Some(&ends)).await.error(), "401 invalid_token", "ended");
    let (gone, deleted) = made(&script, LIST, json!({ "name": "gone", "uses": 9 })).await;
    assert_eq!(post(app, &client(), Some(&deleted)).await.status, 201);
    assert_eq!((delete(&script, &gone).await.status, delete(&script, &brief).await.status), (204, 204));
    assert_eq!(problem(&delete(&script, &gone).await), "404 not-found", "once");
    assert_eq!(post(app, &client(), Some(&deleted)).await.error(), "401 invalid_token", "deleted");
    assert_eq!(app.rows("clients"), 4, "they stay");
    assert_eq!(told(app.db_audit().await).last().map(String::as_str), Some("registration_token.delete"));

    let (_, last) = made(&script, LIST, json!({ "name": "last" })).await;
    let closed = grantor::flows::organizations::delete::request(&app.app(), By::Operator, &acme, "acme", None).await;
    closed.unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(post(app, &client(), Some(&last)).await.error(), "401 invalid_token", "the organization is closed");
}

/// S68, C23: by role and scope; nothing outlives the credential it was made with, and applications make none.
async fn tokens_of_an_organization_are_its_owners(app: &TestApp) {
    let script = owner(app).await;
    may(app, Mode::InitialToken, true).await;
    let acme = grantor::flows::organizations::show::by_slug(&app.app(), "acme").await.expect("acme");
    let ada = app.db_person_named("ada").await;
    let new = || json!({ "name": "farm" });
    for role in ["member", "admin", "manager"] {
        let person = app.db_member(&acme, &format!("some-{role}"), role).await;
        let script = app.script(&app.db_personal_token(&person, &["org:admin"], None).await);
        assert_eq!(problem(&script.get(LIST).await), "403 role", "{role}");
        assert_eq!(problem(&script.post(LIST, new()).await), "403 role", "{role}");
    }
    let writes = app.script(&app.db_personal_token(&ada, &["org:write"], None).await);
    assert_eq!(problem(&writes.post(LIST, new()).await), "403 insufficient-scope");
    let stranger = app.db_user("stranger").await;
    let stranger = app.script(&app.db_personal_token(&stranger, &["org:admin"], None).await);
    assert_eq!(problem(&stranger.post(LIST, new()).await), "404 not-found");
    let key = app.script(&app.db_key_of(&acme, &strings(&["org:admin"]), |_| {}).await);
    let (path, _) = made(&key, LIST, new()).await;
    assert_eq!(key.get(&path).await.json()["made_by"], Value::Null);

    let end = app.now() + 3600;
    let ending =
        app.db_key_of(&acme, &strings(&["org:admin"]), |row| row.expires_at = Some(row.created_at + 3600)).await;
    let ending = app.script(&ending);
    let late = ending.post(LIST, json!({ "name": "farm", "expires_at": end + 1 })).await;
    assert_eq!(problem(&late), "403 forbidden", "{}", late.body);
    let (path, _) = made(&ending, LIST, new()).await;
    assert_eq!(script.get(&path).await.json()["expires_at"], json!(end), "with the key");

    let spec = ClientSpec { organization_access: true, scopes: strings(&["org:admin"]), ..web_client() };
    let board = app.db_client(spec).await;
    let code = app.db_code(&board, &ada, &[("scope", "org:admin"), ("organization", "acme")]).await;
    let application = app.script(&Tokens::of(&board.redeem(&code).await).access);
    assert_eq!(problem(&application.post(LIST, new()).await), "403 forbidden");
    assert_eq!(problem(&delete(&application, &path).await), "403 forbidden");
    assert_eq!(application.get(LIST).await.status, 200);
}

/// C25, C70.
async fn a_token_of_another_organization_is_not_there(app: &TestApp) {
    let script = owner(app).await;
    may(app, Mode::InitialToken, true).await;
    let bob = app.db_user("bob").await;
    app.db_owned("blue", &bob).await;
    let blue = app.script(&app.db_personal_token(&bob, &["org:admin"], None).await);
    let (path, token) = made(&script, LIST, json!({ "name": "farm" })).await;
    let foreign = path.replace("/acme/", "/blue/");
    let nothing = foreign.replace(|digit: char| digit.is_ascii_digit(), "7");
    for path in [&foreign, &nothing, &"/organizations/blue/registration-tokens/%00".to_owned()] {
        assert_eq!(problem(&blue.get(path).await), "404 not-found", "{path}");
        assert_eq!(problem(&delete(&blue, path).await), "404 not-found", "{path}");
    }
    assert_eq!(blue.get("/organizations/blue/registration-tokens").await.json(), json!([]));
    assert_eq!(post(app, &client(), Some(&token)).await.status, 201, "nothing happened to it");
}

async fn a_token_says_what_it_is_for_how_often_and_how_long(app: &TestApp) {
    let script = owner(app).await;
    may(app, Mode::InitialToken, true).await;
    let with = |member: &str, value: Value| {
        let mut body = json!({ "name": "farm" });
        body[member] = value;
        body
    };
    for (member, value) in [
        ("name", json!("")),
        ("name", json!("a\u{202e}b")),
        ("name", json!("x".repeat(65))),
        ("uses", json!(0)),
        ("uses", json!(-1)),
        ("uses", json!(100_001)),
        ("expires_at", json!(app.now())),
        ("expires_at", json!(app.now() + 11 * 366 * 86_400)),
        ("expires_at", json!(i64::MAX)),
    ] {
        let refused = script.post(LIST, with(member, value.clone())).await;
        assert_eq!(problem(&refused), "400 invalid-body", "{member} {value}");
        assert_eq!(refused.json()["errors"][0]["field"], member, "{value}");
    }
    let unknown = script.post(LIST, with("scopes", json!(["org:read"]))).await;
    assert_eq!(problem(&unknown), "400 invalid-request", "it carries none");
    assert_eq!(app.rows("initial_access_tokens"), 0);
}

/// Those that work count: used up or ended they are history.
async fn an_organization_has_so_many_tokens_that_work(app: &TestApp) {
    let script = owner(app).await;
    may(app, Mode::InitialToken, true).await;
    let acme = grantor::flows::organizations::show::by_slug(&app.app(), "acme").await.expect("acme");
    let (_, one) = made(&script, LIST, json!({ "name": "one" })).await;
    for _ in 1..MOST {
        let new = NewToken { name: "more".to_owned(), expires_at: Some(app.now() + 60), uses: 1 };
        let (id, secret) = (app.app().store.next_id().expect("an id"), random::secret());
        let made = tokens::hand_out(&app.app(), By::Operator, &acme, &new, id, secret.expose()).await;
        made.unwrap_or_else(|refusal| panic!("{refusal}"));
    }
    let new = || json!({ "name": "one more" });
    assert_eq!(problem(&script.post(LIST, new()).await), "409 conflict");
    assert_eq!(post(app, &client(), Some(&one)).await.status, 201);
    made(&script, LIST, new()).await;
    assert_eq!(problem(&script.post(LIST, new()).await), "409 conflict");
    app.wait(60);
    made(&script, LIST, new()).await;
}

/// The server's own among them; for an organization, it stands in that one's log too.
async fn administrators_see_and_make_them_all(app: &TestApp) {
    const ALL: &str = "/admin/registration-tokens";
    let script = owner(app).await;
    let root = app.db_administrator("root").await;
    let root = app.script(&app.db_personal_token(&root, &["admin:write"], None).await);
    assert_eq!(problem(&root.post(ALL, json!({ "name": "early" })).await), "409 conflict", "registration is off");
    assert_eq!(root.get(ALL).await.json(), json!([]));
    // Organizations make none: administrators still do, for them too.
    may(app, Mode::InitialToken, false).await;
    let (own, token) = made(&root, ALL, json!({ "name": "own", "uses": 3 })).await;
    let (theirs, _) = made(&root, ALL, json!({ "name": "theirs", "organization": "acme" })).await;
    let unknown = root.post(ALL, json!({ "name": "x", "organization": "nowhere" })).await;
    assert_eq!(
        (problem(&unknown), &unknown.json()["errors"][0]["field"]),
        ("400 invalid-body".to_owned(), &json!("organization"))
    );
    assert_eq!(post(app, &client(), Some(&token)).await.status, 201);
    let listed = root.get(ALL).await.json();
    assert_eq!((&listed[0]["name"], &listed[0]["organization"]), (&json!("theirs"), &json!("acme")));
    assert_eq!(
        (&listed[1]["name"], &listed[1]["organization"], &listed[1]["clients"], &listed[1]["made_by"]),
        (&json!("own"), &Value::Null, &json!(1), &json!("root"))
    );
    assert_eq!(root.get(&format!("{ALL}?organization=acme")).await.json(), json!([listed[0]]));
    assert_eq!(problem(&root.get(&format!("{ALL}?organization=nowhere")).await), "404 not-found");
    assert_eq!(root.get(&own).await.json(), listed[1]);
    let first = root.get(&format!("{ALL}?limit=1")).await;
    assert_eq!(first.json(), json!([listed[0]]));
    assert!(first.header("link").expect("links").contains("rel=\"next\""));
    may(app, Mode::InitialToken, true).await;
    assert_eq!(script.get(LIST).await.json().as_array().map(Vec::len), Some(1), "its owner sees it");
    let of_acme = app.db_audit().await.into_iter().filter(|event| event.event == "registration_token.create");
    assert_eq!(of_acme.map(|event| event.organization_id.is_some()).collect::<Vec<_>>(), [false, true]);
    for path in [&own, &theirs] {
        assert_eq!(delete(&root, path).await.status, 204);
        assert_eq!(problem(&delete(&root, path).await), "404 not-found");
        assert_eq!(problem(&root.get(path).await), "404 not-found");
    }
    assert_eq!(post(app, &client(), Some(&token)).await.error(), "401 invalid_token");
    assert_eq!(problem(&script.get(ALL).await), "403 not-administrator");
}

/// C65: judged once more in the transaction that makes the change.
async fn whoever_lost_their_say_makes_and_deletes_no_token(app: &TestApp) {
    let script = owner(app).await;
    may(app, Mode::InitialToken, true).await;
    let (path, _) = made(&script, LIST, json!({ "name": "farm" })).await;
    let events = app.db_events().await.len();
    let held = "UPDATE organizations SET updated_at = updated_at; UPDATE organization_members SET role = 'member'";
    for (method, path, body) in
        [(Method::POST, LIST.to_owned(), Some(json!({ "name": "late" }))), (Method::DELETE, path, None)]
    {
        let (script, method) = (script.clone(), method.clone());
        let (late, waited) = app.db_meanwhile(held, async move { script.send(method, &path, body).await }).await;
        assert!(waited, "{}", late.body);
        assert_eq!(late.status, 403, "{}", late.body);
        app.db_change("UPDATE organization_members SET role = 'owner'").await;
    }
    assert_eq!((app.db_events().await.len(), app.rows("initial_access_tokens")), (events, 1), "nothing was done");
}
