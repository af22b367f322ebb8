//! Resource servers: whom a token is for, and who may ask about it.

use grantor::flows::resource_servers::{ResourceServerFailure, ResourceServerFields, create, delete, update};
use serde_json::json;

use crate::support::db_shortcuts::{strings, web_client};
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    the_audience_is_the_owners_of_the_scopes,
    an_audience_is_that_of_its_issue,
    each_owner_of_a_set_sees_it,
    a_client_that_may_not_introspect_serves_no_resource,
    a_client_that_loses_the_right_sees_nothing,
    a_resource_server_that_is_gone_sees_nothing,
    what_is_no_resource_server_is_refused,
);

fn fields(identifier: &str, scope_sets: &[&str], client: Option<&str>) -> ResourceServerFields {
    ResourceServerFields {
        identifier: identifier.to_owned(),
        name: None,
        scope_sets: strings(scope_sets),
        client: client.map(str::to_owned),
        ..ResourceServerFields::default()
    }
}

/// A42.
async fn the_audience_is_the_owners_of_the_scopes(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    app.db_resource_server("https://orgs.example", &["org"]).await;
    app.db_resource_server("https://people.example", &["member", "team"]).await;
    for (scope, expected) in [
        ("org:read", json!(["https://orgs.example"])),
        ("member:read", json!(["https://people.example"])),
        ("member:read team:read", json!(["https://people.example"])),
        ("org:write member:read", json!(["https://orgs.example", "https://people.example"])),
    ] {
        let tokens = app.db_tokens(&web, &ada, scope).await;
        assert_eq!(web.introspect(&tokens.access).await.json()["aud"], expected, "{scope}");
        let own = web.client_credentials(scope).await.text("access_token");
        assert_eq!(web.introspect(&own).await.json()["aud"], expected, "{scope}");
    }
    let none = app.db_code(&web, &ada, &[]).await;
    let none = web.redeem(&none).await.text("access_token");
    assert_eq!(web.introspect(&none).await.json().get("aud"), None);
}

/// D4: aud never grows, not even by a later registration.
async fn an_audience_is_that_of_its_issue(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    let late = app.db_resource_server("https://late.example", &["org"]).await;
    assert_eq!(late.introspect(&tokens.access).await.body, r#"{"active":false}"#);
    let next = web.refresh(&tokens.refresh).await.text("access_token");
    assert!(late.is_active(&next).await);
}

/// A56: each sees its own sets.
async fn each_owner_of_a_set_sees_it(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let one = app.db_resource_server("https://one.example", &["org"]).await;
    let both = app.db_resource_server("https://both.example", &["org", "member"]).await;
    let tokens = app.db_tokens(&web, &ada, "org:read member:read").await;
    assert_eq!(one.introspect(&tokens.access).await.text("scope"), "org:read");
    assert_eq!(both.introspect(&tokens.access).await.text("scope"), "member:read org:read");
}

async fn a_client_that_may_not_introspect_serves_no_resource(app: &TestApp) {
    let (web, spa) = (app.db_web_client().await, app.db_public_client().await);
    for client_id in [&web.client_id, &spa.client_id, "nobody"] {
        let made = create::create(&app.app(), fields("https://api.example", &["org"], Some(client_id)), None).await;
        assert!(matches!(made, Err(ResourceServerFailure::Invalid(_))));
    }
    assert_eq!(app.rows("resource_servers"), 0);
}

/// A56.
async fn a_client_that_loses_the_right_sees_nothing(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let api = app.db_resource_server("https://api.example", &["org"]).await;
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    assert!(api.is_active(&tokens.access).await);
    app.db_update_client(&api, |client| client.may_introspect = false).await;
    assert_eq!(api.introspect(&tokens.access).await.body, r#"{"active":false}"#);
}

/// A56.
async fn a_resource_server_that_is_gone_sees_nothing(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let api = app.db_resource_server("https://api.example", &["org", "member"]).await;
    let tokens = app.db_tokens(&web, &ada, "org:read member:read").await;
    let narrower = fields("https://api.example", &["org"], Some(&api.client_id));
    update::update(&app.app(), narrower).await.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(api.introspect(&tokens.access).await.text("scope"), "org:read");
    delete::delete(&app.app(), "https://api.example").await.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(api.introspect(&tokens.access).await.body, r#"{"active":false}"#);
}

/// RFC 8707 section 2.
async fn what_is_no_resource_server_is_refused(app: &TestApp) {
    let api = app.db_client(ClientSpec { may_introspect: true, ..web_client() }).await;
    let made = async |identifier: &str, sets: &[&str]| {
        create::create(&app.app(), fields(identifier, sets, Some(&api.client_id)), None).await
    };
    for identifier in ["", "api", "/api", "https://api.example/#x", "https://a b.example"] {
        assert!(matches!(made(identifier, &["org"]).await, Err(ResourceServerFailure::Invalid(_))), "{identifier}");
    }
    assert!(matches!(made("https://api.example", &["nonsense"]).await, Err(ResourceServerFailure::Invalid(_))));
    assert!(made("https://api.example", &["org"]).await.is_ok());
    assert!(matches!(made("https://api.example", &["org"]).await, Err(ResourceServerFailure::Taken(_))));
}
