//! An issuer with a path, and headers that claim another (RFC 8414 section 3.1, RFC 9700 section 4.13).

use grantor::config::Config;
use grantor::protocol::issuer::Issuer;

use crate::seen::at_client;
use crate::support::relying_party::encode;
use crate::support::{Browser, TestApp, on_both};

on_both!(
    everything_stands_below_the_issuers_path,
    the_issuer_is_one_string_everywhere,
    nobody_makes_the_server_call_itself_otherwise,
    a_forwarded_address_counts_only_from_a_listed_proxy,
    an_issuer_that_is_not_safe_is_no_issuer,
);

const PATH: &str = "/tenants/one";

async fn move_below(app: &TestApp) -> String {
    let issuer = format!("{}{PATH}", app.issuer());
    let text = issuer.clone();
    app.restart_with(move |config: &mut Config| config.server.issuer = text).await;
    issuer
}

/// A62: sign-in, consent, answer, redemption and sign-out; nothing answers above.
async fn everything_stands_below_the_issuers_path(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let issuer = move_below(app).await;
    let browser = app.browser();
    let query = encode(&web.request(&[("scope", "org:read")]));
    let page = browser.get(&format!("{PATH}/oauth/authorize?{query}")).await;
    for link in page.attributes("link[href], a[href^='/'], form[action]", "href") {
        assert!(link.starts_with(PATH) || link.starts_with('#'), "{link}");
    }
    let style = page.attributes("link[rel=stylesheet]", "href").remove(0);
    assert_eq!(browser.get(&style).await.header("content-type"), Some("text/css; charset=utf-8"));
    let after = browser.sign_in_on(&page, &ada).await;
    assert_eq!(after.location(), format!("{PATH}/oauth/authorize?{query}"));
    let answer = browser.allow(browser.get(after.location()).await).await;
    let iss = format!("iss={issuer}").replace(app.issuer(), "[issuer]");
    assert_eq!(at_client(&answer, &web), format!("303 ? code=[code] & state=af0ifjsldkj & {iss}"));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &web.code_of(&answer)),
        ("redirect_uri", &web.redirect_uri),
        ("code_verifier", &web.verifier),
    ];
    let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let tokens = web.post(&format!("{PATH}/oauth/token"), &fields).await;
    let token = vec![("token".to_owned(), tokens.text("access_token"))];
    let seen = web.post(&format!("{PATH}/oauth/introspect"), &token).await;
    assert_eq!((seen.json()["active"].clone(), seen.text("iss")), (true.into(), issuer));
    assert_eq!(web.post(&format!("{PATH}/oauth/revoke"), &token).await.status, 200);
    let out = browser.get(&format!("{PATH}/logout")).await;
    let after = browser.submit(&out, "logout-confirm", &[]).await;
    assert_eq!(after.location(), format!("{PATH}/logout"));
    for path in
        ["/oauth/authorize", "/oauth/token", "/login", "/", "/tenants", "/tenants/oneoauth/token", "/tenants/ONE/login"]
    {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
}

/// A62, A06: at both well-known forms.
async fn the_issuer_is_one_string_everywhere(app: &TestApp) {
    for (issuer, places) in [
        (app.issuer().to_owned(), vec!["/.well-known/oauth-authorization-server".to_owned()]),
        (
            move_below(app).await,
            vec![
                format!("/.well-known/oauth-authorization-server{PATH}"),
                format!("{PATH}/.well-known/oauth-authorization-server"),
            ],
        ),
    ] {
        for place in places {
            if issuer == app.issuer() {
                app.restart_with(|config| config.server.issuer = app.issuer().to_owned()).await;
            } else {
                let text = issuer.clone();
                app.restart_with(move |config| config.server.issuer = text).await;
            }
            let document = app.get(&place).await.json();
            assert_eq!(document["issuer"], issuer, "{place}");
            for (name, value) in document.as_object().expect("an object") {
                if let (true, Some(url)) = (name.ends_with("_endpoint"), value.as_str()) {
                    assert!(url.starts_with(&format!("{issuer}/oauth/")), "{name}: {url}");
                }
            }
        }
    }
}

/// A61, C56.
async fn nobody_makes_the_server_call_itself_otherwise(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    for proxies in [vec![], vec!["127.0.0.1/32".parse().expect("a network")]] {
        app.restart_with(move |config| config.server.trusted_proxies = proxies).await;
        let browser = app.db_signed_in(&ada).await;
        web.code(&browser, &[]).await;
        let authorize = web.authorize_url(&[]);
        let metadata = app.shared.url("/.well-known/oauth-authorization-server");
        for url in [metadata, authorize, app.shared.url("/login"), app.shared.url("/"), app.shared.url("/nowhere")] {
            let request = app
                .shared
                .http
                .get(&url)
                .header("Host", "evil.example")
                .header("X-Forwarded-Host", "evil.example")
                .header("X-Forwarded-Proto", "https")
                .header("X-Forwarded-Prefix", "/evil")
                .header("X-Original-URL", "/evil")
                .header("X-Rewrite-URL", "/evil")
                .header("Forwarded", "for=192.0.2.9;host=evil.example;proto=https");
            let answer = browser.send(request).await;
            assert!(!answer.whole().contains("evil"), "{url}: {}", answer.whole());
            assert!(!answer.whole().contains("Secure"), "{url}");
        }
    }
}

/// A61: limits and the record see the address a listed proxy names, else the peer.
async fn a_forwarded_address_counts_only_from_a_listed_proxy(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let claimed = Browser::behind_proxy(&app.shared, "192.0.2.7");
    claimed.sign_in(&ada).await;
    let page = claimed.get("/account/sessions").await;
    assert!(page.body.contains("127.0.0.1") && !page.body.contains("192.0.2.7"));
    app.restart_with(|config| config.server.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")]).await;
    let spoofed = Browser::behind_proxy(&app.shared, "6.6.6.6, 192.0.2.7");
    spoofed.sign_in(&ada).await;
    let page = spoofed.get("/account/sessions").await;
    assert!(page.body.contains("192.0.2.7") && !page.body.contains("6.6.6.6"));
}

/// A62: the server does not start.
async fn an_issuer_that_is_not_safe_is_no_issuer(app: &TestApp) {
    for text in [
        "http://id.example",
        "http://10.0.0.1:8080",
        "id.example",
        "https://id.example/?x",
        "https://id.example/#x",
        "https://user@id.example",
        "ftp://id.example",
        "https://id.example//x",
        "",
    ] {
        assert!(Issuer::parse(text).is_err(), "{text}");
        let mut config = app.app().config.clone();
        config.server.issuer = text.to_owned();
        let started = grantor::app::start::start(config, app.clock.clone()).await;
        assert!(started.err().is_some_and(|error| error.to_string().contains("issuer")), "{text}");
    }
}
