//! Claims asked for one by one (OpenID Connect Core section 5.5).

use serde_json::{Value, json};

use super::front_channel::{claims_of, switched_on};
use super::{PLANS, of_plan, refusal, relying_party, sent_back, signed_in, stage, stage_of, told, verified};
use crate::support::{Answer, ClientSpec, TestApp, on_both};

on_both!(
    oidcc_claims_essential,
    a_claim_is_told_where_it_was_asked_for_and_nowhere_else,
    a_claim_asked_for_by_itself_is_consented_to,
    the_scope_of_the_token_is_not_widened,
    a_value_nobody_has_is_left_out,
    a_refresh_tells_the_same,
    a_narrowed_token_tells_only_its_scopes,
    a_client_is_told_no_more_than_it_is_registered_for,
    claims_that_nobody_knows_change_nothing,
    a_language_asked_for_is_no_reason_to_refuse,
    nobody_is_told_without_a_page_who_somebody_is,
    what_cannot_be_read_is_refused,
    a_subject_asked_for_by_value_is_the_only_one_answered_for,
    an_essential_class_is_reached_or_the_request_is_refused,
);

async fn userinfo(app: &TestApp, access_token: &str) -> Answer {
    let request = app.shared.http.get(app.shared.url("/oauth/userinfo"));
    app.shared.send(request.header("authorization", format!("Bearer {access_token}"))).await
}

async fn at_userinfo(app: &TestApp, access_token: &str) -> Value {
    let mut claims = userinfo(app, access_token).await.json();
    claims.as_object_mut().expect("an object").remove("sub");
    claims
}

/// `oidcc-claims-essential`: at UserInfo where there is an access token, in the ID token where there is none.
async fn oidcc_claims_essential(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    for plan in &PLANS {
        let place = if plan.0.has_code() || plan.0.has_token() { "userinfo" } else { "id_token" };
        let claims = json!({ place: { "name": { "essential": true } } }).to_string();
        let page = browser.get(&web.authorize_url(&of_plan(plan, &[("claims", &claims)]))).await;
        let page = browser.allow(page).await;
        let answer = sent_back(&page, &web);
        if place == "id_token" {
            assert_eq!(claims_of(app, &answer).await["name"], json!("ada0 Example"), "{plan:?}");
            continue;
        }
        let access = match answer.get("access_token") {
            Some(token) => token.as_str().expect("a token").to_owned(),
            None => web.redeem(answer["code"].as_str().expect("a code")).await.text("access_token"),
        };
        assert_eq!(at_userinfo(app, &access).await, json!({ "name": "ada0 Example" }), "{plan:?}");
    }
}

/// `claims_parameter_supported`.
async fn a_claim_is_told_where_it_was_asked_for_and_nowhere_else(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let claims =
        r#"{"userinfo": {"email": null, "nickname": {}}, "id_token": {"given_name": null, "phone_number": null}}"#;
    let answer = signed_in(app, &web, &ada, &[("scope", "openid"), ("claims", claims)]).await;
    let (in_token, _) = verified(app, &answer).await;
    assert_eq!((&in_token["given_name"], &in_token["phone_number"]), (&json!("Ada"), &json!("+44 20 7946 0000")));
    assert!(!in_token.contains_key("email") && !in_token.contains_key("family_name"));
    let expected = json!({ "email": "ada@example.test", "nickname": "Enchantress" });
    assert_eq!(at_userinfo(app, &answer.text("access_token")).await, expected, "and no email_verified");
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["claims_parameter_supported"], true);
}

/// The page says what the scope says that owns the claim; once said, it is not asked again, and a new claim is.
async fn a_claim_asked_for_by_itself_is_consented_to(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    let asked = |claims: &'static str| web.authorize_url(&[("scope", "openid"), ("claims", claims)]);
    web.code(&browser, &[("scope", "openid")]).await;
    assert_eq!(browser.get(&asked("{}")).await.status, 302, "nothing new");
    let email = r#"{"userinfo":{"email":null}}"#;
    let page = browser.get(&asked(email)).await;
    assert!(page.body.contains("See your e-mail address") && !page.body.contains("See your postal address"));
    browser.allow(page).await;
    let again = browser.get(&asked(email)).await;
    assert!(!web.code_of(&again).is_empty());
    let other = browser.get(&asked(r#"{"id_token":{"address":null}}"#)).await;
    assert!(other.body.contains("See your postal address"), "{}", other.body);
    let silent =
        web.authorize_url(&[("scope", "openid"), ("claims", r#"{"id_token":{"address":null}}"#), ("prompt", "none")]);
    assert_eq!(refusal(&browser.get(&silent).await, &web), "consent_required");
}

async fn the_scope_of_the_token_is_not_widened(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let claims = r#"{"userinfo":{"email":null}}"#;
    let answer = signed_in(app, &web, &ada, &[("scope", "openid"), ("claims", claims)]).await;
    assert_eq!(answer.text("scope"), "openid");
    let introspected = web.introspect(&answer.text("access_token")).await.json();
    assert_eq!((&introspected["active"], &introspected["scope"]), (&json!(true), &json!("openid")));
    let later = signed_in(app, &web, &ada, &[("scope", "openid")]).await;
    assert_eq!(at_userinfo(app, &later.text("access_token")).await, json!({}), "each grant its own claims");
    app.db_revoke_authorization(&ada, &web).await;
    assert_eq!(userinfo(app, &answer.text("access_token")).await.status, 401);
}

/// Section 5.5.1, `value` and `values`.
async fn a_value_nobody_has_is_left_out(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let claims = json!({ "userinfo": {
        "locale": { "value": "de" },
        "given_name": { "essential": true, "values": ["Grace", "Ada"] },
        "family_name": { "essential": true, "value": "Hopper" },
        "email_verified": { "value": false },
    } });
    let answer = signed_in(app, &web, &ada, &[("scope", "openid"), ("claims", &claims.to_string())]).await;
    let expected = json!({ "given_name": "Ada", "email_verified": false });
    assert_eq!(at_userinfo(app, &answer.text("access_token")).await, expected);
}

/// Section 12.2.
async fn a_refresh_tells_the_same(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let claims = r#"{"userinfo":{"email":null},"id_token":{"nickname":null,"acr":{"essential":true}}}"#;
    let with = [("scope", "openid offline_access"), ("claims", claims)];
    let first = signed_in(app, &web, &ada, &with).await;
    let refreshed = web.refresh(&first.text("refresh_token")).await;
    for answer in [first, refreshed] {
        let (in_token, _) = verified(app, &answer).await;
        assert_eq!((&in_token["nickname"], &in_token["acr"]), (&json!("Enchantress"), &json!("urn:grantor:acr:pwd")));
        assert_eq!(at_userinfo(app, &answer.text("access_token")).await, json!({ "email": "ada@example.test" }));
    }
}

async fn a_narrowed_token_tells_only_its_scopes(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let claims = r#"{"userinfo":{"email":null}}"#;
    let with = [("scope", "openid offline_access org:read"), ("claims", claims)];
    let first = signed_in(app, &web, &ada, &with).await;
    let narrowed = web.refresh_with(&first.text("refresh_token"), &[("scope", "openid")]).await;
    assert_eq!(at_userinfo(app, &narrowed.text("access_token")).await, json!({}));
}

/// The registration bounds claims as it bounds scopes, at the request and later; a claim is no reason to refuse.
async fn a_client_is_told_no_more_than_it_is_registered_for(app: &TestApp) {
    let scopes = |list: &[&str]| list.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>();
    let spec = ClientSpec { scopes: scopes(&["openid", "profile"]), ..relying_party() };
    let (web, ada) = stage_of(app, spec).await;
    let claims = r#"{"userinfo":{"email":{"essential":true},"nickname":null}}"#;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("scope", "openid"), ("claims", claims)])).await;
    assert!(!page.body.contains("See your e-mail address"));
    let answer = web.redeem(&web.code_of(&browser.allow(page).await)).await;
    let token = answer.text("access_token");
    assert_eq!(at_userinfo(app, &token).await, json!({ "nickname": "Enchantress" }));
    app.db_batch(&format!(
        "UPDATE clients SET scopes = {} WHERE client_id = '{}'",
        if app.database_url().starts_with("postgres") { "'{openid}'" } else { "'[\"openid\"]'" },
        web.client_id
    ));
    app.restart().await;
    assert_eq!(at_userinfo(app, &token).await, json!({}), "narrowed meanwhile");
}

/// Sections 5.5 and 5.5.1: and without `openid` there is nobody to tell about.
async fn claims_that_nobody_knows_change_nothing(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let claims = r#"{"userinfo":{"shoe_size":{"essential":true}},"id_token":{"http://x.test/groups":null},"x":7}"#;
    let answer = signed_in(app, &web, &ada, &[("scope", "openid"), ("claims", claims)]).await;
    assert_eq!(at_userinfo(app, &answer.text("access_token")).await, json!({}));
    let browser = app.db_signed_in(&ada).await;
    let email = r#"{"userinfo":{"email":null}}"#;
    let page = browser.get(&web.authorize_url(&[("scope", "org:read"), ("claims", email)])).await;
    assert!(page.has("#consent-allow") && !page.body.contains("See your e-mail address"));
}

/// Sections 5.2 and 5.5.2: claims have the one language they were said in, so a name with a language is one nobody knows.
async fn a_language_asked_for_is_no_reason_to_refuse(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let claims = json!({
        "userinfo": { "family_name#ja-Kana-JP": { "essential": true }, "given_name": null, "email#de": null },
        "id_token": { "nickname#de": { "value": "Countess" }, "sub#de": { "value": "nobody" } },
    })
    .to_string();
    let browser = app.db_signed_in(&ada).await;
    let asked = [("scope", "openid"), ("claims", &*claims), ("claims_locales", "ja-Kana-JP de")];
    let page = browser.get(&web.authorize_url(&asked)).await;
    assert!(page.has("#consent-allow") && !page.body.contains("See your e-mail address"), "{}", page.body);
    let answer = web.redeem(&web.code_of(&browser.allow(page).await)).await;
    assert_eq!(at_userinfo(app, &answer.text("access_token")).await, json!({ "given_name": "Ada" }));
    let (in_token, _) = verified(app, &answer).await;
    assert!(!in_token.keys().any(|name| name.starts_with("nickname") || name.contains('#')), "{in_token:?}");
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document.get("claims_locales_supported"), None);
}

/// To a client nobody let in, the right person looks like another one, by `sub` and by hint, with values of any scope.
async fn nobody_is_told_without_a_page_who_somebody_is(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let bob = app.db_user("bob").await;
    let hint = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("id_token");
    app.db_revoke_authorization(&ada, &web).await;
    let by_value = |place: &str| json!({ place: { "sub": { "value": ada.row.sub } } }).to_string();
    let (in_token, at_userinfo) = (by_value("id_token"), by_value("userinfo"));
    let right = app.db_signed_in(&ada).await;
    for wish in [("claims", in_token.as_str()), ("claims", at_userinfo.as_str()), ("id_token_hint", hint.as_str())] {
        let url = web.authorize_url(&[("scope", "openid"), ("prompt", "none"), wish]);
        let seen = async |browser: &crate::support::Browser| sent_back(&browser.get(&url).await, &web);
        let mut answers = vec![seen(&right).await, seen(&app.db_signed_in(&bob).await).await];
        answers.push(seen(&app.browser()).await);
        for answer in &mut answers {
            assert_eq!(answer["error"], json!("login_required"), "{wish:?}");
            answer.remove("error_description");
        }
        assert_eq!((&answers[0], &answers[1]), (&answers[1], &answers[2]), "{wish:?}");
    }
    let nobody_in_particular = web.authorize_url(&[("scope", "openid"), ("prompt", "none")]);
    assert_eq!(refusal(&right.get(&nobody_in_particular).await, &web), "consent_required");
    web.code(&right, &[("scope", "openid")]).await;
    let url = web.authorize_url(&[("scope", "openid"), ("prompt", "none"), ("claims", &in_token)]);
    assert_eq!(told(app, &web, &right.get(&url).await).await["sub"], json!(ada.row.sub), "whom she let in");
}

/// A66.
async fn what_cannot_be_read_is_refused(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    let long = format!(r#"{{"userinfo":{{"{}":null}}}}"#, "x".repeat(9000));
    for claims in ["x", "[]", r#"{"userinfo":7}"#, r#"{"id_token":{"acr":{"values":"x"}}}"#, &long] {
        let page = browser.get(&web.authorize_url(&[("scope", "openid"), ("claims", claims)])).await;
        assert_eq!(refusal(&page, &web), "invalid_request", "{}", &claims[..claims.len().min(40)]);
    }
}

/// Section 5.5.1: nobody else is answered for, with a page or without.
async fn a_subject_asked_for_by_value_is_the_only_one_answered_for(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let bob = app.db_user("bob").await;
    let claims = json!({ "id_token": { "sub": { "value": ada.row.sub } } }).to_string();
    let asked = |more: &[(&str, &str)]| {
        web.authorize_url(&[&[("scope", "openid"), ("claims", claims.as_str())], more].concat())
    };
    let browser = app.db_signed_in(&bob).await;
    assert_eq!(refusal(&browser.get(&asked(&[("prompt", "none")])).await, &web), "login_required");
    let page = browser.get(&asked(&[])).await;
    assert!(page.has("#sign-in-notice") && page.has("#login-submit"), "{}", page.body);
    assert!(!page.body.contains("ada0"), "the client's word for Ada does not tell the name of her account");
    let page = browser.get(browser.sign_in_on(&page, &ada).await.location()).await;
    assert_eq!(told(app, &web, &browser.allow(page).await).await["sub"], json!(ada.row.sub));
    let nobody = r#"{"userinfo":{"sub":{"value":"nobody"}}}"#;
    let url = web.authorize_url(&[("scope", "openid"), ("claims", nobody), ("prompt", "none")]);
    assert_eq!(refusal(&browser.get(&url).await, &web), "login_required");
}

/// Section 5.5.1.1, DECISIONS: an unmet essential class fails; anything less never does.
async fn an_essential_class_is_reached_or_the_request_is_refused(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    let asked = |acr: Value, more: &[(&str, &str)]| {
        let claims = json!({ "id_token": { "acr": acr } }).to_string();
        web.authorize_url(&[&[("scope", "openid"), ("claims", claims.as_str())], more].concat())
    };
    let gold = browser.get(&asked(json!({ "essential": true, "value": "gold" }), &[])).await;
    assert_eq!(refusal(&gold, &web), "unmet_authentication_requirements");
    for met in [
        json!({ "essential": true, "values": ["gold", "urn:grantor:acr:pwd"] }),
        json!({ "essential": true }),
        json!({ "values": ["gold"] }),
    ] {
        let page = browser.allow(browser.get(&asked(met.clone(), &[])).await).await;
        assert_eq!(told(app, &web, &page).await["acr"], json!("urn:grantor:acr:pwd"), "{met}");
    }
    // There is a way to reach it: through an organization.
    let other = json!({ "essential": true, "value": "urn:grantor:acr:sso" });
    assert_eq!(refusal(&browser.get(&asked(other.clone(), &[("prompt", "none")])).await, &web), "login_required");
    let page = browser.get(&asked(other, &[])).await;
    assert!(page.words("#sign-in-notice").contains("organization"), "{}", page.body);
    let back = browser.get(browser.sign_in_on(&page, &ada).await.location()).await;
    assert_eq!(refusal(&back, &web), "unmet_authentication_requirements", "a password again is none");
}
