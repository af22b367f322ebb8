//! A key that follows its maker goes with the membership, and does not come back with it.

use grantor::flows::audit::Actor;
use grantor::flows::people::status;
use serde_json::json;

use super::{Script, problem};
use crate::support::{TestApp, on_both};

on_both!(
    a_key_whose_maker_is_removed_stays_off_when_they_come_back,
    what_a_key_sent_ends_when_whoever_it_follows_is_shut_out,
    a_demotion_tells_which_invitations_went_with_it,
);

async fn a_key_whose_maker_is_removed_stays_off_when_they_come_back(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let maker = app.db_member(&acme, "maker", "owner").await;
    let root = app.db_administrator("root").await;
    let owner = app.db_token(&ada, &["org:admin", "member:admin", "team:admin"]).await;
    let makers = app.db_token(&maker, &["org:admin"]).await;
    let make = async |label: &str, policy: &str| {
        let body = json!({ "label": label, "scopes": ["org:read"], "sso_policy": policy });
        let made = makers.post("/acme/api-keys", &body).await;
        (Script::bearer(app, &made.text("key")), format!("/acme/api-keys/{}", made.text("id")))
    };
    let (follower, path) = make("Nightly", "creator").await;
    let (exempt, _) = make("Free", "exempt").await;
    assert_eq!((follower.get("/acme").await.status, exempt.get("/acme").await.status), (200, 200));

    assert_eq!(owner.delete(&format!("/acme/members/{}", maker.row.sub)).await.status, 204);
    assert_eq!(problem(&follower.get("/acme").await), "401 invalid-token");
    assert_eq!(owner.get(&path).await.text("status"), "inactive");
    let event = app.db_audit().await.into_iter().rfind(|event| event.event == "org.member.remove").expect("an event");
    let data: serde_json::Value = serde_json::from_str(&event.data).expect("JSON");
    assert_eq!(data, json!({ "role": "owner", "api_keys_switched_off": ["Nightly"] }));

    let roots = app.db_token(&root, &["org:admin", "member:admin", "team:admin", "admin:write"]).await;
    let back = roots.post("/acme/members", &json!({ "login": "maker", "role": "member" })).await;
    assert_eq!(back.status, 201, "{}", back.body);
    assert_eq!(problem(&follower.get("/acme").await), "401 invalid-token", "the row is back, the key is not");
    assert_eq!(exempt.get("/acme").await.status, 200, "it follows nobody");
    assert_eq!(owner.patch(&path, &json!({ "status": "active" })).await.status, 200);
    assert_eq!(follower.get("/acme").await.status, 200, "an owner decided so");
}

/// C62: the key is worth nothing then, and so is what it sent; each organization's log says so.
async fn what_a_key_sent_ends_when_whoever_it_follows_is_shut_out(app: &TestApp) {
    app.as_dev().await;
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let maker = app.db_member(&acme, "maker", "owner").await;
    let makers = app.db_token(&maker, &["org:admin", "member:admin", "team:admin"]).await;
    let send = async |label: &str, policy: &str, email: &str| {
        let scopes = ["org:read", "member:admin", "team:admin", "org:write"];
        let made =
            makers.post("/acme/api-keys", &json!({ "label": label, "scopes": scopes, "sso_policy": policy })).await;
        let key = Script::bearer(app, &made.text("key"));
        let sent = key.post("/acme/invitations", &json!({ "email": email, "role": "member" })).await;
        assert_eq!(sent.status, 201, "{}", sent.body);
        app.db_mailed_path(email, "/invite/").await
    };
    let follows = send("Nightly", "creator", "one@new.example").await;
    let free = send("Free", "exempt", "two@new.example").await;
    assert_eq!((app.get(&follows).await.status, app.get(&free).await.status), (200, 200));
    status::disable(&app.app(), None, Actor::Operator, &maker.row).await.expect("shut");
    assert_eq!((app.get(&follows).await.status, app.get(&free).await.status), (410, 200));
    status::enable(&app.app(), None, Actor::Operator, &maker.row).await.expect("opened");
    assert_eq!(app.get(&follows).await.status, 410, "taken back, not only asleep");
    let taken: Vec<_> = app.db_audit().await.into_iter().filter(|row| row.event == "org.invite.revoke").collect();
    let told: Vec<_> = taken.iter().map(|row| (row.organization_id, row.target_label.as_str())).collect();
    assert_eq!(told, [(Some(acme.id), "one@new.example")]);
}

/// Nothing ends without a word in the log.
async fn a_demotion_tells_which_invitations_went_with_it(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let bob = app.db_member(&acme, "bob", "owner").await;
    let bobs = app.db_token(&bob, &["member:admin", "team:admin", "org:admin"]).await;
    let sent = bobs.post("/acme/invitations", &json!({ "email": "new@new.example", "role": "manager" })).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let owner = app.db_token(&ada, &["member:admin", "org:admin", "team:admin"]).await;
    let done = owner.patch(&format!("/acme/members/{}", bob.row.sub), &json!({ "role": "member" })).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let event = app.db_audit().await.into_iter().rfind(|event| event.event == "org.member.role").expect("an event");
    let data: serde_json::Value = serde_json::from_str(&event.data).expect("JSON");
    assert_eq!(data, json!({ "from": "owner", "to": "member", "invitations_taken_back": ["new@new.example"] }));
}
