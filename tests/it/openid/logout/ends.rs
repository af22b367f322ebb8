//! What ends with a session: what clients got to act while the person is there, and nothing they may do while away.

use grantor::flows::audit::Actor;
use grantor::flows::people::sign_out_everywhere::sign_out_everywhere;
use grantor::flows::{session, sign_in};
use grantor::store::sessions;
use serde_json::json;

use super::super::{relying_party, verified};
use super::{Stage, signed_in, signed_in_with};
use crate::support::db_shortcuts::caller;
use crate::support::page::Form;
use crate::support::relying_party::Tokens;
use crate::support::{TestApp, on_both};

on_both!(
    signing_out_ends_what_was_given_for_the_session,
    what_may_be_done_while_away_stays,
    a_grant_that_is_no_sign_in_stays,
    another_browsers_tokens_stay,
    signing_in_again_ends_nothing_and_keeps_the_name,
    another_person_in_the_same_browser_ends_the_first_ones_session,
    every_way_to_end_a_session_ends_its_tokens,
    a_session_that_runs_out_ends_nothing,
    a_session_ended_meanwhile_does_not_live_on_under_its_name,
    a_code_does_not_outlive_its_session,
    a_refresh_without_offline_access_ends_too,
    what_is_known_of_clients_goes_with_the_session,
);

async fn signs_out(stage: &Stage) {
    let page = stage.browser.get("/logout").await;
    assert_eq!(stage.browser.submit(&page, "logout-confirm", &[]).await.status, 303);
}

async fn signing_out_ends_what_was_given_for_the_session(app: &TestApp) {
    let stage = signed_in(app).await;
    assert!(stage.access_lives().await && stage.tokens.json()["refresh_token"].is_null());
    let bearer = format!("Bearer {}", stage.tokens.text("access_token"));
    let userinfo = || app.shared.http.get(app.shared.url("/oauth/userinfo")).header("authorization", &bearer);
    assert_eq!(app.shared.send(userinfo()).await.status, 200);
    signs_out(&stage).await;
    assert!(!stage.access_lives().await);
    assert_eq!(app.shared.send(userinfo()).await.status, 401);
}

/// DECISIONS are on the page: offline_access outlives the session.
async fn what_may_be_done_while_away_stays(app: &TestApp) {
    let stage = signed_in_with(app, relying_party(), "openid offline_access", |_| {}).await;
    let tokens = Tokens::of(&stage.tokens);
    signs_out(&stage).await;
    assert!(stage.web.is_active(&tokens.access).await);
    let next = stage.web.refresh(&tokens.refresh).await;
    assert_eq!(next.status, 200, "{}", next.body);
}

async fn a_grant_that_is_no_sign_in_stays(app: &TestApp) {
    let stage = signed_in_with(app, relying_party(), "openid", |_| {}).await;
    let code = stage.web.code(&stage.browser, &[("scope", "org:read")]).await;
    let plain = Tokens::of(&stage.web.redeem(&code).await);
    signs_out(&stage).await;
    assert!(stage.web.is_active(&plain.access).await && !stage.access_lives().await);
}

async fn another_browsers_tokens_stay(app: &TestApp) {
    let stage = signed_in(app).await;
    let elsewhere = app.db_signed_in(&stage.ada).await;
    let code = stage.web.code(&elsewhere, &[("scope", "openid")]).await;
    let other = stage.web.redeem(&code).await.text("access_token");
    signs_out(&stage).await;
    assert!(stage.web.is_active(&other).await && !stage.access_lives().await);
}

/// `prompt=login` makes a new session in place of the old one. Clients know both as one, and logout ends both's tokens.
async fn signing_in_again_ends_nothing_and_keeps_the_name(app: &TestApp) {
    let stage = signed_in(app).await;
    let page = stage.browser.get(&stage.web.authorize_url(&[("scope", "openid"), ("prompt", "login")])).await;
    let after = stage.browser.sign_in_on(&page, &stage.ada).await;
    let page = stage.browser.get(after.location()).await;
    let again = stage.web.redeem(&stage.web.code_of(&stage.browser.allow(page).await)).await;
    let (first, _) = verified(app, &stage.tokens).await;
    let (second, _) = verified(app, &again).await;
    assert_eq!(first["sid"], second["sid"]);
    assert!(stage.access_lives().await, "nobody signed out");
    signs_out(&stage).await;
    assert!(!stage.access_lives().await && !stage.web.is_active(&again.text("access_token")).await);
}

async fn another_person_in_the_same_browser_ends_the_first_ones_session(app: &TestApp) {
    let stage = signed_in(app).await;
    let bob = app.db_user("bob").await;
    let page = stage.browser.get("/login?return_to=%2F").await;
    assert_eq!(stage.browser.sign_in_on(&page, &bob).await.status, 303);
    assert!(!stage.access_lives().await);
    let code = stage.web.code(&stage.browser, &[("scope", "openid")]).await;
    let (first, _) = verified(app, &stage.tokens).await;
    let (second, _) = verified(app, &stage.web.redeem(&code).await).await;
    assert_ne!(first["sid"], second["sid"], "another sign-in");
}

async fn every_way_to_end_a_session_ends_its_tokens(app: &TestApp) {
    for way in ["sessions", "others", "everywhere", "password", "disable", "api"] {
        let stage = signed_in(app).await;
        let elsewhere = app.db_signed_in(&stage.ada).await;
        let row = app.db_person(&stage.ada).await;
        match way {
            "sessions" => {
                let page = elsewhere.get("/account/sessions").await;
                let sid = page.attributes("button[name=session]", "value").remove(0);
                let form = page.sign_out_form();
                let form = Form { action: "/account/sessions/end".to_owned(), ..form };
                assert_eq!(elsewhere.post(form.with(&[("session", &sid)])).await.status, 303);
            }
            "others" => {
                let form = elsewhere.get("/account/sessions").await.sign_out_form();
                let form = Form { action: "/account/sessions/end-others".to_owned(), ..form };
                assert_eq!(elsewhere.post(form).await.status, 303);
            }
            "everywhere" => {
                let done = sign_out_everywhere(&app.app(), None, Actor::Operator, &row).await;
                assert_eq!(done.expect("the store answers"), 2);
            }
            "password" => app.db_set_password(&stage.ada, "another passphrase nobody guesses 17").await,
            "disable" => app.db_disable_user(&stage.ada).await,
            _ => {
                let (here, id) = (app.app(), row.id);
                let open = here.store.read(move |conn| sessions::not_ended(conn, id)).await.expect("rows");
                let ended = session::end(&here, &caller(), Actor::Operator, &row, &open[0].sid).await;
                assert!(ended.expect("the store answers"));
            }
        }
        assert!(!stage.access_lives().await, "{way}");
    }
}

/// Documented so: tokens have ends of their own, and nobody did anything.
async fn a_session_that_runs_out_ends_nothing(app: &TestApp) {
    app.restart_with(|config| config.sign_in.session_idle = 60).await;
    let stage = signed_in(app).await;
    app.wait(120);
    assert!(!stage.is_signed_in().await && stage.access_lives().await);
}

/// Signed out in one tab while the other one proves the person again: a new sign-in, by a new name.
async fn a_session_ended_meanwhile_does_not_live_on_under_its_name(app: &TestApp) {
    let stage = signed_in(app).await;
    let (here, ada) = (app.app(), app.db_person(&stage.ada).await);
    let cookie = stage.browser.session().expect("a session");
    let before = session::current(&here, &cookie).await.expect("an answer").expect("a session");
    signs_out(&stage).await;
    let new = sign_in::open(&here, &caller(), Some(&before), &ada, "pwd").await.expect("a session");
    let opened = session::current(&here, new.cookie.expose()).await.expect("an answer").expect("open");
    let (told, _) = verified(app, &stage.tokens).await;
    assert_ne!(json!(opened.session.known_as()), told["sid"]);
    assert_eq!(opened.session.root(), opened.session.id);
}

async fn a_code_does_not_outlive_its_session(app: &TestApp) {
    let stage = signed_in(app).await;
    let code = stage.web.code(&stage.browser, &[("scope", "openid")]).await;
    signs_out(&stage).await;
    assert_eq!(stage.web.redeem(&code).await.error(), "400 invalid_grant");
}

/// The operator's word gives it a refresh token; that is no word of the person's.
async fn a_refresh_without_offline_access_ends_too(app: &TestApp) {
    let stage = signed_in_with(app, relying_party(), "openid", |metadata| {
        metadata.refresh_without_offline_access = true;
    })
    .await;
    let tokens = Tokens::of(&stage.tokens);
    signs_out(&stage).await;
    assert_eq!(stage.web.refresh(&tokens.refresh).await.error(), "400 invalid_grant");
}

async fn what_is_known_of_clients_goes_with_the_session(app: &TestApp) {
    let stage = signed_in(app).await;
    for _ in 0..3 {
        let page = stage.browser.get(&stage.web.authorize_url(&[("scope", "openid"), ("prompt", "none")])).await;
        stage.web.code_of(&page);
    }
    assert_eq!(app.rows("session_clients"), 1, "once, however often it asks");
    signs_out(&stage).await;
    assert_eq!(app.rows("session_clients"), 0);
    signed_in(app).await;
    app.wait(7 * 24 * 3600 + 3601);
    app.db_sweep().await;
    assert_eq!(app.rows("session_clients"), 0, "a session that ran out");
}
