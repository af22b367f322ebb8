//! Addresses of accounts: many changes at once, the API, and everybody else who deals with them.

use futures_util::future::join_all;
use grantor::flows::audit::Actor;
use grantor::flows::people::correct::{self, Correction};
use grantor::flows::people::{PersonRefusal, addresses as further, email};
use serde_json::{Value, json};

use crate::account_stage::{Script, by_session, each, problem};
use crate::addresses::{db_further, held, letters, proven};
use crate::support::db_shortcuts::caller;
use crate::support::mail::NOWHERE;
use crate::support::operator::Operator;
use crate::support::{TestApp, on_both};

on_both!(
    of_two_links_for_one_address_at_once_one_is_used,
    links_for_several_addresses_at_once_all_count,
    an_address_removed_while_it_is_made_the_main_one_is_one_of_both,
    a_session_that_was_ended_changes_no_address,
    a_browser_lists_adds_moves_and_removes_them_by_the_api,
    no_token_changes_an_address,
    an_administrator_sees_and_removes_them,
    a_correction_leaves_no_address_twice,
    every_address_hears_of_a_correction,
    a_persons_data_has_them_and_a_deleted_account_none,
);

async fn links(app: &TestApp) -> Vec<String> {
    app.db_letters()
        .await
        .into_iter()
        .filter(|letter| letter.kind == "add_email")
        .map(|letter| letter.token(app))
        .collect()
}

fn count(events: &[String], event: &str) -> usize {
    events.iter().filter(|name| *name == event).count()
}

/// C60, C64: whoever loses is told so, and the winner's is one row, one event, one letter.
async fn of_two_links_for_one_address_at_once_one_is_used(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    let ada = proven(app, "ada", "ada@example.com").await;
    let (here, who) = (app.app(), app.db_session(&ada).await);
    for typed in ["ada@home.example", "Ada@Home.example"] {
        assert!(email::ask(&here, &caller(), &who, typed, false).await.is_ok());
    }
    let tokens = links(app).await;
    let from = caller();
    let uses = (0..16).map(|number| email::confirm(&here, &from, &who, &tokens[number % 2]));
    let done = join_all(uses).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
    let lost = |done: &Result<email::Deed, PersonRefusal>| {
        matches!(done, Ok(_) | Err(PersonRefusal::LinkVoid | PersonRefusal::Changed))
    };
    assert!(done.iter().all(lost));
    assert_eq!((app.rows("email_addresses"), count(&app.db_events().await, "user.add_email")), (1, 1));
    let told = app.db_letter_kinds().await.iter().filter(|kind| *kind == "email_added").count();
    assert_eq!(told, 1);
}

async fn links_for_several_addresses_at_once_all_count(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    let ada = proven(app, "ada", "ada@example.com").await;
    let (here, who) = (app.app(), app.db_session(&ada).await);
    for typed in ["ada@home.example", "ada@work.example", "ada@club.example"] {
        assert!(email::ask(&here, &caller(), &who, typed, false).await.is_ok());
    }
    let tokens = links(app).await;
    let from = caller();
    let done = join_all(tokens.iter().map(|token| email::confirm(&here, &from, &who, token))).await;
    assert!(done.iter().all(Result::is_ok), "using one voids none that was sent elsewhere");
    assert_eq!((held(app, &ada).await.1.len(), count(&app.db_events().await, "user.add_email")), (3, 3));
}

/// In whichever order they come: no address is lost, and none is there twice.
async fn an_address_removed_while_it_is_made_the_main_one_is_one_of_both(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    let ada = proven(app, "ada", "ada@example.com").await;
    let (here, who) = (app.app(), app.db_session(&ada).await);
    for round in 0..6 {
        let new = format!("ada{round}@home.example");
        db_further(app, &ada, &new).await;
        let before = held(app, &ada).await.0.expect("a main address");
        let row = app.db_person(&ada).await;
        let all = further::further(&here, &row).await.expect("the store answers");
        let id = all.into_iter().find(|address| address.email == new).expect("it").id;
        let (first, second) = (caller(), caller());
        let (moved, removed) =
            tokio::join!(further::make_main(&here, &first, &who, &id), further::remove_own(&here, &second, &who, &id));
        let (moved, removed) = (moved.expect("an answer"), removed.expect("an answer"));
        let (main, others) = held(app, &ada).await;
        assert!(moved != removed, "{moved} {removed}");
        assert_eq!(main, Some(if moved { new.clone() } else { before.clone() }));
        assert!(!others.contains(&new) && others.contains(&before) == moved, "{others:?}");
    }
}

/// Whoever was signed out everywhere while the form was on its way has no say any more.
async fn a_session_that_was_ended_changes_no_address(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    let ada = proven(app, "ada", "ada@example.com").await;
    db_further(app, &ada, "ada@home.example").await;
    let (here, who) = (app.app(), app.db_session(&ada).await);
    let id = further::further(&here, &who.user).await.expect("the store answers").remove(0).id;
    app.db_set_password(&ada, "a third passphrase nobody guesses 99").await;
    let moved = further::make_main(&here, &caller(), &who, &id).await;
    let removed = further::remove_own(&here, &caller(), &who, &id).await;
    let asked = email::ask(&here, &caller(), &who, "ada@work.example", false).await;
    assert!(matches!(moved, Err(PersonRefusal::NotFound)) && matches!(removed, Err(PersonRefusal::NotFound)));
    assert!(matches!(asked, Err(PersonRefusal::NotFound)));
    assert_eq!(held(app, &ada).await.1, ["ada@home.example"]);
}

/// C64: by the API, too, only the mailed link brings an address in.
async fn a_browser_lists_adds_moves_and_removes_them_by_the_api(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    let ada = proven(app, "ada", "ada@example.com").await;
    let browser = app.db_signed_in(&ada).await;
    let send = async |method: &str, path: &str, body: Value| by_session(app, &browser, method, path, Some(body)).await;
    for wrong in [json!({ "email": "x" }), json!({ "email": "a@b.example", "verified": true }), json!({})] {
        assert_eq!(send("POST", "/emails", wrong.clone()).await.status, 400, "{wrong}");
    }
    let sent = send("POST", "/emails", json!({ "email": "ada@home.example" })).await;
    assert_eq!((sent.status, app.rows("email_addresses")), (204, 0), "{}", sent.body);
    let page = browser.get(&app.db_last_letter().await.link(app)).await;
    assert_eq!(browser.submit(&page, "email-confirm", &[]).await.status, 303);
    let listed = by_session(app, &browser, "GET", "/emails", None).await;
    assert_eq!(each(&listed, "/email"), ["ada@example.com", "ada@home.example"]);
    let now = app.now();
    let (main, other) = (listed.json()[0].clone(), listed.json()[1].clone());
    assert_eq!((&main["main"], &main["verified"]), (&json!(true), &json!(true)));
    assert_eq!((&other["main"], &other["verified"], &other["verified_at"]), (&json!(false), &json!(true), &json!(now)));
    let path = |one: &Value| format!("/emails/{}", one["id"].as_str().expect("a name"));
    assert_eq!(problem(&send("DELETE", &path(&main), json!({})).await), "409 conflict");
    let again = send("POST", "/emails", json!({ "email": "ADA@home.example" })).await;
    assert_eq!((again.status, &again.json()["errors"][0]["field"]), (400, &json!("email")));
    for _ in 0..2 {
        assert_eq!(send("POST", &format!("{}/make-main", path(&other)), json!({})).await.status, 204);
    }
    assert_eq!(held(app, &ada).await, (Some("ada@home.example".to_owned()), vec!["ada@example.com".to_owned()]));
    let me = by_session(app, &browser, "GET", "/me", None).await.json();
    assert_eq!(me["user"]["emails"][1]["email"], "ada@example.com");
    assert_eq!(send("DELETE", &path(&main), json!({})).await.status, 204, "its name stays its name");
    for (method, path) in [("DELETE", path(&main)), ("POST", "/emails/nothing/make-main".to_owned())] {
        assert_eq!(problem(&send(method, &path, json!({})).await), "404 not-found");
    }
    app.wait(app.app().config.sign_in.step_up.unsigned_abs() + 1);
    assert_eq!(problem(&send("POST", "/emails", json!({ "email": "a@b.example" })).await), "403 step-up-required");
}

/// A token that leaked is not a way to a new password.
async fn no_token_changes_an_address(app: &TestApp) {
    let ada = proven(app, "ada", "ada@example.com").await;
    db_further(app, &ada, "ada@home.example").await;
    let script = Script::of(app, &ada, &["account:write"]).await;
    let listed = script.get("/emails").await;
    assert_eq!(each(&listed, "/email").len(), 2);
    let path = format!("/emails/{}", listed.json()[1]["id"].as_str().expect("a name"));
    let tried = [
        script.post("/emails", json!({ "email": "eve@example.com" })).await,
        script.post(&format!("{path}/make-main"), json!({})).await,
        script.delete(&path).await,
    ];
    assert!(tried.iter().all(|answer| problem(answer) == "403 session-only"));
    let narrow = Script::of(app, &ada, &["org:read"]).await;
    assert_eq!(problem(&narrow.get("/emails").await), "403 insufficient-scope");
    assert!(!narrow.get("/me").await.body.contains("ada@"));
}

/// Somebody whose mailbox was taken over calls for help.
async fn an_administrator_sees_and_removes_them(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    let (root, ada) = (app.db_administrator("root").await, proven(app, "ada", "ada@example.com").await);
    for email in ["evil@example.net", "ada@home.example"] {
        db_further(app, &ada, email).await;
    }
    let browser = app.db_signed_in(&root).await;
    let here = format!("/admin/users/{}", ada.row.sub);
    let page = browser.get(&here).await;
    let href = page.attributes("a[href*=remove-email]", "href").remove(0);
    assert!(page.body.contains("evil@example.net") && !href.contains("evil"), "{href}");
    let asked = browser.get(&href).await;
    assert!(asked.words("main").contains("evil@example.net"), "{}", asked.body);
    for _ in 0..2 {
        assert_eq!(browser.submit(&asked, "confirm", &[]).await.location(), format!("{here}?done=done"));
    }
    assert_eq!(held(app, &ada).await.1, ["ada@home.example"]);
    assert_eq!(browser.get("/admin/users?q=ADA@home").await.all_words("#found h3"), ["ada"], "found by it");
    let event = app.db_audit().await.into_iter().find(|row| row.event == "user.remove_email").expect("an event");
    assert_eq!((event.actor_user, event.target_id), (Some(root.row.id), Some(ada.row.id)));
    assert_eq!(app.db_letter_kinds().await, ["email_removed"; 3], "the account's addresses are told");
    let token = app.db_script_token(&root, &["admin:write".to_owned()], None, None).await;
    let listed = app.api_read(&format!("{here}/emails"), &token).await;
    let path = format!("{here}/emails/{}", listed[1]["id"].as_str().expect("a name"));
    for status in [204, 404] {
        assert_eq!(app.api("DELETE", &path, Some(&token), &Value::Null).await.status, status);
    }
    db_further(app, &ada, "ada@club.example").await;
    let shown = Operator::of(app).says(&["user", "show", "ada", "--json"]).await.json();
    assert_eq!(shown["further_emails"], json!(["ada@club.example"]));
}

async fn a_correction_leaves_no_address_twice(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    let ada = proven(app, "ada", "ada@example.com").await;
    for email in ["ada@home.example", "ada@work.example"] {
        db_further(app, &ada, email).await;
    }
    let row = app.db_person(&ada).await;
    let to = Correction { name: None, email: Some(Some("ADA@home.example".to_owned())) };
    assert!(correct::correct(&app.app(), None, Actor::Operator, &row, &to).await.is_ok_and(|done| done));
    let (main, others) = held(app, &ada).await;
    assert_eq!((main.as_deref(), others), (Some("ADA@home.example"), vec!["ada@work.example".to_owned()]));
    assert_eq!(app.rows("email_addresses"), 1);
}

/// C49.
async fn a_persons_data_has_them_and_a_deleted_account_none(app: &TestApp) {
    let ada = proven(app, "ada", "ada@example.com").await;
    db_further(app, &ada, "ada@home.example").await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/account/data").await;
    let data = browser.submit(&page, "data-export", &[]).await.json();
    let now = app.now();
    assert_eq!(
        data["emails"],
        json!([
            { "email": "ada@example.com", "main": true, "verified_at": now },
            { "email": "ada@home.example", "main": false, "verified_at": now },
        ])
    );
    let asked = browser.get("/account/delete").await;
    assert_eq!(browser.submit(&asked, "confirm", &[("confirmed", "ada")]).await.status, 200);
    assert_eq!(app.rows("email_addresses"), 0);
    assert!(!app.dump().contains("ada@home.example"), "nothing of it is left");
}

/// ASVS 6.3.7: whoever looks after accounts may be somebody else in their place.
async fn every_address_hears_of_a_correction(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    let ada = proven(app, "ada", "ada@example.com").await;
    db_further(app, &ada, "ada@home.example").await;
    let set = async |email: Option<&str>| {
        let (row, before) = (app.db_person(&ada).await, app.db_letters().await.len());
        let correction = Correction { name: None, email: Some(email.map(str::to_owned)) };
        let done = correct::correct(&app.app(), None, Actor::Operator, &row, &correction).await;
        assert!(done.is_ok_and(|changed| changed));
        letters(app, before).await
    };
    let told = |kind: &str, to: &[&str]| -> Vec<(String, String)> {
        to.iter().map(|to| (kind.to_owned(), (*to).to_owned())).collect()
    };
    let both = ["ada@example.com", "ada@home.example"];
    assert_eq!(set(Some("eve@example.net")).await, told("email_changed", &both));
    let stays = app.db_letters().await.into_iter().filter(|letter| letter.text.contains("stays a further address"));
    assert_eq!(stays.map(|letter| letter.to).collect::<Vec<_>>(), ["ada@home.example"]);
    assert_eq!(set(None).await, told("email_removed", &["ada@home.example", "eve@example.net"]));
    assert_eq!(set(Some("ada@example.com")).await, told("email_changed", &["ada@home.example"]));
}
