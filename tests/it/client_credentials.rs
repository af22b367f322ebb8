//! The client credentials grant (RFC 6749 section 4.4).

use crate::support::db_shortcuts::web_client;
use crate::support::{ClientSpec, TestApp, assert_whole, on_both};

on_both!(
    a_client_gets_a_token_of_its_own,
    a_public_client_has_no_credentials,
    scopes_beyond_the_registration_are_refused,
    no_scope_means_all_the_client_has,
    a_disabled_client_loses_its_tokens,
);

/// A40, A31.
async fn a_client_gets_a_token_of_its_own(app: &TestApp) {
    let web = app.db_web_client().await;
    let answer = web.client_credentials("org:read member:read").await;
    assert_whole!(answer, @r#"
    200
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"access_token":"[access token]","token_type":"Bearer","expires_in":3600,"scope":"member:read org:read"}
    "#);
    let token = answer.text("access_token");
    assert_whole!(web.introspect(&token).await, @r#"
    200
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"active":true,"scope":"member:read org:read","client_id":"[client Web]","token_type":"Bearer","exp":3000003600,"iat":3000000000,"sub":"[client Web]","iss":"[issuer]"}
    "#);
    app.wait(3600);
    assert!(!web.is_active(&token).await);
}

/// A40: by registration and, should a row say otherwise, at the endpoint.
async fn a_public_client_has_no_credentials(app: &TestApp) {
    let spa = app.db_public_client().await;
    assert_eq!(spa.client_credentials("org:read").await.error(), "400 unauthorized_client");
}

/// A41, C21.
async fn scopes_beyond_the_registration_are_refused(app: &TestApp) {
    let web = app.db_web_client().await;
    for scope in ["org:admin", "org:read org:admin", "project:read", "nonsense", "org:read nonsense", "ORG:READ"] {
        assert_eq!(web.client_credentials(scope).await.error(), "400 invalid_scope", "{scope}");
    }
    let implied = web.client_credentials("member:write").await;
    assert_eq!(implied.text("scope"), "member:write", "member:admin implies it");
    assert_eq!(web.client_credentials("org:read\"").await.error(), "400 invalid_scope");
}

/// A41: the default is documented, and told.
async fn no_scope_means_all_the_client_has(app: &TestApp) {
    let web = app.db_web_client().await;
    let answer = web.client_credentials("").await;
    assert_eq!(answer.text("scope"), "member:admin member:read org:read org:write team:read");
    let bare = app.db_client(ClientSpec { name: Some("Bare".to_owned()), scopes: vec![], ..web_client() }).await;
    let answer = bare.client_credentials("").await;
    assert_eq!((answer.status, answer.json().get("scope")), (200, None));
}

/// A53, C65.
async fn a_disabled_client_loses_its_tokens(app: &TestApp) {
    let (web, api) = (app.db_web_client().await, app.db_resource_server("https://api.example", &["org"]).await);
    let token = web.client_credentials("org:read").await.text("access_token");
    assert!(api.is_active(&token).await);
    app.db_disable_client(&web).await;
    assert!(!api.is_active(&token).await);
    assert_eq!(web.client_credentials("org:read").await.error(), "401 invalid_client");
}
