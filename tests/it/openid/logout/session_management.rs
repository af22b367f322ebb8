//! OpenID Connect Session Management 1.0: off unless switched on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantor::crypto::digest;
use serde_json::json;

use super::super::relying_party;
use super::{BACK, Stage, logout_url, signed_in};
use crate::support::db_shortcuts::strings;
use crate::support::{Browser, ClientSpec, RelyingParty, TestApp, on_both};

on_both!(
    oidcc_session_management_discovery_endpoint_verification,
    oidcc_session_management_rp_initiated_logout,
    nothing_of_it_is_there_while_it_is_off,
    the_frame_may_be_framed_and_nothing_else_may,
    somebody_else_is_a_change_and_the_same_person_again_is_none,
    an_application_that_is_no_web_site_gets_no_state,
    the_cookie_ends_with_the_session_and_each_visit_prolongs_both,
);

async fn switched_on(app: &TestApp) {
    app.restart_with(|config| config.sign_in.session_management = true).await;
}

/// The readable cookie, as a script sees it.
fn state_cookie(browser: &Browser) -> Option<String> {
    browser.cookies().into_iter().find(|(name, _)| name.contains("grantor_state")).map(|(_, value)| value)
}

/// What the frame's script answers the client (section 3.2).
fn judged(browser: &Browser, party: &RelyingParty, session_state: &str) -> &'static str {
    let (known, salt) = session_state.split_once('.').expect("a salt");
    let text =
        format!("{} https://client.example {} {salt}", party.client_id, state_cookie(browser).unwrap_or_default());
    match URL_SAFE_NO_PAD.encode(digest::sha256(&[text.as_bytes()])) == known {
        true => "unchanged",
        false => "changed",
    }
}

async fn session_state(stage: &Stage) -> String {
    let url = stage.web.authorize_url(&[("scope", "openid"), ("prompt", "none")]);
    let answer = stage.browser.get(&url).await.redirected_to(&stage.web.redirect_uri);
    let found = answer.iter().find(|(name, _)| name == "session_state");
    found.unwrap_or_else(|| panic!("{answer:?}")).1.clone()
}

/// `oidcc-session-management-discovery-endpoint-verification`.
async fn oidcc_session_management_discovery_endpoint_verification(app: &TestApp) {
    switched_on(app).await;
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["check_session_iframe"], json!(format!("{}/oauth/check-session", app.issuer())));
    assert!(document["end_session_endpoint"].is_string());
}

/// `oidcc-session-management-rp-initiated-logout`: unchanged, signed out, changed, `login_required`.
async fn oidcc_session_management_rp_initiated_logout(app: &TestApp) {
    switched_on(app).await;
    let stage = signed_in(app).await;
    let state = session_state(&stage).await;
    assert!(!state.contains(' '), "section 3: no spaces");
    assert_eq!(judged(&stage.browser, &stage.web, &state), "unchanged");
    assert_ne!(session_state(&stage).await, state, "a salt of its own each time");
    let asked = [("id_token_hint", &*stage.id_token()), ("post_logout_redirect_uri", BACK), ("state", "s")];
    assert_eq!(stage.logout(&asked).await.location(), format!("{BACK}?state=s"));
    assert_eq!((state_cookie(&stage.browser), judged(&stage.browser, &stage.web, &state)), (None, "changed"));
    let url = stage.web.authorize_url(&[("scope", "openid"), ("prompt", "none")]);
    let answer = stage.browser.get(&url).await.redirected_to(&stage.web.redirect_uri);
    assert!(answer.contains(&("error".to_owned(), "login_required".to_owned())), "{answer:?}");
}

async fn nothing_of_it_is_there_while_it_is_off(app: &TestApp) {
    let stage = signed_in(app).await;
    assert!(app.get("/.well-known/openid-configuration").await.json().get("check_session_iframe").is_none());
    assert_eq!(app.get("/oauth/check-session").await.status, 404);
    assert_eq!(state_cookie(&stage.browser), None);
    let url = stage.web.authorize_url(&[("scope", "openid"), ("prompt", "none")]);
    let answer = stage.browser.get(&url).await.redirected_to(&stage.web.redirect_uri);
    assert!(answer.iter().all(|(name, _)| name != "session_state"), "{answer:?}");
}

/// A10: the one exemption.
async fn the_frame_may_be_framed_and_nothing_else_may(app: &TestApp) {
    switched_on(app).await;
    let stage = signed_in(app).await;
    let frame = stage.browser.get("/oauth/check-session").await;
    let nonce = frame.attributes("script", "nonce").remove(0);
    let policy = format!("default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'");
    assert_eq!((frame.status, frame.header("content-security-policy")), (200, Some(&*policy)));
    assert_eq!((frame.header("x-frame-options"), frame.all("set-cookie")), (None, vec![]));
    assert!(!frame.has("form") && !frame.has("a"), "nothing to click");
    for path in ["/", "/logout", "/account/sessions", "/oauth/logout"] {
        let page = stage.browser.get(path).await;
        assert_eq!(page.header("x-frame-options"), Some("DENY"), "{path}");
        assert!(page.header("content-security-policy").is_some_and(|policy| policy.contains("frame-ancestors 'none'")));
    }
    let port = app.address().port();
    let bob = app.browser();
    let page = bob.get("/login").await;
    let after = bob.sign_in_on(&page, &stage.ada).await;
    let home = bob.get(after.location()).await;
    let lines = home.all("set-cookie");
    let line = lines.iter().find(|line| line.starts_with(&format!("grantor_state_{port}="))).expect("the cookie");
    let (value, rest) = line.split_once("; ").expect("attributes");
    assert_eq!(rest, "SameSite=Lax; Path=/; Max-Age=43200", "scripts read it");
    assert!(value.len() > 40 && !bob.session().is_some_and(|session| session.contains(value)));
}

async fn somebody_else_is_a_change_and_the_same_person_again_is_none(app: &TestApp) {
    switched_on(app).await;
    let stage = signed_in(app).await;
    let state = session_state(&stage).await;
    let again = stage.browser.get("/login?return_to=%2F").await;
    let after = stage.browser.sign_in_on(&again, &stage.ada).await;
    stage.browser.get(after.location()).await;
    assert_eq!(judged(&stage.browser, &stage.web, &state), "unchanged");
    let bob = app.db_user("bob").await;
    let other = stage.browser.get("/login?return_to=%2F").await;
    let after = stage.browser.sign_in_on(&other, &bob).await;
    stage.browser.get(after.location()).await;
    assert_eq!(judged(&stage.browser, &stage.web, &state), "changed");
    let gone = stage.browser.get(&logout_url(&[])).await;
    stage.browser.submit(&gone, "logout-confirm", &[]).await;
    assert_eq!(judged(&stage.browser, &stage.web, &state), "changed");
}

/// Or it would say for a year that somebody is signed in.
async fn the_cookie_ends_with_the_session_and_each_visit_prolongs_both(app: &TestApp) {
    app.restart_with(|config| {
        config.sign_in.session_management = true;
        (config.sign_in.session_idle, config.sign_in.session_lifetime) = (1000, 1500);
    })
    .await;
    let stage = signed_in(app).await;
    let line = async || {
        let page = stage.browser.get("/account/sessions").await;
        let lines = page.all("set-cookie");
        lines.iter().find(|line| line.starts_with("grantor_state_")).map(|line| (*line).to_owned())
    };
    let lasts = async || line().await.and_then(|line| line.rsplit_once("Max-Age=")?.1.parse::<i64>().ok());
    assert_eq!(lasts().await, Some(1000));
    app.wait(400);
    assert_eq!(lasts().await, Some(1000), "used");
    app.wait(500);
    assert_eq!(lasts().await, Some(600), "and no longer than the session");
    app.wait(700);
    assert_eq!(lasts().await, Some(0), "over");
}

async fn an_application_that_is_no_web_site_gets_no_state(app: &TestApp) {
    switched_on(app).await;
    let spec = ClientSpec {
        kind: Some("public".to_owned()),
        grant_types: Some(strings(&["authorization_code"])),
        redirect_uris: strings(&["com.example.app:/cb"]),
        ..relying_party()
    };
    let (app_of_theirs, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&app_of_theirs.authorize_url(&[("scope", "openid")])).await;
    let answer = browser.allow(page).await.redirected_to(&app_of_theirs.redirect_uri);
    assert!(answer.iter().any(|(name, _)| name == "code"), "{answer:?}");
    assert!(answer.iter().all(|(name, _)| name != "session_state"), "{answer:?}");
}
