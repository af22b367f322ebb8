//! What members let applications have in an organization: seen, asked for, allowed, refused, revoked for all.

use serde_json::json;

use super::problem;
use crate::seen::at_client;
use crate::support::db_shortcuts::web_client;
use crate::support::page::Form;
use crate::support::relying_party::Tokens;
use crate::support::{Browser, ClientSpec, Database, RelyingParty, TestApp, on_both};

on_both!(
    owners_see_what_members_allowed_and_end_it_for_all,
    a_member_asks_and_an_owner_allows,
    a_refusal_between_page_and_click_counts,
    the_word_is_about_new_consents,
    a_refusal_counts_where_members_choose_for_themselves,
    an_application_is_revoked_for_all_in_a_large_organization,
    many_applications_are_found_by_name_and_shown_a_page_at_a_time,
);

async fn board(app: &TestApp, name: &str) -> RelyingParty {
    app.db_client(ClientSpec { name: Some(name.to_owned()), organization_access: true, ..web_client() }).await
}

fn within(slug: &str) -> [(&str, &str); 2] {
    [("scope", "org:read"), ("organization", slug)]
}

async fn tokens(browser: &Browser, board: &RelyingParty, slug: &str) -> Tokens {
    let code = board.code(browser, &within(slug)).await;
    Tokens::of(&board.redeem(&code).await)
}

/// A65: the list, and everything gone at once; other organizations and applications keep theirs.
async fn owners_see_what_members_allowed_and_end_it_for_all(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let (acme, blue) = (app.db_owned("acme", &ada).await, app.db_owned("blue", &bob).await);
    app.db_join(&acme, &bob, "member").await;
    let (sundial, other) = (board(app, "Sundial").await, board(app, "Other").await);
    let (adas, bobs) = (app.db_signed_in(&ada).await, app.db_signed_in(&bob).await);
    let first = tokens(&adas, &sundial, "acme").await;
    let second = tokens(&bobs, &sundial, "acme").await;
    let (elsewhere, others) = (tokens(&bobs, &sundial, "blue").await, tokens(&bobs, &other, "acme").await);
    let owner = app.db_token(&ada, &["org:admin"]).await;
    let path = format!("/acme/applications/{}", sundial.client_id);
    let seen = owner.get(&path).await.json();
    assert_eq!(
        (seen["name"].as_str(), seen["members"].as_u64(), seen["scopes"].clone(), seen["status"].clone()),
        (Some("Sundial"), Some(2), json!(["org:read"]), json!(null))
    );
    assert_eq!(owner.get("/acme/applications").await.json().as_array().map(Vec::len), Some(2));
    let bobs_token = app.db_token(&bob, &["org:admin"]).await;
    assert_eq!(bobs_token.get(&path).await.status, 200, "members see it");
    assert_eq!(problem(&bobs_token.delete(&format!("{path}/authorizations")).await), "403 role");

    let page = adas.get("/orgs/acme/applications").await;
    assert_eq!(page.all_words("#applications h2"), ["Other", "Sundial"]);
    let way = page.attributes("#applications a.danger", "href");
    let question = adas.get(way.iter().find(|href| href.contains(&sundial.client_id)).expect("a way")).await;
    assert_eq!(question.words("h1"), "Revoke Sundial for all members?");
    assert!(question.body.contains("2 members gave it access"), "{}", question.body);
    assert!(sundial.is_active(&first.access).await, "a look revokes nothing");
    let done = adas.submit(&question, "confirm", &[]).await;
    assert_eq!((done.status, done.location()), (303, "/orgs/acme/applications?done=revoked"));
    for dead in [&first, &second] {
        assert!(!sundial.is_active(&dead.access).await && !sundial.is_active(&dead.refresh).await);
        assert_eq!(sundial.refresh(&dead.refresh).await.error(), "400 invalid_grant");
    }
    assert!(sundial.is_active(&elsewhere.access).await && other.is_active(&others.access).await);
    let events = app.db_audit().await;
    let event = events.iter().filter(|event| event.event == "org.application.revoke").collect::<Vec<_>>();
    assert_eq!((event.len(), event[0].organization_id), (1, Some(acme.id)));
    assert_eq!(problem(&owner.delete(&format!("{path}/authorizations")).await), "404 not-found");
    assert_eq!(blue.slug, "blue");
}

async fn approval(app: &TestApp) -> (RelyingParty, Browser, Browser) {
    app.as_dev().await;
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    app.db_set_email(&ada, "ada@acme.example", true).await;
    let acme = app.db_owned("acme", &ada).await;
    app.db_join(&acme, &bob, "member").await;
    let (owner, member) = (app.db_signed_in(&ada).await, app.db_signed_in(&bob).await);
    let page = owner.get("/orgs/acme/applications").await;
    assert!(page.body.contains("No applications yet"));
    let saved = owner.submit(&page, "policy-save", &[("policy", "approval")]).await;
    assert_eq!((saved.status, saved.location()), (303, "/orgs/acme/applications?done=saved"), "{}", saved.body);
    (board(app, "Sundial").await, owner, member)
}

/// An owner presses a button on the page of applications.
async fn decide(owner: &Browser, board: &RelyingParty, status: &str) {
    let page = owner.get("/orgs/acme/applications").await;
    let mut form = Form { action: "/orgs/acme/applications/decide".to_owned(), ..page.sign_out_form() };
    form.fields.push(("client_id".to_owned(), board.client_id.clone()));
    form.fields.push(("status".to_owned(), status.to_owned()));
    let done = owner.post(form).await;
    assert_eq!(done.location(), format!("/orgs/acme/applications?done={status}"), "{}", done.body);
}

/// The page, the mail, the decision; `prompt=none` shows nothing and says so.
async fn a_member_asks_and_an_owner_allows(app: &TestApp) {
    let (sundial, owner, member) = approval(app).await;
    let request = sundial.authorize_url(&within("acme"));
    let page = member.get(&request).await;
    assert_eq!((page.status, page.words("h1").as_str()), (403, "Ask an owner"), "{}", page.body);
    assert_eq!(page.header("location"), None);
    let quiet = [within("acme").as_slice(), &[("prompt", "none")]].concat();
    let quiet = at_client(&member.get(&sundial.authorize_url(&quiet)).await, &sundial);
    assert!(quiet.starts_with("302 ? error=login_required"), "{quiet}");
    assert_eq!((app.rows("consent_requests"), app.rows("organization_clients")), (0, 0), "a look asks nobody");

    let asked = member.submit(&page, "ask-owner", &[]).await;
    assert_eq!((asked.status, asked.words("h1").as_str()), (200, "The owners are asked"), "{}", asked.body);
    assert_eq!((app.rows("organization_clients"), app.db_mails("application_asked")), (1, 1));
    let again = member.get(&request).await;
    assert!(!again.has("#ask-owner") && again.words("#ask-text").contains("have not decided"), "{}", again.body);
    let mails = grantor::flows::mail::mailbox::list(&app.app()).await.expect("mails");
    let mail = mails.into_iter().find(|mail| mail.to == "ada@acme.example").expect("a mail to the owner");
    assert!(mail.text.contains(&format!("{}/orgs/acme/applications", app.issuer())), "{}", mail.text);
    let page = owner.get("/orgs/acme/applications").await;
    assert!(page.words("#applications li").contains("bob asks"), "{}", page.body);
    let form = member.get("/orgs/acme/applications").await;
    assert!(!form.has("#policy-save") && !form.body.contains("/applications/decide"), "members decide nothing");

    decide(&owner, &sundial, "allowed").await;
    let tokens = tokens(&member, &sundial, "acme").await;
    assert!(sundial.is_active(&tokens.access).await);
    let told = app.db_events().await;
    for event in ["org.settings", "org.application.ask", "org.application.allow"] {
        assert_eq!(told.iter().filter(|known| *known == event).count(), 1, "{event}: {told:?}");
    }
}

/// Judged again in the transaction of the consent (C07).
async fn a_refusal_between_page_and_click_counts(app: &TestApp) {
    let (sundial, owner, member) = approval(app).await;
    decide(&owner, &sundial, "allowed").await;
    let consent = member.get(&sundial.authorize_url(&within("acme"))).await;
    assert!(consent.has("#consent-allow"), "{}", consent.body);
    decide(&owner, &sundial, "refused").await;
    let answered = member.submit(&consent, "consent-allow", &[]).await;
    assert_eq!(answered.status, 403, "{}", answered.body);
    assert_eq!((app.rows("grants"), app.rows("authorizations")), (0, 0));
    let refused = member.get(&sundial.authorize_url(&within("acme"))).await;
    assert!(!refused.has("#ask-owner") && refused.words("#ask-text").contains("have refused"), "{}", refused.body);
}

/// What was allowed before lives on until it is revoked; asking by hand for what nobody knows is refused.
async fn the_word_is_about_new_consents(app: &TestApp) {
    let (sundial, owner, member) = approval(app).await;
    decide(&owner, &sundial, "allowed").await;
    let tokens = tokens(&member, &sundial, "acme").await;
    decide(&owner, &sundial, "refused").await;
    assert!(sundial.is_active(&tokens.access).await);
    assert_eq!(sundial.refresh(&tokens.refresh).await.status, 200);
    assert_eq!(member.get(&sundial.authorize_url(&within("acme"))).await.status, 403);

    let plain = app.db_web_client().await;
    for client_id in ["no-such", plain.client_id.as_str(), ""] {
        let page = member.get("/orgs").await;
        let mut form = Form { action: "/orgs/acme/applications/ask".to_owned(), ..page.sign_out_form() };
        form.fields.push(("client_id".to_owned(), client_id.to_owned()));
        assert_eq!(member.post(form).await.status, 404, "{client_id:?}");
    }
    assert_eq!(app.rows("organization_clients"), 1);
    let ada = app.db_users().await.into_iter().find(|user| user.login == "ada").expect("ada");
    let person = crate::support::Person { login: ada.login.clone(), password: String::new(), row: ada };
    let script = app.db_token(&person, &["org:admin"]).await;
    let path = format!("/acme/applications/{}", plain.client_id);
    assert_eq!(problem(&script.put(&path, Some(&json!({ "status": "allowed" }))).await), "404 not-found");
    let path = format!("/acme/applications/{}", sundial.client_id);
    assert_eq!(problem(&script.put(&path, Some(&json!({ "status": "asked" }))).await), "400 invalid-body");
    assert_eq!(script.put(&path, Some(&json!({ "status": "allowed" }))).await.text("status"), "allowed");
}

/// The page says that members may not use it, and they may not: the policy is about applications nobody spoke of.
async fn a_refusal_counts_where_members_choose_for_themselves(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let acme = app.db_owned("acme", &ada).await;
    app.db_join(&acme, &bob, "member").await;
    let (owner, member) = (app.db_signed_in(&ada).await, app.db_signed_in(&bob).await);
    let (sundial, other) = (board(app, "Sundial").await, board(app, "Other").await);
    let consent = member.get(&sundial.authorize_url(&within("acme"))).await;
    assert!(consent.has("#consent-allow"), "{}", consent.body);
    decide(&owner, &sundial, "refused").await;
    let answered = member.submit(&consent, "consent-allow", &[]).await;
    assert_eq!((answered.status, app.rows("authorizations")), (403, 0), "a page shown before: {}", answered.body);
    let refused = member.get(&sundial.authorize_url(&within("acme"))).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(!refused.has("#ask-owner") && refused.words("#ask-text").contains("have refused"), "{}", refused.body);
    let mut form = member.get("/orgs").await.sign_out_form().with(&[("client_id", &sundial.client_id)]);
    form.action = "/orgs/acme/applications/ask".to_owned();
    assert_eq!(member.post(form).await.words("h1"), "It is refused");
    assert!(member.get(&other.authorize_url(&within("acme"))).await.has("#consent-allow"), "nobody spoke of it");
    decide(&owner, &sundial, "allowed").await;
    let tokens = tokens(&member, &sundial, "acme").await;
    assert!(sundial.is_active(&tokens.access).await);
}

/// What a literal list of one scope is.
fn org_read(app: &TestApp) -> &'static str {
    match app.database {
        Database::Sqlite => "'[\"org:read\"]'",
        Database::Postgres => "'{org:read}'",
    }
}

/// A65: ten thousand others before it hide nothing; everybody finds the end of theirs in their own record (C65).
async fn an_application_is_revoked_for_all_in_a_large_organization(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let acme = app.db_owned("acme", &ada).await;
    app.db_join(&acme, &bob, "member").await;
    let (sundial, other) = (board(app, "Sundial").await, board(app, "Other").await);
    let (owner, member) = (app.db_signed_in(&ada).await, app.db_signed_in(&bob).await);
    // The older rows of people who are gone.
    let (begin, from) = match app.database {
        Database::Sqlite => {
            let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001)";
            (format!("PRAGMA foreign_keys = OFF; {numbers}"), "n")
        }
        Database::Postgres => {
            ("SET session_replication_role = replica;".to_owned(), "generate_series(1, 10001) AS n(i)")
        }
    };
    app.db_batch(&format!(
        "{begin} INSERT INTO authorizations (id, user_id, client, organization_id, scopes, created_at, updated_at) \
         SELECT i, i, clients.id, {}, {}, 1, 1 FROM {from} CROSS JOIN clients WHERE clients.client_id = '{}'",
        acme.id,
        org_read(app),
        other.client_id
    ));
    let tokens = [tokens(&owner, &sundial, "acme").await, tokens(&member, &sundial, "acme").await];
    let page = owner.get("/orgs/acme/applications").await;
    assert_eq!(page.all_words("#applications h2"), ["Other", "Sundial"]);
    assert!(page.words("#applications").contains("10001 members"), "{}", page.words("#applications"));
    let question = owner.get(&format!("/orgs/acme/applications/revoke?client_id={}", sundial.client_id)).await;
    assert!(question.words("main").contains("2 members gave it access"), "{}", question.body);
    let done = owner.submit(&question, "confirm", &[]).await;
    assert_eq!(done.location(), "/orgs/acme/applications?done=revoked", "{}", done.body);
    for dead in &tokens {
        assert_eq!(sundial.refresh(&dead.refresh).await.error(), "400 invalid_grant");
    }
    let events = app.db_audit().await;
    let told: Vec<_> = events.iter().filter(|row| row.event == "authorization.revoke").collect();
    let mut whose: Vec<_> = told.iter().map(|row| (row.actor_label.as_str(), row.target_label.as_str())).collect();
    whose.sort_unstable();
    assert_eq!(whose, [("ada", "ada"), ("ada", "bob")]);
    assert!(told.iter().all(|row| row.data.contains(&sundial.client_id) && row.organization_id == Some(acme.id)));
    let by_bob = app.app().store.read(move |conn| grantor::store::audit_events::of_person(conn, bob.row.id, 100)).await;
    assert!(by_bob.expect("events").iter().any(|row| row.event == "authorization.revoke"), "it is in his own data");
    let script = app.db_token(&ada, &["org:admin"]).await;
    let seen = script.get(&format!("/acme/applications/{}", other.client_id)).await.json();
    assert_eq!((seen["members"].as_u64(), seen["scopes"].clone()), (Some(10_001), json!(["org:read"])));
}

/// A page holds 25, by name; a search finds the rest too.
async fn many_applications_are_found_by_name_and_shown_a_page_at_a_time(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    for number in 1..=30 {
        board(app, &format!("App {number:02}")).await;
    }
    let now = app.now();
    // Every other one is allowed by a member, the rest by a word of the owners.
    app.db_batch(&format!(
        "INSERT INTO authorizations (id, user_id, client, organization_id, scopes, created_at, updated_at) \
         SELECT id, {}, id, {acme}, {}, {now}, {now} FROM clients WHERE name LIKE '%2' OR name LIKE '%4'; \
         INSERT INTO organization_clients (id, organization_id, client, status, created_at) \
         SELECT id, {acme}, id, 'allowed', {now} FROM clients WHERE name NOT LIKE '%2'",
        ada.row.id,
        org_read(app),
        acme = acme.id,
    ));
    board(app, "App 31 of nobody here").await;
    let browser = app.db_signed_in(&ada).await;
    let first = browser.get("/orgs/acme/applications").await;
    let second = browser.get(&first.attributes("#applications-next", "href")[0]).await;
    let (one, two) = (first.all_words("#applications h2"), second.all_words("#applications h2"));
    assert_eq!((one.len(), two.len(), second.has("#applications-next")), (25, 5, false));
    let all: Vec<&String> = one.iter().chain(&two).collect();
    assert!(all.is_sorted() && all[0].starts_with("App 01"), "{all:?}");
    let found = browser.get("/orgs/acme/applications?q=aPP+3").await;
    assert_eq!(found.all_words("#applications h2").len(), 1, "{}", found.body);
    let nothing = browser.get("/orgs/acme/applications?q=%25").await;
    assert_eq!((nothing.status, nothing.words("#empty-title").as_str()), (200, "Nothing found"));
    let script = app.db_token(&ada, &["org:admin"]).await;
    let page = script.get("/acme/applications?limit=20").await;
    assert_eq!(page.json().as_array().map(Vec::len), Some(20));
    let link = page.header("link").expect("a link").to_owned();
    let next = link.split(", ").find(|link| link.contains("rel=\"next\"")).expect("a next page");
    let next = next.split('>').next().expect("an address").split_once("/organizations").expect("a path").1;
    let rest = script.get(next).await.json();
    let ids = |page: &serde_json::Value| -> Vec<String> {
        page.as_array().expect("a list").iter().map(|one| one["client_id"].to_string()).collect()
    };
    let (first, rest) = (ids(&page.json()), ids(&rest));
    assert_eq!((first.len(), rest.len()), (20, 10));
    assert!(first.iter().all(|id| !rest.contains(id)));
}
