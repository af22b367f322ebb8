//! Clients whose challenge or nonce is always the same (RFC 9700 section 2.1.1).

use crate::support::relying_party::s256;
use crate::support::{Browser, RelyingParty, TestApp, on_both};

on_both!(
    a_challenge_of_many_requests_is_on_the_record_once,
    a_nonce_of_many_requests_is_on_the_record_once,
    a_request_loaded_again_and_again_is_one_request,
    a_client_that_draws_its_values_is_never_on_the_record,
);

async fn warnings(app: &TestApp) -> Vec<String> {
    app.db_events().await.into_iter().filter(|event| event.ends_with(".reused")).collect()
}

async fn authorize(party: &RelyingParty, browser: &Browser, changes: &[(&str, &str)]) {
    party.code(browser, changes).await;
}

/// A28: by consent and silently, for several people, each client on its own.
async fn a_challenge_of_many_requests_is_on_the_record_once(app: &TestApp) {
    let (web, spa) = (app.db_web_client().await, app.db_public_client().await);
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let (adas, bobs) = (app.db_signed_in(&ada).await, app.db_signed_in(&bob).await);
    let same = web.challenge();
    for (number, browser) in [&adas, &adas, &bobs, &bobs].into_iter().enumerate() {
        authorize(&web, browser, &[("state", &number.to_string())]).await;
        authorize(&spa, browser, &[("state", &number.to_string()), ("code_challenge", &same)]).await;
    }
    assert!(warnings(app).await.is_empty(), "four");
    for number in 4..12 {
        authorize(&web, &adas, &[("state", &number.to_string())]).await;
        assert_eq!(warnings(app).await, ["code_challenge.reused"], "{number}");
    }
    let row = app.db_audit().await.into_iter().find(|row| row.event == "code_challenge.reused").expect("it is there");
    assert_eq!(
        (row.target_kind.as_str(), row.target_label.as_str(), row.actor_label.as_str()),
        ("client", "Web", "Web")
    );
    assert_eq!(row.data, r#"{"requests":5}"#, "the challenge itself is nobody's business");
    authorize(&spa, &adas, &[("state", "4"), ("code_challenge", &same)]).await;
    assert_eq!(warnings(app).await.len(), 2, "the other client has its own row");
}

/// A28.
async fn a_nonce_of_many_requests_is_on_the_record_once(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    for number in 0..8 {
        let challenge = s256(&format!("verifier {number}"));
        authorize(&web, &browser, &[("nonce", "n-0S6_WzA2Mj"), ("code_challenge", &challenge)]).await;
        let expected: &[&str] = if number < 4 { &[] } else { &["nonce.reused"] };
        assert_eq!(warnings(app).await, expected, "{number}");
    }
}

/// A28: with one answer each time, but one request; in another session it is another one.
async fn a_request_loaded_again_and_again_is_one_request(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    for _ in 0..10 {
        authorize(&web, &browser, &[]).await;
    }
    assert_eq!((app.rows("grants"), warnings(app).await.len()), (10, 0));
    for _ in 0..4 {
        authorize(&web, &app.db_signed_in(&ada).await, &[]).await;
    }
    assert_eq!(warnings(app).await, ["code_challenge.reused"]);
}

/// A28: without either value there is nothing to say, and a request that is refused says nothing.
async fn a_client_that_draws_its_values_is_never_on_the_record(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    for number in 0..10 {
        let (challenge, nonce) = (s256(&format!("verifier {number}")), format!("nonce {number}"));
        authorize(&web, &browser, &[("code_challenge", &challenge), ("nonce", &nonce), ("state", "same")]).await;
        let denied = browser.get(&web.authorize_url(&[("scope", "team:read"), ("state", &nonce)])).await;
        browser.submit(&denied, "consent-deny", &[]).await;
    }
    assert!(warnings(app).await.is_empty());
}
