//! The authentication request (OpenID Connect Core section 3.1.2): prompts, ages, hints, and what is left alone.

use serde_json::json;

use super::{signed_in, stage, verified};
use crate::support::page::Page;
use crate::support::relying_party::By;
use crate::support::{Browser, Person, RelyingParty, TestApp, on_both};

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
    oidcc_ui_locales,
    oidcc_claims_locales,
    oidcc_ensure_request_with_acr_values_succeeds,
    oidcc_ensure_registered_redirect_uri,
    oidcc_ensure_post_request_succeeds,
    oidcc_server_client_secret_post,
    oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported,
    oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported,
    oidcc_ensure_request_with_valid_pkce_succeeds,
);

async fn passes(app: &TestApp, changes: &[(&str, &str)]) {
    let (web, ada) = stage(app).await;
    let with = [&[("scope", "openid")], changes].concat();
    let (claims, _) = verified(app, &signed_in(app, &web, &ada, &with).await).await;
    assert_eq!(claims["sub"], json!(ada.row.sub));
}

/// Signs in on the page shown, allows, and is back with a code.
async fn again(web: &RelyingParty, browser: &Browser, page: &Page, person: &Person) -> String {
    let after = browser.sign_in_on(page, person).await;
    assert_eq!(after.status, 303, "{}", after.body);
    let page = browser.get(after.location()).await;
    web.code_of(&browser.allow(page).await)
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
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    let code = web.code(&browser, &[("scope", "openid")]).await;
    let (before, _) = verified(app, &web.redeem(&code).await).await;
    app.wait(60);
    let page = browser.get(&web.authorize_url(&[("scope", "openid"), ("prompt", "login")])).await;
    let code = again(&web, &browser, &page, &ada).await;
    let (after, _) = verified(app, &web.redeem(&code).await).await;
    assert_eq!(after["sub"], before["sub"]);
    assert_eq!(after["auth_time"], json!(before["auth_time"].as_i64().expect("a time") + 60));
}

/// `oidcc-prompt-none-not-logged-in`.
async fn oidcc_prompt_none_not_logged_in(app: &TestApp) {
    let (web, _) = stage(app).await;
    let page = app.browser().get(&web.authorize_url(&[("scope", "openid"), ("prompt", "none")])).await;
    let answer = page.redirected_to(&web.redirect_uri);
    assert!(answer.contains(&("error".to_owned(), "login_required".to_owned())), "{answer:?}");
}

/// `oidcc-prompt-none-logged-in`: the same sign-in, told again.
async fn oidcc_prompt_none_logged_in(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    let code = web.code(&browser, &[("scope", "openid")]).await;
    let (first, _) = verified(app, &web.redeem(&code).await).await;
    app.wait(5);
    let page = browser.get(&web.authorize_url(&[("scope", "openid"), ("prompt", "none")])).await;
    let (second, _) = verified(app, &web.redeem(&web.code_of(&page)).await).await;
    assert_eq!((&second["sub"], &second["auth_time"]), (&first["sub"], &first["auth_time"]));
}

/// `oidcc-max-age-1`.
async fn oidcc_max_age_1(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    app.wait(2);
    let page = browser.get(&web.authorize_url(&[("scope", "openid"), ("max_age", "1")])).await;
    let code = again(&web, &browser, &page, &ada).await;
    let (claims, _) = verified(app, &web.redeem(&code).await).await;
    assert_eq!(claims["auth_time"], json!(app.now()));
}

/// `oidcc-max-age-10000`.
async fn oidcc_max_age_10000(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    let at = app.now();
    app.wait(100);
    let code = web.code(&browser, &[("scope", "openid"), ("max_age", "10000")]).await;
    let (claims, _) = verified(app, &web.redeem(&code).await).await;
    assert_eq!(claims["auth_time"], json!(at), "nobody was asked again");
}

/// `oidcc-ensure-request-with-unknown-parameter-succeeds`.
async fn oidcc_ensure_request_with_unknown_parameter_succeeds(app: &TestApp) {
    passes(app, &[("extra", "foobar")]).await;
}

/// `oidcc-login-hint`: the name is filled in.
async fn oidcc_login_hint(app: &TestApp) {
    let (web, _) = stage(app).await;
    let page = app.browser().get(&web.authorize_url(&[("scope", "openid"), ("login_hint", "ada0")])).await;
    assert_eq!(page.attributes("#username", "value"), ["ada0"]);
}

/// `oidcc-ui-locales`.
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

async fn refused(app: &TestApp, changes: &[(&str, &str)], code: &str) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    let with = [&[("scope", "openid")], changes].concat();
    let answer = browser.get(&web.authorize_url(&with)).await.redirected_to(&web.redirect_uri);
    assert!(answer.contains(&("error".to_owned(), code.to_owned())), "{answer:?}");
}

/// `oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported`: rejected.
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(app: &TestApp) {
    refused(app, &[("request_uri", "https://client.example/request.jwt")], "request_uri_not_supported").await;
}

/// `oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported`: rejected.
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(app: &TestApp) {
    refused(app, &[("request", "eyJhbGciOiJub25lIn0.e30.")], "request_not_supported").await;
}

/// `oidcc-ensure-request-with-valid-pkce-succeeds`.
async fn oidcc_ensure_request_with_valid_pkce_succeeds(app: &TestApp) {
    passes(app, &[]).await;
}
