//! Where the authorization endpoint may send a browser, and where it must not (RFC 9700 section 2.1).

use crate::support::db_shortcuts::{public_client, strings, web_client};
use crate::support::page::Page;
use crate::support::relying_party::RelyingParty;
use crate::support::{Browser, ClientSpec, TestApp, on_both};

on_both!(
    only_the_registered_text_is_redirected_to,
    a_loopback_uri_may_come_with_any_port_and_nothing_else,
    a_redirect_uri_left_out_is_the_only_registered_one_or_a_page,
    an_unknown_disabled_or_deleted_client_is_a_page,
    state_and_issuer_come_back_with_every_redirect,
    the_registered_text_is_edited_never_written_anew,
    a_private_scheme_works_to_the_end,
    an_openly_registered_client_gets_no_redirect_a_stranger_asked_for,
    uris_that_could_mislead_cannot_be_registered,
    an_answer_goes_in_the_mode_that_was_asked_for,
);

/// An error page that names `word`, and no redirect.
pub fn is_page(page: &Page, word: &str) {
    assert_eq!((page.status, page.header("location")), (400, None), "{}: {}", page.url, page.body);
    assert!(page.words("main").contains(word), "{word} in {}", page.words("main"));
    assert!(!page.error_reference().is_empty());
}

async fn ask(browser: &Browser, party: &RelyingParty, redirect_uri: &str) -> Page {
    browser.get(&party.authorize_url(&[("redirect_uri", redirect_uri), ("scope", "org:read")])).await
}

fn with_uris(uris: &[&str]) -> ClientSpec {
    ClientSpec { redirect_uris: strings(uris), ..web_client() }
}

/// A01, C03, C05, S6, S56.
async fn only_the_registered_text_is_redirected_to(app: &TestApp) {
    let (web, ada) = (app.db_client(with_uris(&["https://c.test/cb"])).await, app.db_user("ada").await);
    let (browser, stranger) = (app.db_signed_in(&ada).await, app.browser());
    for wrong in [
        "https://c.test/cb/",
        "https://c.test/cb?x=1",
        "https://c.test/cb?",
        "https://c.test/cb#f",
        "https://c.test/cb#",
        "https://c.test/CB",
        "https://C.test/cb",
        "HTTPS://c.test/cb",
        "https://c.test/./cb",
        "https://c.test/x/../cb",
        "https://c.test/%2e%2e/cb",
        "https://c.test/%63b",
        "https://c.test/cb-evil",
        "https://c.test/cb/../x",
        "https://c.test:443/cb",
        "https://c.test./cb",
        "https://c.test@evil.test/cb",
        "https://user@c.test/cb",
        "https://c.test.evil.test/cb",
        "https://c.test\\@evil",
        "https:\\\\c.test\\cb",
        "http://c.test/cb",
        "//c.test/cb",
        "/cb",
        "c.test/cb",
        "https://c.test/cb ",
        " https://c.test/cb",
        "https://c.test/cb\t",
        "https://c.test/cb\n",
        "https://c.test/cb\0",
        "https://c.test/cb\u{200b}",
        "https://ć.test/cb",
        "https://xn--fga.test/cb",
        "javascript:alert(1)",
        "https://c.test/cb,https://evil.test",
    ] {
        for visitor in [&browser, &stranger] {
            let page = ask(visitor, &web, wrong).await;
            assert_eq!((page.status, page.header("location")), (400, None), "{wrong:?}: {}", page.body);
        }
    }
    is_page(&ask(&browser, &web, "https://c.test/cb/").await, "redirect_uri");
    assert!(ask(&browser, &web, "https://c.test/cb").await.has("#consent-allow"));
    assert_eq!(app.rows("grants"), 0);
}

/// A02, C04: RFC 8252 section 7.3.
async fn a_loopback_uri_may_come_with_any_port_and_nothing_else(app: &TestApp) {
    let spec = ClientSpec { redirect_uris: strings(&["http://127.0.0.1/cb", "http://[::1]/cb"]), ..public_client() };
    let (native, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    for right in ["http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", "http://[::1]:1/cb", "http://[::1]:65535/cb"] {
        let party = RelyingParty { redirect_uri: right.to_owned(), ..native.clone() };
        let code = party.code(&browser, &[("scope", "org:read")]).await;
        assert_eq!(party.redeem(&code).await.status, 200, "{right}");
        let other = [("redirect_uri", "http://127.0.0.1:2/cb")];
        let code = party.code(&browser, &[("scope", "org:read")]).await;
        assert_eq!(party.redeem_with(&code, &other).await.error(), "400 invalid_grant", "{right}");
    }
    for wrong in [
        "http://127.0.0.1:1@evil/cb",
        "http://127.0.0.1:@evil/cb",
        "http://127.0.0.1:1:1@evil/cb",
        "http://[::1]:9@evil/cb",
        "http://user@127.0.0.1/cb",
        "http://127.0.0.1:x/cb",
        "http://127.0.0.1:70000/cb",
        "http://127.0.0.1:-1/cb",
        "http://127.0.0.1:1 /cb",
        "http://127.0.0.1:1/other",
        "http://127.0.0.1:1/cb/",
        "http://127.0.0.1:1/cb?x",
        "http://127.0.0.1:1/cb#x",
        "http://127.0.0.1:1\\@evil/cb",
        "https://127.0.0.1:1/cb",
        "http://localhost:1/cb",
        "http://127.0.0.2/cb",
        "http://127.1/cb",
        "http://2130706433/cb",
        "http://127.0.0.1.evil.test/cb",
    ] {
        let page = ask(&browser, &native, wrong).await;
        assert_eq!((page.status, page.header("location")), (400, None), "{wrong}");
    }
}

/// A04, S7, S17, S57.
async fn a_redirect_uri_left_out_is_the_only_registered_one_or_a_page(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let one = app.db_web_client().await;
    let code = one.code(&browser, &[("redirect_uri", "")]).await;
    assert_eq!(one.redeem(&code).await.status, 200, "bound to the registered one");
    let two = app.db_client(with_uris(&["https://c.test/a", "https://c.test/b"])).await;
    is_page(&browser.get(&two.authorize_url(&[("redirect_uri", "")])).await, "redirect_uri");
}

/// A05, S3.
async fn an_unknown_disabled_or_deleted_client_is_a_page(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    for client_id in ["", "nobody", "%00", "' OR 1=1 --", &"x".repeat(300)] {
        is_page(&browser.get(&web.authorize_url(&[("client_id", client_id)])).await, "client_id");
    }
    app.db_disable_client(&web).await;
    is_page(&browser.get(&web.authorize_url(&[])).await, "client_id");
    is_page(&app.browser().get(&web.authorize_url(&[("prompt", "none")])).await, "client_id");
    app.db_enable_client(&web).await;
    assert_eq!(browser.get(&web.authorize_url(&[])).await.status, 200);
    let asked = grantor::flows::clients::delete::request(&app.app(), &web.client_id, None).await;
    asked.unwrap_or_else(|failure| panic!("{failure}"));
    is_page(&browser.get(&web.authorize_url(&[])).await, "client_id");
}

/// A06, S9: success, refusal and denial; byte for byte.
async fn state_and_issuer_come_back_with_every_redirect(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let state = "a b+c&d=e%20f\"<>'é/?#[]@!$()*,;:~";
    let issuer = app.issuer().to_owned();
    let parameters = |page: &Page| page.redirected_to(&web.redirect_uri);
    let names = |page: &Page| parameters(page).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let value = |page: &Page, name: &str| parameters(page).into_iter().find(|pair| pair.0 == name).map(|pair| pair.1);

    let consent = browser.get(&web.authorize_url(&[("state", state), ("scope", "org:read")])).await;
    let denied = browser.submit(&consent, "consent-deny", &[]).await;
    assert_eq!((denied.status, value(&denied, "error").as_deref()), (303, Some("access_denied")));
    let consent = browser.get(&web.authorize_url(&[("state", state), ("scope", "org:read")])).await;
    let allowed = browser.submit(&consent, "consent-allow", &[]).await;
    assert_eq!((allowed.status, names(&allowed)), (303, strings(&["code", "state", "iss"])));
    let silent = browser.get(&web.authorize_url(&[("state", state), ("scope", "org:read")])).await;
    assert_eq!((silent.status, names(&silent)), (302, strings(&["code", "state", "iss"])));
    let refused = browser.get(&web.authorize_url(&[("state", state), ("scope", "foo")])).await;
    assert_eq!(names(&refused), strings(&["error", "error_description", "state", "iss"]));
    for page in [denied, allowed, silent, refused] {
        assert_eq!(value(&page, "state").as_deref(), Some(state));
        assert_eq!(value(&page, "iss").as_deref(), Some(issuer.as_str()));
    }
    let without = browser.get(&web.authorize_url(&[("state", ""), ("scope", "org:read")])).await;
    assert_eq!(names(&without), strings(&["code", "iss"]));
    let metadata = app.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
}

/// `https://example.com` stays without a slash; C06: the registered query is kept and doubles nothing.
async fn the_registered_text_is_edited_never_written_anew(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    for (registered, expected) in [
        ("https://example.com", "https://example.com?code=[code]&state=s&iss=[issuer]"),
        ("https://example.com/", "https://example.com/?code=[code]&state=s&iss=[issuer]"),
        ("https://example.com?a=&b", "https://example.com?a=&b&code=[code]&state=s&iss=[issuer]"),
        ("https://example.com/cb?x=%20y", "https://example.com/cb?x=%20y&code=[code]&state=s&iss=[issuer]"),
        ("https://example.com/cb?code=1&a=2&state=3", "https://example.com/cb?a=2&code=[code]&state=s&iss=[issuer]"),
        ("https://example.com:8443/a;b/(c)", "https://example.com:8443/a;b/(c)?code=[code]&state=s&iss=[issuer]"),
    ] {
        let party = app.db_client(with_uris(&[registered])).await;
        let consent = browser.get(&party.authorize_url(&[("state", "s")])).await;
        let page = browser.submit(&consent, "consent-allow", &[]).await;
        assert_eq!(page.named(page.location()), expected);
    }
}

/// S19: approve, deny, state, force and implicit.
async fn a_private_scheme_works_to_the_end(app: &TestApp) {
    app.restart_with(|config| config.tokens.implicit = true).await;
    let spec = ClientSpec {
        redirect_uris: strings(&["com.example.app:/cb"]),
        response_types: Some(strings(&["code", "token"])),
        ..public_client()
    };
    let (native, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let code = native.code(&browser, &[("scope", "org:read")]).await;
    assert_eq!(native.redeem(&code).await.status, 200);
    let consent = browser.get(&native.authorize_url(&[("scope", "org:read")])).await;
    assert!(consent.has("#consent-allow"), "a private scheme belongs to whoever listens: asked again");
    let denied = browser.submit(&consent, "consent-deny", &[]).await;
    assert_eq!(
        denied.named(denied.location()),
        "com.example.app:/cb?error=access_denied&state=af0ifjsldkj&iss=[issuer]"
    );
    let token = [("response_type", "token"), ("code_challenge", ""), ("code_challenge_method", "")];
    let consent = browser.get(&native.authorize_url(&token)).await;
    let page = browser.submit(&consent, "consent-allow", &[]).await;
    assert!(page.location().starts_with("com.example.app:/cb#access_token="), "{}", page.location());
    for wrong in ["com.example.app:/cb/", "com.example.app://cb", "com.example.app:/cbx", "com.example.APP:/cb"] {
        is_page(&ask(&browser, &native, wrong).await, "redirect_uri");
    }
}

/// A13: RFC 9700 section 4.11.2.
async fn an_openly_registered_client_gets_no_redirect_a_stranger_asked_for(app: &TestApp) {
    app.db_user("maker").await;
    let spec = ClientSpec { owner: Some("maker".to_owned()), verified: false, ..web_client() };
    let (theirs, ours) = (app.db_client(spec).await, app.db_web_client().await);
    let stranger = app.browser();
    for change in [("scope", "foo"), ("response_type", "foo")] {
        let page = stranger.get(&theirs.authorize_url(&[change])).await;
        assert_eq!((page.status, page.header("location")), (400, None), "{change:?}");
        assert_eq!(stranger.get(&ours.authorize_url(&[change])).await.status, 302);
    }
    let page = stranger.get(&theirs.authorize_url(&[("prompt", "none")])).await;
    assert_eq!((page.status / 100, page.header("location")), (4, None), "prompt=none: {}", page.body);
    let page = stranger.get(&ours.authorize_url(&[("prompt", "none")])).await;
    assert!(page.location().contains("error=login_required"), "{}", page.location());
}

/// A03, A04: every way in uses the same check.
async fn uris_that_could_mislead_cannot_be_registered(app: &TestApp) {
    let refused = async |uri: &str| {
        let made = grantor::flows::clients::create::create(&app.app(), with_uris(&[uri]), None, None).await;
        match made {
            Err(grantor::flows::clients::ClientFailure::Metadata(problems)) => {
                problems.iter().any(|problem| problem.field == "redirect_uris")
            }
            _ => false,
        }
    };
    for uri in [
        "http://c.test/cb",
        "http://127.0.0.1.evil.test/cb",
        "http://10.0.0.1/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "/cb",
        "//c.test/cb",
        "c.test/cb",
        "",
        "https://c.test/cb#f",
        "https://c.test/cb#",
        "https://user@c.test/cb",
        "https://user:pw@c.test/cb",
        "https://*.c.test/cb",
        "https://c.test/*",
        "myapp:/cb",
        "https://c.test/../cb",
        "https://c.test/%2e%2e/cb",
        "https://c.test/cb\u{0}",
        "https://c.test/c b",
        "https://ć.test/cb",
        "https:///cb",
    ] {
        assert!(refused(uri).await, "{uri:?}");
    }
    assert_eq!(app.rows("clients"), 0);
    for uri in ["https://c.test", "http://127.0.0.1/cb", "http://[::1]/cb", "com.example.app:/cb"] {
        assert!(!refused(uri).await, "{uri}");
    }
}

/// RFC 6749 section 4.1.2, OAuth 2.0 Multiple Response Types, OAuth 2.0 Form Post.
async fn an_answer_goes_in_the_mode_that_was_asked_for(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    app.db_code(&web, &ada, &[]).await;
    let fragment = browser.get(&web.authorize_url(&[("response_mode", "fragment")])).await;
    assert_eq!(
        fragment.named(fragment.location()),
        "https://client.example/cb#code=[code]&state=af0ifjsldkj&iss=[issuer]"
    );
    let posted =
        browser.get(&web.authorize_url(&[("response_mode", "form_post"), ("state", "\"><svg onload=x>")])).await;
    assert_eq!(posted.status, 200);
    let form = posted.form("form-post-continue");
    assert_eq!(form.action, web.redirect_uri);
    let names: Vec<&str> = form.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!((form.value("state"), form.value("iss")), ("\"><svg onload=x>", app.issuer()));
    assert_eq!(web.redeem(form.value("code")).await.status, 200);
    assert!(!posted.has("svg[onload]"));
    let refused = [("response_mode", "form_post"), ("scope", "foo")];
    let posted = browser.get(&web.authorize_url(&refused)).await;
    assert_eq!(posted.form("form-post-continue").value("error"), "invalid_scope");
    for unknown in ["web_message", "jwt", "QUERY"] {
        let page = browser.get(&web.authorize_url(&[("response_mode", unknown)])).await;
        assert!(page.location().starts_with("https://client.example/cb?error=invalid_request&"), "A63 {unknown}");
    }
}
