//! Logout, asked for by somebody who means harm.

use serde_json::json;

use super::super::registration::{CB, open, post};
use super::super::{part, relying_party, stage_of};
use super::{BACK, logout_url, signed_in, signed_in_with};
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    no_other_token_is_a_hint,
    a_hint_of_another_sign_in_asks,
    a_hint_is_of_one_client,
    a_foreign_page_signs_nobody_out,
    an_address_is_its_own_clients_only,
    a_strangers_application_is_not_lent_our_name,
    what_the_question_carries_is_judged_again,
    a_switched_off_client_sends_nobody_anywhere,
    what_a_client_registers_for_logout_is_judged,
);

/// A43, C28: access tokens, logout tokens, tokens of nobody and unsigned ones.
async fn no_other_token_is_a_hint(app: &TestApp) {
    let stage = signed_in(app).await;
    let claims = part(&stage.id_token(), 1);
    let here = app.app();
    let key = here.keys.signing(grantor::protocol::signing_algorithm::SigningAlgorithm::Es256).expect("a key");
    let with = |name: &str, value: serde_json::Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        key.sign("JWT", &changed).expect("a token")
    };
    let stranger = grantor::crypto::signing::SigningKey::generate(key.algorithm(), 2048).expect("a key");
    let unsigned = stage.id_token();
    let body = unsigned.split('.').nth(1).expect("claims");
    for (token, name) in [
        (stage.tokens.text("access_token"), "an access token"),
        (key.sign("at+jwt", &claims).expect("a token"), "a JWT access token"),
        (key.sign("logout+jwt", &claims).expect("a token"), "a logout token"),
        (stranger.sign("JWT", &claims).expect("a token"), "another key"),
        (format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}."), "no signature"),
        (with("iss", json!("https://elsewhere.example")), "another issuer"),
        (with("iss", json!(null)), "no issuer"),
        (with("aud", json!(["a", "b"])), "two audiences"),
        (with("exp", json!(null)), "no end, as signed UserInfo"),
        (with("sub", json!(7)), "no subject"),
    ] {
        let page = stage.logout(&[("id_token_hint", &token), ("client_id", &stage.web.client_id)]).await;
        assert_eq!(page.status, 400, "{name}");
    }
    assert!(stage.is_signed_in().await && stage.access_lives().await);
}

/// A58: another person's, another browser's, an earlier sign-in's.
async fn a_hint_of_another_sign_in_asks(app: &TestApp) {
    let stage = signed_in(app).await;
    let bob = signed_in(app).await;
    let elsewhere = app.db_signed_in(&stage.ada).await;
    let code = stage.web.code(&elsewhere, &[("scope", "openid")]).await;
    let other_session = stage.web.redeem(&code).await.text("id_token");
    for token in [bob.id_token(), other_session] {
        let page = stage.logout(&[("id_token_hint", &token), ("post_logout_redirect_uri", BACK)]).await;
        assert!(page.status == 200 && page.has("#logout-confirm"), "{}", page.body);
        assert!(stage.is_signed_in().await, "nobody clicked");
    }
    let page = stage.logout(&[("id_token_hint", &bob.id_token()), ("post_logout_redirect_uri", BACK)]).await;
    let after = stage.browser.submit(&page, "logout-confirm", &[]).await;
    assert_eq!(after.location(), BACK);
    assert!(!stage.is_signed_in().await && bob.is_signed_in().await);
}

async fn a_hint_is_of_one_client(app: &TestApp) {
    let stage = signed_in(app).await;
    let (other, _) = stage_of(app, relying_party()).await;
    app.db_metadata(&other, |metadata| metadata.post_logout_redirect_uris = vec![BACK.to_owned()]).await;
    let hint = stage.id_token();
    let asked = [("id_token_hint", &*hint), ("client_id", &*other.client_id), ("post_logout_redirect_uri", BACK)];
    let page = stage.logout(&asked).await;
    assert_eq!(page.status, 400, "{}", page.body);
    assert!(stage.is_signed_in().await);
}

/// ASVS 10.6.2: a link, a form and a frame without that very session's own ID token.
async fn a_foreign_page_signs_nobody_out(app: &TestApp) {
    let stage = signed_in(app).await;
    for asked in [
        vec![],
        vec![("client_id", &*stage.web.client_id)],
        vec![("client_id", &*stage.web.client_id), ("logout_hint", "ada"), ("ui_locales", "de")],
        vec![("csrf_token", "x"), ("client_id", &*stage.web.client_id)],
    ] {
        let page = stage.logout(&asked).await;
        assert!(page.has("#logout-confirm"), "{}", page.body);
        assert_eq!(page.header("x-frame-options"), Some("DENY"), "nor is the click stolen");
    }
    for (path, fields) in [("/logout", vec![("csrf_token", "x")]), ("/oauth/logout", vec![("csrf_token", "x")])] {
        let request = app.shared.http.post(app.shared.url(path)).form(&fields);
        let request = request.header("Origin", "https://evil.example").header("Sec-Fetch-Site", "cross-site");
        stage.browser.send(request).await;
    }
    assert!(stage.is_signed_in().await && stage.access_lives().await);
}

async fn an_address_is_its_own_clients_only(app: &TestApp) {
    let stage = signed_in(app).await;
    let (other, _) = stage_of(app, relying_party()).await;
    let asked = [("client_id", &*other.client_id), ("post_logout_redirect_uri", BACK)];
    assert_eq!(stage.logout(&asked).await.status, 400);
    assert_eq!(app.browser().get(&logout_url(&asked)).await.status, 400);
    assert_eq!(stage.logout(&[("client_id", "nobody"), ("post_logout_redirect_uri", BACK)]).await.status, 400);
}

/// RFC 9700 section 4.11.2: registered by anybody, asked for by nobody.
async fn a_strangers_application_is_not_lent_our_name(app: &TestApp) {
    let stage = signed_in(app).await;
    app.db_batch("UPDATE clients SET owner_id = (SELECT max(id) FROM users)");
    app.restart().await;
    let stranger = app.browser();
    let asked = [("client_id", &*stage.web.client_id), ("post_logout_redirect_uri", BACK)];
    let page = stranger.get(&logout_url(&asked)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(page.attributes("#logout-continue", "href"), [BACK]);
    assert!(!page.has("script") && !page.body.contains("http-equiv"), "a click and nothing less");
    let hint = [("id_token_hint", &*stage.id_token()), ("post_logout_redirect_uri", BACK)];
    let page = stranger.get(&logout_url(&hint)).await;
    assert_eq!(page.attributes("#logout-continue", "href"), [BACK], "whoever runs it has ID tokens of his own");
    assert!(!page.has("script") && !page.body.contains("http-equiv"), "{}", page.body);
    assert_eq!(stage.logout(&hint).await.location(), BACK, "this very browser was signed in there");
}

async fn what_the_question_carries_is_judged_again(app: &TestApp) {
    let stage = signed_in(app).await;
    let asked = [("client_id", &*stage.web.client_id), ("post_logout_redirect_uri", BACK)];
    let page = stage.logout(&asked).await;
    let evil = [("post_logout_redirect_uri", "https://evil.example/")];
    let after = stage.browser.submit(&page, "logout-confirm", &evil).await;
    assert_eq!((after.status, after.location()), (303, "/logout"));
    assert!(!stage.is_signed_in().await, "they wanted to sign out");
}

async fn a_switched_off_client_sends_nobody_anywhere(app: &TestApp) {
    let spec = ClientSpec { name: Some("Off".to_owned()), ..relying_party() };
    let stage = signed_in_with(app, spec, "openid", |_| {}).await;
    app.db_disable_client(&stage.web).await;
    let hint = stage.id_token();
    let page = stage.logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BACK)]).await;
    assert_eq!(page.status, 400);
    let page = stage.logout(&[("id_token_hint", &hint)]).await;
    assert!(page.has("#logout-confirm"), "and the person can sign out");
}

/// A60: by the client itself as by the operator (`client_metadata.rs`).
async fn what_a_client_registers_for_logout_is_judged(app: &TestApp) {
    open(app).await;
    for (name, value) in [
        ("frontchannel_logout_uri", json!("https://other.example/out")),
        ("frontchannel_logout_uri", json!("javascript:alert(1)")),
        ("frontchannel_logout_uri", json!("http://rp.example/out")),
        ("backchannel_logout_uri", json!("http://rp.example/out")),
        ("backchannel_logout_uri", json!("https://rp.example/out#x")),
        ("backchannel_logout_uri", json!("file:///etc/passwd")),
        ("post_logout_redirect_uris", json!(["javascript:alert(1)"])),
        ("post_logout_redirect_uris", json!(["data:text/html,x"])),
    ] {
        let refused = post(app, &json!({ "redirect_uris": [CB], name: value }), None).await;
        assert_eq!(refused.error(), "400 invalid_client_metadata", "{name} {value}: {}", refused.body);
    }
    assert_eq!(app.rows("clients"), 0);
}
