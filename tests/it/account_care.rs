//! A person's own lists where they are long, their data where it is of others too, and names that others vouched for.

use serde_json::{Value, json};

use crate::account_stage::{Script, each};
use crate::support::db_shortcuts::web_client;
use crate::support::page::Page;
use crate::support::sso_stage::Said;
use crate::support::{Browser, ClientSpec, Database, Person, TestApp, on_both};

on_both!(
    many_sessions_are_shown_a_page_at_a_time,
    many_applications_are_found_by_name_and_shown_a_page_at_a_time,
    the_data_of_a_person_holds_what_is_kept_of_browsers,
    where_others_did_something_from_is_theirs,
    nobody_vouches_for_what_was_changed_since,
    a_managed_account_is_named_where_it_is_managed,
);

/// Follows "more" to the end; what stands on all pages.
async fn all(browser: &Browser, first: &str, lines: &str, more: &str) -> (Vec<usize>, Vec<String>) {
    let (mut sizes, mut seen) = (Vec::new(), Vec::new());
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let page: Page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        let found = page.all_words(lines);
        sizes.push(found.len());
        seen.extend(found);
        next = page.attributes(more, "href").pop();
    }
    (sizes, seen)
}

/// Follows `Link` of the API to the end; how many entries there are.
async fn all_by_api(script: &Script, path: &str) -> usize {
    let (mut count, mut next) = (0, Some(path.to_owned()));
    while let Some(path) = next {
        let answer = script.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        count += answer.json().as_array().map_or(0, Vec::len);
        let link = answer.header("link").unwrap_or_default().to_owned();
        let link = link.split(", ").find(|link| link.contains("rel=\"next\"")).map(str::to_owned);
        next = link.map(|link| {
            let address = link.trim_start_matches('<').split('>').next().unwrap_or_default().to_owned();
            address.split_once("/api/v1").expect("a path of the API").1.to_owned()
        });
    }
    count
}

/// ASVS 7.5.2: all of them can be seen and ended, however many there are.
async fn many_sessions_are_shown_a_page_at_a_time(app: &TestApp) {
    let ada = app.db_user("ada").await;
    for _ in 0..30 {
        app.db_session(&ada).await;
        app.wait(1);
    }
    let browser = app.db_signed_in(&ada).await;
    let (sizes, _) = all(&browser, "/account/sessions", ".rows h2", "#sessions-next").await;
    assert_eq!(sizes, [25, 6]);
    let first = browser.get("/account/sessions").await;
    assert_eq!(first.all_words(".rows .pill"), ["This one"], "the newest first");
    let sids = first.attributes("button[name=session]", "value");
    let second = browser.get(&first.attributes("#sessions-next", "href")[0]).await;
    assert!(second.attributes("button[name=session]", "value").iter().all(|sid| !sids.contains(sid)));
    assert!(second.has("#sessions-end-others"), "from any page");
    assert_eq!(browser.get("/account/sessions?after=made-up").await.all_words(".rows h2").len(), 25);
    let script = Script::of(app, &ada, &["account:read"]).await;
    assert_eq!(all_by_api(&script, "/sessions?limit=10").await, 32, "a token was made in one more");
}

/// S59: by name, whatever the case, and to the last one.
async fn many_applications_are_found_by_name_and_shown_a_page_at_a_time(app: &TestApp) {
    let ada = app.db_user("ada").await;
    for number in 1..=30 {
        let name = Some(format!("App {number:02}"));
        app.db_client(ClientSpec { name, ..web_client() }).await;
    }
    let scopes = match app.database {
        Database::Sqlite => "'[\"org:read\"]'",
        Database::Postgres => "'{org:read}'",
    };
    app.db_batch(&format!(
        "INSERT INTO authorizations (id, user_id, client, scopes, created_at, updated_at) \
         SELECT id, {}, id, {scopes}, {now}, {now} FROM clients",
        ada.row.id,
        now = app.now()
    ));
    let browser = app.db_signed_in(&ada).await;
    let (sizes, names) = all(&browser, "/account/applications", "#connected h2", "#connected-next").await;
    assert_eq!(sizes, [25, 5]);
    assert_eq!(names.first().map(String::as_str), Some("App 01 Unverified"));
    assert!(names.is_sorted(), "{names:?}");
    let (sizes, names) = all(&browser, "/account/applications?q=aPP+1", "#connected h2", "#connected-next").await;
    assert_eq!((sizes, names.len()), (vec![10], 10));
    for nothing in ["%25", "_", "Sundial"] {
        let page = browser.get(&format!("/account/applications?q={nothing}")).await;
        assert_eq!((page.status, page.words("#empty-title").as_str()), (200, "Nothing found"), "{nothing}");
    }
    let script = Script::of(app, &ada, &["account:read"]).await;
    assert_eq!(all_by_api(&script, "/authorizations?limit=7").await, 30);
    let by_api = each(&script.get("/authorizations?limit=30").await, "/application/name");
    assert!(by_api.is_sorted() && by_api.len() == 30, "{by_api:?}");
}

async fn export(browser: &Browser) -> Value {
    let page = browser.get("/account/data").await;
    let file = browser.submit(&page, "data-export", &[]).await;
    assert_eq!(file.status, 200, "{}", file.body);
    file.json()
}

/// Sessions that ended are kept with address and browser, and so are devices: both are the person's data.
async fn the_data_of_a_person_holds_what_is_kept_of_browsers(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let (browser, other) = (app.db_signed_in(&ada).await, app.db_signed_in(&ada).await);
    let out = other.get("/logout").await;
    assert_eq!(other.submit(&out, "logout-confirm", &[]).await.status, 303);
    let data = export(&browser).await;
    let sessions = data["sessions"].as_array().expect("sessions");
    let ended: Vec<bool> = sessions.iter().map(|one| one["ended_at"].is_i64()).collect();
    assert_eq!(ended.iter().filter(|ended| **ended).count(), 1, "{sessions:?}");
    assert!(sessions.iter().all(|one| one["browser"] == "Browser/1.0 (test)" && one["address"] == "127.0.0.1"));
    let devices = data["known_devices"].as_array().expect("devices");
    assert!(!devices.is_empty() && devices.iter().all(|one| one["network"].is_string()), "{devices:?}");
    assert_eq!(data["truncated"], json!([]), "nothing was left out");
    let id = ada.row.id;
    let many = match app.database {
        Database::Sqlite => {
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001) \
                             INSERT INTO audit_events (id, at, event, actor_user, actor_label, target_kind, \
                             target_label, address, data)"
        }
        Database::Postgres => {
            "INSERT INTO audit_events (id, at, event, actor_user, actor_label, target_kind, \
                               target_label, address, data)"
        }
    };
    let source = match app.database {
        Database::Sqlite => "n",
        Database::Postgres => "generate_series(1, 10001) AS n(i)",
    };
    app.db_batch(&format!("{many} SELECT i, 1, 'user.rename', {id}, 'ada', 'user', 'ada', '', '{{}}' FROM {source}"));
    let data = export(&browser).await;
    assert_eq!(data["truncated"], json!(["events"]));
    assert_eq!(data["events"].as_array().map(Vec::len), Some(10_000));
}

/// Addresses of people, of applications' servers and of whoever holds a key are theirs.
async fn where_others_did_something_from_is_theirs(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let id = ada.row.id;
    for (column, event) in
        [("actor_client", "by.client"), ("actor_key", "by.key"), ("actor_user", "by.person"), ("", "by.nobody")]
    {
        let (name, value) = if column.is_empty() { (String::new(), "") } else { (format!(", {column}"), ", 7") };
        let row = app.app().store.next_id().expect("an id");
        app.db_batch(&format!(
            "INSERT INTO audit_events (id, at, event, actor_label, target_kind, target_id, target_label, address, \
             data{name}) VALUES ({row}, 1, '{event}', 'x', 'user', {id}, 'ada', '192.0.2.77', '{{}}'{value})"
        ));
    }
    let data = export(&browser).await;
    let address = |event: &str| {
        let events = data["events"].as_array().expect("events");
        events.iter().find(|one| one["event"] == event).unwrap_or_else(|| panic!("{event}"))["address"].clone()
    };
    for event in ["by.client", "by.key", "by.person"] {
        assert_eq!(address(event), Value::Null, "{event}");
    }
    assert_eq!(address("by.nobody"), "192.0.2.77", "such as a failed sign-in");
}

/// An administrator looked at all that consent shows.
async fn nobody_vouches_for_what_was_changed_since(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let script = Script::of(app, &ada, &["account:write"]).await;
    let https = |path: &str| json!(format!("https://sundial.example/{path}"));
    for change in [
        json!({ "privacy_url": https("privacy") }),
        json!({ "terms_url": https("terms") }),
        json!({ "homepage_url": https("") }),
        json!({ "scopes": ["org:read", "team:read"] }),
        json!({ "allowed_origins": ["https://sundial.example"] }),
        json!({ "organization_access": true }),
        json!({ "name": "Moondial" }),
    ] {
        let spec = ClientSpec { owner: Some("ada".to_owned()), verified: true, ..web_client() };
        let web = app.db_client(ClientSpec { scopes: vec!["org:read".to_owned()], ..spec }).await;
        let path = format!("/applications/{}", web.client_id);
        let same = script.patch(&path, json!({ "scopes": ["org:read"], "terms_url": null })).await;
        assert_eq!((same.status, same.json()["verified"].as_bool()), (200, Some(true)), "{}", same.body);
        let changed = script.patch(&path, change.clone()).await;
        assert_eq!((changed.status, changed.json()["verified"].as_bool()), (200, Some(false)), "{change}");
    }
}

/// As with the address: whoever manages the account says what its person is called.
async fn a_managed_account_is_named_where_it_is_managed(app: &TestApp) {
    app.as_dev().await;
    app.db_dummy_org("acme").await;
    let browser = app.browser();
    let asked = browser.sso("/login/acme", Said { name: "Nell", ..Said::verified("nell@acme.example") }).await;
    assert_eq!(browser.submit(&asked, "sso-new", &[]).await.status, 303);
    let page = browser.get("/account").await;
    assert!(page.has("#name-managed") && !page.has("#profile-save"), "{}", page.body);
    let mut form = page.sign_out_form().with(&[("name", "The Director")]);
    form.action = "/account".to_owned();
    let refused = browser.post(form).await;
    assert_eq!((refused.status, refused.has("#name-fault")), (400, true), "{}", refused.body);
    let nell = app.db_users().await.into_iter().find(|user| user.managed_by.is_some()).expect("Nell");
    assert_eq!(nell.name, "Nell");
    let person = Person { login: nell.login.clone(), password: String::new(), row: nell };
    let answer = crate::account_stage::by_session(app, &browser, "PATCH", "/me", Some(json!({ "name": "X" }))).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(app.db_person(&person).await.name, "Nell");
}
