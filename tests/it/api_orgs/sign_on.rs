//! Single sign-on over tokens and keys, and the provider by the API.

use grantor::crypto::random;
use grantor::flows::api_keys::{self, NewApiKey};
use grantor::flows::organizations::By;
use grantor::store::organizations::OrganizationRow;
use reqwest::Method;
use serde_json::json;

use super::{Script, problem};
use crate::support::db_shortcuts::{caller, web_client};
use crate::support::relying_party::Tokens;
use crate::support::sso_stage::Said;
use crate::support::{Browser, ClientSpec, Person, TestApp, on_both};

on_both!(
    a_token_is_worth_what_the_identity_is_worth_now,
    a_password_alone_opens_no_organization_that_asks_for_more,
    administrators_get_in_by_their_own_scopes_and_give_no_token_away,
    an_application_gets_in_only_where_a_member_let_it,
    a_key_follows_its_maker_or_nobody,
    a_session_without_proof_is_sent_to_the_provider,
    the_provider_is_shown_changed_and_switched_off,
);

/// An organization that asks for single sign-on, and an owner who is linked, in a browser with proof.
async fn linked(app: &TestApp) -> (OrganizationRow, Person, Browser) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let ada = app.db_user("ada").await;
    app.db_join(&acme, &ada, "owner").await;
    let browser = app.db_signed_in(&ada).await;
    let said = Said { id: "ada-upstream", ..Said::verified("ada@acme.example") };
    let asked = browser.sso("/login/acme", said).await;
    if asked.has("#sso-link") {
        browser.submit(&asked, "sso-link", &[]).await;
    }
    assert_eq!(browser.get("/orgs/acme").await.status, 200, "the browser is inside");
    (acme, ada, browser)
}

async fn set_identity(app: &TestApp, acme: &OrganizationRow, person: &Person, change: &str) {
    let identity = app.db_identity(acme, person.row.id).await.expect("an identity");
    app.db_batch(&format!("UPDATE identities SET {change} WHERE id = {}", identity.id));
    app.restart().await;
}

async fn sso_required(script: &Script) {
    let refused = script.get("/acme").await;
    assert_eq!(problem(&refused), "401 sso-required", "{}", refused.body);
    assert_eq!(refused.text("login_url"), "/login/acme");
    assert!(refused.header("www-authenticate").is_some_and(|challenge| challenge.contains("invalid_token")));
}

/// A token bound to the organization, made by its person on a page.
async fn bound_token(app: &TestApp, browser: &Browser, scopes: &[&str]) -> Script {
    let body = json!({ "name": "Bound", "scopes": scopes, "organization": "acme" });
    let made = app.page_script(browser).await.post("/personal-tokens", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    Script::bearer(app, &made.text("token"))
}

/// FIX 30, S86: personal or an application's; at once, and back again.
async fn a_token_is_worth_what_the_identity_is_worth_now(app: &TestApp) {
    let (acme, ada, browser) = linked(app).await;
    let spec = ClientSpec { name: Some("Board".to_owned()), organization_access: true, ..web_client() };
    let board = app.db_client(spec).await;
    let code = board.code(&browser, &[("scope", "org:read"), ("organization", "acme")]).await;
    let application = Script::bearer(app, &Tokens::of(&board.redeem(&code).await).access);
    let bound = bound_token(app, &browser, &["org:read"]).await;
    for script in [&bound, &application] {
        assert_eq!(script.get("/acme").await.status, 200);
    }
    set_identity(app, &acme, &ada, "status = 'invalid', invalid_reason = 'gone'").await;
    sso_required(&bound).await;
    assert_eq!(problem(&application.get("/acme").await), "401 invalid-token");
    set_identity(app, &acme, &ada, "status = 'valid', invalid_reason = NULL").await;
    for script in [&bound, &application] {
        assert_eq!(script.get("/acme").await.status, 200, "valid again");
    }
    set_identity(app, &acme, &ada, "last_verified = 1").await;
    sso_required(&bound).await;
    assert_eq!(problem(&application.get("/acme").await), "401 invalid-token");
    set_identity(app, &acme, &ada, &format!("last_verified = {}", app.now())).await;
    for script in [&bound, &application] {
        assert_eq!(script.get("/acme").await.status, 200, "fresh again");
    }
    // Somebody who never linked.
    let bob = app.db_member(&acme, "bob", "member").await;
    sso_required(&app.db_token(&bob, &["org:read"]).await).await;
}

/// DECISIONS, SSO: whoever has the password and nothing else makes a token for everything of the person's, and it opens
/// neither the organization nor a way to a token that does. One made inside does.
async fn a_password_alone_opens_no_organization_that_asks_for_more(app: &TestApp) {
    let (_acme, ada, browser) = linked(app).await;
    let everything = ["org:admin", "member:admin", "team:admin", "account:write"];
    let unbound = app.db_token(&ada, &everything).await;
    for (method, path) in [
        (Method::GET, "/acme"),
        (Method::GET, "/acme/members"),
        (Method::GET, "/acme/audit-log"),
        (Method::DELETE, "/acme/provider"),
        (Method::POST, "/acme/leave"),
    ] {
        let refused = unbound.send(&method, path, &[], None).await;
        assert_eq!(problem(&refused), "401 sso-required", "{method} {path}");
        assert_eq!(refused.text("login_url"), "/login/acme");
        assert!(refused.text("detail").contains("make a token bound to this organization"), "{}", refused.body);
    }
    assert_eq!(app.rows("providers"), 1);
    let asked = json!({ "name": "Bound", "scopes": ["org:read"], "organization": "acme" });
    let text = unbound.authorization.as_deref().expect("a token").to_owned();
    let minted = app.script_saying(&text).post("/personal-tokens", asked.clone()).await;
    assert_eq!(problem(&minted), "400 invalid-body");
    let other = app.db_signed_in(&ada).await;
    let minted = app.page_script(&other).await.post("/personal-tokens", asked).await;
    assert_eq!(problem(&minted), "400 invalid-body", "no proof in this session");

    let bound = bound_token(app, &browser, &everything[..3]).await;
    for path in ["/acme", "/acme/members", "/acme/audit-log"] {
        assert_eq!(bound.get(path).await.status, 200, "{path}");
    }
    // Where nobody is asked for more, a token of everything opens everything.
    app.db_owned("plain", &ada).await;
    assert_eq!(unbound.get("/plain").await.status, 200);
    app.db_batch("UPDATE providers SET allow_unlinked = true");
    app.restart().await;
    assert_eq!(unbound.get("/acme").await.status, 200, "the provider is there for those who like it");
}

/// S64: never worth less inside than outside; what they make is bound by the organization's rules.
async fn administrators_get_in_by_their_own_scopes_and_give_no_token_away(app: &TestApp) {
    let (acme, _ada, _browser) = linked(app).await;
    let root = app.db_administrator("root").await;
    let strong = ["org:admin", "account:write", "admin:write"];
    let token = app.db_token(&root, &strong).await;
    assert_eq!(token.get("/acme").await.status, 200, "from outside");
    app.db_join(&acme, &root, "member").await;
    let own = app.db_signed_in(&root).await;
    let asked = own.sso("/login/acme", Said { id: "root-upstream", ..Said::verified("root@acme.example") }).await;
    own.submit(&asked, "sso-link", &[]).await;
    assert_eq!(token.get("/acme").await.status, 200, "from inside");
    sso_required(&app.db_token(&root, &["org:admin", "account:write"]).await).await;
    let asked = json!({ "name": "Bound", "scopes": ["org:admin"], "organization": "acme" });
    let text = token.authorization.as_deref().expect("a token").to_owned();
    assert_eq!(problem(&app.script_saying(&text).post("/personal-tokens", asked).await), "400 invalid-body");
}

/// What an organization says about applications holds: one that asks for no organization gets into none.
async fn an_application_gets_in_only_where_a_member_let_it(app: &TestApp) {
    let (ada, eve) = (app.db_user("ada").await, app.db_user("eve").await);
    app.db_owned("acme", &ada).await;
    app.db_owned("blue", &ada).await;
    let spec = |name: &str, organization_access: bool| ClientSpec {
        name: Some(name.to_owned()),
        organization_access,
        scopes: vec!["org:admin".to_owned(), "account:write".to_owned()],
        ..web_client()
    };
    let plain = app.db_client(spec("Plain", false)).await;
    let unbound = Script::bearer(app, &app.db_tokens(&plain, &ada, "org:admin account:write").await.access);
    for (method, path) in
        [(Method::GET, "/acme"), (Method::DELETE, "/acme?confirm=acme"), (Method::POST, "/acme/leave")]
    {
        let refused = unbound.send(&method, path, &[], None).await;
        assert_eq!(problem(&refused), "403 not-organization-level", "{method} {path}");
        assert!(refused.text("detail").contains("organization_access"), "{}", refused.body);
    }
    assert_eq!(problem(&unbound.get("/nowhere").await), "404 not-found");
    let eves = Script::bearer(app, &app.db_tokens(&plain, &eve, "org:admin account:write").await.access);
    assert_eq!(problem(&eves.get("/acme").await), "404 not-found", "who is nobody there learns nothing");
    let board = app.db_client(spec("Board", true)).await;
    let code = app.db_code(&board, &ada, &[("scope", "org:admin"), ("organization", "acme")]).await;
    let bound = Script::bearer(app, &Tokens::of(&board.redeem(&code).await).access);
    assert_eq!(bound.get("/acme").await.status, 200);
    let slugs = async |script: &Script| {
        let listed = script.get("").await.json();
        let slugs = listed.as_array().expect("a list").iter().map(|one| one["slug"].to_string());
        slugs.collect::<Vec<_>>().join(" ")
    };
    assert_eq!((slugs(&unbound).await, slugs(&bound).await), (String::new(), "\"acme\"".to_owned()));
    let own = app.db_token(&ada, &["org:read"]).await;
    assert_eq!(slugs(&own).await, "\"acme\" \"blue\"", "a token of all one's organizations");
}

/// The policy of each key, decided by whoever made it.
async fn a_key_follows_its_maker_or_nobody(app: &TestApp) {
    let (acme, ada, _browser) = linked(app).await;
    let make = async |policy: &str| {
        let app_ = app.app();
        let new = NewApiKey {
            label: policy.to_owned(),
            scopes: vec!["org:read".to_owned()],
            allowed_origins: Vec::new(),
            sso_policy: policy.to_owned(),
            expires_at: None,
        };
        let (id, secret) = (app_.store.next_id().expect("an id"), random::secret());
        let caller = caller();
        let by = By::Person(&ada.row, &caller);
        let made = api_keys::create(&app_, by, &acme, new, id, secret.expose()).await;
        let key = made.unwrap_or_else(|refusal| panic!("{refusal}")).key;
        app.shared.secrets.saw(key.expose());
        Script::bearer(app, key.expose())
    };
    let (exempt, follows) = (make("exempt").await, make("creator").await);
    assert_eq!((exempt.get("/acme").await.status, follows.get("/acme").await.status), (200, 200));
    set_identity(app, &acme, &ada, "status = 'invalid'").await;
    assert_eq!(exempt.get("/acme").await.status, 200);
    sso_required(&follows).await;
    set_identity(app, &acme, &ada, "status = 'valid'").await;
    assert_eq!(follows.get("/acme").await.status, 200);
    app.db_batch("UPDATE organization_members SET status = 'removed'");
    app.restart().await;
    assert_eq!(exempt.get("/acme").await.status, 200, "it outlives its maker");
    assert_eq!(problem(&follows.get("/acme").await), "401 invalid-token", "there is nobody to follow");
}

/// S87.
async fn a_session_without_proof_is_sent_to_the_provider(app: &TestApp) {
    let (_acme, ada, browser) = linked(app).await;
    let path = "/api/v1/organizations/acme";
    assert_eq!(browser.get(path).await.status, 200);
    let other = app.db_signed_in(&ada).await;
    let refused = other.get(path).await;
    assert_eq!(
        (problem(&refused), refused.text("login_url")),
        ("401 sso-required".to_owned(), "/login/acme".to_owned())
    );
    assert_eq!(other.get("/api/v1/organizations").await.status, 200, "the list is the person's own");
}

/// S69 without the pages: no secret is ever told, the subject stays, the end is the owners' with a fresh proof.
async fn the_provider_is_shown_changed_and_switched_off(app: &TestApp) {
    app.as_dev().await;
    let (ada, mary) = (app.db_user("ada").await, app.db_user("mary").await);
    let acme = app.db_owned("acme", &ada).await;
    app.db_set_email(&mary, "mary@acme.example", true).await;
    app.db_join(&acme, &mary, "member").await;
    let (key, _) = app.db_key(&acme, &["org:admin"]).await;
    let none = key.get("/acme/provider").await;
    assert_eq!(problem(&none), "404 not-found");
    assert!(none.text("detail").contains("/orgs/acme/sso"), "{}", none.body);
    let set_up = key.put("/acme/provider", None).await;
    assert_eq!((problem(&set_up), set_up.text("login_url")), ("409 conflict".to_owned(), "/orgs/acme/sso".to_owned()));
    let settings =
        r#"{"issuer":"https://idp.example","client_id":"grantor","claims":{"subject":"sub","email":"email"}}"#;
    app.db_provider(&acme, "oidc", settings).await;
    let shown = key.get("/acme/provider").await;
    let seen = shown.json();
    assert_eq!(
        (seen["kind"].as_str(), seen["has_secret"].as_bool(), seen["unlinked"].as_u64()),
        (Some("oidc"), Some(true), Some(2))
    );
    assert!(!shown.body.contains("\"secret\"") && !shown.body.contains("sealed"), "{}", shown.body);
    let secret = "another upstream client secret";
    app.shared.secrets.saw(secret);
    let change = json!({ "claims": { "name": "nick", "teams": "groups" }, "secret": secret, "allow_unlinked": true,
        "joining": "everyone" });
    let changed = key.patch("/acme/provider", &change).await;
    let seen = changed.json();
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(
        (seen["claims"]["name"].as_str(), seen["claims"]["subject"].as_str(), seen["allow_unlinked"].as_bool()),
        (Some("nick"), Some("sub"), Some(true))
    );
    assert_eq!(problem(&key.patch("/acme/provider", &json!({ "issuer": "x" })).await), "400 invalid-request");
    assert_eq!(key.send(&reqwest::Method::POST, "/acme/provider/remind", &[], None).await.json()["mails"], 1);
    assert_eq!(app.db_mails("link_account"), 1);
    assert_eq!(key.get("/acme/identities").await.json(), json!([]));
    let manager = app.db_member(&acme, "max", "manager").await;
    let managers = app.db_token(&manager, &["org:admin"]).await;
    assert_eq!(problem(&managers.delete("/acme/provider").await), "403 role");
    assert_eq!(key.delete("/acme/provider").await.status, 204);
    assert_eq!(problem(&key.delete("/acme/provider").await), "404 not-found");
    let events = app.db_audit().await;
    let told: Vec<&str> =
        events.iter().map(|event| event.event.as_str()).filter(|name| name.starts_with("sso.")).collect();
    assert_eq!(told, ["sso.edit", "sso.remind", "sso.disable"]);
    assert!(events.iter().filter(|event| event.event.starts_with("sso.")).all(|event| event.actor_key.is_some()));
}
