//! What becomes of clients that registered themselves: nobody's until somebody vouches, never more than the operator left
//! them, and gone when nobody uses them.

use grantor::config::registration::Mode;
use serde_json::{Value, json};

use super::logout::{BACK, logout_url};
use super::registration::{CB, ada, open, party, post, register};
use super::registration_rules::{initial_token, manage};
use super::{of_plan, refusal, signed_in, told};
use crate::support::operator::Operator;
use crate::support::{RelyingParty, TestApp, on_both};
use grantor::protocol::response_type::ResponseType;

on_both!(
    a_client_nobody_vouched_for_sends_no_browser_anywhere,
    whoever_was_let_in_is_vouched_for,
    what_the_operator_took_away_a_client_does_not_give_itself_back,
    a_change_is_refused_for_nothing_that_was_not_said,
    an_application_type_is_held_to_its_addresses,
    oidcc_prompt_none_logged_in_of_a_registered_client,
    clients_that_nobody_uses_go,
);

/// Where nobody is signed in: whether a request that only asks, one that is wrong, and a logout get a page.
async fn gets_pages(app: &TestApp, party: &RelyingParty) -> bool {
    let browser = app.browser();
    let silent = browser.get(&party.authorize_url(&[("scope", "openid"), ("prompt", "none")])).await;
    let wrong = browser.get(&party.authorize_url(&[("scope", "openid nonsense")])).await;
    let asked = [("client_id", &*party.client_id), ("post_logout_redirect_uri", BACK)];
    let logout = browser.get(&logout_url(&asked)).await;
    let sent: Vec<bool> = [&silent, &wrong, &logout].map(|page| page.header("location").is_some()).to_vec();
    assert!(sent.iter().all(|one| *one == sent[0]), "{sent:?}");
    if sent[0] {
        assert_eq!((refusal(&silent, party), logout.location()), ("login_required".to_owned(), BACK));
    } else {
        assert_eq!(logout.attributes("#logout-continue", "href"), [BACK], "a click and nothing less");
        assert!(!logout.has("script") && !logout.body.contains("http-equiv"));
    }
    !sent[0]
}

/// RFC 9700 section 4.11.2: everybody may register one, so that it would lend this server's name to everybody.
async fn a_client_nobody_vouched_for_sends_no_browser_anywhere(app: &TestApp) {
    open(app).await;
    let back = json!({ "post_logout_redirect_uris": [BACK], "registered_openly": false });
    let (party, told) = register(app, back.clone()).await;
    assert_eq!(told.get("registered_openly"), None);
    assert!(gets_pages(app, &party).await);
    let mut change = back;
    change["client_id"] = told["client_id"].clone();
    change["redirect_uris"] = json!([CB]);
    assert_eq!(manage(app, "PUT", &told, Some(&change)).await.status, 200);
    assert!(gets_pages(app, &party).await, "nor by a change of its own");
    app.db_update_client(&party, |metadata| metadata.verified = true).await;
    assert!(!gets_pages(app, &party).await, "an administrator vouched for it");
    app.db_update_client(&party, |metadata| metadata.verified = false).await;
    app.restart_with(|config| config.registration.trusted = true).await;
    assert!(!gets_pages(app, &party).await, "the operator vouches for all");
}

async fn whoever_was_let_in_is_vouched_for(app: &TestApp) {
    open(app).await;
    let token = initial_token(app, "one", None, 1).await.1;
    let body = json!({ "redirect_uris": [CB], "post_logout_redirect_uris": [BACK] });
    let invited = post(app, &body, Some(&token)).await.json();
    assert!(!gets_pages(app, &party(app, &invited)).await);
}

fn changed(told: &Value, more: Value) -> Value {
    let mut body = json!({ "client_id": told["client_id"], "redirect_uris": [CB], "client_name": "Certified" });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    body
}

async fn put(app: &TestApp, told: &Value, more: Value) -> Value {
    let answer = manage(app, "PUT", told, Some(&changed(told, more))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// C67, RFC 7592 section 2.2: the server may take less than it is asked for.
async fn what_the_operator_took_away_a_client_does_not_give_itself_back(app: &TestApp) {
    open(app).await;
    app.restart_with(|config| config.registration.require_pkce = false).await;
    let types = json!({ "response_types": ["code", "code token"], "grant_types": ["authorization_code", "implicit"] });
    let (party, told) = register(app, types.clone()).await;
    app.db_update_client(&party, |metadata| {
        metadata.scopes = vec!["openid".to_owned(), "email".to_owned()];
        metadata.require_pkce = Some(true);
        metadata.silent_token = true;
    })
    .await;
    let metadata = async || {
        let shown = Operator::of(app).says(&["--json", "client", "show", &party.client_id]).await.json();
        shown["metadata"].clone()
    };
    let told = put(app, &told, types.clone()).await;
    assert_eq!(told["scope"], "email openid");
    let now = metadata().await;
    assert_eq!((&now["require_pkce"], &now["silent_token"]), (&json!(true), &json!(true)));
    let mut more = types.clone();
    more["scope"] = json!("openid profile");
    let told = put(app, &told, more).await;
    assert_eq!(told["scope"], "openid");
    let mut elsewhere = types;
    elsewhere["redirect_uris"] = json!(["https://elsewhere.example/cb"]);
    put(app, &told, elsewhere).await;
    assert_eq!(metadata().await["silent_token"], json!(false), "the word was for another address");
}

async fn a_change_is_refused_for_nothing_that_was_not_said(app: &TestApp) {
    open(app).await;
    let types = json!({ "response_types": ["code", "code token"], "grant_types": ["authorization_code", "implicit"] });
    let (party, told) = register(app, types).await;
    app.db_update_client(&party, |metadata| metadata.silent_token = true).await;
    let told = put(app, &told, json!({})).await;
    assert_eq!(told["response_types"], json!(["code"]));
    let mut nameless = changed(&told, json!({}));
    nameless.as_object_mut().expect("an object").remove("client_name");
    let answer = manage(app, "PUT", &told, Some(&nameless)).await.json();
    assert!(answer["client_name"].as_str().is_some_and(|name| name != "Certified" && !name.is_empty()), "{answer}");

    let (_, spa) = register(app, json!({ "token_endpoint_auth_method": "none" })).await;
    let spa = put(app, &spa, json!({})).await;
    assert_eq!(spa["token_endpoint_auth_method"], "none", "what it is it stays");
}

/// OpenID Connect Dynamic Client Registration section 2, RFC 8252 section 7.
async fn an_application_type_is_held_to_its_addresses(app: &TestApp) {
    open(app).await;
    let implicit = ["id_token token"];
    for (kind, types, uri, status) in [
        (None, &implicit[..], "https://rp.example/cb", 201),
        (None, &implicit[..], "http://localhost:8000/cb", 400),
        (None, &implicit[..], "https://localhost/cb", 400),
        (Some("web"), &implicit[..], "http://127.0.0.1/cb", 400),
        (Some("web"), &implicit[..], "com.example.app:/cb", 400),
        (Some("web"), &["code"][..], "http://localhost:8000/cb", 201),
        (Some("native"), &implicit[..], "http://localhost:8000/cb", 201),
        (Some("native"), &implicit[..], "com.example.app:/cb", 201),
        (Some("native"), &["code"][..], "https://rp.example/claimed", 201),
        (Some("desktop"), &["code"][..], "https://rp.example/cb", 400),
    ] {
        let mut body = json!({ "redirect_uris": [uri], "response_types": types });
        if let Some(kind) = kind {
            body["application_type"] = json!(kind);
        }
        let answer = post(app, &body, None).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        if status == 400 {
            let code = if kind == Some("desktop") { "invalid_client_metadata" } else { "invalid_redirect_uri" };
            assert_eq!(answer.text("error"), code, "{body}");
        }
    }
}

/// `oidcc-prompt-none-logged-in` of the implicit and hybrid plans with clients that register themselves.
async fn oidcc_prompt_none_logged_in_of_a_registered_client(app: &TestApp) {
    open(app).await;
    let plan = (ResponseType::IdTokenToken, "");
    let ada = ada(app).await;
    for silent in [false, true] {
        app.restart_with(|config| config.registration.silent_token = silent).await;
        let (party, _) = register(app, json!({ "response_types": ["id_token token"] })).await;
        let browser = app.db_signed_in(&ada).await;
        let page = browser.allow(browser.get(&party.authorize_url(&of_plan(&plan, &[]))).await).await;
        let first = told(app, &party, &page).await;
        let page = browser.get(&party.authorize_url(&of_plan(&plan, &[("prompt", "none")]))).await;
        match silent {
            true => assert_eq!(told(app, &party, &page).await["sub"], first["sub"]),
            false => assert_eq!(refusal(&page, &party), "consent_required"),
        }
    }
}

/// Junk does not close the door for ever.
async fn clients_that_nobody_uses_go(app: &TestApp) {
    const DAY: u64 = 24 * 3600;
    open(app).await;
    let ada = ada(app).await;
    let (used, _) = register(app, json!({ "client_name": "Used" })).await;
    signed_in(app, &used, &ada, &[("scope", "openid")]).await;
    let (left, _) = register(app, json!({ "client_name": "Left" })).await;
    signed_in(app, &left, &ada, &[("scope", "openid")]).await;
    app.db_revoke_authorization(&ada, &left).await;
    let (vouched, _) = register(app, json!({ "client_name": "Vouched" })).await;
    app.db_update_client(&vouched, |metadata| metadata.verified = true).await;
    let token = initial_token(app, "one", None, 1).await.1;
    assert_eq!(post(app, &json!({ "redirect_uris": [CB] }), Some(&token)).await.status, 201);
    let own = app.db_web_client().await;
    let (junk, told) = register(app, json!({ "client_name": "Junk" })).await;
    app.restart_with(|config| config.registration.most = 4).await;
    assert_eq!(post(app, &json!({ "redirect_uris": [CB] }), None).await.error(), "503 temporarily_unavailable");
    app.wait(30 * DAY);
    app.restart_with(|config| config.registration.unused_days = 0).await;
    app.wait(1);
    app.db_sweep().await;
    assert_eq!(app.rows("clients"), 6, "0 keeps them");
    app.restart_with(|config| config.registration.unused_days = 31).await;
    app.db_sweep().await;
    assert_eq!(app.rows("clients"), 6, "not yet");
    app.restart_with(|config| config.registration.unused_days = 30).await;
    app.db_sweep().await;
    assert_eq!(app.rows("clients"), 5);
    assert_eq!(manage(app, "GET", &told, None).await.error(), "401 invalid_token");
    assert!(app.db_events().await.iter().any(|event| event == "client.delete"));
    for (party, there) in [(&used, true), (&left, true), (&vouched, true), (&own, true), (&junk, false)] {
        let page = app.browser().get(&party.authorize_url(&[("scope", "org:read")])).await;
        let known = !page.body.contains("names no active application");
        assert_eq!(known, there, "{}", page.body);
    }
    assert_eq!(post(app, &json!({ "redirect_uris": [CB] }), None).await.status, 201, "the door is open again");
    app.restart_with(|config| config.registration.mode = Mode::Off).await;
    app.db_sweep().await;
    assert_eq!(app.rows("clients"), 6);
}
