//! The pages of keys: for owners with a fresh proof, the value once, every end asked twice.

use serde_json::json;

use super::{Script, problem};
use crate::support::operator::Operator;
use crate::support::{TestApp, on_both};

on_both!(an_owner_makes_a_key_on_a_page, keys_are_for_owners_with_a_fresh_proof, the_command_line_makes_keys_too);

async fn an_owner_makes_a_key_on_a_page(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let browser = app.db_signed_in(&ada).await;
    let list = browser.get("/orgs/acme/api-keys").await;
    assert!(list.body.contains("No keys yet"), "{}", list.body);
    assert!(list.all_words(".tabs a").contains(&"API keys".to_owned()));
    let form = browser.get(&list.attributes("#key-new", "href")[0]).await;
    let wrong = browser.submit(&form, "key-save", &[("label", "x"), ("origins", "https://a.example/path")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.words("#key-origins-fault").contains("is no origin"), "{}", wrong.body);
    let wrong = browser.submit(&form, "key-save", &[("label", "x"), ("ends", "tomorrow")]).await;
    assert!(wrong.has("#key-ends-fault"), "{}", wrong.body);
    let typed = [("label", "Nightly"), ("origins", "app.example.com, *.example.org"), ("ends", "2066-01-31")];
    let made = browser.submit(&form, "key-save", &typed).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let key = made.attributes("#key-value", "value").remove(0);
    let policy = made.header("content-security-policy").expect("a policy");
    assert!(policy.contains("script-src 'nonce-"), "{policy}");
    let script = Script::bearer(app, &key);
    assert_eq!(script.get("/acme").await.status, 200);
    assert_eq!(problem(&script.patch("/acme", &json!({ "name": "X" })).await), "403 insufficient-scope", "it reads");

    let list = browser.get(&made.attributes("#key-kept", "href")[0]).await;
    assert!(!list.body.contains(&key), "told once");
    assert!(list.words("#keys li").contains("Nightly"), "{}", list.body);
    let one = browser.get(&list.attributes("#keys a", "href")[0]).await;
    assert!(!one.body.contains(&key));
    assert_eq!(one.attributes("#key-origins", "value"), ["app.example.com *.example.org"]);
    assert_eq!(one.attributes("#key-ends", "value"), ["2066-01-31"]);
    let off = browser.post(one.form("key-save").without("active").with(&[("label", "Off")])).await;
    assert_eq!(off.location(), "/orgs/acme/api-keys?done=saved", "{}", off.body);
    assert_eq!(problem(&script.get("/acme").await), "401 invalid-token");
    let list = browser.get(off.location()).await;
    assert!(list.words("#keys li").contains("Switched off"), "{}", list.body);

    let question = browser.get(&one.attributes("#key-delete", "href")[0]).await;
    assert_eq!(question.words("h1"), "Delete the key Off?");
    assert_eq!(app.rows("api_keys"), 1, "a look deletes nothing");
    let gone = browser.submit(&question, "confirm", &[]).await;
    assert_eq!((gone.location(), app.rows("api_keys")), ("/orgs/acme/api-keys?done=deleted", 0));
    let events = app.db_audit().await;
    let told: Vec<&str> =
        events.iter().filter(|event| event.organization_id == Some(acme.id)).map(|e| e.event.as_str()).collect();
    assert_eq!(told, ["org.create", "api_key.create", "api_key.edit", "api_key.delete"]);
    assert!(browser.get("/orgs/acme/audit").await.body.contains("API key made"));
}

/// S68, ASVS 7.5.3.
async fn keys_are_for_owners_with_a_fresh_proof(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let paths =
        ["/orgs/acme/api-keys", "/orgs/acme/api-keys/new", "/orgs/acme/api-keys/x", "/orgs/acme/api-keys/x/delete"];
    for role in ["member", "admin", "manager"] {
        let person = app.db_member(&acme, &format!("some-{role}"), role).await;
        let browser = app.db_signed_in(&person).await;
        for path in paths {
            assert_eq!(browser.get(path).await.status, 403, "{role} {path}");
        }
        assert!(!browser.get("/orgs/acme").await.all_words(".tabs a").contains(&"API keys".to_owned()));
    }
    let browser = app.db_signed_in(&ada).await;
    assert_eq!(paths.len(), 4);
    for (path, status) in paths.into_iter().zip([200, 200, 404, 404]) {
        assert_eq!(browser.get(path).await.status, status, "{path}");
    }
    app.wait(app.app().config.sign_in.step_up.unsigned_abs());
    for path in paths {
        assert!(browser.get(path).await.location().starts_with("/step-up?return_to="), "{path}");
    }
}

/// The operator's keys follow nobody, and stand in the organization's log.
async fn the_command_line_makes_keys_too(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let operator = Operator::of(app);
    let create = ["--json", "org", "key", "create", "acme", "--label", "Nightly", "--scope", "member:read"];
    let made = operator.says(&create).await.json();
    let script = Script::bearer(app, made["key"].as_str().expect("a key"));
    assert_eq!(script.get("/acme/members").await.status, 200);
    let id = made["id"].as_str().expect("an id").to_owned();
    let listed = operator.says(&["--json", "org", "key", "list", "acme"]).await.json();
    assert_eq!((listed[0]["id"].as_str(), listed[0]["made_by"].as_str()), (Some(id.as_str()), None));
    assert!(!listed.to_string().contains(made["key"].as_str().expect("a key")));
    let wrong = operator.says(&["org", "key", "create", "acme", "--scope", "admin:read"]).await.failure();
    assert!(wrong.contains("no key of an organization"), "{wrong}");
    operator.says(&["org", "key", "update", "acme", &id, "--scope", "org:read", "--label", "Daily"]).await.words();
    assert_eq!(script.get("/acme").await.status, 200);
    assert_eq!(problem(&script.get("/acme/members").await), "403 insufficient-scope");
    let browser = app.db_signed_in(&ada).await;
    let one = browser.get(&format!("/orgs/acme/api-keys/{id}")).await;
    assert!(!one.has("#sso_policy-creator"), "nobody to follow: {}", one.body);
    operator.says(&["org", "key", "delete", "acme", &id]).await.words();
    assert_eq!(app.rows("api_keys"), 0);
    let event = app.db_audit().await.into_iter().find(|event| event.event == "api_key.create").expect("an event");
    assert_eq!((event.actor_label.as_str(), event.organization_id), ("operator", Some(acme.id)));
}
