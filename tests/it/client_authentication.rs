//! How a client proves who it is (RFC 6749 section 2.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::db_shortcuts::{strings, web_client};
use crate::support::relying_party::{By, RelyingParty, basic};
use crate::support::{Answer, ClientSpec, TestApp, assert_whole, on_both};

on_both!(
    the_token_endpoint_reads_posted_forms_only,
    two_ways_to_authenticate_at_once_are_refused,
    a_secret_in_the_query_is_refused,
    a_failed_authentication_says_nothing_of_the_client,
    a_basic_header_is_form_encoded_inside,
    a_malformed_basic_header_is_an_unknown_client,
    an_oversized_basic_header_is_refused,
    a_client_authenticates_only_the_registered_way,
    a_confidential_client_must_authenticate_everywhere,
    a_public_client_has_no_secret_to_send,
    an_assertion_is_no_way_for_a_client_with_a_secret,
    wrong_secrets_are_throttled_per_address_and_the_right_one_still_works,
    a_client_may_use_only_its_own_grant_types,
    an_unknown_or_missing_grant_type_is_named,
    a_rotated_secret_works_until_its_overlap_ends,
    each_parameter_comes_once,
    a_body_beyond_the_limit_is_too_large,
);

fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn with_header(app: &TestApp, header: &str) -> Answer {
    let request = app.shared.http.post(app.shared.url("/oauth/token")).header("Authorization", header);
    app.shared.send(request.form(&form(&[("grant_type", "client_credentials")]))).await
}

async fn with_body(app: &TestApp, content_type: Option<&str>, body: String) -> Answer {
    let mut request = app.shared.http.post(app.shared.url("/oauth/token")).body(body);
    if let Some(content_type) = content_type {
        request = request.header("Content-Type", content_type);
    }
    app.shared.send(request).await
}

/// A30, S21.
async fn the_token_endpoint_reads_posted_forms_only(app: &TestApp) {
    let answer = app.get("/oauth/token?grant_type=client_credentials").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST, OPTIONS")));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let json = r#"{"grant_type":"client_credentials"}"#.to_owned();
    assert_whole!(with_body(app, Some("application/json"), json.clone()).await, @r#"
    400
    cache-control: no-store
    connection: close
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"error":"invalid_request","error_description":"the content type must be application/x-www-form-urlencoded (reference [reference])"}
    "#);
    for content_type in [Some("multipart/form-data; boundary=x"), Some("text/plain"), None] {
        let answer = with_body(app, content_type, "grant_type=client_credentials".to_owned()).await;
        assert_eq!(answer.error(), "400 invalid_request", "{content_type:?}");
    }
    for method in ["PUT", "DELETE", "PATCH", "HEAD"] {
        let method = method.parse().expect("a method");
        let answer = app.shared.send(app.shared.http.request(method, app.shared.url("/oauth/token"))).await;
        assert_eq!(answer.status, 405);
    }
}

/// A32, S40.
async fn two_ways_to_authenticate_at_once_are_refused(app: &TestApp) {
    let web = app.db_web_client().await;
    let secret = web.client_secret.clone().expect("a secret");
    let both = form(&[("grant_type", "client_credentials"), ("client_secret", &secret)]);
    assert_whole!(web.post("/oauth/token", &both).await, @r#"
    400
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"error":"invalid_request","error_description":"two client authentication methods in one request (reference [reference])"}
    "#);
}

/// A32.
async fn a_secret_in_the_query_is_refused(app: &TestApp) {
    let web = app.db_web_client().await;
    let secret = web.client_secret.clone().expect("a secret");
    let path = format!("/oauth/token?client_id={}&client_secret={secret}", web.client_id);
    let answer = with_body(app, Some("application/x-www-form-urlencoded"), String::new()).await;
    assert_eq!(answer.error(), "400 invalid_request");
    let request = app.shared.http.post(app.shared.url(&path));
    let answer = app.shared.send(request.form(&form(&[("grant_type", "client_credentials")]))).await;
    assert_eq!(answer.status / 100, 4, "{}", answer.body);
    assert!(!answer.body.contains("access_token"));
}

/// A33, A36, S24, S26: unknown client, wrong secret and wrong kind of secret read alike.
async fn a_failed_authentication_says_nothing_of_the_client(app: &TestApp) {
    let web = app.db_web_client().await;
    let other = app.db_client(ClientSpec { name: Some("Other".to_owned()), ..web_client() }).await;
    let wrong = web.with_secret(other.client_secret.as_deref(), By::Basic);
    let unknown = RelyingParty { client_id: "nobody".to_owned(), ..wrong.clone() };
    let answer = wrong.client_credentials("org:read").await;
    assert_whole!(answer, @r#"
    401
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    www-authenticate: Basic realm="grantor", charset="UTF-8"
    x-content-type-options: nosniff

    {"error":"invalid_client","error_description":"client authentication failed (reference [reference])"}
    "#);
    assert_eq!(answer.whole(), unknown.client_credentials("org:read").await.whole());
    let post = |party: &RelyingParty| party.with_secret(Some("a secret of somebody else, long enough"), By::Post);
    let (wrong, unknown) = (post(&wrong), post(&unknown));
    assert_eq!(
        wrong.client_credentials("org:read").await.whole(),
        unknown.client_credentials("org:read").await.whole()
    );
}

/// A34, C35, S37: imported credentials may hold anything.
async fn a_basic_header_is_form_encoded_inside(app: &TestApp) {
    let secret = "p+lus %per:cent spa ce é and more";
    app.shared.secrets.saw(secret);
    let web = app.db_client_with_secret(web_client(), secret).await;
    assert_eq!(web.client_credentials("org:read").await.status, 200);
    let raw = format!("Basic {}", STANDARD.encode(format!("{}:{secret}", web.client_id)));
    assert_eq!(with_header(app, &raw).await.error(), "401 invalid_client", "not encoded");
    let header = basic(&web.client_id, secret).replacen("Basic", "bAsIc", 1);
    assert_eq!(with_header(app, &header).await.status, 200, "the scheme is case-insensitive");
}

/// A34, C35, S39.
async fn a_malformed_basic_header_is_an_unknown_client(app: &TestApp) {
    let web = app.db_web_client().await;
    let secret = web.client_secret.clone().expect("a secret");
    let good = basic(&web.client_id, &secret);
    let encoded = good.strip_prefix("Basic ").expect("a header");
    let mut bad_utf8 = b"client:".to_vec();
    bad_utf8.push(0xff);
    let mut headers = vec![
        "Basic".to_owned(),
        "Basic ".to_owned(),
        format!("Basic {encoded}!"),
        format!("Basic {encoded}=\t"),
        format!("Basic {encoded} {encoded}"),
        format!("Basic {}", STANDARD.encode("no colon")),
        format!("Basic {}", STANDARD.encode("a:%zz")),
        format!("Basic {}", STANDARD.encode(&bad_utf8)),
        format!("Bearer {encoded}"),
        "Negotiate x".to_owned(),
    ];
    if let Some(unpadded) = encoded.strip_suffix('=') {
        headers.push(format!("Basic {unpadded}"));
    }
    for header in headers {
        let answer = with_header(app, &header).await;
        assert_eq!(answer.error(), "401 invalid_client", "{header}");
        assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"grantor\", charset=\"UTF-8\""), "{header}");
    }
}

/// S38, A66.
async fn an_oversized_basic_header_is_refused(app: &TestApp) {
    let header = format!("Basic {}", STANDARD.encode(format!("x:{}", "y".repeat(4096))));
    assert_eq!(with_header(app, &header).await.error(), "401 invalid_client");
}

/// A36, S40.
async fn a_client_authenticates_only_the_registered_way(app: &TestApp) {
    let basic = app.db_web_client().await;
    let spec = ClientSpec {
        name: Some("Poster".to_owned()),
        authentication_method: Some("client_secret_post".to_owned()),
        ..web_client()
    };
    let post = app.db_client(spec).await;
    assert_eq!(post.client_credentials("org:read").await.status, 200);
    let swapped = [
        basic.with_secret(basic.client_secret.as_deref(), By::Post),
        post.with_secret(post.client_secret.as_deref(), By::Basic),
    ];
    for party in swapped {
        assert_eq!(party.client_credentials("org:read").await.error(), "401 invalid_client");
    }
}

/// A36, S23, S25.
async fn a_confidential_client_must_authenticate_everywhere(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[]).await;
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    let nobody = web.with_secret(None, By::Nothing);
    assert_eq!(nobody.redeem(&code).await.error(), "401 invalid_client");
    assert_eq!(nobody.refresh(&tokens.refresh).await.error(), "401 invalid_client");
    assert_eq!(nobody.introspect(&tokens.access).await.error(), "401 invalid_client");
    assert_eq!(nobody.revoke(&tokens.access).await.error(), "401 invalid_client");
    assert!(web.is_active(&tokens.access).await);
    let request = app.shared.http.post(app.shared.url("/oauth/token"));
    let answer = app.shared.send(request.form(&form(&[("grant_type", "client_credentials")]))).await;
    assert_eq!(answer.error(), "401 invalid_client", "no client_id at all");
}

/// A36.
async fn a_public_client_has_no_secret_to_send(app: &TestApp) {
    let (spa, ada) = (app.db_public_client().await, app.db_user("ada").await);
    let code = app.db_code(&spa, &ada, &[]).await;
    for by in [By::Basic, By::Post] {
        let liar = spa.with_secret(Some("made up, but long enough to be one"), by);
        assert_eq!(liar.redeem(&code).await.error(), "401 invalid_client");
    }
    assert_eq!(spa.redeem(&code).await.status, 200);
}

/// A37, C27: assertions are not offered, so none passes whatever its audience.
async fn an_assertion_is_no_way_for_a_client_with_a_secret(app: &TestApp) {
    let web = app.db_web_client().await.with_secret(None, By::Nothing);
    let assertion = form(&[
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."),
    ]);
    assert_eq!(web.post("/oauth/token", &assertion).await.error(), "401 invalid_client");
}

/// A35: only misses are limited.
async fn wrong_secrets_are_throttled_per_address_and_the_right_one_still_works(app: &TestApp) {
    let web = app.db_web_client().await;
    let wrong = web.with_secret(Some("not the secret of this client, only long enough"), By::Basic);
    let mut statuses = Vec::new();
    for _ in 0..100 {
        statuses.push(wrong.client_credentials("org:read").await.status);
    }
    let tried = statuses.iter().take_while(|status| **status == 401).count();
    assert!((5..=60).contains(&tried), "{tried} guesses before the limit");
    assert!(statuses[tried..].iter().all(|status| *status == 429), "{statuses:?}");
    assert!(wrong.client_credentials("org:read").await.header("retry-after").is_some());
    assert_eq!(web.client_credentials("org:read").await.status, 200, "the rightful client is not shut out");
    app.wait(3600);
    assert_eq!(wrong.client_credentials("org:read").await.status, 401, "the limit passes");
}

/// A39.
async fn a_client_may_use_only_its_own_grant_types(app: &TestApp) {
    let spec = ClientSpec {
        grant_types: Some(strings(&["client_credentials"])),
        redirect_uris: vec![],
        response_types: Some(vec![]),
        ..web_client()
    };
    let machine = app.db_client(spec).await;
    assert_whole!(machine.redeem("gac_x").await, @r#"
    400
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"error":"unauthorized_client","error_description":"this client may not use this grant_type (reference [reference])"}
    "#);
    assert_eq!(machine.refresh("grt_x").await.error(), "400 unauthorized_client");
    let reader = ClientSpec { grant_types: Some(strings(&["authorization_code"])), ..web_client() };
    let reader = app.db_client(reader).await;
    assert_eq!(reader.client_credentials("org:read").await.error(), "400 unauthorized_client");
}

/// A39, S22, S30, S34.
async fn an_unknown_or_missing_grant_type_is_named(app: &TestApp) {
    let web = app.db_web_client().await;
    for (grant_type, expected) in [
        ("", "400 invalid_request"),
        ("password", "400 unsupported_grant_type"),
        ("implicit", "400 unsupported_grant_type"),
        ("Authorization_Code", "400 unsupported_grant_type"),
        ("urn:ietf:params:oauth:grant-type:device_code", "400 unsupported_grant_type"),
        ("urn:ietf:params:oauth:grant-type:token-exchange", "400 unsupported_grant_type"),
        ("refresh_token", "400 invalid_request"),
    ] {
        let answer = web.post("/oauth/token", &form(&[("grant_type", grant_type)])).await;
        assert_eq!(answer.error(), expected, "{grant_type:?}");
    }
    assert_eq!(web.post("/oauth/token", &[]).await.error(), "400 invalid_request");
}

/// Two secrets work side by side while clients are told the new one.
async fn a_rotated_secret_works_until_its_overlap_ends(app: &TestApp) {
    let old = app.db_web_client().await;
    let new = app.db_rotate_secret(&old, 600).await;
    assert_eq!(old.client_credentials("org:read").await.status, 200);
    assert_eq!(new.client_credentials("org:read").await.status, 200);
    app.wait(600);
    assert_eq!(old.client_credentials("org:read").await.error(), "401 invalid_client");
    assert_eq!(new.client_credentials("org:read").await.status, 200);
    let newest = app.db_rotate_secret(&new, 0).await;
    assert_eq!(new.client_credentials("org:read").await.error(), "401 invalid_client");
    assert_eq!(newest.client_credentials("org:read").await.status, 200);
}

/// A14, A15.
async fn each_parameter_comes_once(app: &TestApp) {
    let web = app.db_web_client().await;
    let usual = [("grant_type", "client_credentials"), ("scope", "org:read")];
    for name in ["grant_type", "scope", "client_id", "code", "redirect_uri", "code_verifier", "refresh_token"] {
        let twice = [&usual[..], &[(name, "x"), (name, "x")]].concat();
        assert_eq!(web.post("/oauth/token", &form(&twice)).await.error(), "400 invalid_request", "{name}");
    }
    let unknown = [&usual[..], &[("resource_owner", "x"), ("resource_owner", "y")]].concat();
    assert_eq!(web.post("/oauth/token", &form(&unknown)).await.status, 200, "unknown parameters are ignored");
    let empty = [&usual[..], &[("code", "")]].concat();
    assert_eq!(web.post("/oauth/token", &form(&empty)).await.status, 200, "an empty value is an absent one");
}

/// A30, A66.
async fn a_body_beyond_the_limit_is_too_large(app: &TestApp) {
    let body = format!("grant_type=client_credentials&x={}", "y".repeat(64 * 1024));
    let answer = with_body(app, Some("application/x-www-form-urlencoded"), body).await;
    assert_eq!(answer.error(), "413 invalid_request");
    let many = "a=1&".repeat(101);
    let answer = with_body(app, Some("application/x-www-form-urlencoded"), many).await;
    assert_eq!(answer.error(), "400 invalid_request");
}
