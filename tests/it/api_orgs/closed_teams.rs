//! Closed teams are closed on every way (S65): pages, lists of members, keys that follow somebody.

use serde_json::json;

use super::{Script, problem};
use crate::support::{TestApp, on_both};

on_both!(closed_teams_show_nowhere_who_is_in_them);

async fn closed_teams_show_nowhere_who_is_in_them(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let (bob, inga) = (app.db_member(&acme, "bob", "member").await, app.db_member(&acme, "inga", "member").await);
    let maker = app.db_member(&acme, "maker", "owner").await;
    for team in ["night", "day"] {
        app.db_team(&acme, team).await;
    }
    let owner = app.db_token(&ada, &["org:admin", "member:admin", "team:admin"]).await;
    for (team, person) in [("night", &inga), ("day", &inga), ("day", &bob)] {
        assert_eq!(owner.put(&format!("/acme/teams/{team}/members/{}", person.row.sub), None).await.status, 204);
    }
    assert_eq!(owner.patch("/acme", &json!({ "open_membership": false })).await.status, 200);
    // A key that follows a plain member: made by an owner who is none any more.
    let makers = app.db_token(&maker, &["org:admin", "member:read", "team:read"]).await;
    let new = json!({ "scopes": ["member:read", "team:read"], "sso_policy": "creator" });
    let follower = Script::bearer(app, &makers.post("/acme/api-keys", &new).await.text("key"));
    assert_eq!(
        owner.patch(&format!("/acme/members/{}", maker.row.sub), &json!({ "role": "member" })).await.status,
        200
    );

    let teams_of = |members: &serde_json::Value, login: &str| {
        let members = members.as_array().expect("a list");
        members.iter().find(|member| member["login"] == login).expect("a member")["teams"].clone()
    };
    let bobs = app.db_token(&bob, &["member:read", "team:read"]).await;
    for (who, script, sees) in [
        ("owner", &owner, json!(["day", "night"])),
        ("bob, who is in one of them", &bobs, json!(["day"])),
        ("a key that follows somebody in none", &follower, json!([])),
    ] {
        assert_eq!(teams_of(&script.get("/acme/members").await.json(), "inga"), sees, "{who}");
        let one = script.get(&format!("/acme/members/{}", inga.row.sub)).await;
        assert_eq!(one.json()["teams"], sees, "{who}");
    }
    assert_eq!(bobs.get("/acme/teams/day").await.status, 200);
    for (who, script) in [("bob", &bobs), ("a follower", &follower)] {
        for path in ["/acme/teams/night", "/acme/teams/night/members"] {
            assert_eq!(problem(&script.get(path).await), "403 forbidden", "{who} {path}");
        }
    }

    let browser = app.db_signed_in(&bob).await;
    assert_eq!(browser.get("/orgs/acme/teams/day").await.status, 200);
    let shut = browser.get("/orgs/acme/teams/night").await;
    assert_eq!(shut.status, 403);
    assert!(!shut.body.contains("inga"), "{}", shut.body);
    for path in ["/orgs/acme/members".to_owned(), format!("/orgs/acme/members/{}", inga.row.sub)] {
        let page = browser.get(&path).await;
        assert!(page.body.contains("day") && !page.body.contains("night"), "{path}: {}", page.body);
    }
    let page = app.db_signed_in(&ada).await.get("/orgs/acme/members").await;
    assert!(page.body.contains("night"), "those who manage teams see all");
}
