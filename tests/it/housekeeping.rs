//! What ends by itself is removed an hour later, each at its own end and in small batches; a derivation key goes when
//! nothing was made with it that could still be asked for.

use grantor::flows::audit::Actor;
use grantor::flows::derivation;
use grantor::store::used_marks;

use crate::support::relying_party::Tokens;
use crate::support::{Database, TestApp, on_both};

on_both!(
    a_refresh_token_outlives_its_access_token,
    a_code_nobody_redeemed_goes_with_its_grant,
    a_grant_that_was_redeemed_stays_as_long_as_its_family_may_live,
    tokens_of_a_client_for_itself_go_too,
    sessions_and_one_time_marks_go_at_their_end,
    a_row_that_lives_long_holds_no_younger_one_up,
    a_retired_key_is_destroyed_when_nothing_made_with_it_may_be_asked_for,
    the_key_in_use_stays_whatever_its_age,
);

/// How long a row is kept after its end.
const KEPT: u64 = 3600;

fn rows<const N: usize>(app: &TestApp, tables: [&str; N]) -> [usize; N] {
    tables.map(|table| app.rows(table))
}

fn lifetime(seconds: i64) -> u64 {
    seconds.unsigned_abs()
}

/// The seed's bug 11: there the cleanup of access tokens took their refresh tokens along.
async fn a_refresh_token_outlives_its_access_token(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    let ends = lifetime(app.app().config.tokens.access_token_lifetime);
    app.wait(ends + KEPT);
    app.db_sweep().await;
    assert_eq!(rows(app, ["access_tokens", "refresh_tokens", "grants"]), [1, 1, 1], "kept for late questions");
    app.wait(1);
    app.db_sweep().await;
    assert_eq!(rows(app, ["access_tokens", "refresh_tokens", "grants"]), [0, 1, 1]);
    assert!(!web.is_active(&tokens.access).await);
    let next = Tokens::of(&web.refresh(&tokens.refresh).await);
    assert!(web.is_active(&next.access).await);
    // A used refresh token is kept to its own end: it is what knows a thief.
    app.wait(ends + KEPT + 1);
    app.db_sweep().await;
    assert_eq!(rows(app, ["access_tokens", "refresh_tokens", "grants"]), [0, 2, 1]);
    assert_eq!(web.refresh(&tokens.refresh).await.error(), "400 invalid_grant");
    assert!(app.db_events().await.iter().any(|event| event.contains("reuse")), "{:?}", app.db_events().await);
}

/// D3 row 19: a stranger cannot fill the disk with requests that go no further.
async fn a_code_nobody_redeemed_goes_with_its_grant(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[]).await;
    app.wait(lifetime(app.app().config.tokens.code_lifetime) + KEPT);
    app.db_sweep().await;
    assert_eq!(app.rows("grants"), 1);
    app.wait(1);
    app.db_sweep().await;
    assert_eq!(rows(app, ["grants", "authorizations"]), [0, 1], "what the person allowed stays");
    assert_eq!(web.redeem(&code).await.error(), "400 invalid_grant");
}

async fn a_grant_that_was_redeemed_stays_as_long_as_its_family_may_live(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[("scope", "org:read")]).await;
    let mut tokens = Tokens::of(&web.redeem(&code).await);
    let (idle, absolute) = {
        let tokens = &app.app().config.tokens;
        (lifetime(tokens.refresh_idle_lifetime), lifetime(tokens.refresh_absolute_lifetime))
    };
    let mut passed = 0;
    while passed + idle < absolute {
        passed += idle - 1;
        app.wait(idle - 1);
        app.db_sweep().await;
        assert_eq!(app.rows("grants"), 1, "after {passed} s");
        tokens = Tokens::of(&web.refresh(&tokens.refresh).await);
    }
    app.wait(absolute - passed + KEPT);
    app.db_sweep().await;
    assert_eq!(app.rows("grants"), 1);
    app.wait(1);
    app.db_sweep().await;
    assert_eq!(rows(app, ["grants", "access_tokens", "refresh_tokens"]), [0, 0, 0]);
    assert_eq!(web.refresh(&tokens.refresh).await.error(), "400 invalid_grant");
    assert_eq!(web.redeem(&code).await.error(), "400 invalid_grant");
}

async fn tokens_of_a_client_for_itself_go_too(app: &TestApp) {
    let web = app.db_web_client().await;
    let old = web.client_credentials("org:read").await.text("access_token");
    app.wait(lifetime(app.app().config.tokens.access_token_lifetime) + KEPT + 1);
    let young = web.client_credentials("org:read").await.text("access_token");
    app.db_sweep().await;
    assert_eq!(app.rows("access_tokens"), 1);
    assert!(web.is_active(&young).await && !web.is_active(&old).await);
}

async fn sessions_and_one_time_marks_go_at_their_end(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let end = app.now() + 600;
    let marked = app.app().store.write(move |write| used_marks::first_use(write, b"a mark", end)).await;
    assert!(marked.expect("the store answers"));
    app.wait(600 + KEPT);
    app.db_sweep().await;
    assert_eq!(rows(app, ["sessions", "used_marks"]), [1, 1]);
    app.wait(1);
    app.db_sweep().await;
    assert_eq!(rows(app, ["sessions", "used_marks"]), [1, 0]);
    assert_eq!(browser.get("/").await.status, 200, "still signed in");
    app.wait(lifetime(app.app().config.sign_in.session_lifetime) + KEPT + 1);
    app.db_sweep().await;
    assert_eq!(app.rows("sessions"), 0);
    assert!(browser.get("/").await.location().starts_with("/login"), "signed out");
}

/// Ids grow with time and ends do not: rows that live long stand before, among and behind those that are over, of which
/// there are more than one look and one transaction takes.
async fn a_row_that_lives_long_holds_no_younger_one_up(app: &TestApp) {
    const OVER: usize = 1200;
    let web = app.db_web_client().await;
    app.db_update_client(&web, |client| client.access_token_lifetime = Some(10 * 24 * 3600)).await;
    let before = web.client_credentials("org:read").await.text("access_token");
    app.wait(1);
    let millis = app.clock.now_millis();
    let first = grantor::store::ids::first_id_of(millis);
    let (list, digest) = match app.database {
        Database::Postgres => ("'{}'", "'x'::bytea"),
        Database::Sqlite => ("'[]'", "x'00'"),
    };
    app.db_batch(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {OVER}) \
         INSERT INTO access_tokens (id, client, scopes, audience, digest, last_four, created_at, expires_at) \
         SELECT {first} + i, 1, {list}, {list}, {digest}, 'xxxx', {now}, {now} + 60 FROM n",
        now = app.now(),
    ));
    app.wait(1);
    let behind = web.client_credentials("org:read").await.text("access_token");
    assert_eq!(app.rows("access_tokens"), OVER + 2);
    app.wait(60 + KEPT + 1);
    let inner = app.app();
    let jobs = || inner.store.writer_stats().map(|writer| writer.jobs());
    let jobs_before = jobs();
    app.db_sweep().await;
    assert_eq!(app.rows("access_tokens"), 2);
    if let Some((before, after)) = jobs_before.zip(jobs()) {
        assert!(after - before >= 3, "{} transactions for {OVER} rows", after - before);
    }
    assert!(web.is_active(&before).await && web.is_active(&behind).await);
}

/// DECISIONS "idempotent refresh" 7, and a retry in between works with the key it was made with.
async fn a_retired_key_is_destroyed_when_nothing_made_with_it_may_be_asked_for(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let keys = async || -> Vec<(String, bool)> {
        let listed = derivation::list(&app.app()).await.expect("the store answers");
        listed.into_iter().map(|key| (key.id, key.retired_at.is_some())).collect()
    };
    let old = keys().await.remove(0);
    let first = app.db_tokens(&web, &ada, "org:read").await;
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    let new = derivation::rotate(&app.app(), None, Actor::Operator).await.unwrap_or_else(|failure| panic!("{failure}"));
    let both = vec![(new.id.clone(), false), (old.0.clone(), true)];
    assert_eq!(keys().await, both);
    assert_eq!(Tokens::of(&web.refresh(&first.refresh).await), second, "a retry, made with the retired key");
    let third = Tokens::of(&web.refresh(&second.refresh).await);
    assert_eq!(Tokens::of(&web.refresh(&second.refresh).await), third, "and one made with the new key");

    // A row of another node, written just before that node noticed: it still names the key.
    let grace = lifetime(app.app().config.tokens.refresh_grace_confidential);
    app.db_sweep().await;
    assert_eq!(keys().await, both, "rows name it, or may");
    app.wait(600 + grace - 1);
    app.db_sweep().await;
    assert_eq!(keys().await, both, "another node may not have noticed yet");
    app.wait(60 + 60);
    app.db_sweep().await;
    assert_eq!(keys().await, [(new.id.clone(), false)]);
    assert!(!app.dump().contains(&old.0), "no row names it");

    app.restart().await;
    let fourth = Tokens::of(&web.refresh(&third.refresh).await);
    assert_eq!(Tokens::of(&web.refresh(&third.refresh).await), fourth, "the family goes on with the new key");
}

async fn the_key_in_use_stays_whatever_its_age(app: &TestApp) {
    let before = derivation::list(&app.app()).await.expect("the store answers");
    app.wait(365 * 24 * 3600);
    app.db_sweep().await;
    let after = derivation::list(&app.app()).await.expect("the store answers");
    assert_eq!((after.len(), &after[0].id, after[0].retired_at), (1, &before[0].id, None));
}
