//! Two nodes share PostgreSQL and nothing else: what a browser begins at one, it finishes at the other.

use std::net::TcpListener;
use std::sync::Arc;

use grantor::app::start::start;
use grantor::clock::Clock;
use grantor::flows::audit::Actor;
use grantor::flows::clients::create;
use grantor::http::server::serve;

use crate::support::db_shortcuts::{caller, web_client};
use crate::support::relying_party::RelyingParty;
use crate::support::{Database, TestApp, play};

#[test]
fn a_way_upstream_begun_at_one_node_is_finished_at_the_other() {
    play(Database::Postgres, async |app| finished_elsewhere(app).await);
}

#[test]
fn a_client_made_at_a_node_whose_clock_is_ahead_gets_tokens_at_the_other_at_once() {
    play(Database::Postgres, async |app| made_by_a_clock_ahead(app).await);
}

/// Ids tell times by the clock of the node that made them. A new client voids nothing that is older than itself.
async fn made_by_a_clock_ahead(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let ahead = Clock::manual(app.now() + 1);
    let started = start(app.app().config.clone(), ahead).await.expect("a second node");
    let spec = web_client();
    let redirect_uri = spec.redirect_uris[0].clone();
    let made = create::create(&started.app, Some(&caller()), Actor::Operator, spec, None, None).await;
    let made = made.unwrap_or_else(|failure| panic!("{failure}"));
    let secret = made.secret.as_ref().map(|secret| secret.expose()).expect("a secret");
    app.shared.secrets.saw(secret);
    let web = RelyingParty::new(Arc::clone(&app.shared), &made.client_id, Some(secret), &redirect_uri);
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    assert_eq!(web.refresh(&tokens.refresh).await.status, 200);
    assert!(web.is_active(&tokens.access).await);
    started.app.store.close().await;
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
