//! What charts are drawn from: counted in memory, written by the minute, added up over all nodes, and forgotten.

use std::sync::Arc;

use grantor::app::start::start;
use grantor::flows::housekeeping;
use grantor::http::server::serve;
use serde_json::Value;

use crate::support::{Browser, Database, Person, TestApp, on_both, play};

on_both!(what_happened_is_counted_after_a_flush, counts_are_forgotten_after_400_days);

/// All counts: `hour name label count`, hours counted from the first.
async fn counts(app: &TestApp) -> Vec<String> {
    let rows = app.app().store.read(|conn| grantor::store::hourly_counts::since(conn, 0)).await;
    let rows = rows.expect("the store answers");
    let first = rows.first().map(|row| row.hour).unwrap_or_default();
    rows.iter().map(|row| format!("{} {} {} {}", (row.hour - first) / 3600, row.name, row.label, row.count)).collect()
}

async fn fail_to_sign_in(browser: &Browser, login: &str) {
    let page = browser.get("/login").await;
    let refused = browser.submit(&page, "login-submit", &[("username", login), ("password", "not the password")]).await;
    assert_ne!(refused.status, 303);
}

async fn what_happened_is_counted_after_a_flush(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let party = app.db_web_client().await;
    let introspecting = app.db_resource_server("https://api.example", &["org"]).await;
    app.db_signed_in(&ada).await;
    fail_to_sign_in(&app.browser(), "ada").await;
    fail_to_sign_in(&app.browser(), "nobody").await;
    let tokens = app.db_tokens(&party, &ada, "org:read").await;
    let again = party.refresh(&tokens.refresh).await;
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!(party.redeem("gco_x").await.status, 400);
    for token in [tokens.access.as_str(), "unknown"] {
        assert_eq!(introspecting.introspect(token).await.status, 200);
    }
    assert_eq!(counts(app).await, Vec::<String>::new(), "nothing is written by a request");
    app.db_sweep().await;
    let first = [
        "0 introspection active 1",
        "0 introspection inactive 1",
        "0 issued authorization_code 1",
        "0 issued refresh_token 1",
        "0 refused token invalid_grant 1",
        "0 sign_in failed unknown_account 1",
        "0 sign_in failed wrong_password 1",
        "0 sign_in ok 1",
    ];
    assert_eq!(counts(app).await, first);
    app.db_sweep().await;
    assert_eq!(counts(app).await, first, "counted once");

    app.wait(3600);
    app.db_signed_in(&ada).await;
    app.db_sweep().await;
    assert_eq!(counts(app).await.last().map(String::as_str), Some("1 sign_in ok 1"), "in the next hour");

    let admin = app.db_administrator("root").await;
    let token = app.db_script_token(&admin, &app.every_scope(), None, None).await;
    let told = app.api_read("/admin/statistics?hours=2", &token).await;
    let sums: i64 = told["hourly"].as_array().expect("counts").iter().filter_map(|one| one["count"].as_i64()).sum();
    assert_eq!((sums, &told["users"], &told["administrators"]), (9, &Value::from(2), &Value::from(1)));
    let last = app.api_read("/admin/statistics?hours=1", &token).await;
    assert_eq!(last["hourly"].as_array().map(Vec::len), Some(1));
    for hours in ["0", "-1", "745", "x", "99999999999999999999"] {
        let answer = app.api("GET", &format!("/admin/statistics?hours={hours}"), Some(&token), &Value::Null).await;
        assert_eq!(answer.status, 400, "{hours}");
    }
}

async fn counts_are_forgotten_after_400_days(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_signed_in(&ada).await;
    app.db_sweep().await;
    app.wait(399 * 24 * 3600);
    app.db_sweep().await;
    assert_eq!(counts(app).await, ["0 sign_in ok 1"]);
    app.wait(2 * 24 * 3600);
    app.db_sweep().await;
    assert_eq!(counts(app).await, Vec::<String>::new());
}

#[test]
fn two_nodes_add_up() {
    play(Database::Postgres, async |app| both_count(app).await);
}

async fn both_count(app: &TestApp) {
    let ada: Person = app.db_user("ada").await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let other = format!("http://{}", listener.local_addr().expect("an address"));
    let started = start(app.app().config.clone(), app.clock.clone()).await.expect("a second node");
    let running = serve(Arc::clone(&started.app), listener).expect("the second node serves");
    for node in [app.issuer(), other.as_str(), other.as_str()] {
        let browser = app.browser();
        let page = browser.get(&format!("{node}/login")).await;
        let mut form = page.form("login-submit").with(&[("username", "ada"), ("password", &ada.password)]);
        form.action = format!("{node}/login");
        assert_eq!(browser.post(form).await.status, 303);
    }
    app.db_sweep().await;
    assert_eq!(counts(app).await, ["0 sign_in ok 1"]);
    housekeeping::sweep(&started.app).await.expect("the second node writes");
    assert_eq!(counts(app).await, ["0 sign_in ok 3"]);
    running.stop_now().await.expect("the second node ends");
    started.app.store.close().await;
}
