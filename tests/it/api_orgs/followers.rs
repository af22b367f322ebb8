//! A key that follows its maker goes with the membership, and does not come back with it.

use serde_json::json;

use super::{Script, problem};
use crate::support::{TestApp, on_both};

on_both!(a_key_whose_maker_is_removed_stays_off_when_they_come_back);

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
