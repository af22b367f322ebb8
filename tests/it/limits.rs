//! How much a stranger may send, and what it leaves behind.

use crate::seen::{at_client, kept, refusal};
use crate::support::raw::{raw, status};
use crate::support::{TestApp, on_both};

on_both!(
    a_flood_of_authorization_requests_leaves_no_row,
    consent_pages_go_when_they_are_over,
    each_value_has_a_documented_size,
    a_request_has_at_most_a_hundred_parameters,
    a_body_has_at_most_64_kib,
    only_a_form_is_read,
    malformed_requests_are_never_an_accident,
    malformed_parameters_are_never_an_accident,
);

/// A19, D3 row 19: from browsers that bring no cookie, right requests and wrong ones.
async fn a_flood_of_authorization_requests_leaves_no_row(app: &TestApp) {
    let web = app.db_web_client().await;
    let before = kept(app);
    for number in 0..100 {
        let state = format!("state{number}");
        for changes in [&[("state", state.as_str())][..], &[("state", &state), ("prompt", "none")]] {
            let answer = app.shared.send(app.shared.http.get(web.authorize_url(changes))).await;
            assert!(matches!(answer.status, 200 | 302), "{}", answer.status);
        }
    }
    assert!(kept(app) == before && app.db_refusals_once_written().await == 0, "something was written");
    for number in 0..100 {
        app.shared.send(app.shared.http.get(web.authorize_url(&[("scope", &format!("foo{number}"))]))).await;
    }
    let refusals = app.db_refusals_once_written().await;
    assert!(kept(app) == before, "something was written");
    assert!(refusals <= 30, "the quota of one client in a minute");
}

/// A19: those of people who are signed in are rows, for an hour.
async fn consent_pages_go_when_they_are_over(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    for _ in 0..5 {
        browser.get(&web.authorize_url(&[])).await;
    }
    assert_eq!(app.rows("consent_requests"), 5);
    app.wait(600 + 3600 + 1);
    grantor::flows::housekeeping::sweep(&app.app()).await.expect("the store answers");
    assert_eq!(app.rows("consent_requests"), 0);
}

/// A66: `protocol::limits`.
async fn each_value_has_a_documented_size(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    web.code(&browser, &[]).await;
    for (name, limit) in [("state", 2048), ("nonce", 512), ("login_hint", 320)] {
        let longest = "x".repeat(limit);
        let answer = browser.get(&web.authorize_url(&[(name, &longest)])).await;
        assert!(at_client(&answer, &web).starts_with("302 ? code=[code]"), "{name}");
        let longer = "x".repeat(limit + 1);
        let answer = browser.get(&web.authorize_url(&[(name, &longer)])).await;
        let expected = format!("302 ? error=invalid_request & error_description={name} is longer than {limit} bytes");
        assert!(at_client(&answer, &web).starts_with(&expected), "{name}");
    }
    let scope = vec!["org:read"; 600].join(" ");
    let answer = browser.get(&web.authorize_url(&[("scope", &scope)])).await;
    assert!(at_client(&answer, &web).contains("the scope is longer than 4096 bytes"));
    for (name, length) in [("client_id", 256), ("redirect_uri", 2049), ("client_id", 30_000), ("redirect_uri", 30_000)]
    {
        let long = "x".repeat(length);
        refusal(&browser.get(&web.authorize_url(&[(name, &long)])).await);
    }
    for (name, length) in [("code", 513), ("code", 60_000), ("code_verifier", 60_000), ("redirect_uri", 60_000)] {
        let answer = web.redeem_with("x", &[(name, &"x".repeat(length))]).await;
        assert!(matches!(answer.error().as_str(), "400 invalid_grant" | "400 invalid_request"), "{}", answer.body);
    }
    assert_eq!(web.introspect(&"x".repeat(8193)).await.json()["active"], false);
    assert_eq!(web.revoke(&"x".repeat(60_000)).await.status, 200);
}

/// D3 row 20.
async fn a_request_has_at_most_a_hundred_parameters(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    web.code(&browser, &[]).await;
    let url = web.authorize_url(&[]);
    assert_eq!(browser.get(&format!("{url}{}", "&x=1".repeat(94))).await.status, 302);
    assert_eq!(
        refusal(&browser.get(&format!("{url}{}", "&x=1".repeat(95))).await),
        "400 You were sent here with a request we cannot accept: the request has more than 100 parameters."
    );
    let many: Vec<(String, String)> = (0..10_000).map(|n| (format!("p{n}"), String::new())).collect();
    for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke"] {
        let answer = web.post(path, &many[..200]).await;
        assert_eq!(answer.error(), "400 invalid_request", "{path}");
        assert_eq!(web.post(path, &many).await.error(), "413 invalid_request", "{path}");
    }
}

/// A30, D3 row 20: announced, or only sent.
async fn a_body_has_at_most_64_kib(app: &TestApp) {
    let web = app.db_web_client().await;
    let huge = "x".repeat(70_000);
    for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/authorize", "/login", "/oauth/consent"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        );
        let announced = raw(app, format!("{head}Content-Length: 1000000000\r\n\r\na=b").as_bytes()).await;
        assert_eq!(status(&announced), "413", "{path}: {announced}");
        let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{huge}\r\n0\r\n\r\n", huge.len());
        assert_eq!(status(&raw(app, chunked.as_bytes()).await), "413", "{path}");
    }
    let answer = web.post("/oauth/token", &[("code".to_owned(), huge)]).await;
    assert_eq!(answer.error(), "413 invalid_request");
    let long_url = format!(
        "GET /oauth/authorize?state={} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "x".repeat(1_000_000)
    );
    let answer = raw(app, long_url.as_bytes()).await;
    assert!(matches!(status(&answer), "400" | "413" | "414" | "431" | "none"), "{}", status(&answer));
    assert_eq!(app.get("/login").await.status, 200, "and the server goes on");
}

/// A30.
async fn only_a_form_is_read(app: &TestApp) {
    for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/authorize", "/login", "/oauth/consent"] {
        for (content_type, body) in [
            (Some("application/json"), "{\"grant_type\":\"client_credentials\"}"),
            (Some("multipart/form-data; boundary=x"), "--x--"),
            (Some("text/plain"), "grant_type=client_credentials"),
            (Some("application/x-www-form-urlencoded; charset=utf-16"), "a=b"),
            (None, "grant_type=client_credentials"),
        ] {
            let mut request = app.shared.http.post(app.shared.url(path)).body(body);
            if let Some(content_type) = content_type {
                request = request.header("Content-Type", content_type);
            }
            let answer = app.shared.send(request).await;
            assert_eq!(answer.status, 400, "{path} {content_type:?}: {}", answer.body);
        }
    }
    for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/consent"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 405, "{path}");
        assert!(answer.header("allow").unwrap_or_default().starts_with("POST"), "{path}");
    }
}

/// D3 rows 20 to 22: bytes no client library sends.
async fn malformed_requests_are_never_an_accident(app: &TestApp) {
    let form = "Host: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let many_headers = (0..200).map(|n| format!("X-{n}: y\r\n")).collect::<String>();
    let long_header = format!("X: {}\r\n", "y".repeat(200_000));
    let requests: Vec<Vec<u8>> = vec![
        b"\r\n\r\n".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"GET http://evil/oauth/authorize HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /oauth/authorize?\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /oauth/authorize?client_id=a%00b&state=%ed%a0%80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /oauth/authorize;x?client_id=a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET //oauth//authorize HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /oauth/%2e%2e/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /login HTTP/1.1\r\nHost: x\r\nCookie: \xff=\xfe; ; =; a\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /login HTTP/1.1\r\nHost: x\r\nUser-Agent: \xff\xfe\r\nConnection: close\r\n\r\n".to_vec(),
        format!("GET /login HTTP/1.1\r\nHost: x\r\n{many_headers}\r\n").into_bytes(),
        format!("GET /login HTTP/1.1\r\nHost: x\r\n{long_header}\r\n").into_bytes(),
        format!("POST /oauth/token HTTP/1.1\r\n{form}Content-Length: 3\r\nContent-Length: 4\r\n\r\na=bc").into_bytes(),
        format!("POST /oauth/token HTTP/1.1\r\n{form}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").into_bytes(),
        format!("POST /oauth/token HTTP/1.1\r\n{form}Content-Length: -1\r\n\r\na=b").into_bytes(),
        format!("POST /oauth/token HTTP/1.1\r\n{form}Transfer-Encoding: chunked\r\n\r\nzz\r\n").into_bytes(),
        format!("POST /oauth/token HTTP/1.1\r\n{form}Authorization: Basic\r\nContent-Length: 3\r\n\r\na=b").into_bytes(),
        format!("POST /oauth/token HTTP/1.1\r\n{form}Authorization: Basic a\r\nAuthorization: Basic b\r\nContent-Length: 3\r\n\r\na=b").into_bytes(),
        [format!("POST /oauth/token HTTP/1.1\r\n{form}Authorization: Basic ").as_bytes(), b"\xff\xff\r\nContent-Length: 3\r\n\r\na=b"].concat(),
        [format!("POST /oauth/token HTTP/1.1\r\n{form}Content-Length: 6\r\n\r\n").as_bytes(), b"a=\xff\xfe\x00\x01"].concat(),
        [format!("POST /login HTTP/1.1\r\n{form}Content-Length: 6\r\n\r\n").as_bytes(), b"a=\xff\xfe\x00\x01"].concat(),
        format!("POST /oauth/token HTTP/1.1\r\n{form}Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\na=b").into_bytes(),
    ];
    for request in requests {
        let answer = raw(app, &request).await;
        let shown = String::from_utf8_lossy(&request[..request.len().min(200)]).into_owned();
        assert!(matches!(status(&answer).as_bytes()[0], b'2' | b'3' | b'4' | b'n'), "{shown:?}: {answer}");
    }
    assert_eq!(app.get("/login").await.status, 200);
    assert!(!app.log().contains("a handler panicked"));
}

/// D3 rows 21 and 22: on every field of every endpoint.
async fn malformed_parameters_are_never_an_accident(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    let page = browser.get(&web.authorize_url(&[])).await;
    let values = [
        "%",
        "%z",
        "%zz",
        "%00",
        "%0a",
        "%0d%0aSet-Cookie:+a=b",
        "%c0%af",
        "%ed%a0%80",
        "%ff",
        "%f5%80%80%80",
        "%ef%bb%bf",
        "%e2%80%ae",
        "%f0%9f%9a%80",
        "''",
        "\"",
        "{}",
        "[]",
        "-1",
        "99999999999999999999999",
        "1e309",
        "NaN",
        "../../x",
        "%25%30%30",
        "a&a",
        "=",
        "==",
        "+",
        "gac_",
        "grt_%00",
        "R",
        "%u0041",
    ];
    let authorize = [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "nonce",
        "login_hint",
        "force_prompt",
        "ix",
        "%ff",
        "",
    ];
    let token = [
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "scope",
        "client_id",
        "client_secret",
        "token",
        "token_type_hint",
        "%ff",
        "",
    ];
    let pages = ["username", "password", "return_to", "csrf_token", "consent_request", "decision", "session"];
    let csrf = page.form("consent-allow").value("csrf_token").to_owned();
    for value in values {
        for name in authorize {
            let answer = browser.get(&format!("{}&{name}={value}", web.authorize_url(&[(name, "")]))).await;
            assert!(answer.status < 500, "{name}={value}: {}", answer.status);
            assert_eq!(answer.header("set-cookie").filter(|cookie| cookie.contains("a=b")), None);
        }
        for (path, names, rest) in [
            ("/oauth/token", &token[..], "grant_type=authorization_code&code=x&redirect_uri=y"),
            ("/oauth/token", &token[..], "grant_type=refresh_token&refresh_token=x"),
            ("/oauth/introspect", &token[..], "token=x"),
            ("/oauth/revoke", &token[..], "token=x"),
            ("/login", &pages[..], csrf.as_str()),
            ("/oauth/consent", &pages[..], csrf.as_str()),
            ("/account/sessions/end", &pages[..], csrf.as_str()),
        ] {
            for name in names {
                let rest = if rest == csrf { format!("csrf_token={csrf}") } else { rest.to_owned() };
                let kept: Vec<&str> = rest.split('&').filter(|pair| pair.split('=').next() != Some(name)).collect();
                let body = format!("{}&{name}={value}", kept.join("&"));
                let url = app.shared.url(path);
                let request = app.shared.http.post(&url).header("Content-Type", "application/x-www-form-urlencoded");
                let request = match path.starts_with("/oauth/") && path != "/oauth/consent" {
                    true => request.basic_auth(&web.client_id, web.client_secret.as_deref()),
                    false => request,
                };
                let answer = browser.send(request.body(body)).await;
                assert!(answer.status < 500, "{path} {name}={value}: {} {}", answer.status, answer.body);
            }
        }
    }
    assert!(!app.log().contains("a handler panicked"));
}
