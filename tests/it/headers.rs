//! Headers of every page, and text of strangers that stays text.

use grantor::flows::audit::Actor;

use crate::seen::refusal;
use crate::support::answer::Answer;
use crate::support::db_shortcuts::web_client;
use crate::support::page::Page;
use crate::support::{Browser, ClientSpec, TestApp, on_both};

on_both!(
    every_page_forbids_frames_stores_and_referrers,
    a_form_that_may_end_at_a_client_has_no_form_action,
    an_answer_by_form_runs_one_script_by_nonce,
    no_page_loads_anything_from_elsewhere,
    what_a_stranger_sends_is_shown_as_text,
    what_a_client_is_called_is_shown_as_text,
    machine_answers_are_never_stored,
    cookies_are_for_this_host_and_hidden_from_scripts,
);

const SELF: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
                    form-action 'self'";
const OPEN: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
const MARK: &str = "\"><svg onload=alert(1)>'</script><script>alert(2)</script>&lt;{{7*7}}";

fn policy(answer: &Answer) -> &str {
    answer.header("content-security-policy").unwrap_or("none")
}

/// Every kind of page and redirect there is, by name.
async fn all_pages(app: &TestApp, browser: &Browser) -> Vec<(&'static str, Page)> {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let mut pages = vec![
        ("sign-in", browser.get("/login").await),
        ("sign-in for a client", browser.get(&web.authorize_url(&[])).await),
        ("signed out", browser.get("/logout").await),
        ("bad client", browser.get(&web.authorize_url(&[("client_id", "x")])).await),
        ("bad query", browser.get("/oauth/authorize?a=%zz").await),
        ("error at the client", browser.get(&web.authorize_url(&[("scope", "x")])).await),
        ("not found", browser.get("/nowhere").await),
        ("void form", browser.post(web_form("/logout")).await),
        ("void sign-in form", browser.post(web_form("/login")).await),
        ("home, signed out", browser.get("/").await),
        ("registration", browser.get("/register").await),
        ("set-up", browser.get("/set-up?token=x").await),
    ];
    let wrong = [("username", "ada"), ("password", "wrong")];
    pages.push(("wrong password", browser.submit(&browser.get("/login").await, "login-submit", &wrong).await));
    browser.sign_in(&ada).await;
    let consent = browser.get(&web.authorize_url(&[])).await;
    pages.extend([
        ("home", browser.get("/").await),
        ("sessions", browser.get("/account/sessions").await),
        ("password", browser.get("/account/password").await),
        ("step-up", browser.get("/step-up").await),
        ("sign out", browser.get("/logout").await),
        ("answer", browser.submit(&consent, "consent-allow", &[]).await),
        ("answered twice", browser.submit(&consent, "consent-allow", &[]).await),
        ("consent", consent),
        ("silent answer", browser.get(&web.authorize_url(&[])).await),
        ("form_post", browser.get(&web.authorize_url(&[("response_mode", "form_post")])).await),
    ]);
    pages
}

fn web_form(action: &str) -> crate::support::page::Form {
    crate::support::page::Form { action: action.to_owned(), fields: Vec::new() }
}

/// A10, A11, A31.
async fn every_page_forbids_frames_stores_and_referrers(app: &TestApp) {
    for (name, page) in all_pages(app, &app.browser()).await {
        for (header, expected) in [
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(page.all(header), [expected], "{header} of {name} ({})", page.status);
        }
        assert_eq!(page.all("content-security-policy").len(), 1, "{name}");
        assert!(policy(&page).starts_with(OPEN), "{name}: {}", policy(&page));
        assert!(page.header("x-request-id").is_some(), "{name}");
        for telling in ["server", "x-powered-by", "etag"] {
            assert_eq!(page.header(telling), None, "{telling} of {name}");
        }
        assert!(!matches!(page.status, 301 | 307 | 308), "{name}: A08");
    }
}

/// A10: Chromium and Safari hold form-action against the redirect that follows.
async fn a_form_that_may_end_at_a_client_has_no_form_action(app: &TestApp) {
    for (name, page) in all_pages(app, &app.browser()).await {
        match name {
            "consent" | "sign-in" | "sign-in for a client" | "void sign-in form" | "wrong password" => {
                assert_eq!(policy(&page), OPEN, "{name}")
            }
            "form_post" => {}
            _ => assert_eq!(policy(&page), SELF, "{name} ({})", page.status),
        }
    }
}

/// OAuth 2.0 Form Post Response Mode: the nonce is new each time, and there is a button for everybody else.
async fn an_answer_by_form_runs_one_script_by_nonce(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    web.code(&browser, &[]).await;
    let mut nonces = Vec::new();
    for _ in 0..3 {
        let page = browser.get(&web.authorize_url(&[("response_mode", "form_post")])).await;
        let nonce = page.attributes("script", "nonce").remove(0);
        assert_eq!(policy(&page), format!("{OPEN}; script-src 'nonce-{nonce}'"));
        assert!(nonce.len() >= 22 && page.has("#form-post-continue"));
        nonces.push(nonce);
    }
    nonces.dedup();
    assert_eq!(nonces.len(), 3);
}

/// A11: only links a person clicks lead away, and none of them tells where from.
async fn no_page_loads_anything_from_elsewhere(app: &TestApp) {
    for (name, page) in all_pages(app, &app.browser()).await {
        for (selector, attribute) in
            [("[src]", "src"), ("link[href]", "href"), ("[srcset]", "srcset"), ("[style]", "style")]
        {
            for value in page.attributes(selector, attribute) {
                assert!(value.starts_with("/assets/"), "{name}: {value}");
            }
        }
        for action in page.attributes("form[action]", "action") {
            assert!(name == "form_post" || action.starts_with('/'), "{name}: {action}");
        }
        for handler in ["onclick", "onload", "onsubmit", "onerror"] {
            assert!(!page.has(&format!("[{handler}]")), "{name}: {handler}");
        }
        assert_eq!(page.has("script"), name == "form_post", "{name}");
    }
}

/// C69, D3 row 21: whatever field it stands in.
async fn what_a_stranger_sends_is_shown_as_text(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    app.restart_with(|config| config.dev = true).await;
    let browser = app.browser();
    let fields = [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "prompt",
        "max_age",
        "nonce",
        "login_hint",
        "code_challenge",
        "code_challenge_method",
        "return_to",
        "done",
        "token",
        "ix",
        "request_uri",
    ];
    for signed_in in [false, true] {
        if signed_in {
            browser.sign_in(&ada).await;
        }
        for field in fields {
            let query: String = url::form_urlencoded::byte_serialize(MARK.as_bytes()).collect();
            for path in [
                web.authorize_url(&[(field, MARK)]),
                web.authorize_url(&[(field, MARK), ("response_mode", "form_post"), ("prompt", "none")]),
                format!("/login?{field}={query}"),
                format!("/account/sessions?{field}={query}"),
                format!("/set-up?{field}={query}"),
                format!("/{query}"),
            ] {
                clean(&browser.get(&path).await, field);
            }
        }
        let page = browser.get("/login?return_to=/").await;
        for field in ["username", "password", "return_to", "csrf_token"] {
            clean(&browser.submit(&page, "login-submit", &[(field, MARK)]).await, field);
        }
    }
    assert!(!app.log().contains("<svg onload"), "nor in the log");
}

fn clean(page: &Page, field: &str) {
    assert!(!page.has("svg[onload]") && !page.body.contains("<svg onload"), "{field}: {}", page.body);
    assert!(!page.body.contains("alert(2)</script>"), "{field}");
    assert!(page.status < 500, "{field}: {}", page.status);
}

/// C69, C67: names are free text; addresses must be https to be links at all.
async fn what_a_client_is_called_is_shown_as_text(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let name = "\"><svg onload=alert(1)> & <b>'x'";
    let hostile = "https://client.example/?\"><svg/onload=alert(1)>";
    let web = app.db_client(ClientSpec { name: Some(name.to_owned()), ..web_client() }).await;
    // As it may stand there since before such addresses were refused.
    app.db_client_row(&web, |row| row.homepage_url = Some(hostile.to_owned())).await;
    let browser = app.browser();
    let page = browser.get(&web.authorize_url(&[])).await;
    assert_eq!(page.words(".banner bdi"), name);
    clean(&page, "sign-in");
    browser.sign_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("response_mode", "form_post")])).await;
    assert_eq!(page.words("h1 bdi"), name);
    clean(&page, "consent");
    clean(&browser.allow(page).await, "form_post");
    let refused = browser.get(&web.authorize_url(&[("redirect_uri", "https://x.example")])).await;
    assert!(refusal(&refused).contains(name));
    clean(&refused, "error");
    for url in [hostile, "javascript:alert(1)", "data:text/html,x", "http://client.example/", "//client.example/"] {
        let spec = ClientSpec { homepage_url: Some(url.to_owned()), ..web_client() };
        assert!(
            grantor::flows::clients::create::create(&app.app(), None, Actor::Operator, spec, None, None).await.is_err(),
            "{url}"
        );
    }
}

/// A31.
async fn machine_answers_are_never_stored(app: &TestApp) {
    let web = app.db_web_client().await;
    for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke"] {
        let answers = [
            web.post(path, &[]).await,
            app.get(path).await,
            web.post(path, &[("token".to_owned(), "x".to_owned())]).await,
        ];
        for answer in answers {
            assert_eq!((answer.header("cache-control"), answer.header("pragma")), (Some("no-store"), Some("no-cache")));
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path} {}", answer.status);
            assert_eq!(answer.all("set-cookie"), [""; 0], "{path}");
        }
    }
}

/// ASVS 3.3.1 to 3.3.4; on plain http, which is this machine only, without `Secure`.
async fn cookies_are_for_this_host_and_hidden_from_scripts(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.browser();
    let page = browser.get("/login").await;
    let after = browser.sign_in_on(&page, &ada).await;
    let port = app.address().port();
    let seen = |answer: &Answer| -> Vec<String> {
        answer
            .all("set-cookie")
            .iter()
            .map(|line| {
                let (pair, rest) = line.split_once("; ").unwrap_or((line, ""));
                format!("{}; {rest}", pair.split('=').next().unwrap_or_default())
            })
            .collect()
    };
    let (browser_cookie, session) = (format!("grantor_browser_{port}"), format!("grantor_session_{port}"));
    assert_eq!(seen(&page), [format!("{browser_cookie}; HttpOnly; SameSite=Lax; Path=/; Max-Age=34560000")]);
    assert_eq!(seen(&after), [format!("{session}; HttpOnly; SameSite=Lax; Path=/; Max-Age=604800")]);
    app.restart_with(|config| config.server.issuer = "https://id.example".to_owned()).await;
    let page = app.get("/login").await;
    assert_eq!(seen(&page), ["__Host-grantor_browser; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=34560000"]);
    assert_eq!(page.header("strict-transport-security"), Some("max-age=63072000; includeSubDomains"));
}
