//! OpenID Connect RP-Initiated Logout 1.0.

use grantor::flows::audit::Actor;
use grantor::flows::signing_keys::{How, rotate};
use grantor::protocol::registered_metadata::SubjectType;
use grantor::protocol::signing_algorithm::SigningAlgorithm;

use super::super::{part, relying_party};
use super::back_channel::queued;
use super::{BACK, Stage, logout_url, signed_in, signed_in_with};
use crate::seen::refusal;
use crate::support::page::Page;
use crate::support::{TestApp, on_both};

on_both!(
    oidcc_rp_initiated_logout_discovery_endpoint_verification,
    oidcc_rp_initiated_logout,
    oidcc_rp_initiated_logout_bad_post_logout_redirect_uri,
    oidcc_rp_initiated_logout_modified_id_token_hint,
    oidcc_rp_initiated_logout_no_id_token_hint,
    oidcc_rp_initiated_logout_no_params,
    oidcc_rp_initiated_logout_no_post_logout_redirect_uri,
    oidcc_rp_initiated_logout_no_state,
    oidcc_rp_initiated_logout_only_state,
    oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri,
    oidcc_rp_initiated_logout_bad_id_token_hint,
    a_post_from_anywhere_re_enters_get,
    a_client_id_names_the_client_as_well_as_a_hint_does,
    whoever_is_not_signed_in_goes_back_all_the_same,
    an_old_id_token_is_a_hint_too,
    signing_out_after_the_idle_limit_ends_what_is_left,
    the_page_says_what_ends,
);

/// The session is over: the client's next silent request says so.
async fn is_over(stage: &Stage) {
    assert!(!stage.is_signed_in().await && !stage.access_lives().await);
    let url = stage.web.authorize_url(&[("scope", "openid"), ("prompt", "none")]);
    let answer = stage.browser.get(&url).await.redirected_to(&stage.web.redirect_uri);
    assert!(answer.contains(&("error".to_owned(), "login_required".to_owned())), "{answer:?}");
}

/// Presses the button of the question; what follows.
async fn confirmed(stage: &Stage, page: &Page) -> Page {
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(stage.is_signed_in().await, "asking changes nothing");
    stage.browser.submit(page, "logout-confirm", &[]).await
}

/// A page that refuses, and nothing changes.
async fn is_refused(stage: &Stage, page: &Page) {
    assert_eq!(page.status, 400, "{}", page.body);
    assert!(page.header("location").is_none() && !page.error_reference().is_empty());
    assert!(stage.is_signed_in().await && stage.access_lives().await);
}

/// `oidcc-rp-initiated-logout-discovery-endpoint-verification`.
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification(app: &TestApp) {
    let document = app.get("/.well-known/openid-configuration").await.json();
    let endpoint = document["end_session_endpoint"].as_str().expect("an address");
    assert_eq!(endpoint, format!("{}/oauth/logout", app.issuer()));
    assert_eq!(app.browser().get(endpoint).await.location(), "/logout", "it answers");
}

/// `oidcc-rp-initiated-logout`: with an ID token of the very session nobody is asked.
async fn oidcc_rp_initiated_logout(app: &TestApp) {
    let stage = signed_in(app).await;
    let asked = [("id_token_hint", &*stage.id_token()), ("post_logout_redirect_uri", BACK), ("state", "a b&c=#")];
    let page = stage.logout(&asked).await;
    assert_eq!((page.status, page.location()), (302, "https://client.example/signed-out?state=a%20b%26c%3D%23"));
    assert!(stage.browser.session().is_none(), "the cookie is gone");
    is_over(&stage).await;
    let again = stage.logout(&asked).await;
    assert_eq!(again.location(), page.location(), "signed out already: on as before");
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| *event == "session.end").count(), 1);
}

/// `oidcc-rp-initiated-logout-bad-post-logout-redirect-uri`, A12.
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(app: &TestApp) {
    let stage = signed_in(app).await;
    for bad in [
        "https://client.example/signed-out/",
        "https://client.example/signed-out#x",
        "https://client.example.evil.example/signed-out",
        "https://client.example/",
        "HTTPS://client.example/signed-out",
        "//client.example/signed-out",
        "javascript:alert(1)",
        "/",
    ] {
        let page = stage.logout(&[("id_token_hint", &stage.id_token()), ("post_logout_redirect_uri", bad)]).await;
        is_refused(&stage, &page).await;
        assert!(refusal(&page).contains("post_logout_redirect_uri"), "{}", refusal(&page));
    }
}

/// `oidcc-rp-initiated-logout-modified-id-token-hint`.
async fn oidcc_rp_initiated_logout_modified_id_token_hint(app: &TestApp) {
    let stage = signed_in(app).await;
    let token = stage.id_token();
    let (rest, signature) = token.rsplit_once('.').expect("a signature");
    let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
    let modified = format!("{rest}.{flipped}{}", &signature[1..]);
    let page = stage.logout(&[("id_token_hint", &modified), ("post_logout_redirect_uri", BACK), ("state", "s")]).await;
    is_refused(&stage, &page).await;
}

/// `oidcc-rp-initiated-logout-no-id-token-hint`: nobody knows whose address it is.
async fn oidcc_rp_initiated_logout_no_id_token_hint(app: &TestApp) {
    let stage = signed_in(app).await;
    is_refused(&stage, &stage.logout(&[("post_logout_redirect_uri", BACK), ("state", "s")]).await).await;
}

/// `oidcc-rp-initiated-logout-no-params`: asked, then a page.
async fn oidcc_rp_initiated_logout_no_params(app: &TestApp) {
    let stage = signed_in(app).await;
    let after = confirmed(&stage, &stage.logout(&[]).await).await;
    assert_eq!((after.status, after.location()), (303, "/logout"));
    assert_eq!(stage.browser.get("/logout").await.words("h1"), "You are signed out");
    is_over(&stage).await;
}

/// `oidcc-rp-initiated-logout-no-post-logout-redirect-uri`: a page, whatever `state` says.
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri(app: &TestApp) {
    let stage = signed_in(app).await;
    let page = stage.logout(&[("id_token_hint", &stage.id_token()), ("state", "s")]).await;
    assert_eq!(page.location(), "/logout");
    is_over(&stage).await;
}

/// `oidcc-rp-initiated-logout-no-state`: the registered address, to the byte.
async fn oidcc_rp_initiated_logout_no_state(app: &TestApp) {
    let stage = signed_in(app).await;
    let page = stage.logout(&[("id_token_hint", &stage.id_token()), ("post_logout_redirect_uri", BACK)]).await;
    assert_eq!(page.location(), BACK);
    is_over(&stage).await;
}

/// `oidcc-rp-initiated-logout-only-state`.
async fn oidcc_rp_initiated_logout_only_state(app: &TestApp) {
    let stage = signed_in(app).await;
    let after = confirmed(&stage, &stage.logout(&[("state", "s")]).await).await;
    assert_eq!(after.location(), "/logout");
    is_over(&stage).await;
}

/// `oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri`.
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(app: &TestApp) {
    let stage = signed_in(app).await;
    let added = format!("{BACK}?foo=bar");
    let page = stage.logout(&[("id_token_hint", &stage.id_token()), ("post_logout_redirect_uri", &added)]).await;
    is_refused(&stage, &page).await;
}

/// `oidcc-rp-initiated-logout-bad-id-token-hint`.
async fn oidcc_rp_initiated_logout_bad_id_token_hint(app: &TestApp) {
    let stage = signed_in(app).await;
    for bad in ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", &"x".repeat(10_000)] {
        let page = stage.logout(&[("id_token_hint", bad), ("post_logout_redirect_uri", BACK)]).await;
        is_refused(&stage, &page).await;
    }
}

/// Section 2: both methods. The form may come from any site, so it changes nothing by itself.
async fn a_post_from_anywhere_re_enters_get(app: &TestApp) {
    let stage = signed_in(app).await;
    let form = [("id_token_hint", &*stage.id_token()), ("post_logout_redirect_uri", BACK), ("state", "s")];
    let request = app.shared.http.post(app.shared.url("/oauth/logout")).header("Sec-Fetch-Site", "cross-site");
    let page = stage.browser.send(request.header("Origin", "https://client.example").form(&form)).await;
    assert_eq!((page.status, page.location()), (303, &*logout_url(&form)));
    assert!(stage.is_signed_in().await);
    assert_eq!(stage.browser.get(page.location()).await.location(), format!("{BACK}?state=s"));
    is_over(&stage).await;
    let twice = app.shared.http.post(app.shared.url("/oauth/logout?state=a")).form(&[("state", "b")]);
    assert_eq!(stage.browser.send(twice).await.status, 303);
    assert_eq!(stage.browser.get("/oauth/logout?state=a&state=b").await.status, 400, "which of the two?");
}

/// Without an ID token the person is asked, and sent back afterwards.
async fn a_client_id_names_the_client_as_well_as_a_hint_does(app: &TestApp) {
    let stage = signed_in(app).await;
    let asked = [("client_id", &*stage.web.client_id), ("post_logout_redirect_uri", BACK), ("state", "s")];
    let page = stage.logout(&asked).await;
    assert!(
        page.words(".lead").starts_with("Web asks to sign you out. You are signed in here as ada"),
        "{}",
        page.body
    );
    assert!(
        !page.header("content-security-policy").expect("one").contains("form-action"),
        "the form ends at the client"
    );
    let after = confirmed(&stage, &page).await;
    assert_eq!((after.status, after.location()), (303, &*format!("{BACK}?state=s")));
    is_over(&stage).await;
}

/// Section 4: nothing to end, and the client's page waits.
async fn whoever_is_not_signed_in_goes_back_all_the_same(app: &TestApp) {
    let stage = signed_in(app).await;
    let stranger = app.browser();
    let with = |name, value: &str| logout_url(&[(name, value), ("post_logout_redirect_uri", BACK), ("state", "s")]);
    let by_hint = stranger.get(&with("id_token_hint", &stage.id_token())).await;
    assert_eq!(by_hint.location(), format!("{BACK}?state=s"));
    let by_name = stranger.get(&with("client_id", &stage.web.client_id)).await;
    assert_eq!(by_name.location(), format!("{BACK}?state=s"));
    assert_eq!(stranger.get("/oauth/logout").await.location(), "/logout");
    assert!(stage.is_signed_in().await, "in the other browser");
}

/// Section 4: expired, signed by a key that signs no more; A58.
async fn an_old_id_token_is_a_hint_too(app: &TestApp) {
    app.restart_with(|config| config.sign_in.session_idle = 2 * 86_400).await;
    let stage = signed_in(app).await;
    let (here, algorithm) = (app.app(), part(&stage.id_token(), 0)["alg"].as_str().and_then(SigningAlgorithm::parse));
    let algorithms = [algorithm.expect("an algorithm")];
    rotate(&here, None, Actor::Operator, &algorithms, How::Ahead).await.unwrap_or_else(|failure| panic!("{failure}"));
    let ahead = u64::try_from(here.config.keys.publish_ahead).expect("seconds");
    app.wait(ahead);
    app.db_sweep().await;
    // Signing goes on; the session does, too.
    let code = stage.web.code(&stage.browser, &[("scope", "openid")]).await;
    let fresh = stage.web.redeem(&code).await.text("id_token");
    assert_ne!(part(&fresh, 0)["kid"], part(&stage.id_token(), 0)["kid"], "another key signs");
    app.wait(2 * 3600);
    let page = stage.logout(&[("id_token_hint", &stage.id_token()), ("post_logout_redirect_uri", BACK)]).await;
    assert_eq!(page.location(), BACK);
    is_over(&stage).await;
}

/// What hangs on a session outlives its last visit, and goes with whoever signs out then: by a client that shows an ID token
/// of it, in whatever browser, or by a page that was left open.
async fn signing_out_after_the_idle_limit_ends_what_is_left(app: &TestApp) {
    let idle = app.app().config.sign_in.session_idle;
    for (way, pairwise) in
        [("hint", false), ("hint", true), ("another browser", false), ("another browser", true), ("page", false)]
    {
        let stage = signed_in_with(app, relying_party(), "openid", |metadata| {
            metadata.refresh_without_offline_access = true;
            metadata.backchannel_logout_uri = Some("https://rp.example/out".to_owned());
            metadata.subject_type = pairwise.then_some(SubjectType::Pairwise);
        })
        .await;
        let other = app.db_client(relying_party()).await;
        app.db_metadata(&other, |metadata| {
            metadata.backchannel_logout_uri = Some("https://other.example/out".to_owned());
            metadata.frontchannel_logout_uri = Some("https://client.example/out".to_owned());
        })
        .await;
        other.code(&stage.browser, &[("scope", "openid")]).await;
        let page = stage.browser.get("/logout").await;
        app.wait(idle.unsigned_abs());
        assert!(!stage.is_signed_in().await, "{way}");
        let refreshed = stage.web.refresh(&stage.tokens.text("refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{way}: nobody signed out");
        let asked = [("id_token_hint", &*stage.id_token()), ("post_logout_redirect_uri", BACK)];
        match way {
            "page" => {
                let after = stage.browser.submit(&page, "logout-confirm", &[]).await;
                assert_eq!(after.attributes("iframe", "src"), ["https://client.example/out"]);
            }
            "hint" => {
                let after = stage.logout(&asked).await;
                assert_eq!(after.attributes("iframe", "src"), ["https://client.example/out"]);
                assert_eq!(after.attributes("#logout-continue", "href"), [BACK]);
            }
            _ => assert_eq!(app.browser().get(&logout_url(&asked)).await.location(), BACK, "nothing told of others"),
        }
        let dead = stage.web.refresh(&refreshed.text("refresh_token")).await;
        assert_eq!(dead.error(), "400 invalid_grant", "{way}");
        assert_eq!(queued(app).await.len(), 2, "{way}");
        stage.logout(&asked).await;
        assert_eq!(queued(app).await.len(), 2, "{way}: once");
        app.db_batch("DELETE FROM logout_tokens");
    }
}

async fn the_page_says_what_ends(app: &TestApp) {
    let stage = signed_in(app).await;
    let page = stage.browser.get("/logout").await;
    let said = page.words("#logout-ends");
    assert!(said.contains("unless you let them act while you are away"), "{said}");
    assert_eq!(page.words("#logout-ends li"), "Web");
    assert!(page.header("content-security-policy").expect("one").contains("form-action 'self'"));
}
