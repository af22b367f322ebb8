//! `prompt=login` and `max_age` of people whose only factor is upstream: what the provider tells of when they signed in
//! there is the proof, and that it answered is none (OpenID Connect Core section 3.1.2.1).

use serde_json::json;

use crate::seen::at_client;
use crate::support::page::Page;
use crate::support::upstream::Upstream;
use crate::support::{Browser, RelyingParty, TestApp, on_both};

on_both!(
    a_managed_account_proves_itself_where_it_is_managed,
    an_answer_that_does_not_tell_when_is_no_new_proof,
    max_age_is_judged_by_what_the_provider_tells,
    prompt_login_asks_the_provider_for_a_sign_in_of_now,
    a_dangerous_page_sends_people_without_a_password_to_their_provider,
    what_the_provider_saw_long_ago_is_no_fresh_proof,
    a_provider_whose_clock_is_a_minute_slow_sends_nobody_in_circles,
);

struct Stage {
    upstream: Upstream,
    web: RelyingParty,
    browser: Browser,
}

/// Nell's account was made by acme's provider; she let the client in once.
async fn stage(app: &TestApp, tells: bool) -> Stage {
    for secret in ["upstream-access", "upstream-refresh"] {
        app.shared.secrets.saw(secret);
    }
    let upstream = Upstream::start(app.clock.clone());
    upstream.tells_auth_time(tells);
    app.as_dev().await;
    let acme = app.db_org("acme").await;
    app.db_provider(&acme, "oidc", &upstream.oidc_settings()).await;
    upstream.says(json!({ "sub": "u1", "email": "nell@acme.example", "email_verified": true, "name": "Nell" }));
    let (web, browser) = (app.db_web_client().await, app.browser());
    let asked = there_and_back(&browser, &upstream, "/login/acme").await;
    let asked = browser.get(asked.location()).await;
    assert_eq!(browser.submit(&asked, "sso-new", &[]).await.status, 303);
    web.code(&browser, &[("scope", "org:read")]).await;
    Stage { upstream, web, browser }
}

async fn there_and_back(browser: &Browser, upstream: &Upstream, path: &str) -> Page {
    let door = browser.get(path).await;
    let left = browser.submit(&door, "sso-continue", &[]).await;
    assert_eq!(left.status, 303, "{}", left.body);
    browser.get(&upstream.allows(left.location())).await
}

/// A password she does not have is not asked for.
async fn a_managed_account_proves_itself_where_it_is_managed(app: &TestApp) {
    let Stage { upstream, web, browser } = stage(app, true).await;
    app.wait(30);
    let request = web.authorize_url(&[("scope", "org:read"), ("prompt", "login")]);
    let sent = browser.get(&request).await;
    assert!(sent.location().starts_with("/login/acme?return_to="), "{}", sent.location());
    assert!(sent.location().ends_with("&prompt=login"), "{}", sent.location());
    let back = there_and_back(&browser, &upstream, sent.location()).await;
    assert_eq!(back.status, 302, "{}", back.body);
    let seen = at_client(&browser.get(back.location()).await, &web);
    assert_eq!(seen, "302 ? code=[code] & state=af0ifjsldkj & iss=[issuer]");
    let again = browser.get(back.location()).await;
    assert!(again.location().starts_with("/login/acme?"), "the proof counts once: {}", again.location());
    let quiet = web.authorize_url(&[("scope", "org:read"), ("prompt", "none"), ("max_age", "0")]);
    app.wait(1);
    assert!(at_client(&browser.get(&quiet).await, &web).starts_with("302 ? error=login_required & "));
}

/// The upstream's own session may be a week old. It is said plainly, once, and nobody is sent round in circles.
async fn an_answer_that_does_not_tell_when_is_no_new_proof(app: &TestApp) {
    let Stage { upstream, web, browser } = stage(app, false).await;
    for wish in [("prompt", "login"), ("max_age", "600")] {
        let request = web.authorize_url(&[("scope", "org:read"), wish]);
        let sent = browser.get(&request).await;
        assert!(sent.location().starts_with("/login/acme?return_to="), "{wish:?}: {}", sent.location());
        let page = there_and_back(&browser, &upstream, sent.location()).await;
        assert_eq!(
            (page.status, page.words("h1").as_str()),
            (403, "Your provider does not say when you signed in"),
            "{wish:?}: {}",
            page.body
        );
        assert!(page.body.contains("auth_time"), "{}", page.body);
        let event = app.db_audit().await.pop().expect("an event");
        assert!(event.event == "sign_in.failed" && event.data.contains("sso_no_auth_time"), "{}", event.data);
        // Even by a way round that asks the provider for nothing, its bare answer proves nothing.
        let plain = sent.location().trim_end_matches("&prompt=login").to_owned();
        let fresh = app.browser();
        for (name, value) in browser.cookies().into_iter().filter(|(_, value)| !value.starts_with("gss_")) {
            fresh.set_cookie(&name, &value);
        }
        let back = there_and_back(&fresh, &upstream, &plain).await;
        assert_eq!(back.status, 302, "{}", back.body);
        let answer = fresh.get(back.location()).await;
        assert!(answer.location().starts_with("/login/acme?"), "{wish:?}: {}", answer.location());
    }
    assert_eq!(app.rows("grants"), 1, "only the one from before");
    let seen = at_client(&browser.get(&web.authorize_url(&[("prompt", "none"), ("max_age", "600")])).await, &web);
    assert!(seen.starts_with("302 ? error=login_required & "), "{seen}");
    let seen = at_client(&browser.get(&web.authorize_url(&[("scope", "org:read")])).await, &web);
    assert_eq!(seen, "302 ? code=[code] & state=af0ifjsldkj & iss=[issuer]", "whoever asks for no age gets on");
}

async fn max_age_is_judged_by_what_the_provider_tells(app: &TestApp) {
    let Stage { upstream, web, browser } = stage(app, true).await;
    let within = web.authorize_url(&[("scope", "org:read"), ("max_age", "100")]);
    app.wait(100);
    let seen = at_client(&browser.get(&within).await, &web);
    assert_eq!(seen, "302 ? code=[code] & state=af0ifjsldkj & iss=[issuer]");
    app.wait(1);
    let sent = browser.get(&within).await;
    assert!(sent.location().starts_with("/login/acme?return_to="), "{}", sent.location());
    let back = there_and_back(&browser, &upstream, sent.location()).await;
    let seen = at_client(&browser.get(back.location()).await, &web);
    assert_eq!(seen, "302 ? code=[code] & state=af0ifjsldkj & iss=[issuer]");
}

/// OpenID Connect Core section 3.1.2.1: without `max_age` a provider need not say when; zero makes it say so.
async fn prompt_login_asks_the_provider_for_a_sign_in_of_now(app: &TestApp) {
    let Stage { upstream: _upstream, browser, .. } = stage(app, true).await;
    let asks = async |path: &str| {
        let left = browser.submit(&browser.get(path).await, "sso-continue", &[]).await;
        let url = url::Url::parse(left.location()).expect("an address");
        let value =
            |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
        (value("prompt"), value("max_age"))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(asks("/login/acme?return_to=/&prompt=login").await, (some("login"), some("0")));
    app.wait(601);
    assert_eq!(asks("/login/acme?return_to=/account/sessions").await, (None, some("600")), "a step-up of our own");
}

/// ASVS 7.5.3: whoever has no password here is asked where they have one, and nothing they type here counts against them.
async fn a_dangerous_page_sends_people_without_a_password_to_their_provider(app: &TestApp) {
    let Stage { upstream, browser, .. } = stage(app, true).await;
    assert_eq!(browser.get("/account/tokens/new").await.status, 200, "she has just come from there");
    app.wait(601);
    for page in ["/account/tokens/new", "/account/delete", "/account/developer/new", "/account/identities/unlink"] {
        let sent = browser.get(page).await;
        assert!(sent.location().starts_with("/step-up?return_to="), "{page}: {}", sent.location());
        let sent = browser.get(sent.location()).await;
        let back = url::form_urlencoded::byte_serialize(page.as_bytes()).collect::<String>();
        assert_eq!((sent.status, sent.location()), (302, format!("/login/acme?return_to={back}").as_str()));
    }
    let mut form = browser.get("/account").await.sign_out_form().with(&[("password", "guessed")]);
    form.action = "/step-up".to_owned();
    assert_eq!(browser.post(form).await.location(), "/login/acme");
    assert!(!app.db_events().await.iter().any(|event| event == "sign_in.failed"), "no password was tried");

    let back = there_and_back(&browser, &upstream, "/login/acme?return_to=/account/tokens/new").await;
    assert_eq!(back.location(), "/account/tokens/new", "{}", back.body);
    assert_eq!(browser.get(back.location()).await.status, 200);
}

/// The provider answers at once, out of a session of its own that began long ago: she is signed in, and has proven nothing
/// anew. `auth_time` is what counts, not the time of the answer.
async fn what_the_provider_saw_long_ago_is_no_fresh_proof(app: &TestApp) {
    let Stage { upstream, .. } = stage(app, true).await;
    let browser = app.browser();
    upstream.signed_in_at(Some(app.now() - 3600));
    let back = there_and_back(&browser, &upstream, "/login/acme").await;
    assert_eq!(browser.get(back.location()).await.status, 200, "a silent answer signs in");
    let sent = browser.get("/account/tokens/new").await;
    assert!(sent.location().starts_with("/step-up?"), "and is no fresh proof: {}", sent.status);
    let silent = there_and_back(&browser, &upstream, "/login/acme?return_to=/account/tokens/new").await;
    assert_eq!(silent.status, 403, "asked to look again, it did not: {}", silent.body);
    assert!(browser.get("/account/tokens/new").await.location().starts_with("/step-up?"));

    upstream.signed_in_at(Some(app.now()));
    let back = there_and_back(&browser, &upstream, "/login/acme?return_to=/account/tokens/new").await;
    assert_eq!(browser.get(back.location()).await.status, 200, "{}", back.body);
}

/// The same minute where it answers and where the request is judged; more is no new sign-in.
async fn a_provider_whose_clock_is_a_minute_slow_sends_nobody_in_circles(app: &TestApp) {
    let Stage { upstream, web, browser } = stage(app, true).await;
    for (slow, believed) in [(60, true), (61, false)] {
        for wish in [("prompt", "login"), ("max_age", "30")] {
            app.wait(1000);
            let sent = browser.get(&web.authorize_url(&[("scope", "org:read"), wish])).await;
            assert!(sent.location().starts_with("/login/acme?return_to="), "{}", sent.location());
            upstream.signed_in_at(Some(app.now() - slow));
            let back = there_and_back(&browser, &upstream, sent.location()).await;
            assert_eq!(back.status, if believed { 302 } else { 403 }, "{slow} {wish:?}: {}", back.body);
            if believed {
                let seen = at_client(&browser.get(back.location()).await, &web);
                assert_eq!(seen, "302 ? code=[code] & state=af0ifjsldkj & iss=[issuer]", "{wish:?}");
            }
        }
    }
}
