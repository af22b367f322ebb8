//! What a redirect URI may and may not be answered at.

use proptest::prelude::*;

use super::*;

fn owned(uris: &[&str]) -> Vec<String> {
    uris.iter().map(|uri| (*uri).to_owned()).collect()
}

fn redirect(uris: &[&str], requested: Option<&str>) -> Result<String, RedirectRefusal> {
    TrustedRedirect::for_request(&owned(uris), requested).map(|redirect| redirect.as_str().to_owned())
}

/// The rule in the most naive words: equal, or equal after writing some port behind a loopback host.
fn slow_matches(registered: &str, requested: &str) -> bool {
    let hosts = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
    let without_port = |host: &&&str| {
        let rest = registered.strip_prefix(**host);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest.starts_with('?'))
    };
    registered == requested
        || hosts.iter().find(without_port).is_some_and(|host| {
            let rest = &registered[host.len()..];
            (1..=65535).any(|port| format!("{host}:{port}{rest}") == requested)
        })
}

/// A01, C03, C05, S6, S56: byte for byte; no prefix, no normalising.
#[test]
fn anything_but_the_registered_bytes_is_refused() {
    let registered = ["https://c.test/cb"];
    assert_eq!(redirect(&registered, Some("https://c.test/cb")).as_deref(), Ok("https://c.test/cb"));
    for requested in [
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
        "https://c.test:443/cb",
        "https://c.test:8443/cb",
        "https://c.test@evil.test/cb",
        "https://evil@c.test/cb",
        "https://c.test.evil.test/cb",
        "https://c.test\\@evil.test/cb",
        "https://c.test\\@evil",
        "//c.test/cb",
        "/cb",
        "https://c.test/cb%20",
        "https://c.test/cb ",
        " https://c.test/cb",
        "https://c.test/cb\t",
        "https://c.test/cb\0",
        "https://c.test/cb\n",
        "https://c.test/cb-evil",
        "https://c.test//cb",
        "https://c.test./cb",
        "https://xn--ctest-1ve.test/cb",
        "https://\u{441}.test/cb",
        "http://c.test/cb",
        "javascript:alert(1)",
        "",
    ] {
        assert!(redirect(&registered, Some(requested)).is_err(), "{requested:?}");
    }
    assert!(redirect(&["https://c.test"], Some("https://c.test/")).is_err());
    assert!(redirect(&["https://c.test/"], Some("https://c.test")).is_err());
    assert!(redirect(&["com.example.app:/cb"], Some("com.example.app:/cb/")).is_err());
}

/// A02, C04, C05: any port, and nothing but the port.
#[test]
fn a_loopback_uri_without_port_matches_any_port_and_nothing_else() {
    let registered = ["http://127.0.0.1/cb", "http://[::1]/cb", "http://127.0.0.1:9000/fixed"];
    for requested in [
        "http://127.0.0.1/cb",
        "http://127.0.0.1:1/cb",
        "http://127.0.0.1:51004/cb",
        "http://127.0.0.1:65535/cb",
        "http://[::1]:51004/cb",
        "http://[::1]/cb",
        "http://127.0.0.1:9000/fixed",
    ] {
        assert_eq!(redirect(&registered, Some(requested)).as_deref(), Ok(requested));
    }
    for requested in [
        "http://127.0.0.1:1@evil/cb",
        "http://127.0.0.1:@evil/cb",
        "http://127.0.0.1:1:1@evil/cb",
        "http://127.0.0.1@evil/cb",
        "http://127.0.0.1:1.evil/cb",
        "http://127.0.0.1:80\\@evil/cb",
        "http://[::1]:9@evil/cb",
        "http://[::1]:9@evil",
        "http://evil@127.0.0.1:1/cb",
        "http://127.0.0.1:1/other",
        "http://127.0.0.1:1/cb/",
        "http://127.0.0.1:1/cb?x",
        "http://127.0.0.1:1/cb#f",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:080/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:99999999999999999999/cb",
        "http://127.0.0.1:+80/cb",
        "http://127.0.0.1:-1/cb",
        "http://127.0.0.1:\u{661}/cb",
        "https://127.0.0.1:1/cb",
        "http://localhost/cb",
        "http://localhost:1/cb",
        "http://127.0.0.2:1/cb",
        "http://127.1:1/cb",
        "http://[0:0:0:0:0:0:0:1]:1/cb",
        "http://127.0.0.1.evil.test:1/cb",
        "http://127.0.0.1:9001/fixed",
        "http://127.0.0.1/fixed",
    ] {
        assert!(redirect(&registered, Some(requested)).is_err(), "{requested}");
    }
    assert!(redirect(&["http://localhost/cb"], Some("http://localhost:3000/cb")).is_ok());
    assert!(redirect(&["http://localhost:3000/cb"], Some("http://localhost:3001/cb")).is_err());
    assert!(redirect(&["https://localhost/cb"], Some("https://localhost:3001/cb")).is_err());
    assert!(redirect(&["http://127.0.0.1"], Some("http://127.0.0.1:5")).is_ok());
    assert!(redirect(&["http://127.0.0.1?a"], Some("http://127.0.0.1:5?a")).is_ok());
    assert!(redirect(&["http://127.0.0.1"], Some("http://127.0.0.1:5/")).is_err());
}

/// A04, S7, S17, S57.
#[test]
fn without_redirect_uri_only_a_sole_registered_one_is_meant() {
    let sole = TrustedRedirect::for_request(&owned(&["https://c.test"]), None).unwrap();
    assert_eq!((sole.as_str(), sole.requested()), ("https://c.test", false));
    let several = redirect(&["https://c.test/a", "https://c.test/b"], None).unwrap_err();
    assert_eq!(several.detail().rule, "redirect_uri_missing");
    assert_eq!(redirect(&[], None).unwrap_err().detail().rule, "redirect_uri_none_registered");
    assert!(redirect(&[], Some("https://c.test")).is_err());
    assert!(redirect(&[], Some("javascript:alert(1)")).is_err());
}

/// A03: registered by an import or an older release.
#[test]
fn a_registered_uri_that_is_unsafe_is_never_used() {
    for uri in ["javascript:alert(1)", "http://c.test/cb", "https://u@c.test/cb", "https://c.test/#", "", "data:x"] {
        assert!(redirect(&[uri], Some(uri)).is_err(), "{uri}");
        assert_eq!(redirect(&[uri], None).unwrap_err().detail().rule, "redirect_uri_unsafe", "{uri}");
    }
}

#[test]
fn a_refusal_says_how_the_closest_registered_uri_differs() {
    let registered = ["https://c.test/cb", "http://127.0.0.1:9000/cb"];
    for (requested, hint) in [
        ("https://c.test/cb/", "differs only by a trailing slash"),
        ("https://c.test/CB", "differs only in upper and lower case"),
        ("https://c.test/cb?x=1", "query differs"),
        ("https://c.test/cb#x", "a redirect URI has no fragment"),
        ("https://u@c.test/cb", "user information before the host is never allowed"),
        ("http://c.test/cb", "scheme differs"),
        ("https://c.test:8443/cb", "port differs"),
        ("http://127.0.0.1:9001/cb", "port differs"),
        ("https://c.test/other", "path differs"),
        ("https://evil.test/cb", "not registered"),
    ] {
        let refused = redirect(&registered, Some(requested)).unwrap_err();
        assert_eq!(refused.detail().hint.as_deref(), Some(hint), "{requested}");
    }
    let error = OAuthError::from(redirect(&["https://c.test/cb"], Some("https://c.test/cb?secret=1")).unwrap_err());
    assert_eq!(
        (error.code, error.description.as_ref()),
        (ErrorCode::InvalidRequest, "redirect_uri is not registered for this client")
    );
    let detail = error.detail.unwrap();
    assert_eq!(detail.received.as_deref(), Some("https://c.test/cb?\u{2026}"));
    assert_eq!(detail.expected.as_deref(), Some("https://c.test/cb"));
}

#[test]
fn the_kind_of_destination_is_known() {
    let kind = |uri: &str| {
        let redirect = TrustedRedirect::for_request(&owned(&[uri]), Some(uri)).unwrap();
        let kinds = (redirect.is_https(), redirect.is_loopback(), redirect.is_private_scheme());
        (kinds, redirect.host_for_display().to_owned())
    };
    assert_eq!(kind("https://c.test:8443/cb"), ((true, false, false), "c.test".to_owned()));
    assert_eq!(kind("http://[::1]:5/cb"), ((false, true, false), "[::1]".to_owned()));
    assert_eq!(kind("https://localhost/cb"), ((true, true, false), "localhost".to_owned()));
    assert_eq!(kind("com.example.app:/cb"), ((false, false, true), "com.example.app".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// C05: the matcher agrees with the naive one on near misses.
    #[test]
    fn the_matcher_agrees_with_a_slow_one(
        registered in "(http|https)://(127\\.0\\.0\\.1|\\[::1\\]|localhost|c\\.test)(:[0-9]{1,2})?(/cb)?(\\?x)?",
        port in "(:[0-9]{0,6})?",
        tail in "(|/|@evil|\\?x|/cb|/cb\\?x|#f)",
    ) {
        let end = uri::split(&registered).host().len() + registered.find("//").unwrap_or_default() + 2;
        let rest = &registered[end..];
        for requested in [
            format!("{}{port}{tail}", &registered[..end]),
            format!("{}{port}{rest}", &registered[..end]),
            format!("{}{port}{rest}{tail}", &registered[..end]),
        ] {
            prop_assert_eq!(matches(&registered, &requested), slow_matches(&registered, &requested), "{}", requested);
        }
    }
}
