//! Request objects (OpenID Connect Core section 6, RFC 9101): what works.

use grantor::protocol::response_type::ResponseType;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::json;

use super::front_channel::switched_on;
use super::request_signer::{Place, key, link, object, registers_keys, said};
use super::{PLANS, of_plan, refusal, stage, told};
use crate::support::{RelyingParty, TestApp, on_both};

on_both!(
    oidcc_request_uri_signed_rs256,
    oidcc_request_uri_unsigned,
    oidcc_ensure_request_object_with_redirect_uri,
    oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported,
    oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported,
    every_algorithm_listed_signs_requests,
    what_stands_beside_the_object_is_not_read,
    a_person_who_takes_their_time_to_sign_in_comes_back,
    a_client_that_must_sign_gets_nothing_unsigned,
    claims_hints_and_ages_stand_inside,
    a_version_is_fetched_once_and_what_has_none_once_a_visit,
);

/// `alg: none`, with everything a request says.
fn unsigned(app: &TestApp, party: &RelyingParty, changes: &serde_json::Value) -> String {
    use base64::Engine as _;
    let encode = |text: String| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let claims = serde_json::Value::Object(said(app, party, changes)).to_string();
    format!("{}.{}.", encode(json!({ "alg": "none" }).to_string()), encode(claims))
}

fn of(kind: ResponseType, mode: &str) -> serde_json::Value {
    match mode {
        "" => json!({ "response_type": kind.as_str() }),
        mode => json!({ "response_type": kind.as_str(), "response_mode": mode }),
    }
}

async fn keeps_requests_at(app: &TestApp, party: &RelyingParty, place: &Place) {
    app.as_dev().await;
    app.db_metadata(party, |metadata| metadata.request_uris = vec![format!("{}#first", place.url)]).await;
}

/// `oidcc-request-uri-signed-rs256`, `request_uri_parameter_supported`, `require_request_uri_registration`.
async fn oidcc_request_uri_signed_rs256(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    registers_keys(app, &web).await;
    let (place, browser) = (Place::open(), app.db_signed_in(&ada).await);
    keeps_requests_at(app, &web, &place).await;
    let document = app.get("/.well-known/openid-configuration").await.json();
    for member in ["request_uri_parameter_supported", "require_request_uri_registration"] {
        assert_eq!(document[member], true, "{member}");
    }
    for (version, (kind, mode)) in PLANS.into_iter().enumerate() {
        let signed = key(SigningAlgorithm::Rs256).sign("oauth-authz-req+jwt", &said(app, &web, &of(kind, mode)));
        place.gives("200 OK", signed.expect("a token"));
        let url = link(&web, &[("request_uri", &format!("{}#{version}", place.url))]);
        let page = browser.allow(browser.get(&url).await).await;
        assert_eq!(told(app, &web, &page).await["sub"], json!(ada.row.sub), "{kind:?}");
    }
}

/// `oidcc-request-uri-unsigned`: `none` is not among `request_object_signing_alg_values_supported`.
async fn oidcc_request_uri_unsigned(app: &TestApp) {
    let (web, ada) = stage(app).await;
    registers_keys(app, &web).await;
    let (place, browser) = (Place::open(), app.db_signed_in(&ada).await);
    keeps_requests_at(app, &web, &place).await;
    let document = app.get("/.well-known/openid-configuration").await.json();
    let listed = document["request_object_signing_alg_values_supported"].as_array().expect("a list");
    assert!(!listed.contains(&json!("none")));
    place.gives("200 OK", unsigned(app, &web, &json!({})));
    let page = browser.get(&web.authorize_url(&[("scope", "openid"), ("request_uri", &place.url)])).await;
    assert_eq!(refusal(&page, &web), "invalid_request_object");
}

/// `oidcc-ensure-request-object-with-redirect-uri`: inside alone it is enough, and it wins over one beside it.
async fn oidcc_ensure_request_object_with_redirect_uri(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    registers_keys(app, &web).await;
    let browser = app.db_signed_in(&ada).await;
    for (kind, mode) in PLANS {
        let object = object(app, &web, &of(kind, mode));
        for beside in ["", "https://client.example/elsewhere"] {
            let asked = [("scope", "openid"), ("response_type", kind.as_str()), ("request", &*object)];
            let asked = [&asked[..], &[("redirect_uri", beside)]].concat();
            let asked: Vec<_> = asked.into_iter().filter(|(_, value)| !value.is_empty()).collect();
            let page = browser.allow(browser.get(&link(&web, &asked)).await).await;
            assert_eq!(told(app, &web, &page).await["sub"], json!(ada.row.sub), "{kind:?} {beside}");
        }
    }
}

/// `oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported`: rejected, here as not registered.
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    for plan in &PLANS {
        let asked = of_plan(plan, &[("request_uri", "https://client.example/request.jwt")]);
        assert_eq!(refusal(&browser.get(&web.authorize_url(&asked)).await, &web), "invalid_request_uri", "{plan:?}");
    }
}

/// `oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported`: rejected.
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    for with_keys in [false, true] {
        if with_keys {
            registers_keys(app, &web).await;
        }
        for plan in &PLANS {
            let object = unsigned(app, &web, &of(plan.0, plan.1));
            let page = browser.get(&web.authorize_url(&of_plan(plan, &[("request", &object)]))).await;
            assert_eq!(refusal(&page, &web), "invalid_request_object", "{plan:?}");
        }
    }
}

/// `request_parameter_supported`, `request_object_signing_alg_values_supported`; and the one a client chose is the only one.
async fn every_algorithm_listed_signs_requests(app: &TestApp) {
    let (web, ada) = stage(app).await;
    registers_keys(app, &web).await;
    let browser = app.db_signed_in(&ada).await;
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["request_parameter_supported"], true);
    let names = SigningAlgorithm::ALL.map(|algorithm| algorithm.as_str());
    assert_eq!(document["request_object_signing_alg_values_supported"], json!(names));
    for registered in [None, Some("PS256")] {
        app.db_metadata(&web, |metadata| {
            metadata.request_object_signing_alg = registered.map(str::to_owned);
        })
        .await;
        for algorithm in SigningAlgorithm::ALL {
            let object = key(algorithm).sign("JWT", &said(app, &web, &json!({}))).expect("a token");
            let page = browser.allow(browser.get(&web.authorize_url(&[("request", &object)])).await).await;
            match registered.is_none_or(|registered| registered == algorithm.as_str()) {
                true => assert_eq!(told(app, &web, &page).await["sub"], json!(ada.row.sub)),
                false => assert_eq!(refusal(&page, &web), "invalid_request_object", "{algorithm:?}"),
            }
        }
    }
}

/// RFC 9101 section 5: a scope, a state or a prompt that somebody put beside the object says nothing.
async fn what_stands_beside_the_object_is_not_read(app: &TestApp) {
    let (web, ada) = stage(app).await;
    registers_keys(app, &web).await;
    let browser = app.db_signed_in(&ada).await;
    let object = object(app, &web, &json!({ "state": "inside" }));
    let beside = [
        ("request", object.as_str()),
        ("state", "beside"),
        ("scope", "openid email org:read"),
        ("response_type", "token"),
        ("prompt", "none"),
        ("nonce", "beside"),
        ("response_mode", "fragment"),
        ("claims", "nonsense"),
    ];
    let page = browser.get(&link(&web, &beside)).await;
    assert!(page.has("#consent-allow") && !page.body.contains("See your e-mail address"), "{}", page.body);
    let page = browser.allow(page).await;
    assert!(page.location().contains("?code=") && page.location().contains("state=inside"));
    let answer = web.redeem(&web.code_of(&page)).await;
    assert_eq!(answer.text("scope"), "openid");
    assert_eq!(super::verified(app, &answer).await.0["nonce"], json!("n-1"));
}

/// The object lives a minute, the person needs nine; in another browser, or after ten, it is too late.
async fn a_person_who_takes_their_time_to_sign_in_comes_back(app: &TestApp) {
    let (web, ada) = stage(app).await;
    registers_keys(app, &web).await;
    let url = link(&web, &[("request", &object(app, &web, &json!({ "prompt": "login" })))]);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&url).await;
    app.wait(540);
    let after = browser.sign_in_on(&page, &ada).await;
    let page = browser.get(after.location()).await;
    assert!(page.has("#consent-allow"), "{}", page.body);
    let elsewhere = app.db_signed_in(&ada).await;
    for (browser, url) in [(&elsewhere, after.location()), (&browser, &url)] {
        assert_eq!(refusal(&browser.get(url).await, &web), "invalid_request_object", "to the client's only address");
    }
    app.wait(60);
    let late = browser.get(after.location()).await;
    assert_eq!(refusal(&late, &web), "invalid_request_object");
    let done = browser.allow(page).await;
    assert_eq!(told(app, &web, &done).await["sub"], json!(ada.row.sub), "what the page asked about is kept");
}

/// `require_signed_request_object` (RFC 9101 section 10.5).
async fn a_client_that_must_sign_gets_nothing_unsigned(app: &TestApp) {
    let (web, ada) = stage(app).await;
    registers_keys(app, &web).await;
    app.db_metadata(&web, |metadata| metadata.require_signed_request_object = true).await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("scope", "openid")])).await;
    assert_eq!(refusal(&page, &web), "invalid_request");
    let page = browser.get(&link(&web, &[("request", &object(app, &web, &json!({})))])).await;
    let page = browser.allow(page).await;
    assert_eq!(told(app, &web, &page).await["sub"], json!(ada.row.sub), "consent included");
}

/// Section 6.1: JSON where JSON is, numbers where numbers are.
async fn claims_hints_and_ages_stand_inside(app: &TestApp) {
    let (web, ada) = stage(app).await;
    registers_keys(app, &web).await;
    let browser = app.browser();
    let inside = json!({
        "login_hint": "ada0", "max_age": 86400, "claims": { "id_token": { "email": { "essential": true } } },
    });
    let page = browser.get(&link(&web, &[("request", &object(app, &web, &inside))])).await;
    assert_eq!(page.attributes("#username", "value"), ["ada0"]);
    let page = browser.get(browser.sign_in_on(&page, &ada).await.location()).await;
    assert!(page.body.contains("See your e-mail address"), "{}", page.body);
    assert_eq!(told(app, &web, &browser.allow(page).await).await["email"], json!("ada@example.test"));
}

/// OpenID Connect Core section 6.2.
async fn a_version_is_fetched_once_and_what_has_none_once_a_visit(app: &TestApp) {
    let (web, ada) = stage(app).await;
    registers_keys(app, &web).await;
    let place = Place::open();
    keeps_requests_at(app, &web, &place).await;
    place.gives("200 OK", object(app, &web, &json!({})));
    let browser = app.browser();
    let versioned = link(&web, &[("request_uri", &format!("{}#v1", place.url))]);
    for _ in 0..3 {
        assert!(browser.get(&versioned).await.has("#login-submit"));
    }
    assert_eq!(place.visits(), 1);
    let plain = link(&web, &[("request_uri", &place.url)]);
    let page = browser.get(&plain).await;
    assert_eq!(place.visits(), 2);
    place.gives("404 X", "gone");
    let page = browser.get(browser.sign_in_on(&page, &ada).await.location()).await;
    assert!(page.has("#consent-allow"), "the same visit: {}", page.body);
    assert_eq!(place.visits(), 2);
    app.wait(1);
    assert_eq!(browser.get(&plain).await.status, 302, "another one");
    assert_eq!(place.visits(), 3);
}
