//! What administrators look at and change stays true: owners, counts, whole changes, tokens, searches.

use std::sync::Arc;

use grantor::flows::audit::Actor;
use grantor::flows::people::correct::{self, Correction};
use grantor::flows::{client_lookup, clients, people};
use grantor::store::clients::ClientRow;
use serde_json::{Value, json};

use crate::support::db_shortcuts::{public_client, web_client};
use crate::support::{Answer, ClientSpec, Person, RelyingParty, TestApp, on_both};

on_both!(
    a_client_made_anew_under_an_old_identifier_is_found,
    a_change_of_something_else_leaves_the_owner,
    what_breaks_is_what_works_now,
    an_account_is_changed_in_whole_or_not_at_all,
    a_correction_does_not_undo_what_the_person_changed_meanwhile,
    administrators_see_and_end_personal_tokens,
    administrators_end_personal_tokens_on_the_page,
    searching_minds_no_case_on_either_database,
    an_organization_named_twice_revokes_nothing,
    what_has_ended_holds_no_scope,
);

/// An administrator's token.
async fn root(app: &TestApp) -> String {
    let root = app.db_administrator("root").await;
    app.db_script_token(&root, &["admin:write".to_owned()], None, None).await
}

fn is(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.body);
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

async fn row(app: &TestApp, party: &RelyingParty) -> Arc<ClientRow> {
    client_lookup::find(&app.app(), &party.client_id).await.expect("the store answers").expect("a client")
}

/// What stands in the event of the last change of a client.
async fn changed(app: &TestApp) -> Value {
    let event = app.db_audit().await.into_iter().rfind(|event| event.event == "client.update").expect("an event");
    serde_json::from_str::<Value>(&event.data).expect("JSON")["changed"].clone()
}

async fn a_client_made_anew_under_an_old_identifier_is_found(app: &TestApp) {
    let party = app.db_web_client().await;
    let old = row(app, &party).await;
    clients::delete::request(&app.app(), None, Actor::Operator, &party.client_id, Some(0)).await.expect("asked for");
    assert_eq!(clients::delete::carry_out_due(&app.app()).await.expect("the store answers"), 1);
    let gone = client_lookup::find(&app.app(), &party.client_id).await.expect("the store answers");
    assert!(gone.is_none());
    let again = ClientRow { id: app.app().store.next_id().expect("an id"), ..(*old).clone() };
    let (id, new) = (again.id, again);
    let made = app.app().store.write(move |write| grantor::store::clients::insert(write, &new)).await;
    assert_eq!(made.expect("it is written"), 1);
    assert_eq!(row(app, &party).await.id, id, "without a restart");
}

async fn a_change_of_something_else_leaves_the_owner(app: &TestApp) {
    let (token, ada) = (root(app).await, app.db_user("ada").await);
    let party = app.db_client(ClientSpec { owner: Some("ada".to_owned()), ..web_client() }).await;
    let path = format!("/admin/clients/{}", party.client_id);
    let patch = async |change: Value| app.api("PATCH", &path, Some(&token), &change).await;
    app.db_disable_user(&ada).await;
    let told = is(&patch(json!({ "name": "Sundial" })).await, 200);
    assert_eq!((&told["metadata"]["owner"], changed(app).await), (&json!("ada"), json!(["name"])));
    assert_eq!(row(app, &party).await.owner_id, Some(ada.row.id));
    let eve = app.db_user("eve").await;
    app.db_disable_user(&eve).await;
    assert_eq!(patch(json!({ "owner": "eve" })).await.status, 400, "nobody becomes owner while disabled");
    is(&patch(json!({ "owner": null })).await, 200);
    assert_eq!((row(app, &party).await.owner_id, changed(app).await), (None, json!(["owner"])), "said is said");

    app.db_enable_user(&ada).await;
    is(&patch(json!({ "owner": "ada" })).await, 200);
    let deleted = people::status::delete(&app.app(), None, Actor::Operator, &app.db_person(&ada).await).await;
    assert!(deleted.expect("deleted"));
    let told = is(&patch(json!({ "name": "Sundial 2" })).await, 200);
    assert_eq!((&told["metadata"]["owner"], changed(app).await), (&Value::Null, json!(["name"])), "and nothing else");
}

/// Revoked ones do not count, those of a longer lifetime than today's do, and a public client has a last use too.
async fn what_breaks_is_what_works_now(app: &TestApp) {
    let token = root(app).await;
    let (ada, bob, eve) = (app.db_user("ada").await, app.db_user("bob").await, app.db_user("eve").await);
    let day = 24 * 3600;
    let party = app.db_client(ClientSpec { access_token_lifetime: Some(day), ..public_client() }).await;
    let statistics = async || {
        let path = format!("/admin/clients/{}/statistics", party.client_id);
        app.api_read(&path, &token).await
    };
    for person in [&ada, &bob, &eve] {
        app.db_tokens(&party, person, "org:read").await;
    }
    let used_at = app.now();
    app.app().last_used.flush(&app.app().store).await.expect("written");
    app.db_update_client(&party, |metadata| metadata.access_token_lifetime = Some(60)).await;
    app.wait(3 * 3600);
    let counted = statistics().await;
    assert_eq!((&counted["users"]["count"], &counted["live_tokens"]["count"]), (&json!(3), &json!(6)), "{counted}");
    assert_eq!(counted["last_used_at"], json!(used_at), "{counted}");
    app.db_revoke_authorization(&bob, &party).await;
    let counted = statistics().await;
    assert_eq!((&counted["users"]["count"], &counted["live_tokens"]["count"]), (&json!(2), &json!(4)), "{counted}");
    app.db_disable_user(&eve).await;
    assert_eq!(statistics().await["live_tokens"]["count"], json!(2), "hers are refused while she is shut out");
    app.db_set_password(&ada, "another long passphrase nobody guesses").await;
    assert_eq!(statistics().await["live_tokens"]["count"], json!(0), "a new password voids what came before it");
}

async fn user(app: &TestApp, person: &Person) -> (String, bool, String) {
    let row = app.db_person(person).await;
    (row.name, row.administrator, row.status)
}

async fn an_account_is_changed_in_whole_or_not_at_all(app: &TestApp) {
    let (token, ada) = (root(app).await, app.db_user("ada").await);
    app.db_owned("acme", &ada).await;
    let path = format!("/admin/users/{}", ada.row.sub);
    let before = (user(app, &ada).await, app.db_audit().await.len());
    for change in [
        json!({ "administrator": true, "name": "Ada", "status": "disabled" }),
        json!({ "administrator": true, "status": "active", "name": "" }),
    ] {
        let refused = app.api("PATCH", &path, Some(&token), &change).await;
        assert!(matches!(refused.status, 400 | 409), "{}", refused.body);
        assert_eq!((user(app, &ada).await, app.db_audit().await.len()), before, "{change}");
    }
    let bob = app.db_user("bob").await;
    let path = format!("/admin/users/{}", bob.row.sub);
    let change = json!({ "administrator": true, "name": "Bob", "status": "disabled" });
    is(&app.api("PATCH", &path, Some(&token), &change).await, 200);
    assert_eq!(user(app, &bob).await, ("Bob".to_owned(), true, "disabled".to_owned()));
    let events = app.db_audit().await;
    let mut last: Vec<&str> = events[events.len() - 3..].iter().map(|event| event.event.as_str()).collect();
    last.sort_unstable();
    assert_eq!(last, ["user.correct", "user.disable", "user.set_administrator"]);
    is(&app.api("PATCH", &path, Some(&token), &json!({ "administrator": false, "status": "active" })).await, 200);
    assert_eq!(user(app, &bob).await, ("Bob".to_owned(), false, "active".to_owned()));
}

/// The page was read before the person's new address was.
async fn a_correction_does_not_undo_what_the_person_changed_meanwhile(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_set_email(&ada, "old@a.example", true).await;
    let stale = app.db_person(&ada).await;
    app.db_set_email(&ada, "new@a.example", true).await;
    let rename = Correction { name: Some("Ada Lovelace".to_owned()), email: None };
    let done = correct::correct(&app.app(), None, Actor::Operator, &stale, &rename).await;
    assert!(done.unwrap_or_else(|refusal| panic!("{refusal}")));
    let now = app.db_person(&ada).await;
    assert_eq!((now.name.as_str(), now.email.as_deref()), ("Ada Lovelace", Some("new@a.example")));
    assert!(now.email_verified_at.is_some(), "and still verified");
    let event = app.db_audit().await.pop().expect("an event");
    assert_eq!((event.event.as_str(), event.data.as_str()), ("user.correct", "{\"changed\":[\"name\"]}"));
}

async fn administrators_see_and_end_personal_tokens(app: &TestApp) {
    let (token, ada, eve) = (root(app).await, app.db_user("ada").await, app.db_user("eve").await);
    let adas = app.db_script_token(&ada, &["account:read".to_owned()], None, None).await;
    let path = format!("/admin/users/{}/personal-tokens", ada.row.sub);
    let listed = app.api_read(&path, &token).await;
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!((&listed[0]["name"], &listed[0]["last_four"]), (&json!("Script"), &json!(adas[adas.len() - 4..])));
    assert!(!listed.to_string().contains(&adas));
    is(
        &app.api("POST", &format!("/admin/users/{}/sign-out-everywhere", ada.row.sub), Some(&token), &Value::Null)
            .await,
        204,
    );
    assert_eq!(app.api("GET", "/me", Some(&adas), &Value::Null).await.status, 200, "signing out is of browsers");
    let id = listed[0]["id"].as_str().expect("a name");
    let others = format!("/admin/users/{}/personal-tokens/{id}", eve.row.sub);
    assert_eq!(app.api("DELETE", &others, Some(&token), &Value::Null).await.status, 404, "of that person only");
    is(&app.api("DELETE", &format!("{path}/{id}"), Some(&token), &Value::Null).await, 204);
    assert_eq!(app.api("GET", "/me", Some(&adas), &Value::Null).await.status, 401);
    assert_eq!(app.api_read(&path, &token).await, json!([]));
    let event = app.db_audit().await.pop().expect("an event");
    assert_eq!((event.event.as_str(), event.actor_label.as_str()), ("personal_token.delete", "root"));
}

async fn administrators_end_personal_tokens_on_the_page(app: &TestApp) {
    let (root, ada) = (app.db_administrator("root").await, app.db_user("ada").await);
    let browser = app.db_signed_in(&root).await;
    let path = format!("/admin/users/{}", ada.row.sub);
    assert!(!browser.get(&path).await.has("#tokens a"));
    let adas = app.db_script_token(&ada, &["account:read".to_owned()], None, None).await;
    let page = browser.get(&path).await;
    let words = page.words("#tokens");
    assert!(words.contains("Script") && words.contains("account:read") && words.contains("no end"), "{words}");
    let question = browser.get(&page.attributes("#tokens a", "href").remove(0)).await;
    assert!(question.words("main").contains("stops working at once"), "{}", question.words("main"));
    let done = browser.submit(&question, "confirm", &[]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(app.api("GET", "/me", Some(&adas), &Value::Null).await.status, 401);
}

async fn searching_minds_no_case_on_either_database(app: &TestApp) {
    let (token, ada) = (root(app).await, app.db_user("ada").await);
    app.db_set_email(&ada, "Ada@A.example", false).await;
    app.db_owned("acme", &ada).await;
    app.db_web_client().await;
    for (path, field, found) in [
        ("/admin/users?q=ADA%20EXAMPLE", "login", "ada"),
        ("/admin/users?q=aDA@a.Example", "login", "ada"),
        ("/admin/clients?q=wEB", "name", "Web"),
        ("/admin/organizations?q=ACME%20iNC", "slug", "acme"),
    ] {
        let listed = app.api_read(path, &token).await;
        assert_eq!((&listed[0][field], listed.as_array().map(Vec::len)), (&json!(found), Some(1)), "{path}");
    }
}

async fn an_organization_named_twice_revokes_nothing(app: &TestApp) {
    let (token, ada, party) = (root(app).await, app.db_user("ada").await, app.db_web_client().await);
    app.db_tokens(&party, &ada, "org:read").await;
    let path = format!("/admin/users/{}/authorizations/{}", ada.row.sub, party.client_id);
    for query in ["?organization=acme&organization=beta", "?organization=%00"] {
        let refused = app.api("DELETE", &format!("{path}{query}"), Some(&token), &Value::Null).await;
        assert_eq!(refused.status, 400, "{query}: {}", refused.body);
    }
    assert!(app.db_authorized(&ada, &party).await.is_some());
}

async fn what_has_ended_holds_no_scope(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let (scopes, end) = (["team:write".to_owned()], app.now() + 60);
    app.db_script_token(&ada, &scopes, None, Some(end)).await;
    app.db_script_token(&ada, &scopes, None, None).await;
    app.db_key_of(&acme, &scopes, |row| row.expires_at = Some(end)).await;
    let counted = async || {
        let found = grantor::flows::scope_holders::of(&app.app(), "team:write", 10).await.expect("the store answers");
        (found.personal_tokens.count, found.api_keys.count)
    };
    assert_eq!(counted().await, (2, 1));
    app.wait(60);
    assert_eq!(counted().await, (1, 0));
}
