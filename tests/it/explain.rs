//! Refusals that explain themselves: a reference for everybody, the detail for whoever runs the server.

use std::time::Duration;

use grantor::flows::explain::{Explanation, explain, recent};

use crate::seen::at_client;
use crate::support::relying_party::By;
use crate::support::{TestApp, on_both};

on_both!(
    a_page_shows_a_reference_and_the_operator_reads_the_rest,
    the_wire_has_the_same_reference,
    a_redirect_carries_the_reference_too,
    a_development_server_shows_the_detail_itself,
    the_record_is_a_ring_of_fixed_size,
    one_address_cannot_fill_the_record,
    what_nobody_got_wrong_is_not_recorded,
);

/// The refusal, once it is written off the request path.
async fn explained(app: &TestApp, reference: &str) -> Option<Explanation> {
    for _ in 0..6000 {
        if let Some(found) = explain(&app.app(), reference).await.expect("the store answers") {
            return Some(found);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    None
}

async fn a_page_shows_a_reference_and_the_operator_reads_the_rest(app: &TestApp) {
    let web = app.db_web_client().await;
    let page = app.browser().get(&web.authorize_url(&[("redirect_uri", "https://client.example/cb/?secret=1")])).await;
    for kept_back in ["client.example/cb", "trailing", "redirect_uri_not_registered", "secret"] {
        assert!(!page.body.contains(kept_back), "{kept_back} is for the operator");
    }
    assert_eq!(page.words(".command"), format!("grantor explain {}", page.error_reference()));
    let found = explained(app, &format!(" {} ", page.error_reference())).await.expect("the store answers");
    assert_eq!(
        (found.endpoint.as_str(), found.code.as_str(), found.description.as_str(), found.at, found.address.as_str()),
        ("authorize", "invalid_request", "redirect_uri is not registered for this client", app.now(), "127.0.0.1")
    );
    assert_eq!(found.client_id.as_deref(), Some(web.client_id.as_str()));
    assert_eq!(found.detail["rule"], "redirect_uri_not_registered");
    assert_eq!(found.detail["received"], "https://client.example/cb/?\u{2026}", "the query may hold secrets");
    assert_eq!(found.detail["expected"], "https://client.example/cb");
    assert_eq!(found.reference, page.error_reference());
}

async fn the_wire_has_the_same_reference(app: &TestApp) {
    let web = app.db_web_client().await;
    let answer = web.redeem("gac_wrong").await;
    assert_eq!(answer.error(), "400 invalid_grant");
    assert!(answer.json().get("grantor_detail").is_none());
    let found = explained(app, &answer.reference()).await.expect("it is kept");
    assert_eq!((found.endpoint.as_str(), found.code.as_str()), ("token", "invalid_grant"));
    let stranger = web.with_secret(Some("wrong wrong wrong wrong wrong wrong wrong"), By::Basic);
    let refused = stranger.redeem("gac_wrong").await;
    let found = explained(app, &refused.reference()).await.expect("it is kept");
    assert_eq!((found.code.as_str(), found.client_id), ("invalid_client", Some(web.client_id.clone())));
    assert!(!found.detail.to_string().contains("wrong wrong"), "never a secret: {}", found.detail);
}

/// What the client's developer sees and what the operator reads have one name.
async fn a_redirect_carries_the_reference_too(app: &TestApp) {
    let web = app.db_web_client().await;
    let answer = app.browser().get(&web.authorize_url(&[("scope", "org:read foo")])).await;
    let description = &answer.redirected_to(&web.redirect_uri)[1].1;
    let reference = description.split_once("(reference ").expect("the parameter is there").1.trim_end_matches(')');
    let found = explained(app, reference).await.expect("it is kept");
    assert_eq!(found.detail["received"], "foo org:read");
    assert_eq!(found.detail["expected"], "member:admin member:read org:read org:write team:read");
    assert_eq!(found.detail["hint"], "the scope foo is not known here");
    let listed = recent(&app.app(), Some(&web.client_id), 10).await.expect("the store answers");
    assert_eq!(listed.iter().map(|one| one.reference.as_str()).collect::<Vec<_>>(), [reference]);
    assert_eq!(recent(&app.app(), Some("other"), 10).await.expect("the store answers").len(), 0);
}

async fn a_development_server_shows_the_detail_itself(app: &TestApp) {
    let web = app.db_web_client().await;
    app.restart_with(|config| config.dev = true).await;
    let page = app.browser().get(&web.authorize_url(&[("redirect_uri", "https://client.example/cb/")])).await;
    assert_eq!(page.status, 400);
    assert_eq!(
        page.all_words(".evidence dd"),
        [
            "redirect_uri_not_registered",
            "https://client.example/cb/",
            "https://client.example/cb",
            "RFC 9700 section 4.1.3",
            "differs only by a trailing slash",
        ]
    );
    assert_eq!(page.words(".evidence mark"), "/");
    let answer = web.redeem("gac_wrong").await;
    assert!(answer.json()["grantor_detail"]["rule"].is_string(), "{}", answer.body);
}

/// A19, D3 row 36.
async fn the_record_is_a_ring_of_fixed_size(app: &TestApp) {
    let web = app.db_web_client().await;
    app.restart_with(|config| {
        config.refusals.slots = 16;
        config.refusals.per_minute = 1000;
    })
    .await;
    let browser = app.browser();
    let mut references = Vec::new();
    for _ in 0..40 {
        let page = browser.get(&web.authorize_url(&[("redirect_uri", "https://client.example/x")])).await;
        references.push(page.error_reference());
    }
    assert!(explained(app, references.last().expect("there is one")).await.is_some());
    assert_eq!(app.rows("refusals"), 16);
    assert!(explain(&app.app(), &references[0]).await.expect("the store answers").is_none(), "overwritten");
    for nonsense in ["", "R", "Rzzzzzzzzzzzz", "R000000000000", "' OR 1=1", "R\u{e9}"] {
        assert!(explain(&app.app(), nonsense).await.expect("the store answers").is_none(), "{nonsense:?}");
    }
}

/// A19: beyond its quota an address keeps getting references, and leaves no more rows.
async fn one_address_cannot_fill_the_record(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.browser();
    for number in 0..50 {
        let other = format!("stranger-{number}");
        let page = browser.get(&web.authorize_url(&[("client_id", &other)])).await;
        assert_eq!(page.error_reference().len(), 13);
    }
    assert_eq!(app.db_refusals_once_written().await, 30);
    app.wait(60);
    let page = browser.get(&web.authorize_url(&[("client_id", "stranger")])).await;
    assert!(explained(app, &page.error_reference()).await.is_some(), "a minute later there is room again");
}

/// S15: a person's "no" and the answers to `prompt=none` are answers.
async fn what_nobody_got_wrong_is_not_recorded(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[])).await;
    browser.submit(&page, "consent-deny", &[]).await;
    let none = browser.get(&web.authorize_url(&[("prompt", "none")])).await;
    assert!(at_client(&none, &web).starts_with("302 ? error=consent_required & error_description=the user has to be"));
    assert_eq!(app.db_refusals_once_written().await, 0);
}
