//! The authentication request (OpenID Connect Core section 3.1.2): prompts, ages, and what is left alone, in every plan.

use serde_json::{Value, json};

use super::front_channel::switched_on;
use super::{PLANS, of_plan, part, refusal, sent_back, signed_in, stage, told, verified};
use crate::support::page::Page;
use crate::support::relying_party::{By, encode};
use crate::support::{Browser, Person, TestApp, on_both};

on_both!(
    oidcc_response_type_missing,
    oidcc_display_page,
    oidcc_display_popup,
    oidcc_prompt_login,
    oidcc_prompt_none_not_logged_in,
    oidcc_prompt_none_logged_in,
    oidcc_max_age_1,
    oidcc_max_age_10000,
    oidcc_ensure_request_with_unknown_parameter_succeeds,
    oidcc_login_hint,
    oidcc_alternate_happy_flow,
    all_that_can_be_asked_for_at_once_is_answered,
    oidcc_ui_locales,
    oidcc_claims_locales,
    oidcc_ensure_request_with_acr_values_succeeds,
    oidcc_ensure_registered_redirect_uri,
    oidcc_ensure_post_request_succeeds,
    oidcc_server_client_secret_post,
    a_display_nobody_defined_is_refused,
    a_client_that_must_be_told_the_time_or_says_a_usual_age_is_heard,
    oidcc_ensure_request_with_valid_pkce_succeeds,
);

async fn passes(app: &TestApp, changes: &[(&str, &str)]) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    for plan in &PLANS {
        let page = browser.allow(browser.get(&web.authorize_url(&of_plan(plan, changes))).await).await;
        assert_eq!(told(app, &web, &page).await["sub"], json!(ada.row.sub), "{plan:?}");
    }
}

/// Signs in on the page shown, and allows.
async fn again(browser: &Browser, page: &Page, person: &Person) -> Page {
    let after = browser.sign_in_on(page, person).await;
    assert_eq!(after.status, 303, "{}", after.body);
    browser.allow(browser.get(after.location()).await).await
}

/// `oidcc-response-type-missing`.
async fn oidcc_response_type_missing(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("scope", "openid"), ("response_type", "")])).await;
    let answer = page.redirected_to(&web.redirect_uri);
    assert!(answer.contains(&("error".to_owned(), "invalid_request".to_owned())), "{answer:?}");
}

/// `oidcc-display-page`.
async fn oidcc_display_page(app: &TestApp) {
    passes(app, &[("display", "page")]).await;
}

/// `oidcc-display-popup`.
async fn oidcc_display_popup(app: &TestApp) {
    passes(app, &[("display", "popup")]).await;
}

/// `oidcc-prompt-login`: signed in again, and the new time is told.
async fn oidcc_prompt_login(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    for plan in &PLANS {
        let page = browser.allow(browser.get(&web.authorize_url(&of_plan(plan, &[]))).await).await;
        let before = told(app, &web, &page).await;
        app.wait(60);
        let page = browser.get(&web.authorize_url(&of_plan(plan, &[("prompt", "login")]))).await;
        let after = told(app, &web, &again(&browser, &page, &ada).await).await;
        assert_eq!(after["sub"], before["sub"]);
        assert_eq!(after["auth_time"], json!(before["auth_time"].as_i64().expect("a time") + 60), "{plan:?}");
    }
}

/// `oidcc-prompt-none-not-logged-in`.
async fn oidcc_prompt_none_not_logged_in(app: &TestApp) {
    let (web, _) = switched_on(app).await;
    for plan in &PLANS {
        let page = app.browser().get(&web.authorize_url(&of_plan(plan, &[("prompt", "none")]))).await;
        assert_eq!(refusal(&page, &web), "login_required", "{plan:?}");
    }
}

/// `oidcc-prompt-none-logged-in`: the same sign-in, told again.
async fn oidcc_prompt_none_logged_in(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    app.db_silent_token(&web).await;
    let browser = app.db_signed_in(&ada).await;
    for plan in &PLANS {
        let page = browser.allow(browser.get(&web.authorize_url(&of_plan(plan, &[]))).await).await;
        let first = told(app, &web, &page).await;
        app.wait(5);
        let page = browser.get(&web.authorize_url(&of_plan(plan, &[("prompt", "none")]))).await;
        let second = told(app, &web, &page).await;
        assert_eq!((&second["sub"], &second["auth_time"]), (&first["sub"], &first["auth_time"]), "{plan:?}");
    }
}

/// `oidcc-max-age-1`.
async fn oidcc_max_age_1(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    for plan in &PLANS {
        app.wait(2);
        let page = browser.get(&web.authorize_url(&of_plan(plan, &[("max_age", "1")]))).await;
        let claims = told(app, &web, &again(&browser, &page, &ada).await).await;
        assert_eq!(claims["auth_time"], json!(app.now()), "{plan:?}");
    }
}

/// `oidcc-max-age-10000`.
async fn oidcc_max_age_10000(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    let at = app.now();
    app.wait(100);
    for plan in &PLANS {
        let page = browser.get(&web.authorize_url(&of_plan(plan, &[("max_age", "10000")]))).await;
        let claims = told(app, &web, &browser.allow(page).await).await;
        assert_eq!(claims["auth_time"], json!(at), "{plan:?}: nobody was asked again");
    }
}

/// OpenID Connect Dynamic Client Registration section 2, `default_max_age` and `require_auth_time`.
async fn a_client_that_must_be_told_the_time_or_says_a_usual_age_is_heard(app: &TestApp) {
    let (web, ada) = stage(app).await;
    app.db_metadata(&web, |metadata| (metadata.default_max_age, metadata.require_auth_time) = (Some(50), true)).await;
    let browser = app.db_signed_in(&ada).await;
    app.wait(50);
    let code = web.code(&browser, &[("scope", "openid")]).await;
    assert!(verified(app, &web.redeem(&code).await).await.0["auth_time"].is_i64());
    app.wait(1);
    let page = browser.get(&web.authorize_url(&[("scope", "openid")])).await;
    assert!(page.has("#login-submit"), "{}", page.body);
    let own = browser.get(&web.authorize_url(&[("scope", "openid"), ("max_age", "60")])).await;
    assert!(!own.has("#login-submit"), "the request's own word wins");
}

/// `oidcc-ensure-request-with-unknown-parameter-succeeds`.
async fn oidcc_ensure_request_with_unknown_parameter_succeeds(app: &TestApp) {
    passes(app, &[("extra", "foobar")]).await;
}

/// `oidcc-login-hint`: the name is filled in.
async fn oidcc_login_hint(app: &TestApp) {
    let (web, _) = switched_on(app).await;
    for plan in &PLANS {
        let page = app.browser().get(&web.authorize_url(&of_plan(plan, &[("login_hint", "ada0")]))).await;
        assert_eq!(page.attributes("#username", "value"), ["ada0"]);
    }
}

/// `oidcc-alternate-happy-flow`: scopes and parameters in another order than usual, and the address is told.
async fn oidcc_alternate_happy_flow(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    for plan in &PLANS {
        let mut asked = web.request(&of_plan(plan, &[("scope", "email openid")]));
        let usual = asked.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        asked.reverse();
        assert!(asked.iter().map(|(name, _)| name).ne(&usual), "another order");
        let page = browser.get(&format!("{}/oauth/authorize?{}", app.shared.issuer, encode(&asked))).await;
        let answer = sent_back(&browser.allow(page).await, &web);
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let (access, in_token) = match (text("access_token"), text("code")) {
            (Some(token), _) => (Some(token.to_owned()), text("id_token").map(str::to_owned)),
            (None, Some(code)) => {
                let redeemed = web.redeem(code).await;
                (Some(redeemed.text("access_token")), Some(redeemed.text("id_token")))
            }
            (None, None) => (None, text("id_token").map(str::to_owned)),
        };
        let in_token = part(&in_token.expect("an ID token"), 1);
        assert_eq!(in_token["sub"], json!(ada.row.sub), "{plan:?}");
        let person = match access {
            None => in_token,
            Some(token) => {
                let request = app.shared.http.get(app.shared.url("/oauth/userinfo"));
                app.shared.send(request.header("authorization", format!("Bearer {token}"))).await.json()
            }
        };
        let email = (&person["sub"], &person["email"], &person["email_verified"]);
        assert_eq!(email, (&json!(ada.row.sub), &json!("ada@example.test"), &json!(false)), "{plan:?}");
    }
}

/// Everything there is to ask for, in one request.
async fn all_that_can_be_asked_for_at_once_is_answered(app: &TestApp) {
    passes(
        app,
        &[
            ("scope", super::ALL),
            ("login_hint", "ada0"),
            ("ui_locales", "fr-CA en"),
            ("claims_locales", "en"),
            ("acr_values", "urn:grantor:acr:pwd 1"),
            ("display", "touch"),
            ("max_age", "10000"),
            ("prompt", "consent"),
            ("claims", r#"{"userinfo":{"name":{"essential":true}},"id_token":{"auth_time":{"essential":true}}}"#),
        ],
    )
    .await;
}

/// `oidcc-ui-locales`: the language there is, whatever is asked for.
async fn oidcc_ui_locales(app: &TestApp) {
    passes(app, &[("ui_locales", "se")]).await;
}

/// `oidcc-claims-locales`.
async fn oidcc_claims_locales(app: &TestApp) {
    passes(app, &[("claims_locales", "se")]).await;
}

/// `oidcc-ensure-request-with-acr-values-succeeds`.
async fn oidcc_ensure_request_with_acr_values_succeeds(app: &TestApp) {
    passes(app, &[("acr_values", "1 2")]).await;
}

/// `oidcc-ensure-registered-redirect-uri`: a page, and no redirect.
async fn oidcc_ensure_registered_redirect_uri(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    let elsewhere = format!("{}/elsewhere", web.redirect_uri);
    let page = browser.get(&web.authorize_url(&[("scope", "openid"), ("redirect_uri", &elsewhere)])).await;
    assert_eq!(page.status, 400);
}

/// `oidcc-ensure-post-request-succeeds`.
async fn oidcc_ensure_post_request_succeeds(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    let request = app.shared.http.post(app.shared.url("/oauth/authorize")).header("Sec-Fetch-Site", "cross-site");
    let request = request.header("Origin", "https://client.example").form(&web.request(&[("scope", "openid")]));
    let page = browser.send(request).await;
    assert_eq!(page.status, 303);
    let page = browser.get(page.location()).await;
    let code = web.code_of(&browser.allow(page).await);
    assert_eq!(verified(app, &web.redeem(&code).await).await.0["sub"], json!(ada.row.sub));
}

/// `oidcc-server-client-secret-post`.
async fn oidcc_server_client_secret_post(app: &TestApp) {
    let spec = crate::support::ClientSpec {
        authentication_method: Some("client_secret_post".to_owned()),
        ..super::relying_party()
    };
    let (web, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let secret = web.client_secret.clone();
    let web = web.with_secret(secret.as_deref(), By::Post);
    verified(app, &signed_in(app, &web, &ada, &[("scope", "openid")]).await).await;
}

/// Section 3.1.2.1.
async fn a_display_nobody_defined_is_refused(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    for display in ["page", "popup", "touch", "wap"] {
        let page = browser.get(&web.authorize_url(&[("scope", "openid"), ("display", display)])).await;
        assert!(page.has("#consent-allow"), "{display}");
    }
    let page = browser.get(&web.authorize_url(&[("scope", "openid"), ("display", "hologram")])).await;
    assert_eq!(refusal(&page, &web), "invalid_request");
}

/// `oidcc-ensure-request-with-valid-pkce-succeeds`.
async fn oidcc_ensure_request_with_valid_pkce_succeeds(app: &TestApp) {
    passes(app, &[]).await;
}
