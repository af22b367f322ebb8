//! Two nodes share PostgreSQL and nothing else: what a browser begins at one, it finishes at the other.

use std::net::TcpListener;
use std::sync::Arc;

use grantor::app::start::start;
use grantor::http::server::serve;

use crate::support::{Database, TestApp, play};

#[test]
fn a_way_upstream_begun_at_one_node_is_finished_at_the_other() {
    play(Database::Postgres, async |app| finished_elsewhere(app).await);
}

async fn finished_elsewhere(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let ada = app.db_user("ada").await;
    app.db_join(&acme, &ada, "member").await;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let other = format!("http://{}", listener.local_addr().expect("an address"));
    let started = start(app.app().config.clone(), app.clock.clone()).await.expect("a second node");
    let running = serve(Arc::clone(&started.app), listener).expect("the second node serves");

    let browser = app.db_signed_in(&ada).await;
    assert_eq!(browser.get(&format!("{other}/account/sessions")).await.status, 200, "one session, both nodes");
    let form = browser.go_upstream("/login/acme").await;
    let said = form.form("dummy-sign-in").with(&[("email", "ada@acme.example"), ("email_verified", "yes")]);
    let back = browser.post(said).await;
    let path = back.location().strip_prefix(app.issuer()).unwrap_or(back.location()).to_owned();
    let returned = browser.get(&format!("{other}{path}")).await;
    assert!(returned.location().starts_with("/sso/confirm"), "{}", returned.body);
    // The first node knows what the second one took.
    let again = browser.get(&path).await;
    assert!(again.status >= 400, "state counts once over all nodes: {} {}", again.status, again.body);
    let asked = browser.get(&format!("{other}{}", returned.location())).await;
    let done = browser.submit(&asked, "sso-link", &[]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(app.db_identity(&acme, ada.row.id).await.is_some());
    for node in [app.issuer(), &other] {
        assert_eq!(browser.get(&format!("{node}/orgs/acme")).await.status, 200, "{node}");
    }
    running.stop_now().await.expect("the second node ends");
    started.app.store.close().await;
}
