//! Whom a request is about, and in which way they signed in (OpenID Connect Core section 3.1.2.1).

use grantor::protocol::acr;
use serde_json::json;

use super::front_channel::switched_on;
use super::{PLANS, of_plan, refusal, relying_party, signed_in, stage, told, verified};
use crate::support::{TestApp, on_both};

on_both!(
    oidcc_id_token_hint,
    a_hint_at_somebody_else_asks_for_that_person,
    whoever_signs_in_as_somebody_else_is_sent_back,
    a_hint_ages_but_is_never_anothers,
    what_is_no_id_token_is_no_hint,
    every_class_listed_is_told,
);

/// `oidcc-id-token-hint`: with `prompt=none`, for the person it names.
async fn oidcc_id_token_hint(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    app.db_silent_token(&web).await;
    let hint = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("id_token");
    let browser = app.db_signed_in(&ada).await;
    for plan in &PLANS {
        browser.allow(browser.get(&web.authorize_url(&of_plan(plan, &[]))).await).await;
        let asked = of_plan(plan, &[("prompt", "none"), ("id_token_hint", &hint)]);
        let claims = told(app, &web, &browser.get(&web.authorize_url(&asked)).await).await;
        assert_eq!(claims["sub"], json!(ada.row.sub), "{plan:?}");
    }
}

async fn a_hint_at_somebody_else_asks_for_that_person(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let bob = app.db_user("bob").await;
    let hint = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("id_token");
    let browser = app.db_signed_in(&bob).await;
    web.code(&browser, &[("scope", "openid")]).await;
    let asked =
        |more: &[(&str, &str)]| web.authorize_url(&[&[("scope", "openid"), ("id_token_hint", &*hint)], more].concat());
    assert_eq!(refusal(&browser.get(&asked(&[("prompt", "none")])).await, &web), "login_required");
    let page = browser.get(&asked(&[])).await;
    assert!(page.has("#login-submit") && page.words("#sign-in-notice").contains("another account"), "{}", page.body);
    assert_eq!(page.attributes("#username", "value"), [""], "neither Bob's name nor Ada's");
    let after = browser.sign_in_on(&page, &ada).await;
    let page = browser.allow(browser.get(after.location()).await).await;
    assert_eq!(told(app, &web, &page).await["sub"], json!(ada.row.sub));
}

/// A positive answer for somebody else would sign them in there under the name of the first.
async fn whoever_signs_in_as_somebody_else_is_sent_back(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let bob = app.db_user("bob").await;
    let hint = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("id_token");
    let url = web.authorize_url(&[("scope", "openid"), ("id_token_hint", &hint)]);
    let browser = app.browser();
    let page = browser.get(&url).await;
    assert!(!page.has("#sign-in-notice"), "nobody is signed in: nothing to explain");
    let after = browser.sign_in_on(&page, &bob).await;
    assert_eq!(refusal(&browser.get(after.location()).await, &web), "login_required");
    let browser = app.db_signed_in(&bob).await;
    let page = browser.get(&url).await;
    let after = browser.sign_in_on(&page, &bob).await;
    assert_eq!(refusal(&browser.get(after.location()).await, &web), "login_required");
}

/// Section 3.1.2.1: any age. A43, C28.
async fn a_hint_ages_but_is_never_anothers(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let other = app.db_client(relying_party()).await;
    let hint = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("id_token");
    let theirs = signed_in(app, &other, &ada, &[("scope", "openid")]).await.text("id_token");
    app.wait(1_000_000);
    let browser = app.db_signed_in(&ada).await;
    let none = |hint: &str| web.authorize_url(&[("scope", "openid"), ("id_token_hint", hint), ("prompt", "none")]);
    assert!(!web.code_of(&browser.get(&none(&hint)).await).is_empty());
    assert_eq!(refusal(&browser.get(&none(&theirs)).await, &web), "invalid_request");
}

/// A43, C28, C29, C30.
async fn what_is_no_id_token_is_no_hint(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let answer = signed_in(app, &web, &ada, &[("scope", "openid offline_access")]).await;
    let hint = answer.text("id_token");
    let key = app.app().keys.signing(grantor::protocol::signing_algorithm::SigningAlgorithm::Es256).expect("a key");
    let now = app.now();
    let whole = json!({
        "iss": app.shared.issuer, "sub": ada.row.sub, "aud": web.client_id, "iat": now, "exp": now + 60,
    });
    let without = |name: &str| {
        let mut claims = whole.clone();
        claims.as_object_mut().expect("an object").remove(name);
        key.sign("JWT", &claims).expect("a token")
    };
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = whole.clone();
        claims[name] = value;
        key.sign("JWT", &claims).expect("a token")
    };
    let parts: Vec<&str> = hint.split('.').collect();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let browser = app.db_signed_in(&ada).await;
    web.code(&browser, &[("scope", "openid")]).await;
    let good = key.sign("JWT", &whole).expect("a token");
    for (hint, accepted) in [
        (good, true),
        (answer.text("access_token"), false),
        (answer.text("refresh_token"), false),
        (key.sign("at+jwt", &whole).expect("a token"), false),
        (key.sign("logout+jwt", &whole).expect("a token"), false),
        (without("exp"), false),
        (without("iat"), false),
        (without("aud"), false),
        (without("sub"), false),
        (with("iss", json!("https://other.test")), false),
        (with("aud", json!([web.client_id, "other"])), false),
        (with("sub", json!(["x"])), false),
        (format!("{none}.{}.", parts[1]), false),
        (format!("{}.{}.{}", parts[0], parts[1], "AAAA"), false),
        (format!("{}.{}", parts[0], parts[1]), false),
        ("x".repeat(9000), false),
        ("nonsense".to_owned(), false),
    ] {
        let url = web.authorize_url(&[("scope", "openid"), ("id_token_hint", &hint), ("prompt", "none")]);
        let page = browser.get(&url).await;
        match accepted {
            true => assert!(!web.code_of(&page).is_empty()),
            false => assert_eq!(refusal(&page, &web), "invalid_request", "{hint}"),
        }
    }
}

/// `acr_values_supported`: what was done in the session is told, whatever was wished for.
async fn every_class_listed_is_told(app: &TestApp) {
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["acr_values_supported"], json!(acr::ALL));
    let (web, ada) = stage(app).await;
    app.db_metadata(&web, |metadata| metadata.default_acr_values = vec!["gold".to_owned()]).await;
    let with = [("scope", "openid"), ("acr_values", "urn:grantor:acr:sso gold")];
    let answer = signed_in(app, &web, &ada, &with).await;
    assert_eq!(verified(app, &answer).await.0["acr"], json!(acr::PASSWORD));
    let who = app.db_session(&ada).await;
    let mut session = (*who.session).clone();
    session.authentication_method = "sso".to_owned();
    let who = grantor::flows::session::SignedIn { session: session.into(), ..who };
    assert_eq!(grantor::flows::openid::acr::of(&who), Some(acr::PROVIDER));
}
