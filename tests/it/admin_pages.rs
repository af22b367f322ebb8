//! Pages of administrators: nothing to everybody else, and every change asked for twice.

use grantor::http::routes;

use crate::support::page::Page;
use crate::support::{Browser, Person, TestApp, on_both};

on_both!(
    to_everybody_else_there_is_nothing,
    an_administrator_finds_their_way,
    an_account_is_disabled_after_a_second_look,
    an_account_is_deleted_by_its_name,
    the_last_administrator_is_told_why_not,
    sessions_and_access_are_ended_one_by_one,
    an_application_says_what_would_break,
    an_organization_is_deleted_by_its_address_and_restored,
    the_dashboard_draws_what_was_counted,
    the_log_is_filtered_and_exported,
    keys_are_rotated_and_nothing_secret_is_shown,
);

/// An administrator and their browser.
async fn root(app: &TestApp) -> (Person, Browser) {
    let root = app.db_administrator("root").await;
    let browser = app.db_signed_in(&root).await;
    (root, browser)
}

/// What somebody sees, without what differs from one request to the next.
fn seen(page: &Page) -> (u16, Vec<String>, Option<String>) {
    (page.status, page.all_words("main"), page.header("allow").map(str::to_owned))
}

/// C70, ASVS 4.1.1: strangers, people, and administrators for whom only an organization's provider vouches.
async fn to_everybody_else_there_is_nothing(app: &TestApp) {
    let paths: Vec<String> = routes::all(&app.app())
        .into_iter()
        .filter(|endpoint| endpoint.path == "/admin" || endpoint.path.starts_with("/admin/"))
        .map(|endpoint| endpoint.path)
        .collect();
    assert!(paths.len() > 12, "{paths:?}");
    let (ada, (root, browser)) = (app.db_user("ada").await, root(app).await);
    assert_eq!(browser.get("/admin").await.status, 200, "the control");
    for browser in [app.browser(), app.db_signed_in(&ada).await] {
        browser.get("/login").await;
        let unknown = seen(&browser.get("/nothing/here").await);
        assert_eq!(unknown.0, 404);
        for path in &paths {
            let path = path.replace("{user}", &root.row.sub).replace("{action}", "disable");
            let path = path.replace("{client}", "x").replace("{org}", "x");
            for method in ["GET", "POST", "PUT", "DELETE"] {
                let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
                let request = app.shared.http.request(method.clone(), app.shared.url(&path));
                let answer = browser.send(request).await;
                assert_eq!(seen(&answer), unknown, "{method} {path}");
            }
        }
    }
    let home = app.db_signed_in(&ada).await.get("/").await;
    assert!(!home.has("#administration"));
}

async fn an_administrator_finds_their_way(app: &TestApp) {
    let (root, browser) = root(app).await;
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let party = app.db_web_client().await;
    assert!(browser.get("/").await.has("#administration"));
    let dashboard = browser.get("/admin").await;
    let tabs = dashboard.attributes(".tabs a", "href");
    assert_eq!(tabs.len(), 8);
    for href in &tabs {
        let page = browser.get(href).await;
        assert_eq!(
            (page.status, page.attributes(".tabs a[aria-current]", "href")),
            (200, vec![href.clone()]),
            "{href}"
        );
    }
    let found = browser.get("/admin/users?q=ADA").await;
    assert_eq!(found.all_words("#found h3"), ["ada"]);
    let one = browser.get(&found.attributes("#found a", "href")[0]).await;
    assert_eq!((one.status, one.words("h1")), (200, "ada".to_owned()));
    assert!(one.words("#memberships").contains("acme"), "{}", one.body);
    let none = browser.get("/admin/users?q=zzz&status=active").await;
    assert!(none.words(".empty").contains("Nothing found"));
    let client = browser.get(&format!("/admin/clients/{}", party.client_id)).await;
    assert!(client.words("#registration-title").contains("Registration") && client.body.contains("client.example/cb"));
    let organization = browser.get("/admin/organizations/acme").await;
    assert_eq!(organization.words("h1"), "acme Inc");
    for nothing in ["/admin/users/x", "/admin/clients/x", "/admin/organizations/x", "/admin/users/x/disable"] {
        assert_eq!(browser.get(nothing).await.status, 404, "{nothing}");
    }
    let unknown = format!("/admin/users/{}/explode", root.row.sub);
    assert_eq!(browser.get(&unknown).await.status, 404);
    for odd in ["/admin/users?after=x%27", "/admin/clients?after=x", "/admin?hours=x", "/admin/audit?cursor=x"] {
        assert_eq!(browser.get(odd).await.status, 200, "{odd}");
    }
    assert_eq!(browser.get("/admin/users?after=%00").await.status, 400);
}

async fn an_account_is_disabled_after_a_second_look(app: &TestApp) {
    let (root, browser) = root(app).await;
    let ada = app.db_user("ada").await;
    let adas = app.db_signed_in(&ada).await;
    let path = format!("/admin/users/{}", ada.row.sub);
    let ask = format!("{path}/disable");
    app.wait(601);
    let stale = browser.get(&ask).await;
    assert!(stale.location().starts_with("/step-up?return_to="), "{}", stale.location());
    let browser = app.db_signed_in(&root).await;
    let question = browser.get(&ask).await;
    assert!(
        question.words("main").contains("1 session and what 0 applications may do end at once"),
        "{}",
        question.body
    );
    let forged = app.shared.http.post(app.shared.url(&ask)).form(&[("csrf_token", "x")]);
    assert_eq!(browser.send(forged).await.status, 403);
    assert_eq!(adas.get("/account/sessions").await.status, 200, "nothing happened yet");
    let done = browser.submit(&question, "confirm", &[]).await;
    assert_eq!((done.status, done.location()), (303, format!("{path}?done=done").as_str()));
    let page = browser.get(done.location()).await;
    assert!(page.words("h1 + .pills, .pills").contains("Disabled") && page.has("#user-enable") && page.has("#done"));
    assert_eq!(adas.get("/account/sessions").await.status, 302, "signed out");
    let events = app.db_audit().await;
    let last = events.last().expect("an event");
    assert_eq!((last.event.as_str(), last.actor_label.as_str()), ("user.disable", "root"));
    let question = browser.get(&format!("{path}/enable")).await;
    assert_eq!(browser.submit(&question, "confirm", &[]).await.status, 303);
    assert!(app.db_person(&ada).await.is_active());
    let question = browser.get(&format!("{path}/make-administrator")).await;
    assert_eq!(browser.submit(&question, "confirm", &[]).await.status, 303);
    assert!(app.db_person(&ada).await.administrator);
}

async fn an_account_is_deleted_by_its_name(app: &TestApp) {
    let (_, browser) = root(app).await;
    let ada = app.db_user("ada").await;
    let ask = format!("/admin/users/{}/delete", ada.row.sub);
    let question = browser.get(&ask).await;
    let wrong = browser.submit(&question, "confirm", &[("confirmed", "eve")]).await;
    assert_eq!((wrong.status, wrong.has("#confirmed-fault")), (400, true));
    let done = browser.submit(&wrong, "confirm", &[("confirmed", "ada")]).await;
    assert_eq!((done.status, done.location()), (303, "/admin/users?done=deleted"));
    assert_eq!(browser.get(&ask).await.status, 404);
}

/// ASVS 8.3.1.
async fn the_last_administrator_is_told_why_not(app: &TestApp) {
    let (root, browser) = root(app).await;
    for deed in ["take-administrator", "disable"] {
        let question = browser.get(&format!("/admin/users/{}/{deed}", root.row.sub)).await;
        let refused = browser.submit(&question, "confirm", &[]).await;
        assert_eq!(refused.status, 409);
        assert!(refused.words("main").contains("This is the last administrator"), "{}", refused.body);
    }
    assert_eq!(browser.get("/admin").await.status, 200);
}

async fn sessions_and_access_are_ended_one_by_one(app: &TestApp) {
    let (_, browser) = root(app).await;
    let ada = app.db_user("ada").await;
    let (party, adas) = (app.db_web_client().await, app.db_signed_in(&ada).await);
    let tokens = app.db_tokens(&party, &ada, "org:read").await;
    let path = format!("/admin/users/{}", ada.row.sub);
    let page = browser.get(&path).await;
    assert!(page.words("#applications").contains("Web"), "{}", page.body);
    for (section, what) in [("#applications", "Revoke access of Web to ada?"), ("#sessions", "End a session of ada?")] {
        for href in page.attributes(&format!("{section} a.danger"), "href") {
            let asked = browser.get(&href).await;
            assert_eq!(asked.words("h1"), what);
            assert_eq!(browser.get(&href).await.status, 200, "a look ends nothing");
            let done = browser.submit(&asked, "confirm", &[]).await;
            assert_eq!((done.status, done.location()), (303, format!("{path}?done=done").as_str()), "{}", done.body);
            assert_eq!(browser.get(&href).await.location(), path, "nothing is left to ask about");
        }
    }
    assert_eq!(party.refresh(&tokens.refresh).await.error(), "400 invalid_grant");
    assert_eq!(adas.get("/account/sessions").await.status, 302);
    let page = browser.get(&path).await;
    assert!(!page.has("#sessions") && !page.has("#applications"));
}

/// "12 users, 31 live tokens".
async fn an_application_says_what_would_break(app: &TestApp) {
    let (_, browser) = root(app).await;
    let party = app.db_web_client().await;
    for login in ["ada", "eve"] {
        let person = app.db_user(login).await;
        app.db_tokens(&party, &person, "org:read").await;
    }
    let path = format!("/admin/clients/{}", party.client_id);
    let page = browser.get(&path).await;
    assert!(page.words(".page-head").contains("2 users, 4 live tokens"), "{}", page.body);
    let question = browser.get(&format!("{path}/delete")).await;
    assert!(question.words("main").contains("2 users, 4 live tokens"));
    let done = browser.submit(&question, "confirm", &[]).await;
    assert_eq!(done.location(), format!("{path}?done=waits"));
    assert!(browser.get("/admin/jobs").await.words("#deletions").contains("Web"));
    assert_eq!(browser.get(&format!("{path}/delete")).await.status, 404, "asked for already");
    let question = browser.get(&format!("{path}/restore")).await;
    assert_eq!(browser.submit(&question, "confirm", &[]).await.status, 303);
    let question = browser.get(&format!("{path}/enable")).await;
    assert_eq!(browser.submit(&question, "confirm", &[]).await.status, 303);
    assert!(browser.get(&path).await.has("#client-disable"));
}

async fn an_organization_is_deleted_by_its_address_and_restored(app: &TestApp) {
    let (_, browser) = root(app).await;
    app.db_owned("acme", &app.db_user("ada").await).await;
    let question = browser.get("/admin/organizations/acme/delete").await;
    assert!(question.words("main").contains("closes at once for its 1 members"), "{}", question.body);
    let wrong = browser.submit(&question, "confirm", &[("confirmed", "x")]).await;
    assert_eq!((wrong.status, wrong.has("#confirmed-fault")), (400, true));
    let done = browser.submit(&wrong, "confirm", &[("confirmed", "acme")]).await;
    assert_eq!(done.location(), "/admin/organizations/acme?done=waits");
    let question = browser.get("/admin/organizations/acme/restore").await;
    assert_eq!(browser.submit(&question, "confirm", &[]).await.status, 303);
    assert_eq!(app.db_organization("acme").await.expect("it stays").status, "active");
}

async fn the_dashboard_draws_what_was_counted(app: &TestApp) {
    let (_, browser) = root(app).await;
    let empty = browser.get("/admin").await;
    assert!(!empty.has("svg.chart") && empty.body.contains("No sign-ins in this time."));
    let stranger = app.browser();
    let page = stranger.get("/login").await;
    stranger.submit(&page, "login-submit", &[("username", "nobody"), ("password", "x")]).await;
    app.db_sweep().await;
    for hours in ["24", "168", "720"] {
        let page = browser.get(&format!("/admin?hours={hours}")).await;
        assert!(page.body.contains("2 sign-ins: "), "{}", page.body);
        assert_eq!(page.attributes("svg.chart[role=img]", "viewBox").len(), 1, "one chart has something to show");
        assert!(page.has("svg.chart rect.s0") && page.has("svg.chart rect.s1"));
        let labelled = page.attributes("svg.chart", "aria-labelledby").remove(0);
        for id in labelled.split(' ') {
            assert!(page.has(&format!("#{id}")), "{id}");
        }
        let numbers = page.all_words("details tbody tr:first-child td");
        assert_eq!(numbers, ["1", "1"], "the table tells the same");
        assert_eq!(page.attributes(".windows [aria-current]", "href"), [format!("/admin?hours={hours}")]);
    }
    assert!(browser.get("/admin").await.words("#totals").contains("1 user 1 administrator 0 applications"));
}

async fn the_log_is_filtered_and_exported(app: &TestApp) {
    let (_, browser) = root(app).await;
    app.db_user("ada").await;
    let all = browser.get("/admin/audit").await;
    assert!(all.all_words("#audit-log .event").contains(&"sign_in".to_owned()));
    let page = browser.get("/admin/audit?event=user").await;
    assert_eq!(page.all_words("#audit-log .event"), ["user.create", "user.create"]);
    let csv = browser.get(&page.attributes("#audit-csv", "href")[0]).await;
    assert_eq!(csv.header("content-disposition"), Some("attachment; filename=\"audit-server.csv\""));
    assert_eq!(csv.body.lines().count(), 3, "{}", csv.body);
    let odd = browser.get("/admin/audit?since=yesterday").await;
    assert_eq!((odd.status, odd.has("#audit-fault")), (400, true));
}

async fn keys_are_rotated_and_nothing_secret_is_shown(app: &TestApp) {
    let (_, browser) = root(app).await;
    assert_eq!(browser.get("/admin/keys").await.all_words("#keys li").len(), 1);
    let question = browser.get("/admin/keys/rotate").await;
    let done = browser.submit(&question, "confirm", &[]).await;
    assert_eq!(done.location(), "/admin/keys?done=rotated");
    let page = browser.get(done.location()).await;
    let pills = page.all_words("#keys .pill");
    assert_eq!(pills, ["In use", "Retired"]);
    let told = browser.get("/admin/configuration").await;
    assert!(told.words("#section-server-title").contains("[server]") && told.body.contains(app.issuer()));
    assert!(told.body.contains("(hidden)") && !told.body.contains("dGVzdHMgb25seT"), "the master key of all tests");
}
