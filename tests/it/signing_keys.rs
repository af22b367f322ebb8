//! Keys that tokens are signed with: made once, published before they sign and after, the same on every node, and
//! given up at once when somebody else may have them.

use std::sync::Arc;

use grantor::app::App;
use grantor::app::signing_keys::load;
use grantor::app::start::start;
use grantor::crypto::jwt::{self, KeySet};
use grantor::crypto::own_tokens::Expiry;
use grantor::flows::audit::Actor;
use grantor::flows::housekeeping;
use grantor::flows::signing_keys::{How, SigningKeyState, list, make_missing, rotate};
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use grantor::store::signing_keys;
use serde_json::{Value, json};

use crate::support::{Database, TestApp, on_both};

on_both!(
    a_first_start_makes_one_key_an_algorithm,
    nodes_that_start_at_once_make_one_set,
    a_key_that_does_not_open_is_told_at_start,
    the_key_set_is_for_everybody_and_may_be_kept,
    a_new_key_is_published_before_it_signs_and_an_old_one_after,
    keys_rotated_every_two_seconds_fail_no_verification,
    the_schedule_rotates_once_over_all_nodes,
    withdrawn_keys_are_believed_by_nobody,
    an_emergency_reaches_back_to_the_first_key,
    keys_do_not_pile_up_without_end,
);

const ES256: [SigningAlgorithm; 1] = [SigningAlgorithm::Es256];

/// The key set as anybody gets it.
async fn published(app: &TestApp) -> Vec<Value> {
    app.get("/oauth/jwks.json").await.json()["keys"].as_array().expect("keys").clone()
}

async fn set(app: &TestApp) -> KeySet {
    KeySet::parse(&app.get("/oauth/jwks.json").await.body).expect("a key set")
}

fn kid(app: &App) -> String {
    app.keys.signing(SigningAlgorithm::Es256).expect("a key").kid().to_owned()
}

fn token(app: &App) -> String {
    let claims = json!({ "sub": "ada", "exp": app.clock.now() + 60 });
    app.keys.signing(SigningAlgorithm::Es256).expect("a key").sign("JWT", &claims).expect("a token")
}

/// State of every key of the algorithm, newest first.
async fn states(app: &TestApp, algorithm: &str) -> Vec<SigningKeyState> {
    let all = list(&app.app()).await.expect("the store answers");
    all.into_iter().filter(|key| key.algorithm == algorithm).map(|key| key.state).collect()
}

async fn rotated(app: &App, how: How) -> String {
    let made = rotate(app, None, Actor::Operator, &ES256, how).await;
    made.unwrap_or_else(|failure| panic!("{failure}")).remove(0).kid
}

/// Another node on the same database; on SQLite there is only one.
async fn other_node(app: &TestApp) -> Arc<App> {
    match app.database {
        Database::Sqlite => app.app(),
        Database::Postgres => start(app.app().config.clone(), app.clock.clone()).await.expect("a second node").app,
    }
}

fn number(seconds: i64) -> u64 {
    seconds.unsigned_abs()
}

async fn a_first_start_makes_one_key_an_algorithm(app: &TestApp) {
    app.db_no_signing_keys().await;
    assert_eq!(published(app).await, [Value::Null; 0]);
    assert!(app.app().keys.signing(SigningAlgorithm::Es256).is_none());
    make_missing(&app.app()).await.expect("keys are made");
    let told = published(app).await;
    let mut algorithms: Vec<&str> = told.iter().filter_map(|key| key["alg"].as_str()).collect();
    algorithms.sort_unstable();
    assert_eq!(algorithms, ["ES256", "EdDSA", "PS256", "RS256"]);
    for algorithm in SigningAlgorithm::ALL {
        let key = app.app().keys.signing(algorithm).expect("a key");
        let signed = key.sign("JWT", &json!({ "sub": "ada" })).expect("a token");
        assert_eq!(jwt::verify(&signed, &set(app).await).expect("claims")["sub"], "ada");
    }
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| event.contains("key.create")).count(), 4, "{events:?}");
    make_missing(&app.app()).await.expect("nothing is missing");
    assert_eq!(app.rows("signing_keys"), 4);
    let before = published(app).await;
    app.restart().await;
    assert_eq!(published(app).await, before, "sealed, and opened again");
    // What is sealed opens nothing by itself: neither a number nor a seed of a key stands in the database.
    assert!(!app.dump().contains("PRIVATE") && told.iter().all(|key| key.get("d").is_none() && key.get("p").is_none()));
}

async fn nodes_that_start_at_once_make_one_set(app: &TestApp) {
    app.db_no_signing_keys().await;
    let other = other_node(app).await;
    let here = app.app();
    let (one, two) = tokio::join!(make_missing(&here), make_missing(&other));
    one.expect("keys are made");
    two.expect("keys are made");
    assert_eq!(app.rows("signing_keys"), 4);
    housekeeping::sweep(&here).await.expect("the store answers");
    housekeeping::sweep(&other).await.expect("the store answers");
    assert_eq!(kid(&here), kid(&other));
    assert_eq!(here.keys.published().etag, other.keys.published().etag);
    if app.database == Database::Postgres {
        other.store.close().await;
    }
}

async fn a_key_that_does_not_open_is_told_at_start(app: &TestApp) {
    // Sealed for its own row: another key's private part in its place is noticed.
    app.db_batch(
        "UPDATE signing_keys SET sealed = (SELECT sealed FROM signing_keys WHERE algorithm = 'EdDSA') \
         WHERE algorithm = 'ES256'",
    );
    let here = app.app();
    let refused = load(&here.store, &here.keys.master, app.now()).await.err().expect("a refusal").to_string();
    assert_eq!(refused, "master key: signing key demo-ES256 (ES256) does not open");
    if app.database == Database::Postgres {
        let second = start(here.config.clone(), app.clock.clone()).await.err().expect("no start");
        assert_eq!(second.to_string(), refused);
    }
    app.db_sweep().await;
    assert_eq!(kid(&here), "demo-ES256", "whoever runs goes on");
}

/// RFC 7517 section 5; A09: caches, ETag, and scripts of any site.
async fn the_key_set_is_for_everybody_and_may_be_kept(app: &TestApp) {
    let answer = app.get("/oauth/jwks.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=3600"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!((answer.header("access-control-allow-credentials"), answer.header("set-cookie")), (None, None));
    let tag = answer.header("etag").expect("a tag").to_owned();
    let ask = |tag: &str| app.shared.http.get(app.shared.url("/oauth/jwks.json")).header("If-None-Match", tag);
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let again = app.shared.send(ask(&known)).await;
        assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", Some(tag.as_str())), "{known}");
        assert_eq!(again.header("cache-control"), Some("public, max-age=3600"));
    }
    assert_eq!(app.shared.send(ask("\"x\"")).await.status, 200);
    let head = app.shared.send(app.shared.http.head(app.shared.url("/oauth/jwks.json"))).await;
    assert_eq!((head.status, head.body.as_str(), head.header("etag")), (200, "", Some(tag.as_str())));
    let post = app.shared.send(app.shared.http.post(app.shared.url("/oauth/jwks.json"))).await;
    assert_eq!((post.status, post.header("allow")), (405, Some("GET, HEAD")));
    rotated(&app.app(), How::Ahead).await;
    assert_eq!(app.shared.send(ask(&tag)).await.status, 200, "another set, another tag");
}

/// DECISIONS: publish before use, keep after, the private part erased, the public part for hints.
async fn a_new_key_is_published_before_it_signs_and_an_old_one_after(app: &TestApp) {
    use SigningKeyState as S;
    let here = app.app();
    let signed = token(&here);
    let new = rotated(&here, How::Ahead).await;
    let names = async || -> Vec<String> {
        let all = published(app).await.into_iter().filter(|key| key["alg"] == "ES256");
        all.map(|key| key["kid"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names().await, ["demo-ES256".to_owned(), new.clone()], "the one that signs comes first");
    assert_eq!(states(app, "ES256").await, [S::Published, S::Signing]);
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| event.contains("key.rotate")).count(), 1, "{events:?}");

    app.wait(number(here.config.keys.publish_ahead) - 1);
    app.db_sweep().await;
    assert_eq!(kid(&here), "demo-ES256");
    app.wait(1);
    assert_eq!(kid(&here), new, "at its second, without a look at the database");
    app.db_sweep().await;
    assert_eq!(states(app, "ES256").await, [S::Signing, S::Kept]);
    assert_eq!(names().await, [new.clone(), "demo-ES256".to_owned()]);
    assert_eq!(jwt::verify(&signed, &set(app).await).expect("claims")["sub"], "ada");

    // Another node may sign with the old key for a few minutes more.
    app.wait(600);
    app.db_sweep().await;
    assert_eq!(sealed(app).await, 5);
    app.wait(1);
    app.db_sweep().await;
    assert_eq!(sealed(app).await, 4, "the private part is gone");

    app.wait(30 * 86_400 - 2);
    app.db_sweep().await;
    assert_eq!(names().await.len(), 2, "a token of thirty days is still good");
    app.wait(1);
    app.db_sweep().await;
    assert_eq!((names().await, states(app, "ES256").await), (vec![new], vec![S::Signing, S::Erased]));
    let hint = here.keys.verify_own(&signed, "JWT", Expiry::Ignored).expect("a hint");
    assert_eq!(hint["sub"], "ada", "long after its end and its key's");
    assert!(here.keys.verify_own(&signed, "JWT", Expiry::Judged(app.now())).is_err());
    assert!(here.keys.verify_own(&signed, "at+jwt", Expiry::Ignored).is_err());
}

/// How many keys have a private part.
async fn sealed(app: &TestApp) -> usize {
    let rows = app.app().store.read(signing_keys::list).await.expect("the store answers");
    rows.iter().filter(|row| row.sealed.is_some()).count()
}

/// A relying party keeps the set as long as it may; nodes look at the database once a minute; every second a token is
/// signed at one of them and every token of the last minute verifies.
async fn keys_rotated_every_two_seconds_fail_no_verification(app: &TestApp) {
    const MAX_AGE: i64 = 5;
    app.restart_with(|config| (config.keys.jwks_max_age, config.keys.publish_ahead) = (MAX_AGE, MAX_AGE + 60)).await;
    let (here, other) = (app.app(), other_node(app).await);
    let (mut kept, mut kids, mut tokens) = (set(app).await, std::collections::BTreeSet::new(), Vec::new());
    for second in 0..150 {
        if second % 2 == 0 {
            rotated(&here, How::Ahead).await;
        }
        // Half a minute after each other.
        if second % 60 == 29 {
            housekeeping::sweep(&here).await.expect("the store answers");
        }
        if second % 60 == 59 {
            housekeeping::sweep(&other).await.expect("the store answers");
        }
        if second % MAX_AGE == 0 {
            // The set as the node that is furthest behind has it.
            kept = KeySet::parse(&other.keys.published().body).expect("a key set");
        }
        tokens.push(token(if second % 3 == 0 { &here } else { &other }));
        kids.insert(kid(&other));
        for signed in tokens.iter().rev().take(60) {
            jwt::verify(signed, &kept).unwrap_or_else(|refusal| panic!("second {second}: {refusal}"));
        }
        app.wait(1);
    }
    assert!(kids.len() > 20, "{}", kids.len());
    if app.database == Database::Postgres {
        other.store.close().await;
    }
}

async fn the_schedule_rotates_once_over_all_nodes(app: &TestApp) {
    use SigningKeyState as S;
    const WEEK: i64 = 7 * 86_400;
    // RSA keys take their time and nothing else.
    app.db_batch("DELETE FROM signing_keys WHERE algorithm IN ('RS256', 'PS256')");
    app.restart_with(|config| config.keys.rotation_interval = WEEK).await;
    let (here, other) = (app.app(), other_node(app).await);
    app.wait(number(WEEK - here.config.keys.publish_ahead) - 1);
    app.db_sweep().await;
    assert_eq!(states(app, "ES256").await, [S::Signing]);
    app.wait(1);
    let (one, two) = tokio::join!(housekeeping::sweep(&here), housekeeping::sweep(&other));
    one.expect("the store answers");
    two.expect("the store answers");
    for algorithm in ["ES256", "EdDSA"] {
        app.db_sweep().await;
        assert_eq!(states(app, algorithm).await, [S::Published, S::Signing], "{algorithm}");
    }
    assert_eq!(app.rows("signing_keys"), 4);
    let all = list(&here).await.expect("the store answers");
    let begins = all.iter().map(|key| key.created_at).min().expect("keys") + WEEK;
    for key in &all {
        let next = if key.state == S::Signing { begins } else { begins + WEEK };
        assert_eq!(key.next_rotation, Some(next), "{key:?}");
    }
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| event.contains("key.rotate")).count(), 2, "{events:?}");
    if app.database == Database::Postgres {
        other.store.close().await;
    }
}

/// A compromise: the new key signs at once; nothing the others signed, or will sign, is believed.
async fn withdrawn_keys_are_believed_by_nobody(app: &TestApp) {
    use SigningKeyState as S;
    let here = app.app();
    let (stolen, before) = (token(&here), set(app).await);
    rotated(&here, How::Ahead).await;
    let new = rotated(&here, How::AtOnce).await;
    assert_eq!((kid(&here), states(app, "ES256").await), (new.clone(), vec![S::Signing, S::Withdrawn, S::Withdrawn]));
    assert!(jwt::verify(&stolen, &before).is_ok(), "the control");
    assert!(jwt::verify(&stolen, &set(app).await).is_err());
    assert!(here.keys.verify_own(&stolen, "JWT", Expiry::Ignored).is_err(), "not even as a hint");
    assert!(jwt::verify(&token(&here), &set(app).await).is_ok());
    assert_eq!((sealed(app).await, published(app).await.len()), (4, 4), "other algorithms stay as they are");
    app.wait(number(here.config.keys.publish_ahead) + 1);
    app.db_sweep().await;
    assert_eq!(kid(&here), new, "the one that waited never signs");
    drop(here);
    app.restart().await;
    assert_eq!(kid(&app.app()), new);
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| event.contains("key.rotate")).count(), 2, "{events:?}");
}

/// Whoever stole a key may have done so long before it was noticed: what left the key set is withdrawn too.
async fn an_emergency_reaches_back_to_the_first_key(app: &TestApp) {
    use SigningKeyState as S;
    let (here, other) = (app.app(), other_node(app).await);
    let forged = token(&here);
    rotated(&here, How::Ahead).await;
    app.wait(number(here.config.keys.publish_ahead) + 31 * 86_400);
    for node in [&here, &other] {
        housekeeping::sweep(node).await.expect("the store answers");
        assert!(node.keys.verify_own(&forged, "JWT", Expiry::Ignored).is_ok(), "a hint, until then");
    }
    assert_eq!(states(app, "ES256").await, [S::Signing, S::Erased]);
    let left: Vec<_> = list(&here).await.expect("the store answers").iter().map(|key| key.published_until).collect();
    rotated(&here, How::AtOnce).await;
    assert_eq!(states(app, "ES256").await, [S::Signing, S::Withdrawn, S::Withdrawn]);
    housekeeping::sweep(&other).await.expect("the store answers");
    for node in [&here, &other] {
        assert!(node.keys.verify_own(&forged, "JWT", Expiry::Ignored).is_err());
    }
    let all = list(&here).await.expect("the store answers");
    assert!(left.iter().flatten().all(|left| all.iter().any(|key| key.published_until == Some(*left))), "as it was");
    rotated(&here, How::AtOnce).await;
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| event.contains("key.rotate")).count(), 3, "{events:?}");
    if app.database == Database::Postgres {
        other.store.close().await;
    }
}

async fn keys_do_not_pile_up_without_end(app: &TestApp) {
    for _ in 0..40 {
        rotated(&app.app(), How::Ahead).await;
    }
    let refused = rotate(&app.app(), None, Actor::Operator, &ES256, How::Ahead).await.expect_err("too many");
    assert!(refused.to_string().contains("40 keys of this algorithm wait"), "{refused}");
    assert_eq!(app.rows("signing_keys"), 44);
    rotated(&app.app(), How::AtOnce).await;
    assert_eq!(published(app).await.len(), 4, "an emergency is never refused");
}
