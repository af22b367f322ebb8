//! Where the authorization endpoint may send a browser (RFC 6749 section 3.1.2, RFC 9700 section 4.1.3).

use grantor::flows::audit::Actor;
use grantor::flows::clients::delete;

use crate::seen::{at_client, at_uri, refusal};
use crate::support::db_shortcuts::{public_client, strings, web_client};
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    a_redirect_uri_is_compared_byte_for_byte,
    a_parameter_that_is_no_text_is_a_page,
    a_native_app_may_listen_on_any_port,
    nothing_before_or_after_a_loopback_port_is_let_through,
    of_two_registered_uris_the_request_names_one,
    the_only_registered_uri_need_not_be_named,
    a_client_that_is_not_there_gets_no_redirect,
    a_private_scheme_stands_in_the_location_as_registered,
    what_would_send_a_code_elsewhere_cannot_be_registered,
);

const NOT_REGISTERED: &str =
    "400 Web sent you here with a request we cannot accept: redirect_uri is not registered for this client.";

/// A01, C03, C05, S6, S56: in a browser where the right URI is answered at once, without a click.
async fn a_redirect_uri_is_compared_byte_for_byte(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    web.code(&browser, &[]).await;
    assert_eq!(browser.get(&web.authorize_url(&[])).await.status, 302);
    for other in [
        "https://client.example/cb/",
        "https://client.example/cb?x=1",
        "https://client.example/cb?",
        "https://client.example/cb#f",
        "https://client.example/cb#",
        "https://client.example/CB",
        "https://CLIENT.example/cb",
        "HTTPS://client.example/cb",
        "https://client.example/./cb",
        "https://client.example/x/../cb",
        "https://client.example/%2e%2e/cb",
        "https://client.example/%63b",
        "https://client.example//cb",
        "https://client.example/cb/deeper",
        "https://client.example/c",
        "https://client.example/",
        "https://client.example",
        "https://client.example:443/cb",
        "https://client.example./cb",
        "https://client.example@evil.example/cb",
        "https://user@client.example/cb",
        "https://client.example.evil.example/cb",
        "https://evil.example/https://client.example/cb",
        "https://client.example\\@evil.example",
        "https://client.example/cb\\",
        "http://client.example/cb",
        "//client.example/cb",
        "/cb",
        "client.example/cb",
        "https://client.example/cb%20",
        "https://client.example/cb ",
        " https://client.example/cb",
        "https://cli\u{435}nt.example/cb",
        "https://xn--clint-1of.example/cb",
        "javascript:alert(1)",
    ] {
        let page = browser.get(&web.authorize_url(&[("redirect_uri", other)])).await;
        assert_eq!(refusal(&page), NOT_REGISTERED, "{other:?}");
    }
    let long = format!("https://client.example/cb?{}", "x".repeat(3000));
    assert_eq!(refusal(&browser.get(&web.authorize_url(&[("redirect_uri", &long)])).await), NOT_REGISTERED);
}

/// A01: a tab or a NUL at the end makes the whole query unreadable.
async fn a_parameter_that_is_no_text_is_a_page(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    for (tail, why) in [
        ("%09", "the text contains a control character"),
        ("%00", "the text contains a control character"),
        ("%0d%0aX: y", "the text contains a control character"),
        ("%", "a percent sign is not followed by two hexadecimal digits"),
        ("%zz", "a percent sign is not followed by two hexadecimal digits"),
        ("%ff", "the text is not UTF-8"),
        ("%c0%af", "the text is not UTF-8"),
    ] {
        let url =
            format!("{}{}", web.authorize_url(&[("redirect_uri", "https://client.example/cb")]), "&redirect_uri=");
        let page = browser.get(&format!("{url}{}", tail.replace(' ', "+"))).await;
        let expected = format!("400 You were sent here with a request we cannot accept: {why}.");
        assert_eq!(refusal(&page), expected, "{tail}");
    }
}

/// A02: RFC 8252 section 7.3, and the page always asks (A17).
async fn a_native_app_may_listen_on_any_port(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let native = app
        .db_client(ClientSpec {
            redirect_uris: strings(&["http://127.0.0.1/cb", "http://[::1]/cb"]),
            ..public_client()
        })
        .await;
    let browser = app.db_signed_in(&ada).await;
    for uri in ["http://127.0.0.1/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:49152/cb", "http://[::1]:65535/cb"] {
        let page = browser.get(&native.authorize_url(&[("redirect_uri", uri)])).await;
        assert!(page.has("#consent-allow"), "{uri}: {}", page.body);
        let answer = browser.allow(page).await;
        assert_eq!(at_uri(&answer, uri), "303 ? code=[code] & state=af0ifjsldkj & iss=[issuer]");
    }
}

/// A02, C04.
async fn nothing_before_or_after_a_loopback_port_is_let_through(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let native = app
        .db_client(ClientSpec {
            name: Some("Web".to_owned()),
            redirect_uris: strings(&["http://127.0.0.1/cb", "http://[::1]/cb"]),
            ..public_client()
        })
        .await;
    let browser = app.db_signed_in(&ada).await;
    for other in [
        "http://127.0.0.1:1@evil/cb",
        "http://127.0.0.1:@evil/cb",
        "http://127.0.0.1:1:1@evil/cb",
        "http://[::1]:9@evil/cb",
        "http://127.0.0.1@evil/cb",
        "http://127.0.0.1.evil/cb",
        "http://127.0.0.1:80.evil/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:080/cb",
        "http://127.0.0.1:8080/other",
        "http://127.0.0.1:8080/cb/",
        "http://127.0.0.1:8080/cb?x",
        "http://127.0.0.1:8080/cb#f",
        "https://127.0.0.1:8080/cb",
        "http://localhost:8080/cb",
        "http://localhost/cb",
        "http://127.1:8080/cb",
        "http://2130706433/cb",
        "http://0.0.0.0/cb",
        "http://[::ffff:127.0.0.1]/cb",
    ] {
        let page = browser.get(&native.authorize_url(&[("redirect_uri", other)])).await;
        assert_eq!(refusal(&page), NOT_REGISTERED, "{other:?}");
    }
}

/// A04, S17, S57.
async fn of_two_registered_uris_the_request_names_one(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let uris = ["https://client.example/cb", "https://client.example/other"];
    let web = app.db_client(ClientSpec { redirect_uris: strings(&uris), ..web_client() }).await;
    let browser = app.db_signed_in(&ada).await;
    assert_eq!(
        refusal(&browser.get(&web.authorize_url(&[("redirect_uri", "")])).await),
        "400 Web sent you here with a request we cannot accept: redirect_uri is missing."
    );
    for uri in uris {
        let page = browser.get(&web.authorize_url(&[("redirect_uri", uri)])).await;
        let answer = browser.allow(page).await;
        assert!(at_uri(&answer, uri).contains("code=[code]"));
    }
}

/// S7.
async fn the_only_registered_uri_need_not_be_named(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("redirect_uri", "")])).await;
    let answer = browser.allow(page).await;
    assert_eq!(at_client(&answer, &web), "303 ? code=[code] & state=af0ifjsldkj & iss=[issuer]");
}

/// A05, S3: signed in or not, whatever else is wrong too.
async fn a_client_that_is_not_there_gets_no_redirect(app: &TestApp) {
    let (off, gone, ada) = (
        app.db_web_client().await,
        app.db_client(ClientSpec { name: Some("Gone".to_owned()), ..web_client() }).await,
        app.db_user("ada").await,
    );
    app.db_disable_client(&off).await;
    delete::request(&app.app(), None, Actor::Operator, &gone.client_id, Some(0)).await.expect("the store answers");
    app.wait(1);
    assert_eq!(delete::carry_out_due(&app.app()).await.expect("the store answers"), 1);
    for browser in [app.browser(), app.db_signed_in(&ada).await] {
        let missing = browser.get(&off.authorize_url(&[("client_id", "")])).await;
        assert_eq!(refusal(&missing), "400 You were sent here with a request we cannot accept: client_id is missing.");
        let long = "x".repeat(256);
        for client_id in [off.client_id.as_str(), &gone.client_id, "nobody", "' OR 1=1 --", &long, "\u{1f680}"] {
            for wrong in [&[][..], &[("scope", "nonsense")], &[("prompt", "none")], &[("response_type", "token")]] {
                let mut changes = vec![("client_id", client_id)];
                changes.extend_from_slice(wrong);
                assert_eq!(
                    refusal(&browser.get(&off.authorize_url(&changes)).await),
                    "400 You were sent here with a request we cannot accept: client_id names no active application.",
                    "{client_id}"
                );
            }
        }
    }
}

/// S19: allow, deny, state; and never without a click.
async fn a_private_scheme_stands_in_the_location_as_registered(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let uri = "com.example.app:/oauth/cb";
    let native = app
        .db_client(ClientSpec { name: Some("Web".to_owned()), redirect_uris: strings(&[uri]), ..public_client() })
        .await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&native.authorize_url(&[])).await;
    assert!(page.words(".notice.warn").contains("an application on this device"), "{}", page.body);
    let denied = browser.submit(&page, "consent-deny", &[]).await;
    assert_eq!(at_client(&denied, &native), "303 ? error=access_denied & state=af0ifjsldkj & iss=[issuer]");
    for _ in 0..2 {
        let page = browser.get(&native.authorize_url(&[])).await;
        assert!(page.has("#consent-allow"), "it always asks");
        let answer = browser.allow(page).await;
        assert_eq!(at_client(&answer, &native), "303 ? code=[code] & state=af0ifjsldkj & iss=[issuer]");
    }
    for other in ["com.example.app:/oauth/cb/", "com.example.app:/oauth", "com.example.app://oauth/cb"] {
        assert_eq!(refusal(&browser.get(&native.authorize_url(&[("redirect_uri", other)])).await), NOT_REGISTERED);
    }
}

/// A03, C67.
async fn what_would_send_a_code_elsewhere_cannot_be_registered(app: &TestApp) {
    for uri in [
        "http://client.example/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "/cb",
        "https://client.example/cb#f",
        "https://user@client.example/cb",
        "https://*.client.example/cb",
        "myapp:/cb",
        "https://client.example/../cb",
    ] {
        let spec = ClientSpec { redirect_uris: strings(&[uri]), ..web_client() };
        let refused =
            grantor::flows::clients::create::create(&app.app(), None, Actor::Operator, spec, None, None).await;
        let problems = refused.err().map(|failure| failure.to_string()).unwrap_or_default();
        assert!(problems.contains("redirect_uris"), "{uri}: {problems:?}");
    }
    assert_eq!(app.rows("clients"), 0);
}
