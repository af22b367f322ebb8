//! Forms that come late or twice: what somebody changed since a form was filled stays, and a form that made a secret makes
//! no second one.

use grantor::config::clients::Registrars;
use grantor::config::registration::Mode;

use crate::support::db_shortcuts::web_client;
use crate::support::page::{Form, Page};
use crate::support::{Browser, ClientSpec, Person, TestApp, on_both};

on_both!(
    a_form_of_a_key_filled_before_a_change_undoes_nothing,
    a_form_of_an_application_filled_before_a_change_undoes_nothing,
    a_form_that_made_a_secret_makes_no_second_one,
);

fn copy(form: &Form) -> Form {
    Form { action: form.action.clone(), fields: form.fields.clone() }
}

async fn owner(app: &TestApp) -> (Person, Browser) {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let browser = app.db_signed_in(&ada).await;
    (ada, browser)
}

async fn key(browser: &Browser) -> String {
    let form = browser.get("/orgs/acme/api-keys/new").await.form("key-save");
    assert_eq!(browser.post(form.with(&[("label", "Nightly")])).await.status, 200);
    browser.get("/orgs/acme/api-keys").await.attributes("#keys a", "href").remove(0)
}

/// A key switched off by one owner is not switched on by another who only renames it.
async fn a_form_of_a_key_filled_before_a_change_undoes_nothing(app: &TestApp) {
    let (_, browser) = owner(app).await;
    let path = key(&browser).await;
    let stale = browser.get(&path).await.form("key-save").with(&[("label", "Renamed")]);
    let off = browser.get(&path).await.form("key-save").without("active");
    assert_eq!(browser.post(off).await.status, 303);
    let again = browser.post(copy(&stale)).await;
    assert_eq!(again.status, 409, "{}", again.body);
    assert!(again.words("#key-error").contains("Somebody changed it meanwhile"), "{}", again.body);
    assert_eq!(again.attributes("#key-label", "value"), ["Nightly"], "as it is now");
    assert!(again.attributes("#key-active", "checked").is_empty(), "as it is now");
    let row = app.dump();
    assert!(row.lines().any(|line| line.starts_with("api_keys: ") && line.contains("inactive")), "{row}");
    let saved = browser.submit(&again, "key-save", &[("label", "Renamed")]).await;
    assert_eq!(saved.status, 303, "looked at again, it is saved: {}", saved.body);
    assert!(browser.get("/orgs/acme/api-keys").await.words("#keys li").contains("Renamed"));
}

async fn a_form_of_an_application_filled_before_a_change_undoes_nothing(app: &TestApp) {
    let (_, browser) = owner(app).await;
    let web = app.db_client(ClientSpec { owner: Some("ada".to_owned()), ..web_client() }).await;
    let edit = format!("/account/developer/{}/edit", web.client_id);
    let stale = browser.get(&edit).await.form("application-save").with(&[("homepage_url", "https://old.example")]);
    let moved = browser.get(&edit).await.form("application-save");
    let moved = browser.post(moved.with(&[("redirect_uris", "https://new.example/cb")])).await;
    assert_eq!(moved.status, 303, "{}", moved.body);
    let again = browser.post(copy(&stale)).await;
    assert_eq!(again.status, 409, "{}", again.body);
    assert!(again.words("[role=alert]").contains("Somebody changed it meanwhile"), "{}", again.body);
    assert_eq!(again.form("application-save").value("redirect_uris"), "https://new.example/cb");
    let saved = browser.submit(&again, "application-save", &[("homepage_url", "https://home.example")]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    assert_eq!(browser.get(&edit).await.form("application-save").value("redirect_uris"), "https://new.example/cb");
}

/// Reloaded, the page with a secret on it says where to look for what it made.
async fn a_form_that_made_a_secret_makes_no_second_one(app: &TestApp) {
    app.restart_with(|config| {
        config.clients.registration = Registrars::Everyone;
        config.registration.mode = Mode::InitialToken;
        config.registration.organizations = true;
    })
    .await;
    let (_, browser) = owner(app).await;
    let web = app.db_client(ClientSpec { owner: Some("ada".to_owned()), ..web_client() }).await;
    let form = |page: Page, button: &str, fields: &[(&str, &str)]| page.form(button).with(fields);
    let token = form(
        browser.get("/account/tokens/new").await,
        "token-create",
        &[("name", "backup"), ("scope", "account:read")],
    );
    let key = form(browser.get("/orgs/acme/api-keys/new").await, "key-save", &[("label", "Nightly")]);
    let token_of_acme =
        form(browser.get("/orgs/acme/registration-tokens/new").await, "registration-token-save", &[("name", "farm")]);
    let rotate = form(browser.get(&format!("/account/developer/{}/secret", web.client_id)).await, "confirm", &[]);
    let made = form(
        browser.get("/account/developer/new").await,
        "application-save",
        &[("name", "Sundial"), ("redirect_uris", "https://sundial.example/cb"), ("scope", "org:read")],
    );
    for (form, table, list) in [
        (&token, "personal_tokens", "/account/tokens".to_owned()),
        (&key, "api_keys", "/orgs/acme/api-keys".to_owned()),
        (&token_of_acme, "initial_access_tokens", "/orgs/acme/registration-tokens".to_owned()),
        (&rotate, "client_secrets", format!("/account/developer/{}", web.client_id)),
        (&made, "clients", "/account/developer".to_owned()),
    ] {
        let before = app.rows(table);
        // Refused, it may be sent again: nothing was made.
        if table != "client_secrets" {
            let wrong = if table == "api_keys" { ("label", "") } else { ("name", "a\u{202e}b") };
            let refused = browser.post(copy(form).with(&[wrong])).await;
            assert_eq!((refused.status, app.rows(table)), (400, before), "{table}: {}", refused.body);
        }
        let first = browser.post(copy(form)).await;
        assert_eq!((first.status, app.rows(table)), (200, before + 1), "{table}: {}", first.body);
        let second = browser.post(copy(form)).await;
        assert_eq!((second.status, second.words("h1").as_str()), (409, "This was made already"), "{table}");
        assert!(second.attributes("main a", "href").contains(&list), "{table}: {}", second.body);
        assert_eq!(app.rows(table), before + 1, "{table}");
    }
    let nothing = browser.post(copy(&token).without("form")).await;
    assert_eq!(nothing.status, 409, "a form without a name is none of ours");
    let twice = browser.get("/account/tokens/new").await.form("token-create");
    let twice = twice.with(&[("name", "twice"), ("scope", "account:read")]);
    let before = app.rows("personal_tokens");
    let (one, other) = tokio::join!(browser.post(copy(&twice)), browser.post(copy(&twice)));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!((statuses, app.rows("personal_tokens")), ([200, 409], before + 1), "of two clicks one counts");
}
