//! Claims about a person (OpenID Connect Core sections 5.1 to 5.4).

use serde_json::{Value, json};

use super::{ALL, signed_in, stage};
use crate::support::{Answer, TestApp, on_both};

on_both!(
    oidcc_userinfo_get,
    oidcc_userinfo_post_header,
    oidcc_userinfo_post_body,
    oidcc_scope_profile,
    oidcc_scope_email,
    oidcc_scope_address,
    oidcc_scope_phone,
    oidcc_scope_all,
    what_is_not_known_is_left_out,
    a_token_that_says_nothing_of_a_person_is_refused,
    a_dead_token_is_refused,
    the_token_stands_in_one_place,
    scripts_of_the_clients_own_origins_read_it,
);

async fn token(app: &TestApp, scope: &str) -> String {
    let (web, ada) = stage(app).await;
    signed_in(app, &web, &ada, &[("scope", scope)]).await.text("access_token")
}

async fn get(app: &TestApp, token: &str) -> Answer {
    let request = app.shared.http.get(app.shared.url("/oauth/userinfo"));
    app.shared.send(request.header("authorization", format!("Bearer {token}"))).await
}

/// What the scopes tell, without `sub`.
async fn told(app: &TestApp, scope: &str) -> Value {
    let answer = get(app, &token(app, scope).await).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut told = answer.json();
    assert!(told.as_object_mut().expect("an object").remove("sub").is_some_and(|sub| sub.is_string()));
    told
}

/// `oidcc-userinfo-get`.
async fn oidcc_userinfo_get(app: &TestApp) {
    let answer = get(app, &token(app, "openid").await).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let sub = grantor::flows::people::find::by_login(&app.app(), "ada0").await.expect("ada").sub.clone();
    assert_eq!(answer.json(), json!({ "sub": sub }));
}

/// `oidcc-userinfo-post-header`.
async fn oidcc_userinfo_post_header(app: &TestApp) {
    let token = token(app, "openid").await;
    let request = app.shared.http.post(app.shared.url("/oauth/userinfo"));
    let answer = app.shared.send(request.header("authorization", format!("Bearer {token}"))).await;
    assert_eq!(answer.json(), get(app, &token).await.json());
}

/// `oidcc-userinfo-post-body`.
async fn oidcc_userinfo_post_body(app: &TestApp) {
    let token = token(app, "openid").await;
    let request = app.shared.http.post(app.shared.url("/oauth/userinfo"));
    let answer = app.shared.send(request.form(&[("access_token", &token)])).await;
    assert_eq!((answer.status, answer.json()), (200, get(app, &token).await.json()));
}

fn profile() -> Value {
    json!({
        "name": "ada0 Example", "preferred_username": "ada0", "given_name": "Ada", "family_name": "Lovelace",
        "middle_name": "King", "nickname": "Enchantress", "profile": "https://ada.example/about",
        "picture": "https://ada.example/ada.png", "website": "https://ada.example/", "gender": "female",
        "birthdate": "1815-12-10", "zoneinfo": "Europe/London", "locale": "en-GB", "updated_at": 1_700_000_000,
    })
}

/// `oidcc-scope-profile`.
async fn oidcc_scope_profile(app: &TestApp) {
    assert_eq!(told(app, "openid profile").await, profile());
}

/// `oidcc-scope-email`.
async fn oidcc_scope_email(app: &TestApp) {
    assert_eq!(told(app, "openid email").await, json!({ "email": "ada@example.test", "email_verified": false }));
}

/// `oidcc-scope-address`.
async fn oidcc_scope_address(app: &TestApp) {
    let address = json!({ "address": { "locality": "London", "country": "GB" } });
    assert_eq!(told(app, "openid address").await, address);
}

/// `oidcc-scope-phone`.
async fn oidcc_scope_phone(app: &TestApp) {
    let phone = json!({ "phone_number": "+44 20 7946 0000", "phone_number_verified": false });
    assert_eq!(told(app, "openid phone").await, phone);
}

/// `oidcc-scope-all`.
async fn oidcc_scope_all(app: &TestApp) {
    let all = told(app, ALL).await;
    let all = all.as_object().expect("an object");
    assert_eq!(all.len(), grantor::flows::openid::claims::CLAIMS.len());
    for (claim, scope) in grantor::flows::openid::claims::CLAIMS {
        assert!(all.contains_key(claim), "{claim} of {scope}");
    }
}

/// Section 5.3.2: never null, never empty.
async fn what_is_not_known_is_left_out(app: &TestApp) {
    let (web, _) = stage(app).await;
    let bob = app.db_user("bob").await;
    let answer = signed_in(app, &web, &bob, &[("scope", ALL)]).await;
    let mut told = get(app, &answer.text("access_token")).await.json();
    let told = told.as_object_mut().expect("an object");
    told.retain(|claim, _| !["sub", "email", "email_verified"].contains(&claim.as_str()));
    assert_eq!(
        json!(told),
        json!({ "name": "bob Example", "preferred_username": "bob", "updated_at": bob.row.created_at })
    );
}

/// C26: without `openid`, and of a client for itself.
async fn a_token_that_says_nothing_of_a_person_is_refused(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let plain = signed_in(app, &web, &ada, &[("scope", "org:read profile")]).await.text("access_token");
    let own = web.client_credentials("org:read").await.text("access_token");
    for token in [plain, own] {
        let answer = get(app, &token).await;
        assert_eq!(answer.status, 403);
        let challenge = answer.header("www-authenticate").unwrap_or_default().to_owned();
        assert!(challenge.contains("error=\"insufficient_scope\"") && challenge.contains("scope=\"openid\""));
    }
    assert_eq!(web.client_credentials("openid").await.error(), "400 invalid_scope");
}

/// FIX 18: expired, revoked, of a disabled person.
async fn a_dead_token_is_refused(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let fresh = async || signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("access_token");
    let revoked = fresh().await;
    web.revoke(&revoked).await;
    let expired = fresh().await;
    app.wait(3600);
    let disabled = fresh().await;
    app.db_disable_user(&ada).await;
    for token in [revoked, expired, disabled, "nonsense".to_owned()] {
        let answer = get(app, &token).await;
        assert_eq!(answer.status, 401);
        let challenge = answer.header("www-authenticate").unwrap_or_default().to_owned();
        assert!(challenge.starts_with("Bearer realm=") && challenge.contains("error=\"invalid_token\""), "{challenge}");
    }
}

/// RFC 6750 section 2: not twice, and not in the address.
async fn the_token_stands_in_one_place(app: &TestApp) {
    let token = token(app, "openid").await;
    let url = app.shared.url("/oauth/userinfo");
    let bearer = format!("Bearer {token}");
    let http = &app.shared.http;
    let both = http.post(&url).header("authorization", &bearer).form(&[("access_token", &token)]);
    let address = http.get(format!("{url}?access_token={token}"));
    let twice = http.get(&url).header("authorization", &bearer).header("authorization", &bearer);
    for request in [both, address, twice] {
        let answer = app.shared.send(request).await;
        assert_eq!((answer.status, answer.text("error")), (400, "invalid_request".to_owned()));
    }
    let nothing = app.shared.send(http.get(&url)).await;
    assert_eq!((nothing.status, nothing.header("www-authenticate")), (401, Some("Bearer realm=\"grantor\"")));
}

/// A09, C72.
async fn scripts_of_the_clients_own_origins_read_it(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let spec =
        crate::support::ClientSpec { allowed_origins: vec!["https://app.test".to_owned()], ..super::relying_party() };
    let party = app.db_client(spec).await;
    let token = signed_in(app, &party, &ada, &[("scope", "openid")]).await.text("access_token");
    let from = async |origin: &str| {
        let request = app.shared.http.get(app.shared.url("/oauth/userinfo")).header("origin", origin);
        let answer = app.shared.send(request.header("authorization", format!("Bearer {token}"))).await;
        (answer.status, answer.header("access-control-allow-origin").map(str::to_owned))
    };
    assert_eq!(from("https://app.test").await, (200, Some("https://app.test".to_owned())));
    assert_eq!(from("https://evil.test").await, (200, None));
}
