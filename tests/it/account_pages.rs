//! The pages of an account: what applications may do, tokens, applications one develops, one's data and the end of it.

use grantor::config::clients::Registrars;
use grantor::store::CachedRow as _;
use grantor::store::users::UserRow;

use crate::account_stage::Script;
use crate::support::db_shortcuts::web_client;
use crate::support::page::Page;
use crate::support::relying_party::Tokens;
use crate::support::{Browser, ClientSpec, Person, RelyingParty, TestApp, on_both};

on_both!(
    the_pages_of_an_account_lead_to_each_other,
    a_token_is_made_used_and_deleted_on_pages,
    a_token_is_made_only_after_a_fresh_proof,
    an_application_is_revoked_on_a_page,
    an_application_is_developed_on_pages,
    where_nobody_registers_the_page_says_whom_to_ask,
    pages_of_somebody_elses_things_are_not_there,
    a_person_gets_all_their_data,
    an_account_ends_by_its_own_hand,
    the_last_administrator_and_the_last_owner_stay,
);

async fn signed_in(app: &TestApp, login: &str) -> (Person, Browser) {
    let person = app.db_user(login).await;
    let browser = app.db_signed_in(&person).await;
    (person, browser)
}

async fn follow(browser: &Browser, page: &Page) -> Page {
    assert_eq!(page.status, 303, "{}", page.body);
    browser.get(page.location()).await
}

/// A page with a secret on it.
fn secret(app: &TestApp, page: &Page) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    let secret = page.words("#secret");
    app.shared.secrets.saw(&secret);
    secret
}

async fn the_pages_of_an_account_lead_to_each_other(app: &TestApp) {
    let (_, browser) = signed_in(app, "ada").await;
    let page = browser.get("/account").await;
    assert_eq!((page.status, page.words("#account-login").as_str()), (200, "ada"));
    let tabs = page.attributes(".tabs a", "href");
    assert_eq!(tabs.len(), 10);
    for tab in &tabs {
        let page = browser.get(tab).await;
        assert_eq!(page.status, 200, "{tab}");
        assert_eq!(page.attributes(".tabs a[aria-current]", "href"), std::slice::from_ref(tab));
        assert_eq!(app.browser().get(tab).await.status, 302, "{tab} of a stranger");
    }
    let page = browser.submit(&page, "profile-save", &[("name", "Ada L.")]).await;
    assert!(follow(&browser, &page).await.has("[role=status]"));
    assert_eq!(browser.get("/").await.words("h1"), "Hello, Ada L.");
    let page = browser.get("/account").await;
    let refused = browser.submit(&page, "profile-save", &[("name", "a\u{202e}b")]).await;
    assert_eq!((refused.status, refused.has("#name-fault")), (400, true));
    assert!(!browser.get("/account?done=<script>").await.has("[role=status]"), "our own words only");
}

async fn make(browser: &Browser, scopes: &[&str], changes: &[(&str, &str)]) -> Page {
    let page = browser.get("/account/tokens/new").await;
    let mut form = page.form("token-create").with(&[("name", "backup")]).with(changes);
    form.fields.extend(scopes.iter().map(|scope| ("scope".to_owned(), (*scope).to_owned())));
    browser.post(form).await
}

/// S58 by hand: the value is on one page, once; deleted, it opens nothing.
async fn a_token_is_made_used_and_deleted_on_pages(app: &TestApp) {
    let (ada, browser) = signed_in(app, "ada").await;
    let owned = app.db_owned("acme", &ada).await;
    assert!(browser.get("/account/tokens").await.has("#empty-title"));
    let made = make(&browser, &["account:read", "org:read"], &[]).await;
    let token = secret(app, &made);
    let script = Script::with(app, &token);
    assert_eq!(script.get("/me").await.status, 200);
    let listed = browser.get("/account/tokens").await;
    assert_eq!(listed.all_words("#tokens h2").len(), 1);
    assert!(!listed.body.contains(&token) && listed.body.contains(&token[token.len() - 4..]));
    let row = script.get("/personal-tokens").await.json()[0].clone();
    assert_eq!(row["expires_at"], app.now() + 90 * 24 * 3600, "an end is the usual");
    let within = make(&browser, &["org:read"], &[("expiry", "never"), ("organization", &owned.slug)]).await;
    let bound = Script::with(app, &secret(app, &within));
    assert_eq!(bound.get("/me").await.text("organization"), "acme");

    for (scopes, changes) in [
        (vec![], vec![]),
        (vec!["org:read"], vec![("name", "")]),
        (vec!["admin:read"], vec![]),
        (vec!["org:read"], vec![("expiry", "4000")]),
    ] {
        let refused = make(&browser, &scopes, &changes).await;
        assert_eq!((refused.status, refused.has("[role=alert]")), (400, true), "{scopes:?} {changes:?}");
    }
    assert_eq!(app.rows("personal_tokens"), 2);
    let listed = browser.get("/account/tokens").await;
    let href = listed.attributes("#tokens a.danger", "href").pop().expect("the older one");
    let asked = browser.get(&href).await;
    assert!(asked.words("h1").contains("backup"), "{}", asked.body);
    let done = browser.submit(&asked, "confirm", &[]).await;
    assert!(follow(&browser, &done).await.has("[role=status]"));
    assert_eq!(script.get("/me").await.status, 401);
    assert_eq!(bound.get("/me").await.status, 200);
}

/// ASVS 7.5.3.
async fn a_token_is_made_only_after_a_fresh_proof(app: &TestApp) {
    let (_, browser) = signed_in(app, "ada").await;
    let form = browser.get("/account/tokens/new").await.form("token-create");
    app.wait(3600);
    let page = browser.get("/account/tokens/new").await;
    assert_eq!((page.status, page.location()), (302, "/step-up?return_to=%2Faccount%2Ftokens%2Fnew"));
    let fields = [("name", "x"), ("scope", "org:read")];
    assert_eq!(browser.post(form.with(&fields)).await.status, 303);
    assert_eq!(app.rows("personal_tokens"), 0);
    assert_eq!(browser.get("/account/tokens").await.status, 200, "looking needs none");
}

/// A65 by hand.
/// ASVS 10.4.9, 10.7.3.
async fn an_application_is_revoked_on_a_page(app: &TestApp) {
    let (ada, browser) = signed_in(app, "ada").await;
    assert!(browser.get("/account/applications").await.has("#empty-title"));
    let spec = ClientSpec { owner: Some("ada".to_owned()), verified: true, ..web_client() };
    let web = app.db_client(spec).await;
    let board = ClientSpec { name: Some("Board".to_owned()), organization_access: true, ..web_client() };
    let board = app.db_client(board).await;
    let api = app.db_resource_server("https://api.example", &["org"]).await;
    app.db_owned("acme", &ada).await;
    let tokens = app.db_tokens(&web, &ada, "org:write").await;
    let code = app.db_code(&board, &ada, &[("scope", "org:read"), ("organization", "acme")]).await;
    let bound = Tokens::of(&board.redeem(&code).await);
    let page = browser.get("/account/applications").await;
    assert_eq!(
        page.all_words("#connected h2"),
        ["Board Unverified In acme Inc", "Web Verified"],
        "by name, with the organization"
    );
    assert!(page.words("#connected").contains("Read and write access to organization details"));
    for (at, token) in [(1, &tokens.access), (0, &bound.access)] {
        assert!(api.is_active(token).await);
        let href = browser.get("/account/applications").await.attributes("#connected a.danger", "href").remove(at);
        let asked = browser.get(&href).await;
        assert!(asked.has("#confirm"), "{}", asked.body);
        let done = browser.submit(&asked, "confirm", &[]).await;
        assert!(follow(&browser, &done).await.has("[role=status]"));
        assert!(!api.is_active(token).await);
        assert_eq!(browser.get(&href).await.status, 404);
    }
    assert!(browser.get("/account/applications").await.has("#empty-title"));
}

async fn an_application_is_developed_on_pages(app: &TestApp) {
    app.restart_with(|config| config.clients.registration = Registrars::Everyone).await;
    let (ada, browser) = signed_in(app, "ada").await;
    let list = browser.get("/account/developer").await;
    assert!(list.has("#empty-title") && list.has("#application-new"));
    let page = browser.get("/account/developer/new").await;
    assert!(!page.body.contains("admin:read"), "not offered to whoever may not choose it");
    let wrong = [("name", "Sundial"), ("redirect_uris", "javascript:alert(1)"), ("homepage_url", "x")];
    let refused = browser.submit(&page, "application-save", &wrong).await;
    assert_eq!(refused.status, 400);
    assert!(refused.has("#redirect-uris-fault") && refused.has("#homepage-url-fault"), "{}", refused.body);
    assert_eq!(refused.form("application-save").value("redirect_uris"), "javascript:alert(1)", "what was typed stays");
    let form = refused.form("application-save").with(&[
        ("redirect_uris", "https://sundial.example/cb   https://sundial.example/other "),
        ("homepage_url", ""),
        ("scope", "org:read"),
    ]);
    let made = browser.post(form).await;
    let (secret_text, id) = (secret(app, &made), made.words("code.command"));
    let party = RelyingParty::new(app.shared.clone(), &id, Some(&secret_text), "https://sundial.example/other");
    let tokens = app.db_tokens(&party, &ada, "org:read").await;
    let own = format!("/account/developer/{id}");
    let shown = browser.get(&own).await;
    assert_eq!(
        (shown.words("#application-users"), shown.words("#application-tokens")),
        ("1 user".to_owned(), "2 live tokens".to_owned())
    );
    assert!(!shown.body.contains(&secret_text));
    // A refused request stands there with its reason.
    browser.get(&party.authorize_url(&[("scope", "team:read")])).await;
    app.db_refusals_once_written().await;
    let shown = browser.get(&own).await;
    assert!(shown.words("#refusals").contains("invalid_scope"), "{}", shown.body);

    let page = browser.get(&format!("{own}/edit")).await;
    let form = page.form("application-save");
    assert_eq!(form.value("redirect_uris"), "https://sundial.example/cb https://sundial.example/other");
    let saved = browser.post(form.with(&[("name", "Moondial")])).await;
    assert_eq!(follow(&browser, &saved).await.words("h1"), "Moondial");

    let asked = browser.get(&format!("{own}/secret")).await;
    let next = secret(app, &browser.submit(&asked, "confirm", &[]).await);
    assert_ne!(next, secret_text);
    let newer = party.with_secret(Some(&next), party.by);
    let tokens = Tokens::of(&newer.refresh(&tokens.refresh).await);

    let asked = browser.get(&format!("{own}/delete")).await;
    assert!(asked.words("main").contains("1 user and has 3 live tokens"), "{}", asked.words("main"));
    let done = browser.submit(&asked, "confirm", &[]).await;
    let list = follow(&browser, &done).await;
    assert!(list.words("#applications").contains("About to be deleted"), "{}", list.body);
    assert_eq!(newer.refresh(&tokens.refresh).await.status, 401);
    let page = browser.get(&own).await;
    let kept = browser.submit(&page, "application-restore", &[]).await;
    assert!(follow(&browser, &kept).await.has("#application-delete"));
    assert_eq!(newer.refresh(&tokens.refresh).await.status, 200);
}

async fn where_nobody_registers_the_page_says_whom_to_ask(app: &TestApp) {
    let (_, browser) = signed_in(app, "ada").await;
    let page = browser.get("/account/developer").await;
    assert!(!page.has("#application-new") && page.words(".empty").contains("whoever runs this server"));
    assert_eq!(browser.get("/account/developer/new").await.status, 403);
    let mut form = browser.get("/account").await.form("profile-save").with(&[("name", "Mine")]);
    form.action = "/account/developer/new".to_owned();
    assert_eq!(browser.post(form).await.status, 403);
    assert_eq!(app.rows("clients"), 0);
}

/// C70.
async fn pages_of_somebody_elses_things_are_not_there(app: &TestApp) {
    let (ada, _) = signed_in(app, "ada").await;
    let (_, eve) = signed_in(app, "eve").await;
    let spec = ClientSpec { owner: Some("ada".to_owned()), ..web_client() };
    let web = app.db_client(spec).await;
    app.db_tokens(&web, &ada, "org:read").await;
    let script = Script::of(app, &ada, &["account:read"]).await;
    let token = script.get("/personal-tokens").await.json()[0]["id"].as_str().expect("an id").to_owned();
    let nothing = eve.get("/nowhere").await.words("main");
    for path in [
        format!("/account/developer/{}", web.client_id),
        format!("/account/developer/{}/edit", web.client_id),
        format!("/account/developer/{}/secret", web.client_id),
        format!("/account/developer/{}/delete", web.client_id),
        format!("/account/applications/revoke?client_id={}", web.client_id),
        format!("/account/tokens/delete?token={token}"),
    ] {
        let page = eve.get(&path).await;
        assert_eq!((page.status, page.words("main")), (404, nothing.clone()), "{path}");
    }
    let base = eve.get("/account").await;
    for (action, field, value) in [
        ("/account/tokens/delete".to_owned(), "token", token.as_str()),
        ("/account/applications/revoke".to_owned(), "client_id", &web.client_id),
        (format!("/account/developer/{}/delete", web.client_id), "x", "x"),
        (format!("/account/developer/{}/restore", web.client_id), "x", "x"),
        (format!("/account/developer/{}/secret", web.client_id), "x", "x"),
        (format!("/account/developer/{}/edit", web.client_id), "x", "x"),
    ] {
        let mut form = base.form("profile-save").with(&[(field, value)]);
        form.action.clone_from(&action);
        assert!(matches!(eve.post(form).await.status, 303 | 404), "{action}");
    }
    assert_eq!((app.rows("personal_tokens"), app.rows("authorizations"), app.rows("client_secrets")), (1, 1, 1));
    assert_eq!(script.get(&format!("/applications/{}", web.client_id)).await.text("status"), "active");
}

async fn a_person_gets_all_their_data(app: &TestApp) {
    let (ada, browser) = signed_in(app, "ada").await;
    let web = app.db_web_client().await;
    app.db_tokens(&web, &ada, "org:read").await;
    app.db_owned("acme", &ada).await;
    let script = Script::of(app, &ada, &["account:read"]).await;
    let page = browser.get("/account/data").await;
    let file = browser.submit(&page, "data-export", &[]).await;
    assert_eq!((file.status, file.header("content-type")), (200, Some("application/json")), "{}", file.body);
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"account.json\""));
    let data = file.json();
    assert_eq!(data["profile"]["login"], "ada");
    for (part, least) in [
        ("sessions", 2),
        ("authorizations", 1),
        ("personal_tokens", 1),
        ("organizations", 1),
        ("applications", 0),
        ("identities", 0),
        ("events", 3),
    ] {
        assert!(data[part].as_array().is_some_and(|list| list.len() >= least), "{part}: {}", data[part]);
    }
    assert_eq!(data["organizations"][0]["role"], "owner");
    for telling in [&script.token, &ada.password, "password_hash", "digest"] {
        assert!(!file.body.contains(telling), "{telling}");
    }
    assert!(app.db_events().await.iter().any(|event| event == "user.export"));
    app.wait(3600);
    let page = browser.get("/account/data").await;
    let file = browser.submit(&page, "data-export", &[]).await;
    assert_eq!(file.status, 303, "only after a fresh proof");
    assert!(file.location().starts_with("/step-up"));
}

/// C49, ASVS 7.4.2: nothing of it opens anything, and nobody becomes that person again.
async fn an_account_ends_by_its_own_hand(app: &TestApp) {
    let (ada, browser) = signed_in(app, "ada").await;
    let other = app.db_signed_in(&ada).await;
    let web = app.db_web_client().await;
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    let script = Script::of(app, &ada, &["account:read"]).await;
    let asked = browser.get("/account/delete").await;
    for typed in ["", "eve", "ADA"] {
        let refused = browser.submit(&asked, "confirm", &[("confirmed", typed)]).await;
        assert_eq!((refused.status, refused.has("#confirmed-fault")), (400, true), "{typed}");
    }
    assert_eq!(other.get("/account").await.status, 200);
    let done = browser.submit(&asked, "confirm", &[("confirmed", "ada")]).await;
    assert_eq!((done.status, done.words("h1").as_str()), (200, "Your account is deleted"), "{}", done.body);
    assert_eq!(browser.session(), None);
    assert_eq!((other.get("/account").await.status, script.get("/me").await.status), (302, 401));
    assert_eq!(web.refresh(&tokens.refresh).await.error(), "400 invalid_grant");
    let stranger = app.browser();
    let page = stranger.get("/login").await;
    assert_ne!(stranger.sign_in_on(&page, &ada).await.status, 303);
    let again = app.db_user("ada").await;
    assert_ne!(again.row.sub, ada.row.sub, "the name is free, the subject is not");
    let id = ada.row.id;
    let row = app.app().store.read(move |conn| UserRow::load(conn, id)).await.expect("the store answers");
    let row = row.expect("a tombstone");
    assert_eq!((row.status.as_str(), row.sub == ada.row.sub, row.email), ("deleted", true, None));
    let events = app.db_audit().await;
    let event = events.iter().find(|row| row.event == "user.delete").expect("an event");
    assert_eq!(event.actor_user, Some(id));
}

async fn the_last_administrator_and_the_last_owner_stay(app: &TestApp) {
    let root = app.db_administrator("root").await;
    let browser = app.db_signed_in(&root).await;
    let delete = async |browser: &Browser, login: &str| {
        let asked = browser.get("/account/delete").await;
        browser.submit(&asked, "confirm", &[("confirmed", login)]).await
    };
    let refused = delete(&browser, "root").await;
    assert_eq!(refused.status, 409);
    assert!(refused.words("[role=alert]").contains("last administrator"), "{}", refused.body);
    let (ada, browser) = signed_in(app, "ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let refused = delete(&browser, "ada").await;
    assert_eq!(refused.status, 409);
    assert!(refused.words("[role=alert]").contains("last owner of acme"), "{}", refused.body);
    let bob = app.db_user("bob").await;
    app.db_join(&acme, &bob, "owner").await;
    assert_eq!(delete(&browser, "ada").await.status, 200);
    assert_eq!(app.db_with_role(&acme, "owner").await, ["bob"]);
}
