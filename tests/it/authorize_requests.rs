//! What an authorization request may ask for (RFC 6749 section 4.1.1, RFC 7636 section 4.3).

use crate::authorize_redirects::is_page;
use crate::support::db_shortcuts::{public_client, strings, web_client};
use crate::support::page::{Form, Page};
use crate::support::relying_party::{RelyingParty, encode};
use crate::support::{Browser, ClientSpec, Person, TestApp, on_both};

on_both!(
    a_response_type_that_is_off_is_unsupported,
    a_response_type_the_client_may_not_use_is_unauthorized,
    the_implicit_grant_answers_in_the_fragment,
    an_unknown_scope_is_refused_in_the_answers_own_place,
    a_code_challenge_must_be_s256,
    a_public_client_needs_pkce,
    a_method_without_a_challenge_is_ignored,
    each_parameter_comes_once,
    unknown_parameters_are_ignored,
    a_posted_request_changes_nothing_and_comes_back_as_a_link,
    other_methods_are_not_allowed,
    request_objects_are_not_supported,
    sizes_are_limited,
);

async fn stage(app: &TestApp, spec: ClientSpec) -> (RelyingParty, Person, Browser) {
    let (party, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    (party, ada, browser)
}

/// Error and its description of a redirect, from the query or the fragment.
fn error(party: &RelyingParty, page: &Page) -> String {
    let parameters = page.redirected_to(&party.redirect_uri);
    let error = parameters.iter().find(|(name, _)| name == "error");
    error.unwrap_or_else(|| panic!("no error in {}", page.location())).1.clone()
}

fn implicit_client() -> ClientSpec {
    ClientSpec { response_types: Some(strings(&["code", "token"])), ..public_client() }
}

const TOKEN: [(&str, &str); 3] = [("response_type", "token"), ("code_challenge", ""), ("code_challenge_method", "")];

/// A07, S1, S2.
async fn a_response_type_that_is_off_is_unsupported(app: &TestApp) {
    let (web, _, browser) = stage(app, web_client()).await;
    for (response_type, expected) in [
        ("", "invalid_request"),
        ("foobar", "unsupported_response_type"),
        ("token", "unsupported_response_type"),
        ("id_token", "unsupported_response_type"),
        ("id_token token", "unsupported_response_type"),
        ("code token", "unsupported_response_type"),
        ("code id_token", "unsupported_response_type"),
        ("CODE", "unsupported_response_type"),
        ("none", "unsupported_response_type"),
    ] {
        let page = browser.get(&web.authorize_url(&[("response_type", response_type)])).await;
        assert_eq!(error(&web, &page), expected, "{response_type:?}");
        let in_fragment = response_type.contains("token");
        assert_eq!(page.location().contains('#'), in_fragment, "{}", page.location());
    }
    assert_eq!(app.rows("grants"), 0);
}

/// A07.
async fn a_response_type_the_client_may_not_use_is_unauthorized(app: &TestApp) {
    app.restart_with(|config| config.tokens.implicit = true).await;
    let (web, _, browser) = stage(app, web_client()).await;
    let page = browser.get(&web.authorize_url(&TOKEN)).await;
    assert_eq!(error(&web, &page), "unauthorized_client");
    assert!(page.location().starts_with("https://client.example/cb#error="), "{}", page.location());
    let metadata = app.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(metadata["response_types_supported"], serde_json::json!(["code", "token"]));
}

/// S14, S15: never a refresh token, never without a click.
async fn the_implicit_grant_answers_in_the_fragment(app: &TestApp) {
    app.restart_with(|config| config.tokens.implicit = true).await;
    let (spa, _, browser) = stage(app, implicit_client()).await;
    let api = app.db_resource_server("https://api.example", &["org"]).await;
    let link = spa.authorize_url(&[&TOKEN[..], &[("scope", "org:read")]].concat());
    let denied = browser.submit(&browser.get(&link).await, "consent-deny", &[]).await;
    assert_eq!(
        denied.named(denied.location()),
        "https://spa.example/cb#error=access_denied&state=af0ifjsldkj&iss=[issuer]"
    );
    assert_eq!(app.rows("access_tokens"), 0);
    for _ in 0..2 {
        let consent = browser.get(&link).await;
        assert!(consent.has("#consent-allow"), "asked every time");
        let page = browser.submit(&consent, "consent-allow", &[]).await;
        assert_eq!(
            page.named(page.location()),
            "https://spa.example/cb#access_token=[access token]&token_type=Bearer&expires_in=3600\
             &scope=org%3Aread&state=af0ifjsldkj&iss=[issuer]"
        );
        let token = &page.redirected_to(&spa.redirect_uri)[0].1;
        assert!(api.is_active(token).await);
    }
    assert_eq!(app.rows("refresh_tokens"), 0);
}

/// S4, S5, A41.
async fn an_unknown_scope_is_refused_in_the_answers_own_place(app: &TestApp) {
    app.restart_with(|config| config.tokens.implicit = true).await;
    let (spa, _, browser) = stage(app, implicit_client()).await;
    for scope in ["foo", "org:read foo", "org:admin", "project:read", "Org:read"] {
        let page = browser.get(&spa.authorize_url(&[("scope", scope)])).await;
        assert_eq!(error(&spa, &page), "invalid_scope", "{scope}");
        assert!(page.location().starts_with("https://spa.example/cb?error="), "{}", page.location());
        let page = browser.get(&spa.authorize_url(&[&TOKEN[..], &[("scope", scope)]].concat())).await;
        assert!(page.location().starts_with("https://spa.example/cb#error=invalid_scope"), "{}", page.location());
    }
    assert_eq!((app.rows("grants"), app.rows("access_tokens"), app.rows("consent_requests")), (0, 0, 0));
}

/// A25, S20.
async fn a_code_challenge_must_be_s256(app: &TestApp) {
    let (web, _, browser) = stage(app, web_client()).await;
    let good = web.challenge();
    let bad_character = format!("{}!", &good[..42]);
    for (challenge, method) in [
        (good.as_str(), "plain"),
        (&good, ""),
        (&good, "s256"),
        (&good, "S512"),
        (&good[..42], "S256"),
        (&"a".repeat(129), "S256"),
        (&"a".repeat(44), "S256"),
        (&bad_character, "S256"),
        ("", "S256"),
    ] {
        let mut parameters = web.request(&[("code_challenge", ""), ("code_challenge_method", method)]);
        parameters.push(("code_challenge".to_owned(), challenge.to_owned()));
        let page = browser.get(&format!("/oauth/authorize?{}", encode(&parameters))).await;
        assert_eq!(error(&web, &page), "invalid_request", "{challenge} {method}");
    }
    assert_eq!((app.rows("grants"), app.rows("consent_requests")), (0, 0));
}

/// A25.
async fn a_public_client_needs_pkce(app: &TestApp) {
    let (spa, _, browser) = stage(app, public_client()).await;
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    assert_eq!(error(&spa, &browser.get(&spa.authorize_url(&without)).await), "invalid_request");
    let free = app.db_client(ClientSpec { require_pkce: Some(false), ..web_client() }).await;
    assert!(browser.get(&free.authorize_url(&without)).await.has("#consent-allow"), "S20: confidential may opt out");
    let spec = ClientSpec { require_pkce: Some(false), ..public_client() };
    assert!(grantor::flows::clients::create::create(&app.app(), spec, None, None).await.is_err());
}

/// S20.
async fn a_method_without_a_challenge_is_ignored(app: &TestApp) {
    let (web, _, browser) = stage(app, ClientSpec { require_pkce: Some(false), ..web_client() }).await;
    let code = web.code(&browser, &[("code_challenge", "")]).await;
    assert_eq!(web.redeem_with(&code, &[("code_verifier", "")]).await.status, 200);
}

/// A14, C06: in the query, in the body, split over both.
async fn each_parameter_comes_once(app: &TestApp) {
    let (web, _, browser) = stage(app, web_client()).await;
    for name in ["client_id", "redirect_uri"] {
        let mut parameters = web.request(&[]);
        let again = parameters.iter().find(|(known, _)| known == name).expect("it is there").clone();
        parameters.push(again);
        is_page(&browser.get(&format!("/oauth/authorize?{}", encode(&parameters))).await, name);
    }
    for name in [
        "response_type",
        "state",
        "scope",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "response_mode",
        "nonce",
    ] {
        let mut parameters = web.request(&[("scope", "org:read")]);
        parameters.retain(|(known, _)| known != name);
        for _ in 0..2 {
            parameters.push((name.to_owned(), "query".to_owned()));
        }
        let page = browser.get(&format!("/oauth/authorize?{}", encode(&parameters))).await;
        assert_eq!(error(&web, &page), "invalid_request", "{name}");
        assert_eq!(page.location().matches("state=").count(), usize::from(name != "state"), "{}", page.location());
    }
    let split = Form {
        action: format!("/oauth/authorize?{}", encode(&web.request(&[]))),
        fields: vec![("state".to_owned(), "another".to_owned())],
    };
    let page = browser.post(split).await;
    let page = browser.get(page.location()).await;
    assert_eq!(error(&web, &page), "invalid_request");
}

/// A15.
async fn unknown_parameters_are_ignored(app: &TestApp) {
    let (web, _, browser) = stage(app, web_client()).await;
    let link = web.authorize_url(&[("resource_owner", "x"), ("display", "page"), ("ui_locales", "fr")]);
    assert!(browser.get(&format!("{link}&utm=1&utm=2")).await.has("#consent-allow"));
}

/// A15, A08: POST re-enters GET, also from another site, and stores nothing.
async fn a_posted_request_changes_nothing_and_comes_back_as_a_link(app: &TestApp) {
    let (web, _, browser) = stage(app, web_client()).await;
    let url = app.shared.url("/oauth/authorize");
    let request = app.shared.http.post(&url).header("Origin", "https://client.example");
    let request = request.header("Sec-Fetch-Site", "cross-site").form(&web.request(&[("scope", "org:read")]));
    let answer = browser.send(&url, request).await;
    assert_eq!(answer.status, 303);
    assert_eq!(app.rows("consent_requests"), 0);
    let consent = browser.get(answer.location()).await;
    let page = browser.submit(&consent, "consent-allow", &[]).await;
    assert_eq!(web.redeem(&web.code_of(&page)).await.status, 200);
}

/// A15.
async fn other_methods_are_not_allowed(app: &TestApp) {
    let (web, _, browser) = stage(app, web_client()).await;
    let url = web.authorize_url(&[]);
    for method in ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let method = method.parse().expect("a method");
        let answer = browser.send(&url, app.shared.http.request(method, &url)).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, POST")));
    }
}

/// A16: and nothing is fetched: no address of anybody's is even looked at.
async fn request_objects_are_not_supported(app: &TestApp) {
    let (web, _, browser) = stage(app, web_client()).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener that does not wait");
    let uri = format!("http://{}/request.jwt", listener.local_addr().expect("an address"));
    for (name, value, expected) in [
        ("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported"),
        ("request_uri", uri.as_str(), "request_uri_not_supported"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:x", "request_uri_not_supported"),
    ] {
        let page = browser.get(&web.authorize_url(&[(name, value)])).await;
        assert_eq!(error(&web, &page), expected);
    }
    assert!(listener.accept().is_err(), "nobody called");
}

/// A66.
async fn sizes_are_limited(app: &TestApp) {
    let (web, _, browser) = stage(app, web_client()).await;
    for (name, limit) in [("state", 2048), ("nonce", 512), ("login_hint", 320)] {
        let page = browser.get(&web.authorize_url(&[(name, &"x".repeat(limit))])).await;
        assert!(page.has("#consent-allow"), "{name}");
        let page = browser.get(&web.authorize_url(&[(name, &"x".repeat(limit + 1))])).await;
        assert_eq!(error(&web, &page), "invalid_request", "{name}");
    }
    let page = browser.get(&web.authorize_url(&[("scope", &"org:read ".repeat(600))])).await;
    assert_eq!(error(&web, &page), "invalid_scope");
    let long = format!("https://client.example/{}", "x".repeat(3000));
    is_page(&browser.get(&web.authorize_url(&[("redirect_uri", &long)])).await, "redirect_uri");
    let many = format!("{}{}", web.authorize_url(&[]), "&a=1".repeat(200));
    assert_eq!(browser.get(&many).await.status, 400);
}
