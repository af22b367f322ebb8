//! ID tokens in the browser's address (OpenID Connect Core sections 3.2 and 3.3): the implicit and hybrid plans, for
//! clients so marked.

use grantor::crypto::jwt::{self, KeySet};
use grantor::crypto::signing::half_hash;
use grantor::protocol::response_type::ResponseType;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Map, Value, json};

use super::{relying_party, stage_of, verified};
use crate::support::page::Page;
use crate::support::{ClientSpec, RelyingParty, TestApp, on_both};

on_both!(
    oidcc_implicit_server,
    oidcc_hybrid_server,
    oidcc_ensure_request_without_nonce_fails,
    oidcc_implicit_response_mode_form_post,
    claims_are_in_the_id_token_where_nothing_else_could_tell_them,
    an_unmarked_client_gets_no_front_channel_token,
    a_server_with_the_switch_off_gives_no_front_channel_token,
    an_error_travels_where_the_answer_would_have,
    an_id_token_is_given_silently_to_a_proven_address_only,
    the_codes_replay_kills_the_front_channels_token_too,
);

pub fn marked() -> ClientSpec {
    let all = ResponseType::ALL.map(|one| one.as_str().to_owned()).to_vec();
    ClientSpec { response_types: Some(all), ..relying_party() }
}

pub async fn switched_on(app: &TestApp) -> (RelyingParty, crate::support::Person) {
    let stage = stage_of(app, marked()).await;
    app.restart_with(|config| config.tokens.implicit = true).await;
    stage
}

fn answer_of(page: &Page, party: &RelyingParty) -> Map<String, Value> {
    assert!(page.location().contains('#'), "{}: in the fragment", page.location());
    page.redirected_to(&party.redirect_uri).into_iter().map(|(name, value)| (name, Value::String(value))).collect()
}

pub async fn claims_of(app: &TestApp, answer: &Map<String, Value>) -> Map<String, Value> {
    let keys = KeySet::parse(&app.get("/oauth/jwks.json").await.body).expect("a JWK set");
    let token = answer["id_token"].as_str().expect("an ID token");
    jwt::verify(token, &keys).unwrap_or_else(|refusal| panic!("{refusal}: {token}"))
}

/// Sends Ada there and allows it; nothing but what belongs to the type comes back, and the hashes fit.
async fn shown(app: &TestApp, kind: ResponseType) -> Map<String, Value> {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    let changes = [("scope", "openid org:read"), ("response_type", kind.as_str()), ("nonce", "n-1")];
    let page = browser.allow(browser.get(&web.authorize_url(&changes)).await).await;
    let answer = answer_of(&page, &web);
    let has = |name: &str| answer.contains_key(name);
    assert_eq!(
        (has("code"), has("access_token"), has("id_token")),
        (kind.has_code(), kind.has_token(), kind.has_id_token())
    );
    assert_eq!((&answer["state"], &answer["iss"]), (&json!("af0ifjsldkj"), &json!(app.shared.issuer)));
    assert!(!has("refresh_token"));
    if kind.has_id_token() {
        let claims = claims_of(app, &answer).await;
        assert_eq!((&claims["nonce"], &claims["aud"]), (&json!("n-1"), &json!(web.client_id)));
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let hash = |name: &str| text(name).map(|text| json!(half_hash(SigningAlgorithm::Es256, text)));
        assert_eq!(claims.get("at_hash").cloned(), hash("access_token"));
        assert_eq!(claims.get("c_hash").cloned(), hash("code"));
    }
    if kind.has_code() {
        let code = answer["code"].as_str().expect("a code");
        let redeemed = web.redeem(code).await;
        assert_eq!(redeemed.status, 200, "{}", redeemed.body);
        assert_eq!(verified(app, &redeemed).await.0["sub"], json!(ada.row.sub));
    }
    if kind.has_token() {
        assert!(web.is_active(answer["access_token"].as_str().expect("a token")).await);
    }
    answer
}

/// `oidcc-server` of the implicit plan, `oidcc-idtoken-signature`.
async fn oidcc_implicit_server(app: &TestApp) {
    for kind in [ResponseType::IdToken, ResponseType::IdTokenToken] {
        shown(app, kind).await;
    }
}

/// `oidcc-server` of the hybrid plan.
async fn oidcc_hybrid_server(app: &TestApp) {
    for kind in [ResponseType::CodeIdToken, ResponseType::CodeToken, ResponseType::CodeIdTokenToken] {
        shown(app, kind).await;
    }
}

/// `oidcc-ensure-request-without-nonce-fails`.
async fn oidcc_ensure_request_without_nonce_fails(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    for kind in ResponseType::ALL.into_iter().filter(|kind| kind.has_id_token()) {
        let url = web.authorize_url(&[("scope", "openid"), ("response_type", kind.as_str())]);
        let answer = answer_of(&browser.get(&url).await, &web);
        assert_eq!(answer["error"], json!("invalid_request"), "{kind:?}");
        let url = web.authorize_url(&[("scope", "org:read"), ("response_type", kind.as_str()), ("nonce", "n")]);
        let answer = answer_of(&browser.get(&url).await, &web);
        assert_eq!(answer["error"], json!("invalid_request"), "{kind:?} without openid");
    }
}

/// The form post plans.
async fn oidcc_implicit_response_mode_form_post(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    for kind in ResponseType::ALL {
        let changes =
            [("scope", "openid"), ("response_type", kind.as_str()), ("nonce", "n"), ("response_mode", "form_post")];
        let page = browser.allow(browser.get(&web.authorize_url(&changes)).await).await;
        assert_eq!(page.status, 200, "{kind:?}");
        assert!(page.attributes("form", "action").contains(&web.redirect_uri), "{kind:?}");
        let sent = page.attributes("form input[type=hidden]", "name");
        for (name, wanted) in
            [("code", kind.has_code()), ("id_token", kind.has_id_token()), ("access_token", kind.has_token())]
        {
            assert_eq!(sent.contains(&name.to_owned()), wanted, "{kind:?} {name}");
        }
    }
}

/// Section 5.4: with `response_type=id_token` there is no access token to ask UserInfo with.
async fn claims_are_in_the_id_token_where_nothing_else_could_tell_them(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    for (kind, told) in [(ResponseType::IdToken, true), (ResponseType::IdTokenToken, false)] {
        let changes = [("scope", "openid email"), ("response_type", kind.as_str()), ("nonce", "n")];
        let page = browser.allow(browser.get(&web.authorize_url(&changes)).await).await;
        let claims = claims_of(app, &answer_of(&page, &web)).await;
        assert_eq!(claims.get("email"), told.then(|| json!("ada@example.test")).as_ref(), "{kind:?}");
    }
}

/// A07.
async fn an_unmarked_client_gets_no_front_channel_token(app: &TestApp) {
    let (web, ada) = stage_of(app, relying_party()).await;
    app.restart_with(|config| config.tokens.implicit = true).await;
    let browser = app.db_signed_in(&ada).await;
    for kind in ResponseType::ALL.into_iter().filter(|kind| kind.is_front_channel()) {
        let url = web.authorize_url(&[("scope", "openid"), ("response_type", kind.as_str()), ("nonce", "n")]);
        assert_eq!(answer_of(&browser.get(&url).await, &web)["error"], json!("unauthorized_client"), "{kind:?}");
    }
}

/// A07: and the document does not speak of them.
async fn a_server_with_the_switch_off_gives_no_front_channel_token(app: &TestApp) {
    let (web, ada) = stage_of(app, marked()).await;
    let browser = app.db_signed_in(&ada).await;
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["response_types_supported"], json!(["code"]));
    for kind in ResponseType::ALL.into_iter().filter(|kind| kind.is_front_channel()) {
        let url = web.authorize_url(&[("scope", "openid"), ("response_type", kind.as_str()), ("nonce", "n")]);
        let answer = answer_of(&browser.get(&url).await, &web);
        assert_eq!(answer["error"], json!("unsupported_response_type"), "{kind:?}");
    }
}

/// OAuth 2.0 Multiple Response Types section 2.1, and never in a query.
async fn an_error_travels_where_the_answer_would_have(app: &TestApp) {
    let (web, _) = switched_on(app).await;
    let browser = app.browser();
    let asked = [("scope", "openid"), ("response_type", "code id_token"), ("nonce", "n"), ("prompt", "none")];
    assert_eq!(answer_of(&browser.get(&web.authorize_url(&asked)).await, &web)["error"], json!("login_required"));
    let in_query = [&asked[..], &[("response_mode", "query")]].concat();
    assert_eq!(answer_of(&browser.get(&web.authorize_url(&in_query)).await, &web)["error"], json!("invalid_request"));
}

/// DECISIONS, silent approval.
async fn an_id_token_is_given_silently_to_a_proven_address_only(app: &TestApp) {
    for (redirect_uri, silent) in [("https://client.example/cb", true), ("http://127.0.0.1:7777/cb", false)] {
        let spec = ClientSpec { redirect_uris: vec![redirect_uri.to_owned()], ..marked() };
        let (web, ada) = stage_of(app, spec).await;
        app.restart_with(|config| config.tokens.implicit = true).await;
        let browser = app.db_signed_in(&ada).await;
        let changes = [("scope", "openid"), ("response_type", "id_token"), ("nonce", "n")];
        let first = browser.get(&web.authorize_url(&changes)).await;
        assert!(first.has("#consent-allow"), "{redirect_uri}: asked the first time");
        browser.allow(first).await;
        let second = browser.get(&web.authorize_url(&changes)).await;
        assert_eq!(second.has("#consent-allow"), !silent, "{redirect_uri}");
        let token = [("scope", "openid"), ("response_type", "id_token token"), ("nonce", "n")];
        let third = browser.get(&web.authorize_url(&token)).await;
        assert!(third.has("#consent-allow"), "{redirect_uri}: an access token never without the client's flag");
    }
}

/// RFC 9700 section 4.2.4: the family falls as a whole.
async fn the_codes_replay_kills_the_front_channels_token_too(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    let changes = [("scope", "openid"), ("response_type", "code token")];
    let page = browser.allow(browser.get(&web.authorize_url(&changes)).await).await;
    let answer = answer_of(&page, &web);
    let (code, token) = (answer["code"].as_str().expect("a code"), answer["access_token"].as_str().expect("a token"));
    assert_eq!(web.redeem(code).await.status, 200);
    assert!(web.is_active(token).await);
    assert_eq!(web.redeem(code).await.error(), "400 invalid_grant");
    assert!(!web.is_active(token).await);
}
