//! Invitations by the API: those of a key end with it, and none is a list without bound.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::{Script, problem};
use crate::support::sso_stage::Said;
use crate::support::{TestApp, on_both};

on_both!(
    what_a_key_sent_ends_with_the_key,
    the_provider_lets_nobody_in_on_a_dead_keys_word,
    teams_of_an_invitation_are_few_and_each_once,
    a_cursor_of_invitations_holds_no_address,
);

/// C62, C23: deleted, switched off, narrowed, over: whatever the key could not send any more is void; the rest stays.
async fn what_a_key_sent_ends_with_the_key(app: &TestApp) {
    app.as_dev().await;
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let owner = app.db_token(&ada, &["org:admin", "member:admin", "team:admin"]).await;
    let end = app.now() + 600;
    let cases = [
        ("deleted", None, 410),
        ("inactive", Some(json!({ "status": "inactive" })), 410),
        ("narrowed", Some(json!({ "scopes": ["member:read"] })), 410),
        ("below the role", Some(json!({ "scopes": ["member:write", "org:read"] })), 410),
        ("as wide as it needs", Some(json!({ "scopes": ["org:write", "member:admin", "team:admin"] })), 200),
        ("over later", Some(json!({ "expires_at": end })), 200),
    ];
    let mut late = None;
    for (n, (case, change, expected)) in cases.into_iter().enumerate() {
        let new = json!({ "label": case, "scopes": ["org:admin", "member:admin", "team:admin"] });
        let made = owner.post("/acme/api-keys", &new).await;
        let (key, path) = (Script::bearer(app, &made.text("key")), format!("/acme/api-keys/{}", made.text("id")));
        let email = format!("person{n}@example.com");
        let sent = key.post("/acme/invitations", &json!({ "email": email, "role": "manager" })).await;
        assert_eq!((sent.status, sent.json()["invited_by"].clone()), (201, json!(null)), "{case}: {}", sent.body);
        let link = app.db_mailed_path(&email, "/invite/").await;
        assert_eq!(app.get(&link).await.status, 200, "{case}");
        let done = match &change {
            Some(change) => owner.patch(&path, change).await,
            None => owner.delete(&path).await,
        };
        assert!(done.status < 300, "{case}: {}", done.body);
        assert_eq!(app.get(&link).await.status, expected, "{case}");
        let waits = owner.get("/acme/invitations").await.json().to_string().contains(&email);
        assert_eq!(waits, expected == 200, "{case}");
        late = Some(link);
    }
    let told = app.db_audit().await.into_iter().find(|event| event.event == "api_key.delete").expect("an event");
    assert!(told.data.contains("\"invitations_taken_back\":1"), "{}", told.data);
    let late = late.expect("a link");
    app.wait(600);
    assert_eq!(app.get(&late).await.status, 410, "its key's time is over");
    let joiner = app.db_signed_in(&app.db_user("joiner").await).await;
    assert_eq!(joiner.get(&late).await.status, 410);
}

/// The other way in by an invitation: the address that the provider verified.
async fn the_provider_lets_nobody_in_on_a_dead_keys_word(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    app.db_batch("UPDATE providers SET joining = 'invited'");
    app.restart().await;
    let (key, _) = app.db_key(&acme, &["org:admin", "member:admin", "team:admin"]).await;
    for name in ["nell", "noah"] {
        let invite = json!({ "email": format!("{name}@acme.example"), "role": "manager" });
        assert_eq!(key.post("/acme/invitations", &invite).await.status, 201);
    }
    let nell = app.browser().sso("/login/acme", Said { id: "7", ..Said::verified("nell@acme.example") }).await;
    assert!(nell.has("#sso-new"), "the control: {}", nell.body);
    app.db_batch("UPDATE api_keys SET status = 'inactive'");
    app.restart().await;
    let noah = app.browser().sso("/login/acme", Said { id: "8", ..Said::verified("noah@acme.example") }).await;
    assert!(!noah.has("#sso-new"), "{}", noah.body);
}

async fn teams_of_an_invitation_are_few_and_each_once(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    app.db_team(&acme, "blue").await;
    app.db_team(&acme, "red").await;
    let owner = app.db_token(&ada, &["org:admin", "member:admin", "team:admin"]).await;
    let many: Vec<String> = (0..51).map(|n| format!("team-{n}")).collect();
    let invite = |teams: &[String]| json!({ "email": "new@example.com", "role": "member", "teams": teams });
    let refused = owner.post("/acme/invitations", &invite(&many)).await;
    assert_eq!(
        (problem(&refused), refused.json()["errors"][0]["field"].clone()),
        ("400 invalid-body".into(), json!("teams"))
    );
    let unknown = owner.post("/acme/invitations", &invite(&["blue".to_owned(), "green".to_owned()])).await;
    assert_eq!(problem(&unknown), "404 not-found");
    let twice: Vec<String> = (0..60).map(|n| if n % 2 == 0 { "red" } else { "blue" }.to_owned()).collect();
    let sent = owner.post("/acme/invitations", &invite(&twice)).await;
    assert_eq!((sent.status, sent.json()["teams"].clone()), (201, json!(["blue", "red"])), "{}", sent.body);
}

/// Addresses of the API stand in logs.
async fn a_cursor_of_invitations_holds_no_address(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    for name in ["one", "two", "three"] {
        app.db_invite(&acme, &format!("{name}@example.com"), "member").await;
    }
    let owner = app.db_token(&ada, &["member:write"]).await;
    let page = owner.get("/acme/invitations?limit=2").await;
    let link = page.header("link").expect("links").to_owned();
    let cursor = link.split("cursor=t").nth(1).and_then(|rest| rest.split('>').next()).expect("a cursor");
    let held = URL_SAFE_NO_PAD.decode(cursor).expect("base64");
    let held = String::from_utf8(held).expect("text");
    assert!(!held.contains('@') && !held.contains("example"), "{held}");
}
