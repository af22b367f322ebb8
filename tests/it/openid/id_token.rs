//! What an ID token says, and what it is signed with (OpenID Connect Core sections 2, 3.1.3 and 12).

use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::json;

use super::{relying_party, signed_in, stage, verified};
use crate::support::relying_party::Tokens;
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    oidcc_server,
    oidcc_idtoken_signature,
    oidcc_idtoken_rs256,
    oidcc_ensure_request_without_nonce_succeeds_for_code_flow,
    oidcc_refresh_token,
    oidcc_codereuse,
    oidcc_codereuse_30seconds,
    a_request_without_openid_gets_no_id_token,
    a_refresh_token_comes_with_openid_only_if_the_person_said_so,
    the_time_of_the_sign_in_is_told_not_the_time_of_the_token,
    an_id_token_opens_nothing,
);

/// `oidcc-server`: the happy flow, every claim.
async fn oidcc_server(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let answer = signed_in(app, &web, &ada, &[("scope", "openid profile"), ("nonce", "n-0S6_WzA2Mj")]).await;
    let (mut claims, header) = verified(app, &answer).await;
    let now = app.now();
    assert!(claims.remove("sid").is_some_and(|sid| sid.as_str().is_some_and(|sid| sid.len() >= 20)));
    let at_hash = claims.remove("at_hash").expect("at_hash");
    let half = grantor::crypto::signing::half_hash(SigningAlgorithm::Es256, &answer.text("access_token"));
    assert_eq!(at_hash, json!(half));
    let expected = json!({
        "iss": app.shared.issuer, "sub": ada.row.sub, "aud": web.client_id, "exp": now + 3600, "iat": now,
        "auth_time": now, "nonce": "n-0S6_WzA2Mj", "acr": "urn:grantor:acr:pwd", "amr": ["pwd"],
    });
    assert_eq!(serde_json::Value::Object(claims), expected, "and nothing personal: that is told at UserInfo");
    assert_eq!((&header["alg"], &header["typ"]), (&json!("ES256"), &json!("JWT")));
    assert!(header["kid"].is_string());
    assert_eq!(answer.text("token_type"), "Bearer");
}

/// `oidcc-idtoken-signature`: each algorithm, by keys of the JWKS.
async fn oidcc_idtoken_signature(app: &TestApp) {
    let (web, ada) = stage(app).await;
    for algorithm in SigningAlgorithm::ALL {
        app.db_metadata(&web, |metadata| metadata.id_token_signed_response_alg = Some(algorithm)).await;
        let answer = signed_in(app, &web, &ada, &[("scope", "openid")]).await;
        let (_, header) = verified(app, &answer).await;
        assert_eq!(header["alg"], algorithm.as_str());
    }
}

/// `oidcc-idtoken-rs256`.
async fn oidcc_idtoken_rs256(app: &TestApp) {
    let (web, ada) = stage(app).await;
    app.db_metadata(&web, |metadata| metadata.id_token_signed_response_alg = Some(SigningAlgorithm::Rs256)).await;
    let answer = signed_in(app, &web, &ada, &[("scope", "openid")]).await;
    assert_eq!(verified(app, &answer).await.1["alg"], "RS256");
}

/// `oidcc-ensure-request-without-nonce-succeeds-for-code-flow`.
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let (claims, _) = verified(app, &signed_in(app, &web, &ada, &[("scope", "openid")]).await).await;
    assert!(!claims.contains_key("nonce"));
}

/// `oidcc-refresh-token`: the same person, sign-in and client; a new time, and no nonce (section 12.2).
async fn oidcc_refresh_token(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let first = signed_in(app, &web, &ada, &[("scope", "openid offline_access"), ("nonce", "once")]).await;
    let (before, _) = verified(app, &first).await;
    app.wait(100);
    let refreshed = web.refresh(&first.text("refresh_token")).await;
    let (after, _) = verified(app, &refreshed).await;
    for same in ["iss", "sub", "aud", "auth_time", "sid", "acr", "amr"] {
        assert_eq!(before.get(same), after.get(same), "{same}");
    }
    assert_eq!(after["iat"], json!(app.now()));
    assert!(!after.contains_key("nonce") && before["at_hash"] != after["at_hash"]);
    let again = web.refresh(&first.text("refresh_token")).await;
    assert_eq!(again.text("access_token"), refreshed.text("access_token"), "a lost answer, given again");
    assert_eq!(verified(app, &again).await.0["at_hash"], after["at_hash"]);
}

/// A code that comes again after a pause is refused, and what its first use gave is dead, opaque or not.
async fn code_comes_again(app: &TestApp, pause: u64) {
    let (web, ada) = stage(app).await;
    for format in [None, Some(SigningAlgorithm::Es256)] {
        app.db_metadata(&web, |metadata| metadata.access_token_signed_response_alg = format).await;
        let browser = app.db_signed_in(&ada).await;
        let code = web.code(&browser, &[("scope", "openid")]).await;
        let first = web.redeem(&code).await;
        assert_eq!(first.status, 200);
        app.wait(pause);
        assert_eq!(web.redeem(&code).await.error(), "400 invalid_grant");
        let token = first.text("access_token");
        assert!(!web.is_active(&token).await);
        let request = app.shared.http.get(app.shared.url("/oauth/userinfo"));
        assert_eq!(app.shared.send(request.header("authorization", format!("Bearer {token}"))).await.status, 401);
    }
}

/// `oidcc-codereuse`.
async fn oidcc_codereuse(app: &TestApp) {
    code_comes_again(app, 0).await;
}

/// `oidcc-codereuse-30seconds`.
async fn oidcc_codereuse_30seconds(app: &TestApp) {
    code_comes_again(app, 30).await;
}

async fn a_request_without_openid_gets_no_id_token(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let answer = signed_in(app, &web, &ada, &[("scope", "org:read profile"), ("nonce", "n")]).await;
    assert_eq!((answer.status, answer.json().get("id_token")), (200, None));
    let tokens = Tokens::of(&answer);
    assert_eq!(web.refresh(&tokens.refresh).await.json().get("id_token"), None);
}

/// DECISIONS: with the grant type and (no `openid`, or `offline_access`, or the client's flag). OpenID Connect Core section 11.
async fn a_refresh_token_comes_with_openid_only_if_the_person_said_so(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let has = async |scope: &str| {
        let answer = signed_in(app, &web, &ada, &[("scope", scope)]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json().get("refresh_token").is_some()
    };
    assert!(has("org:read").await);
    assert!(!has("openid org:read").await);
    assert!(has("openid org:read offline_access").await);
    app.db_metadata(&web, |metadata| metadata.refresh_without_offline_access = true).await;
    assert!(has("openid org:read").await);
    let spec = ClientSpec { grant_types: Some(vec!["authorization_code".to_owned()]), ..relying_party() };
    let plain = app.db_client(spec).await;
    let answer = signed_in(app, &plain, &ada, &[("scope", "openid offline_access")]).await;
    assert_eq!(answer.json().get("refresh_token"), None, "a client without the grant type gets none");
}

/// A60.
async fn the_time_of_the_sign_in_is_told_not_the_time_of_the_token(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    let at = app.now();
    app.wait(500);
    let code = web.code(&browser, &[("scope", "openid")]).await;
    let (claims, _) = verified(app, &web.redeem(&code).await).await;
    assert_eq!((&claims["auth_time"], &claims["iat"]), (&json!(at), &json!(at + 500)));
}

/// A43: it is no access token, here or at introspection.
async fn an_id_token_opens_nothing(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let id_token = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("id_token");
    assert!(!web.is_active(&id_token).await);
    assert_eq!(app.script(&id_token).get("/me").await.status, 401);
}
