//! Clients, people and organizations that go away while what they gave out is in use: nobody hears an internal error, and
//! nothing outlives the deletion (C74).

use futures_util::future::join_all;
use grantor::flows::audit::Actor;
use grantor::flows::organizations::By;
use grantor::flows::{clients, organizations, people};
use serde_json::Value;

use crate::support::relying_party::Tokens;
use crate::support::{Answer, Browser, Person, RelyingParty, TestApp, on_both};

on_both!(
    a_client_is_deleted_while_it_is_in_use,
    a_person_is_deleted_while_their_tokens_are_in_use,
    an_organization_is_deleted_while_its_tokens_are_in_use,
);

const DELAY: u64 = 3600;

/// Each token asked about, each refresh token used, a code redeemed and another asked for, at the same moment.
async fn traffic(web: &RelyingParty, browser: &Browser, families: &[Tokens], code: &str) -> Vec<Answer> {
    let asked = join_all(families.iter().map(|tokens| web.introspect(&tokens.access)));
    let used = join_all(families.iter().map(|tokens| web.refresh(&tokens.refresh)));
    let own = join_all((0..4).map(|_| web.client_credentials("org:read")));
    let url = web.authorize_url(&[("scope", "org:read")]);
    let (mut all, used, own, redeemed, page) = tokio::join!(asked, used, own, web.redeem(code), browser.get(&url));
    assert!(page.status < 500, "{}", page.status);
    all.extend(used.into_iter().chain(own).chain([redeemed]));
    all
}

fn nobody_heard_an_internal_error(answers: &[Answer]) {
    for answer in answers {
        assert!(answer.status < 500, "{} {}", answer.status, answer.body);
    }
}

async fn nothing_is_alive(web: &RelyingParty, api: &RelyingParty, before: &[Tokens], answers: &[Answer]) {
    let made = answers.iter().filter_map(|answer| Some(answer.json().get("access_token")?.as_str()?.to_owned()));
    let held = before.iter().map(|tokens| tokens.access.clone());
    for token in made.chain(held).collect::<Vec<_>>() {
        assert!(!api.is_active(&token).await);
    }
    for tokens in before {
        assert_ne!(web.refresh(&tokens.refresh).await.status, 200);
    }
}

async fn families(app: &TestApp, web: &RelyingParty, ada: &Person) -> Vec<Tokens> {
    let mut families = Vec::new();
    for _ in 0..6 {
        families.push(app.db_tokens(web, ada, "org:read").await);
    }
    families
}

async fn a_client_is_deleted_while_it_is_in_use(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let api = app.db_resource_server("https://api.example", &["org"]).await;
    let held = families(app, &web, &ada).await;
    let code = app.db_code(&web, &ada, &[("scope", "org:read")]).await;
    let browser = app.db_signed_in(&ada).await;
    let inner = app.app();
    let going = clients::delete::request(&inner, None, Actor::Operator, &web.client_id, None);
    let (answers, gone) = tokio::join!(traffic(&web, &browser, &held, &code), going);
    gone.unwrap_or_else(|failure| panic!("{failure}"));
    nobody_heard_an_internal_error(&answers);
    nothing_is_alive(&web, &api, &held, &answers).await;
    app.wait(DELAY);
    let (late, ()) = tokio::join!(traffic(&web, &browser, &held, &code), app.db_sweep());
    nobody_heard_an_internal_error(&late);
    nothing_is_alive(&web, &api, &held, &late).await;
    assert!(app.db_authorized(&ada, &web).await.is_none(), "no consent came in between");
}

async fn a_person_is_deleted_while_their_tokens_are_in_use(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let api = app.db_resource_server("https://api.example", &["org"]).await;
    let held = families(app, &web, &ada).await;
    let code = app.db_code(&web, &ada, &[("scope", "org:read")]).await;
    let browser = app.db_signed_in(&ada).await;
    let own = app.db_personal_token(&ada, &["account:read"], None).await;
    let inner = app.app();
    let asks = join_all((0..8).map(|_| app.api("GET", "/me", Some(&own), &Value::Null)));
    let going = people::status::delete(&inner, None, Actor::Operator, &ada.row);
    let (answers, asked, gone) = tokio::join!(traffic(&web, &browser, &held, &code), asks, going);
    assert!(gone.unwrap_or_else(|refusal| panic!("{refusal}")));
    nobody_heard_an_internal_error(&answers);
    nobody_heard_an_internal_error(&asked);
    // The client's own tokens are nobody's but its own.
    let of_ada: Vec<Answer> =
        answers.into_iter().filter(|answer| answer.json().get("refresh_token").is_some()).collect();
    nothing_is_alive(&web, &api, &held, &of_ada).await;
    assert_eq!(app.api("GET", "/me", Some(&own), &Value::Null).await.status, 401);
    assert!(app.db_authorized(&ada, &web).await.is_none());
}

async fn an_organization_is_deleted_while_its_tokens_are_in_use(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let key = app.db_key_of(&acme, &["org:read".to_owned()], |_| {}).await;
    let bound = app.db_personal_token(&ada, &["org:read"], Some("acme")).await;
    let ask = |token: String| async move { app.api("GET", "/organizations/acme", Some(&token), &Value::Null).await };
    let many = || join_all((0..8).flat_map(|_| [ask(key.clone()), ask(bound.clone())]));
    let inner = app.app();
    let going = organizations::delete::request(&inner, By::Operator, &acme, "acme", None);
    let (answers, gone) = tokio::join!(many(), going);
    gone.unwrap_or_else(|refusal| panic!("{refusal}"));
    nobody_heard_an_internal_error(&answers);
    app.wait(40 * 24 * 3600);
    let (late, ()) = tokio::join!(many(), app.db_sweep());
    nobody_heard_an_internal_error(&late);
    for token in [&key, &bound] {
        let after = app.api("GET", "/organizations/acme", Some(token), &Value::Null).await;
        assert!(matches!(after.status, 401 | 404), "{} {}", after.status, after.body);
    }
    assert!(app.db_organization("acme").await.is_none());
}
