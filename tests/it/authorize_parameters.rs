//! Parameters of the authorization request: doubled, unknown, unsupported, and how they are sent (RFC 6749 section 3.1).

use std::io::ErrorKind;
use std::net::TcpListener;

use crate::seen::{at_client, kept, refusal};
use crate::support::db_shortcuts::web_client;
use crate::support::page::Page;
use crate::support::relying_party::{encode, s256};
use crate::support::{Browser, ClientSpec, RelyingParty, TestApp, on_both};

on_both!(
    a_doubled_client_or_redirect_uri_is_a_page,
    any_other_doubled_parameter_is_told_to_the_client,
    a_double_over_query_and_body_is_one_too,
    unknown_parameters_are_ignored,
    a_form_is_as_good_as_a_link,
    no_other_method_is_there,
    request_objects_of_nobody_are_refused_and_never_fetched,
    a_challenge_is_s256_or_nothing,
    a_confidential_client_may_be_registered_without_pkce,
    prompt_and_max_age_are_checked,
);

fn twice(party: &RelyingParty, name: &str, value: &str) -> String {
    let extra = [(name.to_owned(), value.to_owned())];
    format!("{}&{}", party.authorize_url(&[]), encode(&extra))
}

/// A form another site sends.
async fn posted(app: &TestApp, browser: &Browser, url: &str, fields: &[(String, String)]) -> Page {
    let request = app.shared.http.post(url).header("Sec-Fetch-Site", "cross-site").header("Origin", "https://c.test");
    browser.send(request.form(fields)).await
}

/// A14, D3 row 22.
async fn a_doubled_client_or_redirect_uri_is_a_page(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    for (name, value) in [
        ("client_id", web.client_id.as_str()),
        ("client_id", "other"),
        ("client_id", ""),
        ("redirect_uri", web.redirect_uri.as_str()),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", ""),
    ] {
        let seen = refusal(&browser.get(&twice(&web, name, value)).await);
        assert!(seen.ends_with(&format!("a request we cannot accept: {name} is given more than once.")), "{seen}");
        assert!(seen.starts_with("400 "), "{seen}");
    }
}

/// A14: equal or not, with or without a value; a doubled `state` is not echoed, as neither can be trusted.
async fn any_other_doubled_parameter_is_told_to_the_client(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    web.code(&browser, &[]).await;
    for name in ["response_type", "state", "code_challenge", "code_challenge_method"] {
        for value in ["", "other"] {
            let state = if name == "state" { "" } else { "state=af0ifjsldkj & " };
            assert_eq!(
                at_client(&browser.get(&twice(&web, name, value)).await, &web),
                format!(
                    "302 ? error=invalid_request & error_description=the parameter {name} was sent more than once \
                     (reference [reference]) & {state}iss=[issuer]"
                )
            );
        }
    }
    for name in ["scope", "response_mode", "prompt", "max_age", "login_hint", "nonce", "force_prompt"] {
        let url = format!("{}&{name}=1&{name}=2", web.authorize_url(&[]));
        let seen = at_client(&browser.get(&url).await, &web);
        assert!(seen.starts_with("302 ? error=invalid_request & error_description=the parameter"), "{name}: {seen}");
    }
}

/// A14.
async fn a_double_over_query_and_body_is_one_too(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    let all = web.request(&[]);
    for (name, value) in &all {
        let query = encode(&[(name.clone(), value.clone())]);
        let url = format!("{}/oauth/authorize?{query}", app.issuer());
        let again = posted(app, &browser, &url, &all).await;
        assert_eq!(again.status, 303, "{}", again.body);
        let page = browser.get(again.location()).await;
        match name.as_str() {
            "client_id" | "redirect_uri" => {
                assert!(refusal(&page).ends_with(&format!("{name} is given more than once.")))
            }
            _ => assert!(at_client(&page, &web).contains(&format!("the parameter {name} was sent more than once"))),
        }
    }
}

/// A15.
async fn unknown_parameters_are_ignored(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    web.code(&browser, &[]).await;
    let unknown = "&foo=1&foo=2&x%5b%5d=y&utm_source=z&audience=https://api.example&=&&&code=a&iss=b&error=c";
    let answer = browser.get(&format!("{}{unknown}", web.authorize_url(&[]))).await;
    assert_eq!(at_client(&answer, &web), "302 ? code=[code] & state=af0ifjsldkj & iss=[issuer]");
}

/// A15: the form itself changes nothing, because any site may send it.
async fn a_form_is_as_good_as_a_link(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    web.code(&browser, &[]).await;
    let before = kept(app);
    let url = format!("{}/oauth/authorize", app.issuer());
    let fields = web.request(&[("state", "a b&c=\u{e9}")]);
    let again = posted(app, &browser, &url, &fields).await;
    assert_eq!((again.status, again.location()), (303, format!("/oauth/authorize?{}", encode(&fields)).as_str()));
    assert!(kept(app) == before, "a form sent by another site changed something");
    let answer = browser.get(again.location()).await;
    assert_eq!(at_client(&answer, &web), "302 ? code=[code] & state=a b&c=\u{e9} & iss=[issuer]");
}

/// A15.
async fn no_other_method_is_there(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    let url = web.authorize_url(&[]);
    for method in ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let page = browser.send(app.shared.http.request(method.clone(), &url)).await;
        assert_eq!((page.status, page.header("allow")), (405, Some("GET, POST")), "{method}");
    }
}

/// A16.
async fn request_objects_of_nobody_are_refused_and_never_fetched(app: &TestApp) {
    let web = app.db_web_client().await;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let there = format!("http://{}/request", listener.local_addr().expect("an address"));
    for browser in [app.browser(), app.db_signed_in(&app.db_user("ada").await).await] {
        for (name, value, code) in [
            ("request", "eyJhbGciOiJub25lIn0.e30.", "invalid_request_object"),
            ("request_uri", there.as_str(), "invalid_request_uri"),
            ("request_uri", "urn:ietf:params:oauth:request_uri:x", "invalid_request_uri"),
            ("registration", "{}", "registration_not_supported"),
        ] {
            let seen = at_client(&browser.get(&web.authorize_url(&[(name, value)])).await, &web);
            assert!(seen.starts_with(&format!("302 ? error={code} & error_description=")), "{seen}");
            assert!(seen.ends_with("(reference [reference]) & state=af0ifjsldkj & iss=[issuer]"), "{seen}");
        }
    }
    assert_eq!(listener.accept().err().map(|error| error.kind()), Some(ErrorKind::WouldBlock), "nobody came");
}

/// S20, A25: confidential and public clients alike.
async fn a_challenge_is_s256_or_nothing(app: &TestApp) {
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    let good = s256("verifier");
    for party in [app.db_web_client().await, app.db_public_client().await] {
        for (challenge, method, why) in [
            ("", "", "code_challenge is missing"),
            ("", "S256", "code_challenge is missing"),
            (&good[..42], "S256", "code_challenge is not 43 base64url characters"),
            (&format!("{good}A"), "S256", "code_challenge is not 43 base64url characters"),
            (&"A".repeat(129), "S256", "code_challenge is not 43 base64url characters"),
            (&format!("{}=", &good[..42]), "S256", "code_challenge is not 43 base64url characters"),
            (&format!("{}.", &good[..42]), "S256", "code_challenge is not 43 base64url characters"),
            (&good, "", "code_challenge_method is missing; it must be S256"),
            (&good, "plain", "code_challenge_method must be S256"),
            (&good, "s256", "code_challenge_method must be S256"),
            (&good, "S512", "code_challenge_method must be S256"),
        ] {
            let changes = [("code_challenge", challenge), ("code_challenge_method", method)];
            let answer = browser.get(&party.authorize_url(&changes)).await;
            assert_eq!(
                at_client(&answer, &party),
                format!(
                    "302 ? error=invalid_request & error_description={why} (reference [reference]) & \
                     state=af0ifjsldkj & iss=[issuer]"
                ),
                "{challenge} {method}"
            );
        }
        let empty = format!("{}&code_challenge=", party.authorize_url(&[("code_challenge", "")]));
        assert!(at_client(&browser.get(&empty).await, &party).contains("not 43 base64url characters"));
    }
    assert_eq!((app.rows("grants"), app.rows("consent_requests")), (0, 0));
}

/// S20: the opt-out is a registered one, never a request's; a method without a challenge means nothing.
async fn a_confidential_client_may_be_registered_without_pkce(app: &TestApp) {
    let legacy = app.db_client(ClientSpec { require_pkce: Some(false), ..web_client() }).await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    for method in ["", "S256", "plain"] {
        let changes = [("code_challenge", ""), ("code_challenge_method", method)];
        let code = legacy.code(&browser, &changes).await;
        assert_eq!(legacy.redeem_with(&code, &[("code_verifier", "")]).await.status, 200, "{method:?}");
    }
    let plain = browser.get(&legacy.authorize_url(&[("code_challenge_method", "plain")])).await;
    assert!(at_client(&plain, &legacy).contains("error=invalid_request"), "what is sent is checked");
}

/// OpenID Connect Core section 3.1.2.1, A63.
async fn prompt_and_max_age_are_checked(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    for (name, value, code) in [
        ("prompt", "none login", "invalid_request"),
        ("prompt", "nonsense", "invalid_request"),
        ("prompt", "create", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("max_age", "1.5", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
        ("max_age", "999999999999999999999", "invalid_request"),
        ("response_mode", "web_message", "invalid_request"),
        ("response_mode", "Query", "invalid_request"),
    ] {
        let answer = browser.get(&web.authorize_url(&[(name, value)])).await;
        assert!(at_client(&answer, &web).starts_with(&format!("302 ? error={code} & ")), "{name}={value}");
    }
}
