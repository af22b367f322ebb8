//! Which sites' scripts may read which answers (RFC 9700 section 2.6).

use crate::support::answer::Answer;
use crate::support::db_shortcuts::{public_client, strings};
use crate::support::{ClientSpec, RelyingParty, TestApp, on_both};

on_both!(
    a_registered_origin_may_preflight_and_read_its_own_clients_answers,
    an_origin_that_only_looks_registered_may_nothing,
    a_disabled_clients_origin_may_nothing,
    pages_and_the_authorization_endpoint_have_no_cors,
    metadata_is_for_everybody,
);

const SITE: &str = "https://spa.example";

async fn spa(app: &TestApp) -> RelyingParty {
    app.db_client(ClientSpec { allowed_origins: strings(&[SITE, "http://localhost:3000"]), ..public_client() }).await
}

async fn sent(app: &TestApp, method: &str, path: &str, origin: &str, form: &[(&str, &str)]) -> Answer {
    let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
    let request = app.shared.http.request(method.clone(), app.shared.url(path)).header("Origin", origin);
    let request = match method.as_str() {
        "POST" => request.form(form),
        _ => request.header("Access-Control-Request-Method", "POST"),
    };
    app.shared.send(request).await
}

/// `Access-Control-*`, and that there is never one about cookies.
fn cors_of(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let cors = answer.headers.iter().filter(|(name, _)| name.starts_with("access-control-"));
    let mut lines: Vec<String> = cors.map(|(name, value)| format!("{}: {value}", &name[15..])).collect();
    lines.sort();
    lines
}

/// A09.
async fn a_registered_origin_may_preflight_and_read_its_own_clients_answers(app: &TestApp) {
    let (spa, other) = (spa(app).await, app.db_public_client().await);
    for path in ["/oauth/token", "/oauth/revoke"] {
        for origin in [SITE, "http://localhost:3000"] {
            let preflight = sent(app, "OPTIONS", path, origin, &[]).await;
            assert_eq!(
                (preflight.status, cors_of(&preflight)),
                (
                    204,
                    vec![
                        "allow-headers: authorization, content-type".to_owned(),
                        "allow-methods: POST".to_owned(),
                        format!("allow-origin: {origin}"),
                        "max-age: 600".to_owned(),
                    ]
                )
            );
            let own = sent(app, "POST", path, origin, &[("client_id", &spa.client_id)]).await;
            assert!(cors_of(&own).contains(&format!("allow-origin: {origin}")), "{path}: {}", own.body);
            let others = sent(app, "POST", path, origin, &[("client_id", &other.client_id)]).await;
            assert_eq!(cors_of(&others), [""; 0], "{path}");
            for answer in [own, others, preflight] {
                assert_eq!(answer.all("vary"), ["Origin"]);
            }
        }
    }
}

/// A09, C72.
async fn an_origin_that_only_looks_registered_may_nothing(app: &TestApp) {
    let spa = spa(app).await;
    for origin in [
        "null",
        "*",
        "",
        "https://evil.example",
        "https://spa.example.evil.example",
        "https://evilspa.example",
        "https://sub.spa.example",
        "https://spa.example:8443",
        "https://spa.example:443",
        "https://spa.example/",
        "https://SPA.example",
        "http://spa.example",
        "http://localhost:3001",
        "http://localhost",
        "https://spa.example https://evil.example",
        "https://spa.example, https://evil.example",
    ] {
        for path in ["/oauth/token", "/oauth/revoke"] {
            assert_eq!(cors_of(&sent(app, "OPTIONS", path, origin, &[]).await), [""; 0], "{origin} {path}");
            let answer = sent(app, "POST", path, origin, &[("client_id", &spa.client_id)]).await;
            assert_eq!(cors_of(&answer), [""; 0], "{origin} {path}");
        }
    }
}

/// C65: after ten seconds for preflights, at once for answers.
async fn a_disabled_clients_origin_may_nothing(app: &TestApp) {
    let spa = spa(app).await;
    assert_eq!(cors_of(&sent(app, "OPTIONS", "/oauth/token", SITE, &[]).await).len(), 4);
    app.db_disable_client(&spa).await;
    let answer = sent(app, "POST", "/oauth/token", SITE, &[("client_id", &spa.client_id)]).await;
    assert_eq!(cors_of(&answer), [""; 0]);
    app.wait(10);
    assert_eq!(cors_of(&sent(app, "OPTIONS", "/oauth/token", SITE, &[]).await), [""; 0]);
}

/// A09: browsers navigate there. Introspection is for servers.
async fn pages_and_the_authorization_endpoint_have_no_cors(app: &TestApp) {
    let spa = spa(app).await;
    let authorize = spa.authorize_url(&[]);
    for path in [authorize.as_str(), "/oauth/consent", "/login", "/logout", "/oauth/introspect", "/", "/nowhere"] {
        for method in ["OPTIONS", "GET", "POST"] {
            let answer = sent(app, method, path, SITE, &[("client_id", &spa.client_id)]).await;
            assert_eq!(cors_of(&answer), [""; 0], "{method} {path}");
        }
    }
}

/// A09, A61.
async fn metadata_is_for_everybody(app: &TestApp) {
    let answer = sent(app, "GET", "/.well-known/oauth-authorization-server", "https://any.example", &[]).await;
    assert_eq!((answer.status, cors_of(&answer)), (200, vec!["allow-origin: *".to_owned()]));
}
