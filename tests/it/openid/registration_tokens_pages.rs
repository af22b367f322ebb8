//! The pages of registration tokens: for owners with a fresh proof, where organizations may; the value once.

use grantor::config::registration::Mode;
use serde_json::json;

use super::registration::{CB, post};
use super::registration_tokens::may;
use crate::support::{TestApp, on_both};

on_both!(an_owner_makes_a_registration_token_on_a_page, registration_tokens_are_for_owners_where_organizations_may);

async fn an_owner_makes_a_registration_token_on_a_page(app: &TestApp) {
    may(app, Mode::InitialToken, true).await;
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let browser = app.db_signed_in(&ada).await;
    let list = browser.get("/orgs/acme/registration-tokens").await;
    assert!(list.body.contains("No tokens yet") && !list.has("#registered"), "{}", list.body);
    assert!(list.all_words(".tabs a").contains(&"Registration tokens".to_owned()));
    let form = browser.get(&list.attributes("#registration-token-new", "href")[0]).await;
    let submit = async |fields: &[(&str, &str)]| browser.submit(&form, "registration-token-save", fields).await;
    let wrong = submit(&[("name", "x"), ("uses", "many")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.words("#registration-token-uses-fault").contains("please choose how many"), "{}", wrong.body);
    assert!(submit(&[("name", " ")]).await.has("#registration-token-name-fault"));
    assert!(submit(&[("name", "x"), ("ends", "never")]).await.has("#registration-token-error"));
    let made = submit(&[("name", "Build farm"), ("uses", "2"), ("ends", "30")]).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let token = made.attributes("#registration-token-value", "value").remove(0);
    app.shared.secrets.saw(&token);
    assert!(made.body.contains("/oauth/register"), "where it is good: {}", made.body);
    let body = json!({ "redirect_uris": [CB], "client_name": "Sundial" });
    let registered = post(app, &body, Some(&token)).await;
    assert_eq!(registered.status, 201, "{}", registered.body);

    let list = browser.get(&made.attributes("#registration-token-kept", "href")[0]).await;
    assert!(!list.body.contains(&token), "told once");
    let row = list.words("#registration-tokens li");
    assert!(
        ["Build farm", "1 left", "by ada", "registered 1 application"].iter().all(|part| row.contains(part)),
        "{row}"
    );
    let one = list.words("#registered li");
    assert!(one.contains("Sundial") && one.contains("Unverified"), "{one}");
    assert!(one.contains(&registered.text("client_id")), "{one}");
    assert_eq!(post(app, &body, Some(&token)).await.status, 201);
    let list = browser.get("/orgs/acme/registration-tokens").await;
    assert!(list.words("#registration-tokens li").contains("Used up"), "{}", list.body);

    let question = browser.get(&list.attributes("#registration-tokens a", "href")[0]).await;
    assert_eq!(question.words("h1"), "Delete the token Build farm?");
    assert!(question.body.contains("2 applications that registered with it"), "{}", question.body);
    assert_eq!(app.rows("initial_access_tokens"), 1, "a look deletes nothing");
    let gone = browser.submit(&question, "confirm", &[]).await;
    assert_eq!(
        (gone.location(), app.rows("initial_access_tokens")),
        ("/orgs/acme/registration-tokens?done=deleted", 0)
    );
    let list = browser.get(gone.location()).await;
    assert!(list.words("#registered").contains("Sundial"), "it stays: {}", list.body);
    let events = app.db_audit().await;
    let told: Vec<&str> =
        events.iter().filter(|event| event.organization_id == Some(acme.id)).map(|e| e.event.as_str()).collect();
    let made = ["org.create", "registration_token.create", "client.register", "client.register"];
    assert_eq!(told, [&made[..], &["registration_token.delete"]].concat());
    let log = browser.get("/orgs/acme/audit?event=registration_token").await;
    assert!(log.body.contains("Registration token made") && log.body.contains("Registration token deleted"));
}

/// S68, ASVS 7.5.3, C70.
async fn registration_tokens_are_for_owners_where_organizations_may(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let paths = ["", "/new", "/1/delete"].map(|path| format!("/orgs/acme/registration-tokens{path}"));
    let tab = "Registration tokens".to_owned();
    for (mode, organizations) in [(Mode::Off, true), (Mode::InitialToken, false)] {
        may(app, mode, organizations).await;
        let browser = app.db_signed_in(&ada).await;
        for path in &paths {
            assert_eq!(browser.get(path).await.status, 404, "{path}");
        }
        assert!(!browser.get("/orgs/acme").await.all_words(".tabs a").contains(&tab));
    }
    may(app, Mode::InitialToken, true).await;
    for role in ["member", "admin", "manager"] {
        let person = app.db_member(&acme, &format!("some-{role}"), role).await;
        let browser = app.db_signed_in(&person).await;
        for path in &paths {
            assert_eq!(browser.get(path).await.status, 403, "{role} {path}");
        }
        assert!(!browser.get("/orgs/acme").await.all_words(".tabs a").contains(&tab));
    }
    let browser = app.db_signed_in(&ada).await;
    for (path, status) in paths.iter().zip([200, 200, 404]) {
        assert_eq!(browser.get(path).await.status, status, "{path}");
    }
    assert!(browser.get("/orgs/acme").await.all_words(".tabs a").contains(&tab));
    // Off while the form was open.
    let form = browser.get(&paths[1]).await;
    may(app, Mode::InitialToken, false).await;
    assert_eq!(browser.submit(&form, "registration-token-save", &[("name", "late")]).await.status, 404);
    assert_eq!(app.rows("initial_access_tokens"), 0);
    may(app, Mode::InitialToken, true).await;
    app.wait(app.app().config.sign_in.step_up.unsigned_abs());
    for path in &paths {
        assert!(browser.get(path).await.location().starts_with("/step-up?return_to="), "{path}");
    }
}
