//! Refreshing (RFC 6749 section 6, RFC 9700 section 4.14): rotation, and the retry that gets the same pair.

use crate::support::db_shortcuts::web_client;
use crate::support::relying_party::{RelyingParty, Tokens};
use crate::support::{Answer, ClientSpec, Person, TestApp, assert_whole, on_both};

on_both!(
    a_refresh_makes_the_next_pair,
    a_retry_inside_the_window_gets_the_very_same_pair,
    the_window_counts_from_the_first_use_and_never_slides,
    a_public_client_has_a_shorter_window,
    a_grace_of_zero_allows_no_retry,
    a_reuse_after_the_window_kills_the_family,
    a_retry_whose_successor_is_in_use_is_refused_and_harms_nobody,
    a_retry_for_another_scope_gets_another_access_token_at_most_eight_times,
    a_narrower_scope_leaves_the_grant_as_it_was,
    a_scope_beyond_the_grant_is_refused_and_the_token_stays_good,
    an_unused_refresh_token_dies_of_idleness,
    a_family_dies_at_its_absolute_end,
    an_access_token_never_outlives_its_family,
    a_refresh_token_outlives_its_access_token,
    a_used_token_is_remembered_over_a_restart,
    a_retry_works_over_a_restart,
    a_client_may_keep_one_refresh_token,
    another_client_cannot_refresh,
    a_missing_or_unknown_refresh_token_is_refused,
    an_inactive_client_leaves_the_family_as_it_is,
    a_lost_access_token_is_not_handed_out_again,
);

async fn stage(app: &TestApp, spec: ClientSpec) -> (RelyingParty, Person, Tokens) {
    let (party, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let tokens = app.db_tokens(&party, &ada, "org:read member:read").await;
    (party, ada, tokens)
}

async fn reuses(app: &TestApp) -> usize {
    app.db_events().await.into_iter().filter(|event| event == "refresh_token.reused").count()
}

/// S36, A31.
async fn a_refresh_makes_the_next_pair(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    app.wait(100);
    let answer = web.refresh(&first.refresh).await;
    assert_whole!(answer, @r#"
    200
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"access_token":"[access token]","token_type":"Bearer","expires_in":3600,"refresh_token":"[refresh token]","scope":"member:read org:read"}
    "#);
    let second = Tokens::of(&answer);
    assert!(second.access != first.access && second.refresh != first.refresh);
    assert_whole!(web.introspect(&second.access).await, @r#"
    200
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"active":true,"scope":"member:read org:read","client_id":"[client Web]","username":"ada","token_type":"Bearer","exp":3000003700,"iat":3000000100,"sub":"[sub ada]","iss":"[issuer]"}
    "#);
    assert_whole!(web.introspect(&second.refresh).await, @r#"
    200
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"active":true,"scope":"member:read org:read","client_id":"[client Web]","username":"ada","exp":3002592100,"iat":3000000100,"sub":"[sub ada]","iss":"[issuer]"}
    "#);
    assert_eq!(web.introspect(&first.refresh).await.body, r#"{"active":false}"#);
    let third = Tokens::of(&web.refresh(&second.refresh).await);
    assert!(web.is_active(&third.access).await);
}

/// A51, C16: same tokens, one pair of rows, less time left.
async fn a_retry_inside_the_window_gets_the_very_same_pair(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    let answer = web.refresh(&first.refresh).await;
    let rows = (app.rows("access_tokens"), app.rows("refresh_tokens"));
    app.wait(59);
    let again = web.refresh(&first.refresh).await;
    let (mut before, mut after) = (answer.json(), again.json());
    assert_eq!((before["expires_in"].take(), after["expires_in"].take()), (3600.into(), 3541.into()));
    assert_eq!(before, after);
    assert_eq!((app.rows("access_tokens"), app.rows("refresh_tokens")), rows, "a retry stores nothing");
    assert!(web.is_active(&Tokens::of(&again).access).await);
}

/// A51.
async fn the_window_counts_from_the_first_use_and_never_slides(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    app.wait(40);
    assert_eq!(Tokens::of(&web.refresh(&first.refresh).await), second);
    app.wait(20);
    assert_eq!(web.refresh(&first.refresh).await.error(), "400 invalid_grant");
    assert!(!web.is_active(&second.access).await, "that was a reuse");
}

/// A51.
async fn a_public_client_has_a_shorter_window(app: &TestApp) {
    let (spa, _, first) = stage(app, crate::support::db_shortcuts::public_client()).await;
    let second = Tokens::of(&spa.refresh(&first.refresh).await);
    app.wait(9);
    assert_eq!(Tokens::of(&spa.refresh(&first.refresh).await), second);
    app.wait(1);
    assert_eq!(spa.refresh(&first.refresh).await.error(), "400 invalid_grant");
    assert_eq!(reuses(app).await, 1);
}

/// A51.
async fn a_grace_of_zero_allows_no_retry(app: &TestApp) {
    let (web, _, first) = stage(app, ClientSpec { refresh_grace: Some(0), ..web_client() }).await;
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    assert_eq!(web.refresh(&first.refresh).await.error(), "400 invalid_grant");
    assert_eq!(web.refresh(&second.refresh).await.error(), "400 invalid_grant", "the family fell");
    assert_eq!(reuses(app).await, 1);
}

/// A51, C16: every token of the family, one event.
async fn a_reuse_after_the_window_kills_the_family(app: &TestApp) {
    let (web, ada, first) = stage(app, web_client()).await;
    let other = app.db_tokens(&web, &ada, "org:read").await;
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    let third = Tokens::of(&web.refresh(&second.refresh).await);
    app.wait(60);
    assert_whole!(web.refresh(&first.refresh).await, @r#"
    400
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"error":"invalid_grant","error_description":"the refresh token was used before (reference [reference])"}
    "#);
    for token in [&first.access, &second.access, &third.access, &third.refresh] {
        assert_eq!(web.introspect(token).await.body, r#"{"active":false}"#);
    }
    assert_eq!(web.refresh(&third.refresh).await.error(), "400 invalid_grant");
    assert_eq!(web.refresh(&first.refresh).await.error(), "400 invalid_grant");
    assert_eq!(reuses(app).await, 1, "one event a family");
    assert!(web.is_active(&other.access).await, "another family lives");
    let event = app.db_audit().await.into_iter().find(|row| row.event == "refresh_token.reused").expect("an event");
    assert_eq!(event.target_id, Some(ada.row.id), "the user can see it");
}

/// A51: a slow second tab is no thief.
async fn a_retry_whose_successor_is_in_use_is_refused_and_harms_nobody(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    let third = Tokens::of(&web.refresh(&second.refresh).await);
    assert_eq!(web.refresh(&first.refresh).await.error(), "400 invalid_grant");
    assert!(web.is_active(&third.access).await);
    assert_eq!(web.refresh(&third.refresh).await.status, 200);
    assert_eq!(reuses(app).await, 0);
}

/// A51, C16: the count inside the window is bounded.
async fn a_retry_for_another_scope_gets_another_access_token_at_most_eight_times(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    let mut seen = vec![second.access.clone()];
    for _ in 0..8 {
        let answer = web.refresh_with(&first.refresh, &[("scope", "org:read")]).await;
        let another = Tokens::of(&answer);
        assert_eq!(another.refresh, second.refresh, "one live leaf");
        assert_eq!(answer.text("scope"), "org:read");
        assert!(!seen.contains(&another.access));
        seen.push(another.access);
    }
    let ninth = web.refresh_with(&first.refresh, &[("scope", "org:read")]).await;
    assert_eq!(ninth.error(), "400 invalid_grant");
    for token in &seen {
        assert!(web.is_active(token).await, "nothing is killed");
    }
    assert_eq!(Tokens::of(&web.refresh(&first.refresh).await), second, "the same request still gets its pair");
}

/// A50.
async fn a_narrower_scope_leaves_the_grant_as_it_was(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    let answer = web.refresh_with(&first.refresh, &[("scope", "org:read")]).await;
    assert_eq!(answer.text("scope"), "org:read");
    let second = Tokens::of(&answer);
    assert_eq!(web.introspect(&second.access).await.text("scope"), "org:read");
    let answer = web.refresh(&second.refresh).await;
    assert_eq!(answer.text("scope"), "member:read org:read");
}

/// A50, A41.
async fn a_scope_beyond_the_grant_is_refused_and_the_token_stays_good(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    for scope in ["org:write", "org:read org:write", "nonsense", "team:read"] {
        assert_eq!(web.refresh_with(&first.refresh, &[("scope", scope)]).await.error(), "400 invalid_scope", "{scope}");
    }
    assert_eq!(web.refresh(&first.refresh).await.status, 200);
}

/// A52.
async fn an_unused_refresh_token_dies_of_idleness(app: &TestApp) {
    let (web, _, first) = stage(app, ClientSpec { refresh_idle_lifetime: Some(1000), ..web_client() }).await;
    app.wait(999);
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    app.wait(1000);
    assert_whole!(web.refresh(&second.refresh).await, @r#"
    400
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"error":"invalid_grant","error_description":"the refresh token has expired (reference [reference])"}
    "#);
    assert_eq!(reuses(app).await, 0);
}

/// A52, ASVS 10.4.8.
async fn a_family_dies_at_its_absolute_end(app: &TestApp) {
    let spec = ClientSpec { refresh_absolute_lifetime: Some(5000), ..web_client() };
    let (web, _, mut tokens) = stage(app, spec).await;
    for _ in 0..4 {
        app.wait(1200);
        tokens = Tokens::of(&web.refresh(&tokens.refresh).await);
    }
    app.wait(200);
    assert_whole!(web.refresh(&tokens.refresh).await, @r#"
    400
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"error":"invalid_grant","error_description":"the grant has expired (reference [reference])"}
    "#);
    assert!(!web.is_active(&tokens.access).await);
}

/// A52.
async fn an_access_token_never_outlives_its_family(app: &TestApp) {
    let spec = ClientSpec { refresh_absolute_lifetime: Some(5000), ..web_client() };
    let (web, _, tokens) = stage(app, spec).await;
    app.wait(4000);
    let answer = web.refresh(&tokens.refresh).await;
    assert_eq!(answer.json()["expires_in"], 1000);
}

/// The clean-up of expired access tokens leaves their refresh tokens alone.
async fn a_refresh_token_outlives_its_access_token(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    app.wait(20 * 24 * 3600);
    app.db_sweep().await;
    assert!(!web.is_active(&first.access).await);
    assert_eq!(web.refresh(&first.refresh).await.status, 200);
}

/// C14.
async fn a_used_token_is_remembered_over_a_restart(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    app.restart().await;
    app.wait(60);
    assert_eq!(web.refresh(&first.refresh).await.error(), "400 invalid_grant");
    assert_eq!(web.refresh(&second.refresh).await.error(), "400 invalid_grant");
    assert_eq!(reuses(app).await, 1);
}

/// C14: nothing of the window is in memory.
async fn a_retry_works_over_a_restart(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    app.restart().await;
    assert_eq!(Tokens::of(&web.refresh(&first.refresh).await), second);
}

/// "No rotation", for confidential clients only.
async fn a_client_may_keep_one_refresh_token(app: &TestApp) {
    let spec = ClientSpec {
        rotate_refresh_tokens: Some(false),
        refresh_idle_lifetime: Some(1000),
        refresh_absolute_lifetime: Some(5000),
        ..web_client()
    };
    let (web, _, first) = stage(app, spec).await;
    let mut seen = vec![first.access.clone()];
    for _ in 0..5 {
        app.wait(900);
        let next = Tokens::of(&web.refresh(&first.refresh).await);
        assert_eq!(next.refresh, first.refresh);
        assert!(!seen.contains(&next.access));
        seen.push(next.access);
    }
    app.wait(500);
    assert_eq!(web.refresh(&first.refresh).await.error(), "400 invalid_grant", "the absolute end");
    assert_eq!(reuses(app).await, 0);
}

/// A21, C02.
async fn another_client_cannot_refresh(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    let thief = app.db_client(ClientSpec { name: Some("Thief".to_owned()), ..web_client() }).await;
    assert_eq!(thief.refresh(&first.refresh).await.error(), "400 invalid_grant");
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    app.wait(60);
    assert_eq!(thief.refresh(&first.refresh).await.error(), "400 invalid_grant");
    assert!(web.is_active(&second.access).await, "a stranger's reuse kills nothing");
    assert_eq!(reuses(app).await, 0);
}

/// S34, S35.
async fn a_missing_or_unknown_refresh_token_is_refused(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    assert_eq!(web.refresh("").await.error(), "400 invalid_request");
    let last = first.refresh.chars().last().expect("text");
    let other = if last == 'A' { "B" } else { "A" };
    let mistyped = format!("{}{other}", &first.refresh[..first.refresh.len() - 1]);
    for unknown in ["x", "grt_x", &mistyped, &first.access, &first.refresh.replace("grt_", "gat_")] {
        assert_eq!(web.refresh(unknown).await.error(), "400 invalid_grant", "{unknown}");
    }
    assert_eq!(web.refresh(&first.refresh).await.status, 200);
}

/// S44.
async fn an_inactive_client_leaves_the_family_as_it_is(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    app.db_disable_client(&web).await;
    assert_eq!(web.refresh(&first.refresh).await.error(), "401 invalid_client");
    app.db_enable_client(&web).await;
    assert_eq!(web.refresh(&first.refresh).await.status, 200);
}

/// A51: the pair was revoked, so it is never given.
async fn a_lost_access_token_is_not_handed_out_again(app: &TestApp) {
    let (web, _, first) = stage(app, web_client()).await;
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    assert_eq!(web.revoke(&second.access).await.status, 200);
    let again: Answer = web.refresh(&first.refresh).await;
    assert_eq!(again.error(), "400 invalid_grant");
    assert_eq!(web.refresh(&second.refresh).await.status, 200, "the family lives");
}
