//! Whom a request is about, and in which way they signed in (OpenID Connect Core section 3.1.2.1).

use grantor::flows::people::claims;
use grantor::protocol::acr;
use grantor::protocol::limits::MAX_ID_TOKEN_HINT;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use grantor::protocol::standard_claims::{Address, StandardClaims};
use serde_json::json;

use super::front_channel::switched_on;
use super::{PLANS, of_plan, refusal, relying_party, signed_in, stage, told, verified};
use crate::support::sso_stage::Said;
use crate::support::{TestApp, on_both};

on_both!(
    oidcc_id_token_hint,
    a_hint_at_somebody_else_asks_for_that_person,
    whoever_signs_in_as_somebody_else_is_sent_back,
    a_hint_ages_but_is_never_anothers,
    what_is_no_id_token_is_no_hint,
    the_longest_id_token_there_can_be_is_a_good_hint,
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
        ("x".repeat(30_000), false),
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
    app.as_dev().await;
    app.db_dummy_org("acme").await;
    let browser = app.browser();
    let asked = browser.sso("/login/acme", Said::verified("nell@acme.example")).await;
    assert_eq!(browser.submit(&asked, "sso-new", &[]).await.status, 303, "{}", asked.body);
    let answer = web.redeem(&web.code(&browser, &with).await).await;
    let (in_token, _) = verified(app, &answer).await;
    assert_eq!((&in_token["acr"], in_token.get("amr")), (&json!(acr::PROVIDER), None));
}

/// Everything a person may say, in letters of four bytes, all of it in the token, beside a nonce that JSON escapes.
async fn the_longest_id_token_there_can_be_is_a_good_hint(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    app.db_metadata(&web, |metadata| metadata.id_token_signed_response_alg = Some(SigningAlgorithm::Ps256)).await;
    let text = |length: usize| Some("\u{1d49c}".repeat(length));
    let page = || Some(format!("https://ada.example/{}", "x".repeat(492)));
    let said = StandardClaims {
        given_name: text(200),
        family_name: text(200),
        middle_name: text(200),
        nickname: text(200),
        profile: page(),
        picture: page(),
        website: page(),
        gender: text(200),
        birthdate: Some("1815-12-10".to_owned()),
        zoneinfo: Some("x".repeat(64)),
        locale: Some("en-Latn-GB-aaaaaaaa-bbbbbbbb-ccccc".to_owned()),
        phone_number: Some("+442079460000123".to_owned()),
        address: Some(Address {
            formatted: text(200),
            street_address: text(200),
            locality: text(200),
            region: text(200),
            postal_code: text(200),
            country: text(200),
        }),
        updated_at: None,
    };
    let actor = grantor::flows::audit::Actor::Operator;
    claims::say(&app.app(), None, actor, &app.db_person(&ada).await, said).await.expect("as long as is allowed");
    let email = format!("{}@{}.test", "a".repeat(64), "b".repeat(180));
    app.db_batch(&format!(
        "UPDATE users SET email = '{email}', name = '{}' WHERE login = 'ada0'",
        text(100).expect("it")
    ));
    app.restart().await;
    let nonce = "\"".repeat(512);
    let asked = [("scope", super::ALL), ("response_type", "id_token"), ("nonce", &*nonce)];
    let browser = app.db_signed_in(&ada).await;
    let shown = browser.allow(browser.get(&web.authorize_url(&asked)).await).await;
    let hint = super::sent_back(&shown, &web)["id_token"].as_str().expect("an ID token").to_owned();
    assert!((16_000..=MAX_ID_TOKEN_HINT).contains(&hint.len()), "{}", hint.len());
    app.wait(100);
    let with = [("scope", "openid"), ("id_token_hint", &*hint)];
    web.code(&browser, &with).await;
    let quiet = web.authorize_url(&[&with[..], &[("prompt", "none")]].concat());
    assert!(!web.code_of(&browser.get(&quiet).await).is_empty());
    // On the way through the sign-in page, too.
    let stranger = app.browser();
    let asks = stranger.get(&web.authorize_url(&with)).await;
    let back = stranger.sign_in_on(&asks, &ada).await;
    assert!(!web.code_of(&stranger.get(back.location()).await).is_empty());
    let out = app.get(&format!("/oauth/logout?id_token_hint={hint}")).await;
    assert_ne!(out.status, 404, "{}", out.body);
    assert!(!out.body.contains("id_token_hint is no ID token"), "{}", out.body);
}
