//! OpenID Connect Back-Channel Logout 1.0: clients are told by the server, whatever becomes of the browser.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use grantor::app::start::start;
use grantor::crypto::jwt::{self, KeySet};
use grantor::flows::audit::Actor;
use grantor::flows::logout::deliver;
use grantor::flows::people::status::delete;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use grantor::store::logout_tokens::{self, LogoutTokenRow};
use serde_json::{Value, json};

use super::super::{part, relying_party, verified};
use super::{BACK, Stage, signed_in_with};
use crate::support::receiver::{Receiver, Says};
use crate::support::{Database, TestApp, on_both};

on_both!(
    oidcc_backchannel_logout_discovery_endpoint_verification,
    oidcc_backchannel_rp_initiated_logout,
    a_token_is_signed_as_the_clients_id_tokens_are,
    every_client_of_the_session_is_told_and_no_other,
    a_person_signed_out_everywhere_is_told_once_or_by_session,
    the_sid_of_a_proof_given_again_is_the_one_that_is_told,
    a_double_logout_sends_one_token,
    of_many_nodes_one_sends_a_token,
    a_client_that_fails_is_tried_ever_more_rarely_and_given_up_after_a_day,
    a_client_that_hangs_holds_up_nobody,
    however_many_tokens_wait_for_one_client_the_others_are_told,
    another_person_in_the_browser_signs_the_first_one_out_everywhere_they_were,
    nothing_private_is_called_and_nothing_followed,
    a_deleted_person_is_signed_out_by_the_name_clients_know,
    a_client_that_takes_no_tokens_any_more_gets_none,
);

/// What is queued, oldest first.
pub async fn queued(app: &TestApp) -> Vec<LogoutTokenRow> {
    let mut rows = app.app().store.read(|conn| logout_tokens::newest(conn, 100)).await.expect("rows");
    rows.reverse();
    rows
}

/// One look at the queue; the count of clients told.
pub async fn deliver(app: &TestApp) -> usize {
    deliver::round(&app.app()).await.expect("the store answers")
}

async fn signs_out(stage: &Stage) {
    let asked = [("id_token_hint", &*stage.id_token()), ("post_logout_redirect_uri", BACK)];
    assert_eq!(stage.logout(&asked).await.location(), BACK);
}

async fn stage_of(app: &TestApp, url: &str, session: bool) -> Stage {
    let url = url.to_owned();
    signed_in_with(app, relying_party(), "openid", |metadata| {
        metadata.backchannel_logout_uri = Some(url);
        metadata.backchannel_logout_session_required = session;
    })
    .await
}

/// The claims of a logout token, its signature checked against the published keys.
pub async fn claims_of(app: &TestApp, token: &str) -> Value {
    let keys = KeySet::parse(&app.get("/oauth/jwks.json").await.body).expect("a key set");
    let signed = jwt::verify_of_kind(token, &keys, &["logout+jwt"]).unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(part(token, 0)["typ"], "logout+jwt");
    Value::Object(signed.claims)
}

/// `oidcc-backchannel-logout-discovery-endpoint-verification`.
async fn oidcc_backchannel_logout_discovery_endpoint_verification(app: &TestApp) {
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["backchannel_logout_supported"], json!(true));
    assert_eq!(document["backchannel_logout_session_supported"], json!(true));
}

/// `oidcc-backchannel-rp-initiated-logout`: every claim, section 2.4.
async fn oidcc_backchannel_rp_initiated_logout(app: &TestApp) {
    app.as_dev().await;
    let receiver = Receiver::start().await;
    let stage = stage_of(app, &receiver.url, true).await;
    let (told, _) = verified(app, &stage.tokens).await;
    signs_out(&stage).await;
    assert!(receiver.got().is_empty(), "no request waits for a client");
    assert_eq!((deliver(app).await, deliver(app).await), (1, 0));
    let request = receiver.got().remove(0);
    assert!(request.starts_with("POST /signed-out HTTP/1.1\r\n"), "{request}");
    assert!(request.to_ascii_lowercase().contains("content-type: application/x-www-form-urlencoded"), "{request}");
    let mut claims = claims_of(app, &receiver.tokens()[0]).await;
    let jti = claims["jti"].take();
    assert!(jti.as_str().is_some_and(|jti| jti.len() >= 20), "{jti}");
    let now = app.now();
    let expected = json!({
        "iss": app.issuer(), "sub": stage.ada.row.sub, "aud": stage.web.client_id, "iat": now, "exp": now + 120,
        "jti": null, "events": { "http://schemas.openid.net/event/backchannel-logout": {} }, "sid": told["sid"],
    });
    assert_eq!(claims, expected, "and no nonce");
    let row = queued(app).await.remove(0);
    assert_eq!((row.sent_at, row.attempts, row.next_attempt_at), (Some(now), 1, None));
}

async fn a_token_is_signed_as_the_clients_id_tokens_are(app: &TestApp) {
    app.as_dev().await;
    let receiver = Receiver::start().await;
    for algorithm in SigningAlgorithm::ALL {
        let stage = stage_of(app, &receiver.url, false).await;
        app.db_metadata(&stage.web, |metadata| metadata.id_token_signed_response_alg = Some(algorithm)).await;
        signs_out(&stage).await;
        receiver.now(Says::Status(204));
        assert_eq!(deliver(app).await, 1, "204 is as good as 200");
        let token = receiver.tokens().pop().expect("a token");
        assert_eq!(part(&token, 0)["alg"], algorithm.as_str());
        assert!(claims_of(app, &token).await.get("sid").is_none(), "not asked for");
    }
}

async fn every_client_of_the_session_is_told_and_no_other(app: &TestApp) {
    app.as_dev().await;
    let (first, second, other) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let stage = stage_of(app, &first.url, true).await;
    for (receiver, browser) in [(&second, &stage.browser), (&other, &app.db_signed_in(&stage.ada).await)] {
        let party = app.db_client(relying_party()).await;
        app.db_metadata(&party, |metadata| metadata.backchannel_logout_uri = Some(receiver.url.clone())).await;
        party.code(browser, &[("scope", "openid")]).await;
    }
    let plain = app.db_client(relying_party()).await;
    app.db_metadata(&plain, |metadata| metadata.backchannel_logout_uri = Some(other.url.clone())).await;
    plain.code(&stage.browser, &[("scope", "org:read")]).await;
    signs_out(&stage).await;
    assert_eq!(deliver(app).await, 2);
    assert_eq!([first.got().len(), second.got().len(), other.got().len()], [1, 1, 0]);
}

/// Who does not tell sessions apart ends all of the person's at the first word.
async fn a_person_signed_out_everywhere_is_told_once_or_by_session(app: &TestApp) {
    app.as_dev().await;
    for (session, tokens) in [(false, 1), (true, 3)] {
        let receiver = Receiver::start().await;
        let stage = stage_of(app, &receiver.url, session).await;
        for _ in 0..2 {
            let browser = app.db_signed_in(&stage.ada).await;
            stage.web.code(&browser, &[("scope", "openid")]).await;
        }
        app.db_set_password(&stage.ada, "another passphrase nobody guesses 17").await;
        assert_eq!(deliver(app).await, tokens);
        let mut sids = BTreeSet::new();
        for token in receiver.tokens() {
            sids.insert(claims_of(app, &token).await["sid"].to_string());
        }
        assert_eq!(sids.len(), tokens);
    }
}

async fn the_sid_of_a_proof_given_again_is_the_one_that_is_told(app: &TestApp) {
    app.as_dev().await;
    let receiver = Receiver::start().await;
    let stage = stage_of(app, &receiver.url, true).await;
    let (told, _) = verified(app, &stage.tokens).await;
    let page = stage.browser.get("/login?return_to=%2F").await;
    assert_eq!(stage.browser.sign_in_on(&page, &stage.ada).await.status, 303);
    assert!(queued(app).await.is_empty(), "nobody signed out");
    signs_out(&stage).await;
    assert_eq!(deliver(app).await, 1);
    assert_eq!(claims_of(app, &receiver.tokens()[0]).await["sid"], told["sid"]);
}

async fn a_double_logout_sends_one_token(app: &TestApp) {
    let stage = stage_of(app, "https://rp.example/out", true).await;
    let page = stage.browser.get("/logout").await;
    let tabs: Vec<_> = (0..8).map(|_| stage.browser.cloned()).collect();
    join_all(tabs.iter().map(|tab| tab.submit(&page, "logout-confirm", &[]))).await;
    signs_out(&stage).await;
    assert_eq!(queued(app).await.len(), 1);
    assert_eq!(app.db_events().await.iter().filter(|event| *event == "session.end").count(), 1);
}

async fn of_many_nodes_one_sends_a_token(app: &TestApp) {
    app.as_dev().await;
    let receiver = Receiver::start().await;
    for _ in 0..6 {
        let stage = stage_of(app, &receiver.url, true).await;
        signs_out(&stage).await;
    }
    let here = app.app();
    let other = match app.database {
        // A second node; SQLite has one only, whose rounds stand in for it.
        Database::Postgres => start(here.config.clone(), app.clock.clone()).await.expect("a second node").app,
        Database::Sqlite => app.app(),
    };
    let rounds = (0..6).map(|number| deliver::round(if number % 2 == 0 { &here } else { &other }));
    let sent: usize = join_all(rounds).await.into_iter().map(|sent| sent.expect("the store answers")).sum();
    assert_eq!((sent, receiver.got().len()), (6, 6));
    if app.database == Database::Postgres {
        other.store.close().await;
    }
}

/// Section 2.8: each attempt has a young token with a name of its own; in the end an administrator sees it.
async fn a_client_that_fails_is_tried_ever_more_rarely_and_given_up_after_a_day(app: &TestApp) {
    app.as_dev().await;
    let receiver = Receiver::start().await;
    let stage = stage_of(app, &receiver.url, true).await;
    signs_out(&stage).await;
    let mut attempts = Vec::new();
    let mut wait = 0;
    for says in [Says::Status(500), Says::Status(400), Says::Status(302), Says::Status(202), Says::TenMegabytes] {
        receiver.now(says);
        app.wait(wait);
        assert_eq!(deliver(app).await, 0, "{says:?}");
        let row = queued(app).await.remove(0);
        let next = row.next_attempt_at.expect("again");
        attempts.push(next - app.now());
        wait = u64::try_from(next - app.now()).expect("later");
    }
    assert_eq!(attempts, [30, 60, 120, 240, 480]);
    let names: BTreeSet<String> = receiver.tokens().iter().map(|token| part(token, 1)["jti"].to_string()).collect();
    assert_eq!(names.len(), receiver.got().len());
    let young = part(&receiver.tokens()[4], 1);
    assert!(young["iat"].as_i64().expect("iat") > part(&receiver.tokens()[0], 1)["iat"].as_i64().expect("iat"));
    app.wait(24 * 3600);
    assert_eq!(deliver(app).await, 0);
    let row = queued(app).await.remove(0);
    assert!(row.failed_at.is_some() && row.next_attempt_at.is_none());
    assert!(app.db_events().await.contains(&"logout.untold".to_owned()));
    assert!(app.log().contains("a client is not told of a logout: given up"));
    let findings = grantor::flows::examine::examine(&app.app()).await.expect("findings");
    let found = findings.iter().find(|finding| finding.about == "logout").expect("a finding");
    assert!(found.says.starts_with("1 were given up since yesterday"), "{}", found.says);
    app.wait(7 * 24 * 3600);
    app.db_sweep().await;
    assert!(queued(app).await.is_empty());
}

/// Neither the person nor another client waits for it.
async fn a_client_that_hangs_holds_up_nobody(app: &TestApp) {
    app.as_dev().await;
    let (hanging, good) = (Receiver::start().await, Receiver::start().await);
    hanging.now(Says::Nothing);
    let stage = stage_of(app, &hanging.url, true).await;
    signs_out(&stage).await;
    let browser = app.db_signed_in(&stage.ada).await;
    stage.web.code(&browser, &[("scope", "openid")]).await;
    assert_eq!(deliver(app).await, 0, "the first attempt, cut short");
    let form = browser.get("/logout").await.form("logout-confirm");
    assert_eq!(browser.post(form).await.status, 303);
    let other = stage_of(app, &good.url, true).await;
    signs_out(&other).await;
    assert_eq!((deliver(app).await, good.got().len()), (1, 1));
    app.wait(10);
    assert_eq!(deliver(app).await, 0);
    let rows = queued(app).await;
    assert_eq!(rows[0].last_error.as_deref(), Some("no answer within 5 seconds"));
    assert!(rows[0].next_attempt_at > Some(app.now()), "left alone for a while");
}

/// Two hundred older ones, for a client that is dead, slow, refuses everything, or takes none any more.
async fn however_many_tokens_wait_for_one_client_the_others_are_told(app: &TestApp) {
    app.as_dev().await;
    for (says, most) in [(Says::Nothing, 4), (Says::Slowly, 4), (Says::Status(400), 12), (Says::Status(500), 12)] {
        let (bad, good) = (Receiver::start().await, Receiver::start().await);
        bad.now(says);
        let (busy, other) = (stage_of(app, &bad.url, true).await, stage_of(app, &good.url, true).await);
        signs_out(&busy).await;
        let row = queued(app).await.pop().expect("a row");
        let store = app.app().store.clone();
        let more = (0..200).map(|_| LogoutTokenRow { id: store.next_id().expect("an id"), ..row.clone() });
        let more: Vec<LogoutTokenRow> = more.collect();
        let written =
            store.write(move |write| more.iter().try_for_each(|row| logout_tokens::insert(write, row).map(drop)));
        written.await.expect("the store answers");
        signs_out(&other).await;
        let told = deliver(app).await;
        let slow = if says == Says::Slowly { bad.got().len() } else { 0 };
        assert_eq!((told, good.got().len()), (slow + 1, 1), "{says:?}");
        assert!(bad.got().len() <= most, "{says:?}: left alone after {}", bad.got().len());
        signs_out(&stage_of(app, &good.url, true).await).await;
        assert_eq!((deliver(app).await, good.got().len()), (1, 2), "{says:?}: nor in the next round");
        app.db_batch("DELETE FROM logout_tokens");
    }
}

/// And so does the end of an account.
async fn another_person_in_the_browser_signs_the_first_one_out_everywhere_they_were(app: &TestApp) {
    app.as_dev().await;
    for way in ["another person", "disabled"] {
        let receiver = Receiver::start().await;
        let stage = stage_of(app, &receiver.url, true).await;
        let (told, _) = verified(app, &stage.tokens).await;
        match way {
            "disabled" => app.db_disable_user(&stage.ada).await,
            _ => {
                let bob = app.db_user("bob").await;
                let page = stage.browser.get("/login?return_to=%2F").await;
                assert_eq!(stage.browser.sign_in_on(&page, &bob).await.status, 303);
            }
        }
        assert_eq!((deliver(app).await, receiver.got().len()), (1, 1), "{way}");
        let claims = claims_of(app, &receiver.tokens()[0]).await;
        assert_eq!((&claims["sid"], &claims["sub"]), (&told["sid"], &json!(stage.ada.row.sub)), "{way}");
    }
}

/// C71, A60.
async fn nothing_private_is_called_and_nothing_followed(app: &TestApp) {
    let receiver = Receiver::start().await;
    for url in [&*receiver.url, "https://127.0.0.1/out", "https://10.0.0.1/", "https://[::1]/", "http://rp.example/"] {
        let stage = stage_of(app, url, true).await;
        signs_out(&stage).await;
        assert_eq!(deliver(app).await, 0);
        let row = queued(app).await.pop().expect("a row");
        assert!(
            row.failed_at.is_some() && row.last_error.is_some_and(|error| error.contains("may not be called")),
            "{url}"
        );
    }
    assert!(receiver.got().is_empty());
    app.as_dev().await;
    let inside = Receiver::start().await;
    receiver.now(Says::Elsewhere(String::leak(inside.url.clone())));
    let stage = stage_of(app, &receiver.url, true).await;
    signs_out(&stage).await;
    assert_eq!((deliver(app).await, receiver.got().len(), inside.got().len()), (0, 1, 0), "a redirect is a refusal");
}

async fn a_deleted_person_is_signed_out_by_the_name_clients_know(app: &TestApp) {
    app.as_dev().await;
    let receiver = Receiver::start().await;
    let stage = stage_of(app, &receiver.url, true).await;
    let row = app.db_person(&stage.ada).await;
    let deleted = delete(&app.app(), None, Actor::Operator, &row).await;
    assert!(deleted.expect("the store answers"));
    assert_eq!(deliver(app).await, 1);
    assert_eq!(claims_of(app, &receiver.tokens()[0]).await["sub"], json!(stage.ada.row.sub));
}

async fn a_client_that_takes_no_tokens_any_more_gets_none(app: &TestApp) {
    app.as_dev().await;
    let receiver = Receiver::start().await;
    let off = stage_of(app, &receiver.url, true).await;
    app.db_disable_client(&off.web).await;
    let page = off.browser.get("/logout").await;
    off.browser.submit(&page, "logout-confirm", &[]).await;
    assert!(queued(app).await.is_empty(), "switched off");
    let changed = stage_of(app, &receiver.url, true).await;
    signs_out(&changed).await;
    app.db_metadata(&changed.web, |metadata| metadata.backchannel_logout_uri = None).await;
    assert_eq!((deliver(app).await, receiver.got().len()), (0, 0));
    assert!(queued(app).await[0].failed_at.is_some());
}
