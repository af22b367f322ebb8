//! Token revocation (RFC 7009).

use crate::support::db_shortcuts::web_client;
use crate::support::relying_party::{By, Tokens};
use crate::support::{ClientSpec, TestApp, assert_whole, on_both};

on_both!(
    a_revoked_access_token_is_dead_alone,
    a_revoked_refresh_token_takes_its_family_along,
    an_old_refresh_token_revokes_the_family_too,
    an_unknown_token_is_as_good_as_revoked,
    another_clients_token_is_left_alone,
    the_hint_does_not_matter,
    a_request_without_token_or_client_is_refused,
    a_public_client_revokes_its_own,
    revoking_twice_writes_one_event,
);

fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A55, S53.
async fn a_revoked_access_token_is_dead_alone(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    assert_whole!(web.revoke(&tokens.access).await, @r"
    200
    cache-control: no-store
    pragma: no-cache
    x-content-type-options: nosniff
    ");
    assert_eq!(web.introspect(&tokens.access).await.body, r#"{"active":false}"#);
    assert!(web.is_active(&tokens.refresh).await);
    assert_eq!(web.refresh(&tokens.refresh).await.status, 200);
}

/// A55, S53.
async fn a_revoked_refresh_token_takes_its_family_along(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    let later = Tokens::of(&web.refresh(&tokens.refresh).await);
    assert_eq!(web.revoke(&later.refresh).await.status, 200);
    for token in [&tokens.access, &later.access, &later.refresh] {
        assert!(!web.is_active(token).await);
    }
    assert_eq!(web.refresh(&later.refresh).await.error(), "400 invalid_grant");
    assert_eq!(web.refresh(&tokens.refresh).await.error(), "400 invalid_grant", "no pair inside the window either");
    let other = app.db_tokens(&web, &ada, "org:read").await;
    assert!(web.is_active(&other.access).await, "another family of the same authorization lives");
}

/// A55.
async fn an_old_refresh_token_revokes_the_family_too(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    let later = Tokens::of(&web.refresh(&tokens.refresh).await);
    assert_eq!(web.revoke(&tokens.refresh).await.status, 200);
    assert!(!web.is_active(&later.access).await);
    assert_eq!(web.refresh(&later.refresh).await.error(), "400 invalid_grant");
}

/// A55, S53.
async fn an_unknown_token_is_as_good_as_revoked(app: &TestApp) {
    let web = app.db_web_client().await;
    for unknown in ["x", "gat_x", "grt_x", &"é".repeat(500), "gcs_x"] {
        assert_eq!(web.revoke(unknown).await.status, 200, "{unknown}");
    }
}

/// A55, C25, S53.
async fn another_clients_token_is_left_alone(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let other = app.db_client(ClientSpec { name: Some("Other".to_owned()), ..web_client() }).await;
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    for token in [&tokens.access, &tokens.refresh] {
        let answer = other.revoke(token).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    }
    assert!(web.is_active(&tokens.access).await);
    assert_eq!(web.refresh(&tokens.refresh).await.status, 200);
}

/// S53: a hint is a hint; RFC 7009 lets the server look everywhere.
async fn the_hint_does_not_matter(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    for hint in ["access_token", "refresh_token", "nonsense"] {
        let tokens = app.db_tokens(&web, &ada, "org:read").await;
        let answer = web.post("/oauth/revoke", &form(&[("token", &tokens.access), ("token_type_hint", hint)])).await;
        assert_eq!(answer.status, 200, "{hint}");
        assert!(!web.is_active(&tokens.access).await, "{hint}");
    }
}

/// S53, A36.
async fn a_request_without_token_or_client_is_refused(app: &TestApp) {
    let web = app.db_web_client().await;
    assert_eq!(web.revoke("").await.error(), "400 invalid_request");
    let twice = form(&[("token", "x"), ("token", "y")]);
    assert_eq!(web.post("/oauth/revoke", &twice).await.error(), "400 invalid_request");
    let wrong = web.with_secret(Some("not the secret of this client, only long enough"), By::Basic);
    assert_whole!(wrong.revoke("x").await, @r#"
    401
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    www-authenticate: Basic realm="grantor", charset="UTF-8"
    x-content-type-options: nosniff

    {"error":"invalid_client","error_description":"client authentication failed (reference [reference])"}
    "#);
    assert_eq!(app.get("/oauth/revoke").await.status, 405);
}

/// A55.
async fn a_public_client_revokes_its_own(app: &TestApp) {
    let (spa, ada) = (app.db_public_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&spa, &ada, "org:read").await;
    assert_eq!(spa.revoke(&tokens.refresh).await.status, 200);
    assert_eq!(spa.refresh(&tokens.refresh).await.error(), "400 invalid_grant");
}

/// Every state change has exactly one audit row.
async fn revoking_twice_writes_one_event(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    for token in [&tokens.access, &tokens.access, &tokens.refresh, &tokens.refresh] {
        assert_eq!(web.revoke(token).await.status, 200);
    }
    let events = app.db_events().await;
    let count = |name: &str| events.iter().filter(|event| *event == name).count();
    assert_eq!((count("access_token.revoked"), count("grant.revoked")), (1, 1), "{events:?}");
}
