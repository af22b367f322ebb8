//! Lists that are read whole stay short.

use futures_util::future::join_all;
use grantor::config::organizations::Creation;
use serde_json::json;

use super::problem;
use crate::support::{TestApp, on_both};

on_both!(
    an_organization_has_so_many_teams,
    a_person_makes_so_many_organizations,
    organizations_made_at_once_are_counted,
);

async fn an_organization_has_so_many_teams(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let rows: Vec<String> = (1..500).map(|n| format!("({n}, {}, 't-{n}', 'T {n}', 1)", acme.id)).collect();
    let sql = format!("INSERT INTO teams (id, organization_id, slug, name, created_at) VALUES {}", rows.join(", "));
    app.db_batch(&sql);
    let owner = app.db_token(&ada, &["team:admin"]).await;
    assert_eq!(owner.post("/acme/teams", &json!({ "name": "Last" })).await.status, 201);
    let full = owner.post("/acme/teams", &json!({ "name": "More" })).await;
    assert_eq!(problem(&full), "409 conflict");
    assert!(full.text("detail").contains("500 teams"), "{}", full.body);
    assert_eq!(owner.delete("/acme/teams/last").await.status, 204);
    assert_eq!(owner.post("/acme/teams", &json!({ "name": "More" })).await.status, 201);
}

async fn a_person_makes_so_many_organizations(app: &TestApp) {
    app.restart_with(|config| {
        config.organizations.creation = Creation::Everyone;
        config.organizations.per_person = 2;
    })
    .await;
    let ada = app.db_user("ada").await;
    let mine = app.db_token(&ada, &["org:admin"]).await;
    let blue = app.db_owned("blue", &app.db_user("bob").await).await;
    app.db_join(&blue, &ada, "member").await;
    for name in ["One", "Two"] {
        assert_eq!(mine.post("", &json!({ "name": name })).await.status, 201, "{name}");
    }
    let full = mine.post("", &json!({ "name": "Three" })).await;
    assert_eq!(problem(&full), "409 conflict");
    assert!(full.text("detail").contains("You own 2 organizations"), "{}", full.body);
    assert_eq!(app.db_organization("three").await.map(|row| row.slug), None);
    let browser = app.db_signed_in(&ada).await;
    let form = browser.get("/orgs/new").await;
    let refused = browser.submit(&form, "org-create", &[("name", "Three"), ("slug", "")]).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    let root = app.db_administrator("root").await;
    let roots = app.db_token(&root, &["org:admin"]).await;
    for name in ["Four", "Five", "Six"] {
        assert_eq!(roots.post("", &json!({ "name": name })).await.status, 201, "{name}");
    }
}

/// Of many made at the same moment each counts those before it.
async fn organizations_made_at_once_are_counted(app: &TestApp) {
    app.restart_with(|config| {
        config.organizations.creation = Creation::Everyone;
        config.organizations.per_person = 2;
    })
    .await;
    let mine = app.db_token(&app.db_user("ada").await, &["org:admin"]).await;
    let bodies: Vec<_> = (0..12).map(|n| json!({ "name": format!("Garden {n}") })).collect();
    let made = join_all(bodies.iter().map(|body| mine.post("", body))).await;
    let told = |status: u16| made.iter().filter(|answer| answer.status == status).count();
    assert_eq!((told(201), told(409)), (2, 10));
}
