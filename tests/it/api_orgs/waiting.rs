//! An organization that waits for its deletion: it tells so and can be restored, nothing else.

use grantor::flows::organizations::By;
use grantor::flows::sso::SsoRefusal;
use grantor::flows::sso::settings::{self, Edit};
use reqwest::Method;
use serde_json::json;

use super::problem;
use crate::support::{TestApp, on_both};

on_both!(a_closed_organization_opens_one_route_to_read_and_one_to_restore, nothing_of_a_closed_provider_changes);

/// S93: members and administrators of the server alike.
async fn a_closed_organization_opens_one_route_to_read_and_one_to_restore(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let root = app.db_administrator("root").await;
    let all = ["org:admin", "member:admin", "team:admin", "admin:write"];
    let (owner, roots) = (app.db_token(&ada, &all[..3]).await, app.db_token(&root, &all).await);
    let reads = [
        "/members",
        "/invitations",
        "/teams",
        "/api-keys",
        "/audit-log",
        "/applications",
        "/provider",
        "/identities",
        "/registration-tokens",
    ];
    for script in [&owner, &roots] {
        assert_eq!(owner.delete("/acme?confirm=acme").await.status, 204);
        assert_eq!(script.get("/acme").await.text("status"), "pending_deletion");
        for path in reads {
            assert_eq!(problem(&script.get(&format!("/acme{path}")).await), "409 conflict", "{path}");
        }
        for (method, path, body) in [
            (Method::PATCH, "", Some(json!({ "name": "New" }))),
            (Method::DELETE, "?confirm=acme", None),
            (Method::POST, "/teams", Some(json!({ "name": "New" }))),
            (Method::POST, "/provider/remind", None),
            (Method::DELETE, "/provider", None),
        ] {
            let refused = script.send(&method, &format!("/acme{path}"), &[], body.as_ref()).await;
            assert_eq!(problem(&refused), "409 conflict", "{method} {path}");
        }
        let restored = script.send(&Method::POST, "/acme/restore", &[], None).await;
        assert_eq!(restored.text("status"), "active", "{}", restored.body);
        assert_eq!(script.get("/acme/members").await.status, 200);
    }
}

/// Judged again in the transaction: the door may have been open when the request came.
async fn nothing_of_a_closed_provider_changes(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let mary = app.db_user("mary").await;
    let acme = app.db_owned("acme", &ada).await;
    app.db_set_email(&mary, "mary@acme.example", true).await;
    app.db_join(&acme, &mary, "member").await;
    app.db_provider(&acme, "oidc", r#"{"issuer":"https://idp.example","client_id":"grantor"}"#).await;
    let asked = grantor::flows::organizations::delete::request(&app.app(), By::Operator, &acme, "acme", None).await;
    asked.unwrap_or_else(|refusal| panic!("{refusal}"));
    let before = app.db_events().await;
    let inner = app.app();
    let edit = Edit { allow_unlinked: Some(true), ..Edit::default() };
    let edited = settings::edit(&inner, By::Operator, &acme, edit).await;
    assert!(matches!(edited, Err(SsoRefusal::Changed)), "{edited:?}");
    let reminded = settings::remind(&inner, By::Operator, &acme).await;
    assert!(matches!(reminded, Err(SsoRefusal::Changed)), "{reminded:?}");
    assert!(settings::disable(&inner, By::Operator, &acme).await.is_err());
    assert_eq!((app.rows("providers"), app.db_mails("link_account"), app.db_mails("sso_disabled")), (1, 0, 0));
    assert_eq!(app.db_events().await, before);
}
