//! The audit log of an organization: who may read it, filters, pages, files.

use grantor::flows::audit_log::{self, AuditLogRefusal, Filter};
use grantor::store::audit_events::{self, AuditEventRow};
use grantor::store::organizations::OrganizationRow;
use serde_json::Value;

use crate::support::page::Page;
use crate::support::{Browser, TestApp, on_both};

on_both!(
    the_log_is_read_by_those_whose_role_says_so,
    the_log_is_filtered_by_event_person_and_time,
    the_log_is_read_in_pages_of_bounded_size,
    a_cursor_is_ours_and_of_one_organization,
    the_log_leaves_as_a_file_that_is_whole,
    nothing_in_the_log_becomes_markup,
);

/// An event `age` seconds old.
async fn db_event(app: &TestApp, organization: &OrganizationRow, event: &str, actor: &str, age: i64) {
    let row = AuditEventRow {
        id: app.app().store.next_id().expect("an id"),
        at: app.now() - age,
        event: event.to_owned(),
        actor_user: None,
        actor_client: None,
        actor_label: actor.to_owned(),
        target_kind: "organization".to_owned(),
        target_id: Some(organization.id),
        target_label: "=HYPERLINK(\"x\"),\"<svg onload=alert(1)>".to_owned(),
        organization_id: Some(organization.id),
        address: "192.0.2.1".to_owned(),
        data: "{\"role\":\"admin\"}".to_owned(),
        actor_key: None,
        actor_token: None,
    };
    let store = app.app().store.clone();
    store.write(move |write| audit_events::insert(write, &row)).await.expect("the event is written");
}

async fn owner(app: &TestApp, organization: &OrganizationRow) -> Browser {
    let ada = app.db_user("ada").await;
    app.db_join(organization, &ada, "owner").await;
    app.db_signed_in(&ada).await
}

/// Names of the events a page shows, newest first.
fn events(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.body);
    page.all_words("#audit-log .event")
}

/// C70: everybody else gets what an organization that is not there gets.
async fn the_log_is_read_by_those_whose_role_says_so(app: &TestApp) {
    let organization = app.db_org("acme").await;
    app.db_org("other").await;
    db_event(app, &organization, "org.rename", "ada", 0).await;
    let ada = owner(app, &organization).await;
    assert_eq!(events(&ada.get("/orgs/acme/audit").await), ["org.rename"]);
    let (bob, eve) = (app.db_user("bob").await, app.db_user("eve").await);
    app.db_join(&organization, &bob, "member").await;
    let (bob, eve) = (app.db_signed_in(&bob).await, app.db_signed_in(&eve).await);
    for path in ["/audit", "/audit/export?format=json", "/audit?event=%27"] {
        assert_eq!(bob.get(&format!("/orgs/acme{path}")).await.status, 403, "{path}");
        let (stranger, nowhere) =
            (eve.get(&format!("/orgs/acme{path}")).await, eve.get(&format!("/orgs/nowhere{path}")).await);
        assert_eq!((stranger.status, nowhere.status), (404, 404), "{path}");
        assert_eq!(stranger.words("main"), nowhere.words("main"));
        assert_eq!(ada.get(&format!("/orgs/other{path}")).await.status, 404, "{path}");
    }
}

async fn the_log_is_filtered_by_event_person_and_time(app: &TestApp) {
    let organization = app.db_org("acme").await;
    for (event, actor, age) in [
        ("org.create", "ada", 5 * 86_400),
        ("org.member.add", "ada", 3 * 86_400),
        ("org.members", "ada", 3 * 86_400),
        ("org.member.role", "bob", 86_400),
        ("sso.enable", "operator", 0),
    ] {
        db_event(app, &organization, event, actor, age).await;
    }
    let ada = owner(app, &organization).await;
    let day = |age: i64| grantor::protocol::rfc3339::text(app.now() - age * 86_400)[..10].to_owned();
    for (query, expected) in [
        (String::new(), vec!["sso.enable", "org.member.role", "org.members", "org.member.add", "org.create"]),
        ("event=org.member".to_owned(), vec!["org.member.role", "org.member.add"]),
        ("event=org.".to_owned(), vec!["org.member.role", "org.members", "org.member.add", "org.create"]),
        ("event=org.create".to_owned(), vec!["org.create"]),
        ("event=org.member&actor=ada".to_owned(), vec!["org.member.add"]),
        ("actor=ad".to_owned(), vec![]),
        (format!("since={}", day(1)), vec!["sso.enable", "org.member.role"]),
        (format!("until={}", day(3)), vec!["org.members", "org.member.add", "org.create"]),
        (format!("since={}&until={}", day(3), day(3)), vec!["org.members", "org.member.add"]),
        (format!("since={}", day(-1)), vec![]),
    ] {
        let page = ada.get(&format!("/orgs/acme/audit?{query}")).await;
        assert_eq!(events(&page), expected, "{query}");
        for href in page.attributes("#audit-csv", "href") {
            assert_eq!(
                href,
                format!("/orgs/acme/audit/export?{query}{}format=csv", if query.is_empty() { "" } else { "&" })
            );
        }
    }
    for wrong in ["event=%25", "event=X", "since=yesterday", "until=2026-02-30", "event=%27%20OR%201%3D1"] {
        let page = ada.get(&format!("/orgs/acme/audit?{wrong}")).await;
        assert_eq!(page.status, 400, "{wrong}");
        assert!(page.has("#audit-fault"), "{wrong}");
    }
}

/// C74.
async fn the_log_is_read_in_pages_of_bounded_size(app: &TestApp) {
    let organization = app.db_org("acme").await;
    for number in 0..230 {
        db_event(app, &organization, if number % 2 == 0 { "org.even" } else { "org.odd" }, "ada", 0).await;
    }
    let ada = owner(app, &organization).await;
    for (size, expected) in
        [("0", 1), ("1", 1), ("200", 200), ("201", 200), ("99999999999999999999", 50), ("-1", 50), ("x", 50), ("", 50)]
    {
        let page = ada.get(&format!("/orgs/acme/audit?size={size}")).await;
        assert_eq!(events(&page).len(), expected, "{size:?}");
    }
    let (mut seen, mut next) = (0, Some("/orgs/acme/audit?event=org.odd".to_owned()));
    let mut pages = 0;
    while let Some(href) = next {
        let page = ada.get(&href).await;
        assert!(events(&page).iter().all(|event| event == "org.odd"));
        seen += events(&page).len();
        pages += 1;
        next = page.attributes("#audit-next", "href").pop();
        if pages == 1 {
            db_event(app, &organization, "org.odd", "ada", 0).await;
        }
    }
    assert_eq!((seen, pages), (115, 3), "each once, whatever comes meanwhile");
}

/// C68.
async fn a_cursor_is_ours_and_of_one_organization(app: &TestApp) {
    let (acme, other) = (app.db_org("acme").await, app.db_org("other").await);
    for _ in 0..3 {
        db_event(app, &acme, "org.rename", "ada", 0).await;
        db_event(app, &other, "org.rename", "ada", 0).await;
    }
    let here = app.app();
    let page = audit_log::page(&here, acme.id, &Filter::default(), None, 1).await;
    let cursor = page.unwrap_or_else(|refusal| panic!("{refusal:?}")).next.expect("there is more");
    let again = audit_log::page(&here, acme.id, &Filter::default(), Some(&cursor), 1).await;
    assert_eq!(again.unwrap_or_else(|refusal| panic!("{refusal:?}")).entries.len(), 1);
    let elsewhere = audit_log::page(&here, other.id, &Filter::default(), Some(&cursor), 1).await;
    assert!(matches!(elsewhere, Err(AuditLogRefusal::Cursor)));
    let ada = owner(app, &acme).await;
    let flipped = format!("{}A", &cursor[..cursor.len() - 1]);
    for wrong in ["", "1", "0", "-1", "1%20OR%201%3D1", "AAAA", &flipped, &cursor[1..], "9223372036854775807"] {
        let page = ada.get(&format!("/orgs/acme/audit?cursor={wrong}")).await;
        let expected = if wrong.is_empty() || wrong == cursor { 200 } else { 400 };
        assert_eq!(page.status, expected, "{wrong:?}");
    }
    assert!(!cursor.contains(&acme.id.to_string()), "it tells no row id");
}

async fn the_log_leaves_as_a_file_that_is_whole(app: &TestApp) {
    let organization = app.db_org("acme").await;
    for number in 0..1203 {
        db_event(app, &organization, if number == 7 { "org.rename" } else { "org.settings" }, "+ada", 0).await;
    }
    let ada = owner(app, &organization).await;
    let json = ada.get("/orgs/acme/audit/export?format=json").await;
    assert_eq!((json.status, json.header("content-type")), (200, Some("application/json")));
    assert_eq!(json.header("content-disposition"), Some("attachment; filename=\"audit-acme.json\""));
    let read: Value = serde_json::from_str(&json.body).expect("JSON");
    let events = read["events"].as_array().expect("events");
    assert_eq!((events.len(), &read["truncated"]), (1203, &Value::Bool(false)));
    assert!(events[0]["id"].is_string() && events[0]["data"]["role"] == "admin");
    let mut ids: Vec<i64> = events.iter().filter_map(|event| event["id"].as_str()?.parse().ok()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "newest first");
    ids.dedup();
    assert_eq!(ids.len(), 1203, "each once");
    let csv = ada.get("/orgs/acme/audit/export?format=csv&event=org.rename").await;
    assert_eq!(csv.header("content-disposition"), Some("attachment; filename=\"audit-acme.csv\""));
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0], "at,event,actor,target_kind,target,address,data,id");
    assert!(lines[1].contains(",\"'+ada\","), "no cell is a formula: {}", lines[1]);
    assert!(lines[1].contains("\"'=HYPERLINK(\"\"x\"\")"), "{}", lines[1]);
    assert_eq!(ada.get("/orgs/acme/audit/export?format=xml").await.status, 400);
    assert_eq!(ada.get("/orgs/acme/audit/export").await.status, 400);
}

/// C69.
async fn nothing_in_the_log_becomes_markup(app: &TestApp) {
    let organization = app.db_org("acme").await;
    db_event(app, &organization, "org.rename", "\"><svg onload=alert(1)>", 0).await;
    let ada = owner(app, &organization).await;
    let page = ada.get("/orgs/acme/audit?actor=%22%3E%3Csvg%20onload%3Dalert(1)%3E").await;
    assert_eq!(events(&page), ["org.rename"]);
    assert!(!page.body.contains("<svg onload"), "{}", page.body);
}
