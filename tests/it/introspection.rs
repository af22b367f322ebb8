//! Token introspection (RFC 7662).

use std::collections::BTreeSet;

use crate::support::db_shortcuts::{public_client, web_client};
use crate::support::relying_party::By;
use crate::support::secrets::is_token;
use crate::support::{ClientSpec, TestApp, assert_whole, on_both};

on_both!(
    a_resource_server_sees_what_is_its_own,
    a_token_for_one_resource_server_is_nothing_to_another,
    a_client_sees_its_own_tokens_whole,
    only_clients_that_authenticate_may_ask,
    an_inactive_token_says_nothing_else,
    a_token_with_any_byte_changed_never_reaches_the_database,
    a_refresh_token_is_seen_by_its_own_client_only,
    higher_scopes_are_told_with_the_lower_ones_they_imply,
    a_token_is_active_until_its_last_second,
    a_request_without_a_token_is_refused,
);

/// A42, A56.
async fn a_resource_server_sees_what_is_its_own(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let orgs = app.db_resource_server("https://orgs.example", &["org"]).await;
    app.db_resource_server("https://teams.example", &["team"]).await;
    let tokens = app.db_tokens(&web, &ada, "org:read member:read team:read").await;
    assert_whole!(orgs.introspect(&tokens.access).await, @r#"
    200
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"active":true,"scope":"org:read","client_id":"[client Web]","username":"ada","token_type":"Bearer","exp":3000003600,"iat":3000000000,"sub":"[sub ada]","aud":["https://orgs.example","https://teams.example"],"iss":"[issuer]"}
    "#);
}

/// A42, C18, C22.
async fn a_token_for_one_resource_server_is_nothing_to_another(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let orgs = app.db_resource_server("https://orgs.example", &["org"]).await;
    let teams = app.db_resource_server("https://teams.example", &["team"]).await;
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    let own = web.client_credentials("org:read").await.text("access_token");
    for token in [&tokens.access, &own] {
        assert!(orgs.is_active(token).await);
        assert_eq!(teams.introspect(token).await.body, r#"{"active":false}"#);
    }
}

/// A56, C18.
async fn a_client_sees_its_own_tokens_whole(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let other = app.db_client(ClientSpec { name: Some("Other".to_owned()), ..web_client() }).await;
    let tokens = app.db_tokens(&web, &ada, "org:read member:read").await;
    assert_eq!(web.introspect(&tokens.access).await.text("scope"), "member:read org:read");
    assert_eq!(other.introspect(&tokens.access).await.body, r#"{"active":false}"#);
}

/// A56, A36.
async fn only_clients_that_authenticate_may_ask(app: &TestApp) {
    let (spa, ada) = (app.db_public_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&spa, &ada, "org:read").await;
    assert_whole!(spa.introspect(&tokens.access).await, @r#"
    401
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    www-authenticate: Basic realm="grantor", charset="UTF-8"
    x-content-type-options: nosniff

    {"error":"invalid_client","error_description":"client authentication failed (reference [reference])"}
    "#);
    let web = app.db_web_client().await;
    assert_eq!(web.with_secret(None, By::Nothing).introspect(&tokens.access).await.error(), "401 invalid_client");
    assert_eq!(app.get("/oauth/introspect").await.status, 405);
    let answer = app.shared.send(app.shared.http.post(app.shared.url("/oauth/introspect")).form(&[("token", "x")]));
    assert_eq!(answer.await.error(), "401 invalid_client");
}

/// A56.
async fn an_inactive_token_says_nothing_else(app: &TestApp) {
    let web = app.db_web_client().await;
    let answer = web.introspect("gat_nothing").await;
    assert_whole!(answer, @r#"
    200
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"active":false}
    "#);
    for unknown in ["x", " ", "gac_x", "gcs_x", "null", &"x".repeat(8000)] {
        assert_eq!(web.introspect(unknown).await.body, r#"{"active":false}"#, "{unknown:?}");
    }
}

/// A56, C19: the checksum, the form and the prefix decide before any statement is sent. The table is hidden
/// meanwhile: whatever asked for it would fail.
async fn a_token_with_any_byte_changed_never_reaches_the_database(app: &TestApp) {
    let web = app.db_web_client().await;
    let token = web.client_credentials("org:read").await.text("access_token");
    let mutants = mutants(&token);
    assert!(mutants.len() > 200);
    app.db_hide_table("access_tokens");
    app.db_hide_table("refresh_tokens");
    app.db_hide_table("grants");
    let genuine = web.introspect(&token).await;
    assert!(genuine.status >= 500, "the trap works: {} {}", genuine.status, genuine.body);
    for mutant in &mutants {
        let answer = web.introspect(mutant).await;
        match mutant.contains(|character: char| character.is_ascii_control()) {
            true => assert_eq!(answer.error(), "400 invalid_request", "{mutant:?}"),
            false => assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"active":false}"#), "{mutant:?}"),
        }
        assert!(!is_token(mutant));
    }
    app.db_show_table("access_tokens");
    app.db_show_table("refresh_tokens");
    app.db_show_table("grants");
    assert!(web.is_active(&token).await);
}

/// Every byte changed in three ways, truncated and padded at both ends, in other cases.
fn mutants(token: &str) -> BTreeSet<String> {
    let bytes = token.as_bytes();
    let mut mutants = BTreeSet::new();
    for place in 0..bytes.len() {
        for change in [1_u8, 2, 32] {
            let mut mutant = bytes.to_vec();
            mutant[place] ^= change;
            mutants.extend(String::from_utf8(mutant));
        }
    }
    for length in [1, 2, 10, 43, 60, bytes.len() - 1] {
        mutants.insert(token[..length].to_owned());
        mutants.insert(token[bytes.len() - length..].to_owned());
    }
    for padded in
        [format!("{token}0"), format!("0{token}"), format!(" {token}"), format!("{token} "), format!("{token}\0")]
    {
        mutants.insert(padded);
    }
    mutants.insert(token.to_uppercase());
    mutants.insert(token.to_lowercase());
    mutants.insert(token.repeat(2));
    mutants.remove(token);
    mutants
}

/// A56.
async fn a_refresh_token_is_seen_by_its_own_client_only(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let api = app.db_resource_server("https://orgs.example", &["org"]).await;
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    assert!(web.is_active(&tokens.refresh).await);
    assert_eq!(api.introspect(&tokens.refresh).await.body, r#"{"active":false}"#);
    let code = app.db_code(&web, &ada, &[]).await;
    assert_eq!(web.introspect(&code).await.body, r#"{"active":false}"#, "a code is no token");
}

/// Coverage is checked by the closure; introspection tells it, so that resource servers may compare strings.
async fn higher_scopes_are_told_with_the_lower_ones_they_imply(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let api = app.db_resource_server("https://orgs.example", &["org", "member"]).await;
    let code = app.db_code(&web, &ada, &[("scope", "member:admin org:write")]).await;
    let answer = web.redeem(&code).await;
    assert_eq!(answer.text("scope"), "member:admin org:write", "the answer names what was granted");
    let seen = api.introspect(&answer.text("access_token")).await;
    assert_eq!(seen.text("scope"), "member:admin member:read member:write org:read org:write");
}

/// S54.
async fn a_token_is_active_until_its_last_second(app: &TestApp) {
    let spec = ClientSpec { access_token_lifetime: Some(100), ..public_client() };
    let (spa, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let api = app.db_resource_server("https://orgs.example", &["org"]).await;
    let tokens = app.db_tokens(&spa, &ada, "org:read").await;
    app.wait(99);
    assert!(api.is_active(&tokens.access).await);
    app.wait(1);
    assert!(!api.is_active(&tokens.access).await);
}

/// A56.
async fn a_request_without_a_token_is_refused(app: &TestApp) {
    let web = app.db_web_client().await;
    assert_eq!(web.introspect("").await.error(), "400 invalid_request");
    let twice = [("token".to_owned(), "x".to_owned()), ("token".to_owned(), "y".to_owned())];
    assert_eq!(web.post("/oauth/introspect", &twice).await.error(), "400 invalid_request");
}
