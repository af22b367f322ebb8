//! Standard claims said by the person, by administrators and by the operator (OpenID Connect Core section 5.1).

use serde_json::{Value, json};

use super::{ALL, relying_party};
use crate::account_stage::Script;
use crate::support::operator::Operator;
use crate::support::{Browser, TestApp, on_both};

on_both!(
    what_a_person_says_on_the_page_is_told,
    a_form_refuses_what_is_wrong_and_keeps_what_was_typed,
    a_form_filled_before_somebody_else_spoke_changes_nothing,
    a_script_of_the_person_says_claims_and_an_application_does_not,
    administrators_say_claims_of_others,
    the_operator_says_claims_by_name,
    an_organizations_account_is_described_there,
    nothing_said_outlives_the_account,
);

async fn userinfo(app: &TestApp, login: &str) -> Value {
    let person = app.db_person_named(login).await;
    let party = app.db_client(relying_party()).await;
    let code = app.db_code(&party, &person, &[("scope", ALL)]).await;
    let token = party.redeem(&code).await.text("access_token");
    let request = app.shared.http.get(app.shared.url("/oauth/userinfo"));
    app.shared.send(request.header("authorization", format!("Bearer {token}"))).await.json()
}

async fn ada(app: &TestApp) -> (crate::support::Person, Browser) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    (ada, browser)
}

async fn what_a_person_says_on_the_page_is_told(app: &TestApp) {
    let (_, browser) = ada(app).await;
    app.wait(1000);
    let page = browser.get("/account/details").await;
    assert_eq!(page.attributes("#given-name", "value"), [""]);
    let said = [
        ("given_name", " Ada "),
        ("family_name", "Lovelace"),
        ("birthdate", "1815-12-10"),
        ("phone_number", "+44 (20) 7946-0000"),
        ("country", "GB"),
        ("website", "https://ada.example/"),
        ("zoneinfo", "Europe/London"),
        ("locale", "en-GB"),
    ];
    let after = browser.submit(&page, "details-save", &said).await;
    assert!(after.location().ends_with("/account/details?done=saved"), "{}", after.body);
    let page = browser.get(after.location()).await;
    assert!(page.has("[role=status]"));
    assert_eq!(page.attributes("#phone-number", "value"), ["+442079460000"]);
    let told = userinfo(app, "ada").await;
    for (claim, value) in [
        ("given_name", json!("Ada")),
        ("family_name", json!("Lovelace")),
        ("birthdate", json!("1815-12-10")),
        ("phone_number", json!("+442079460000")),
        ("address", json!({ "country": "GB" })),
        ("website", json!("https://ada.example/")),
        ("updated_at", json!(app.now())),
    ] {
        assert_eq!(told[claim], value, "{claim}");
    }
    let record = app.db_audit().await;
    let event = record.iter().find(|row| row.event == "user.claims").expect("an event");
    assert!(event.data.contains("phone_number") && !event.data.contains("7946"), "names, not values: {}", event.data);
    let again = browser.submit(&page, "details-save", &[]).await;
    assert_eq!(again.status, 303, "nothing new");
    assert_eq!(app.db_events().await.iter().filter(|event| *event == "user.claims").count(), 1);
    app.wait(10);
    let profile = browser.get("/account").await;
    browser.submit(&profile, "profile-save", &[("name", "Ada L.")]).await;
    assert_eq!(userinfo(app, "ada").await["updated_at"], json!(app.now()), "the name is told, too");
    let empty: Vec<_> = said.iter().map(|(name, _)| (*name, "")).collect();
    let page = browser.get("/account/details").await;
    assert_eq!(browser.submit(&page, "details-save", &empty).await.status, 303);
    assert_eq!(userinfo(app, "ada").await.get("given_name"), None);
}

async fn a_form_refuses_what_is_wrong_and_keeps_what_was_typed(app: &TestApp) {
    let (_, browser) = ada(app).await;
    let page = browser.get("/account/details").await;
    for (field, id, value) in [
        ("website", "website", "http://ada.example/"),
        ("picture", "picture", "javascript:alert(1)"),
        ("birthdate", "birthdate", "10.12.1815"),
        ("phone_number", "phone-number", "020 7946"),
        ("zoneinfo", "zoneinfo", "../etc"),
        ("locale", "locale", "English!"),
        ("nickname", "nickname", "a\u{202e}b"),
        ("picture", "picture", &format!("https://ada.example/{}", "x".repeat(493))),
    ] {
        let refused = browser.submit(&page, "details-save", &[("given_name", "Ada"), (field, value)]).await;
        assert_eq!(refused.status, 400, "{field}");
        assert!(refused.has(&format!("#{id}-fault")), "{field}: {}", refused.body);
        assert_eq!(refused.attributes(&format!("#{id}"), "value"), [value]);
        assert_eq!(refused.attributes("#given-name", "value"), ["Ada"]);
    }
    assert!(!app.db_events().await.contains(&"user.claims".to_owned()));
}

async fn a_form_filled_before_somebody_else_spoke_changes_nothing(app: &TestApp) {
    let (person, browser) = ada(app).await;
    let page = browser.get("/account/details").await;
    let script = Script::of(app, &person, &["account:read", "account:write"]).await;
    assert_eq!(script.patch("/me", json!({ "claims": { "nickname": "Countess" } })).await.status, 200);
    let stale = browser.submit(&page, "details-save", &[("given_name", "Ada")]).await;
    assert_eq!((stale.status, stale.attributes("#nickname", "value")), (409, vec!["Countess".to_owned()]));
    let again = browser.submit(&stale, "details-save", &[("given_name", "Ada")]).await;
    assert_eq!(again.status, 303);
    let told = userinfo(app, "ada").await;
    assert_eq!((&told["given_name"], &told["nickname"]), (&json!("Ada"), &json!("Countess")));
}

/// An application with `account:write` may change settings; who somebody is it asks UserInfo for, with consent to that.
async fn a_script_of_the_person_says_claims_and_an_application_does_not(app: &TestApp) {
    let (person, _) = ada(app).await;
    let script = Script::of(app, &person, &["account:read", "account:write"]).await;
    let me = script.get("/me").await;
    let tag = me.header("etag").expect("a tag").to_owned();
    assert_eq!(me.json()["user"]["claims"]["given_name"], Value::Null);
    let said =
        json!({ "given_name": "Ada", "address": { "locality": "London", "street_address": "The Square\r\nFlat 3" } });
    let changed = script.patch("/me", json!({ "name": "Ada L.", "claims": said })).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(script.get("/me").await.body, changed.body);
    let user = &changed.json()["user"];
    assert_eq!((&user["name"], &user["claims"]["address"]["locality"]), (&json!("Ada L."), &json!("London")));
    assert_eq!(user["claims"]["address"]["street_address"], json!("The Square\nFlat 3"));
    let form = app.db_signed_in(&person).await.get("/account/details").await;
    assert_eq!(form.attributes("#street-address", "value"), ["The Square, Flat 3"]);
    let stale = script.send("PATCH", "/me", Some(&json!({ "claims": {} })), &[("if-match", &tag)]).await;
    assert_eq!(stale.status, 412);
    for wrong in [
        json!({ "website": "http://x.test" }),
        json!({ "shoe_size": 42 }),
        json!({ "updated_at": 7 }),
        json!({ "address": { "planet": "Earth" } }),
        json!({ "given_name": 7 }),
        json!("Ada"),
    ] {
        let refused = script.patch("/me", json!({ "name": "Never", "claims": wrong })).await;
        assert_eq!(refused.status, 400, "{wrong}: {}", refused.body);
    }
    assert_eq!(script.get("/me").await.body, changed.body, "all or nothing");
    let scopes = ["account:read", "account:write"];
    let spec = crate::support::ClientSpec {
        scopes: crate::support::db_shortcuts::strings(&scopes),
        ..crate::support::db_shortcuts::web_client()
    };
    let party = app.db_client(spec).await;
    let token = app.db_tokens(&party, &person, "account:read account:write").await.access;
    let application = Script::with(app, &token);
    let told = application.get("/me").await.json();
    assert_eq!((&told["user"]["name"], told["user"].get("claims")), (&json!("Ada L."), None));
    assert_eq!(application.patch("/me", json!({ "claims": {} })).await.status, 400);
    assert_eq!(script.patch("/me", json!({ "claims": {} })).await.json()["user"]["claims"]["given_name"], Value::Null);
}

async fn administrators_say_claims_of_others(app: &TestApp) {
    let root = app.db_administrator("root").await;
    let bob = app.db_user("bob").await;
    let script = app.page_script(&app.db_signed_in(&root).await).await;
    let path = format!("/admin/users/{}", bob.row.sub);
    let before = script.get(&path).await;
    assert!(before.json()["claims"].is_object());
    let claims = json!({ "claims": { "family_name": "Baker", "phone_number": "+1 425 555 1212" } });
    let patch = async |script: &crate::support::api_stage::Script, body: &Value| {
        script.send(reqwest::Method::PATCH, &path, Some(body.clone())).await
    };
    let changed = patch(&script, &claims).await;
    assert_eq!((changed.status, &changed.json()["claims"]["phone_number"]), (200, &json!("+14255551212")));
    let stale = script.with("if-match", before.header("etag").expect("a tag"));
    assert_eq!(patch(&stale, &json!({ "claims": {} })).await.status, 412);
    let wrong = patch(&script, &json!({ "name": "Never", "claims": { "locale": "?" } })).await;
    assert_eq!((wrong.status, wrong.body.contains("claims.locale")), (400, true), "{}", wrong.body);
    assert_eq!(userinfo(app, "bob").await["family_name"], json!("Baker"));
    let listed = script.get("/admin/users").await.json();
    assert!(listed.as_array().expect("a list").iter().all(|user| user.get("claims").is_none()));
}

async fn the_operator_says_claims_by_name(app: &TestApp) {
    app.db_user("ada").await;
    let operator = Operator::of(app);
    let said = operator.says(&["user", "claims", "ada", "given_name=Ada", "country=GB", "--json"]).await.json();
    assert_eq!((&said["changed"], &said["claims"]["address"]), (&json!(true), &json!({ "country": "GB" })));
    let shown = operator.says(&["user", "claims", "ada"]).await.words();
    assert!(shown.contains("given_name=Ada") && shown.contains("country=GB"), "{shown}");
    for wrong in ["shoe_size=42", "given_name", "website=ftp://x.test", "email=a@b.test"] {
        operator.says(&["user", "claims", "ada", wrong]).await.failure();
    }
    operator.says(&["user", "claims", "ada", "country=", "given_name="]).await.words();
    assert_eq!(userinfo(app, "ada").await.get("address"), None);
}

async fn an_organizations_account_is_described_there(app: &TestApp) {
    let (person, browser) = ada(app).await;
    let acme = app.db_org("acme").await;
    app.db_batch(&format!("UPDATE users SET managed_by = {} WHERE login = 'ada'", acme.id));
    app.restart().await;
    let page = browser.get("/account/details").await;
    assert!(page.has("#details-managed") && !page.has("#details-save"), "{}", page.body);
    let script = app.page_script(&browser).await;
    let refused = script.send(reqwest::Method::PATCH, "/me", Some(json!({ "claims": { "nickname": "x" } }))).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert_eq!(person.login, "ada");
}

/// `sub` stays a tombstone; where somebody lived does not stay with it. And whoever leaves may take it along.
async fn nothing_said_outlives_the_account(app: &TestApp) {
    let (person, browser) = ada(app).await;
    let script = app.page_script(&browser).await;
    let said = json!({ "claims": { "address": { "street_address": "12 St James's Square" } } });
    assert_eq!(script.send(reqwest::Method::PATCH, "/me", Some(said)).await.status, 200);
    let page = browser.get("/account/data").await;
    let file = browser.submit(&page, "data-export", &[]).await.json();
    assert_eq!(file["profile"]["claims"]["address"]["street_address"], json!("12 St James's Square"));
    assert!(app.dump().contains("12 St James"));
    let user = app.db_person(&person).await;
    let actor = grantor::flows::audit::Actor::Operator;
    grantor::flows::people::status::delete(&app.app(), None, actor, &user).await.expect("a deletion");
    assert!(!app.dump().contains("12 St James"), "gone");
}
