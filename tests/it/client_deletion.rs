//! Deleting a client (S61): asked for, dead at once, taken back or carried out after a delay.

use grantor::flows::audit::Actor;
use grantor::flows::clients::{ClientFailure, delete};

use crate::support::db_shortcuts::web_client;
use crate::support::relying_party::Tokens;
use crate::support::{ClientSpec, Database, Person, RelyingParty, TestApp, on_both};

on_both!(
    a_client_about_to_be_deleted_is_dead_at_once,
    a_deletion_taken_back_leaves_the_client_off_and_what_it_had_whole,
    before_the_delay_is_over_nothing_is_deleted,
    after_the_delay_the_client_is_gone_with_all_it_was_allowed,
    what_it_left_in_the_hot_tables_goes_at_its_own_end,
    a_client_of_many_people_goes_in_batches,
    a_deleted_client_introspects_for_nobody,
);

const DELAY: u64 = 3600;

struct Stage {
    web: RelyingParty,
    /// Another client of the same person.
    other: RelyingParty,
    others: Tokens,
    api: RelyingParty,
    ada: Person,
    tokens: Tokens,
    /// Of the client for itself.
    own: String,
    /// A code not yet redeemed.
    code: String,
}

async fn stage(app: &TestApp) -> Stage {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let other = app.db_client(ClientSpec { name: Some("Other".to_owned()), ..web_client() }).await;
    let api = app.db_resource_server("https://api.example", &["org"]).await;
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    let own = web.client_credentials("org:read").await.text("access_token");
    let code = app.db_code(&web, &ada, &[("scope", "org:read")]).await;
    let others = app.db_tokens(&other, &ada, "org:read").await;
    assert!(api.is_active(&tokens.access).await && api.is_active(&own).await);
    Stage { web, other, others, api, ada, tokens, own, code }
}

async fn ask_for_deletion(app: &TestApp, party: &RelyingParty) {
    let at = delete::request(&app.app(), None, Actor::Operator, &party.client_id, None)
        .await
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(at, app.now() + DELAY as i64);
}

/// Nothing of the client is good for anything.
async fn all_is_dead(stage: &Stage) {
    let Stage { web, api, tokens, own, code, .. } = stage;
    for token in [&tokens.access, own] {
        assert!(!api.is_active(token).await);
    }
    assert_eq!(web.refresh(&tokens.refresh).await.error(), "401 invalid_client");
    assert_eq!(web.redeem(code).await.error(), "401 invalid_client");
    assert_eq!(web.client_credentials("org:read").await.error(), "401 invalid_client");
    assert_eq!(web.introspect(&tokens.access).await.error(), "401 invalid_client");
    assert!(api.is_active(&stage.others.access).await, "the neighbour's token");
}

async fn a_client_about_to_be_deleted_is_dead_at_once(app: &TestApp) {
    let stage = stage(app).await;
    let browser = app.db_signed_in(&stage.ada).await;
    ask_for_deletion(app, &stage.web).await;
    all_is_dead(&stage).await;
    let page = browser.get(&stage.web.authorize_url(&[])).await;
    assert_eq!((page.status, page.header("location")), (400, None), "a page, not a redirect");
    let enabled =
        grantor::flows::clients::status::enable(&app.app(), None, Actor::Operator, &stage.web.client_id).await;
    assert!(matches!(enabled, Err(ClientFailure::Conflict(_))), "it is restored first");
    assert_eq!(app.rows("clients"), 3);
}

async fn a_deletion_taken_back_leaves_the_client_off_and_what_it_had_whole(app: &TestApp) {
    let stage = stage(app).await;
    ask_for_deletion(app, &stage.web).await;
    delete::abort(&app.app(), None, Actor::Operator, &stage.web.client_id)
        .await
        .unwrap_or_else(|failure| panic!("{failure}"));
    all_is_dead(&stage).await;
    let again = delete::abort(&app.app(), None, Actor::Operator, &stage.web.client_id).await;
    assert!(matches!(again, Err(ClientFailure::Conflict(_))), "nothing to take back");
    app.db_enable_client(&stage.web).await;
    let code = stage.web.redeem(&stage.code).await;
    assert_eq!(code.status, 200, "it is as if nothing had been: {}", code.body);
    assert!(stage.api.is_active(&stage.tokens.access).await && stage.api.is_active(&stage.own).await);
    app.wait(DELAY + 60);
    app.db_sweep().await;
    assert_eq!(stage.web.refresh(&stage.tokens.refresh).await.status, 200, "the old date is forgotten");
    let events: Vec<String> = app.db_events().await.into_iter().filter(|event| event.contains("delet")).collect();
    assert_eq!(events, ["client.request_deletion", "client.abort_deletion"]);
}

async fn before_the_delay_is_over_nothing_is_deleted(app: &TestApp) {
    let stage = stage(app).await;
    ask_for_deletion(app, &stage.web).await;
    let rows = |app: &TestApp| ["clients", "client_secrets", "authorizations"].map(|table| app.rows(table));
    let before = rows(app);
    app.wait(DELAY - 1);
    app.db_sweep().await;
    assert_eq!(rows(app), before);
    app.restart().await;
    app.wait(1);
    app.db_sweep().await;
    assert_eq!(rows(app), [2, 2, 1], "the date survives a restart");
}

async fn after_the_delay_the_client_is_gone_with_all_it_was_allowed(app: &TestApp) {
    let stage = stage(app).await;
    ask_for_deletion(app, &stage.web).await;
    app.wait(DELAY);
    app.db_sweep().await;
    assert!(app.db_authorized(&stage.ada, &stage.web).await.is_none());
    assert_eq!(["clients", "client_secrets", "authorizations"].map(|table| app.rows(table)), [2, 2, 1]);
    let failure = grantor::flows::clients::show::show(&app.app(), &stage.web.client_id).await;
    assert!(matches!(failure, Err(ClientFailure::Unknown(_))));
    let again = app.db_tokens(&stage.other, &stage.ada, "org:read").await;
    let stage = Stage { others: again, ..stage };
    all_is_dead(&stage).await;
    assert_eq!(app.db_events().await.iter().filter(|event| *event == "client.delete").count(), 1);
    app.db_sweep().await;
    assert_eq!(app.db_events().await.iter().filter(|event| *event == "client.delete").count(), 1, "once");
}

/// They have no index by client (an append each is what makes them fast), and are dead without their client.
async fn what_it_left_in_the_hot_tables_goes_at_its_own_end(app: &TestApp) {
    let stage = stage(app).await;
    let client_id = stage.web.client_id.clone();
    let id = app.app().store.read(move |conn| grantor::store::clients::id_of(conn, &client_id)).await;
    let id = id.expect("the store answers").expect("a client").to_string();
    let left = |app: &TestApp| {
        let hot = ["grants: ", "access_tokens: ", "refresh_tokens: "];
        app.dump().lines().filter(|line| hot.iter().any(|table| line.starts_with(table)) && line.contains(&id)).count()
    };
    assert_eq!(left(app), 4, "two grants, and an access token of its own and one of a grant");
    ask_for_deletion(app, &stage.web).await;
    app.wait(DELAY);
    app.db_sweep().await;
    assert_eq!(left(app), 4, "dead already");
    app.wait(3600 + 1);
    app.db_sweep().await;
    assert_eq!(left(app), 1, "the redeemed grant, which knows a replay");
    app.wait(app.app().config.tokens.refresh_absolute_lifetime.unsigned_abs());
    app.db_sweep().await;
    assert_eq!(left(app), 0);
    assert_eq!(["grants", "access_tokens", "refresh_tokens"].map(|table| app.rows(table)), [0, 0, 0]);
}

/// More authorizations than one transaction takes; on SQLite the writer counts them.
async fn a_client_of_many_people_goes_in_batches(app: &TestApp) {
    const PEOPLE: usize = 2100;
    let stage = stage(app).await;
    let authorized = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PEOPLE}) \
         INSERT INTO users (id, sub, login, login_key, name, administrator, status, valid_from, created_at) \
         SELECT i, 'sub' || i, 'user' || i, 'user' || i, 'User', false, 'active', 0, 0 FROM n; \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PEOPLE}) \
         INSERT INTO authorizations (id, user_id, client, scopes, created_at, updated_at) \
         SELECT i, i, (SELECT id FROM clients WHERE client_id = '{}'), {}, 0, 0 FROM n",
        stage.web.client_id,
        if app.database == Database::Postgres { "'{org:read}'" } else { "'[\"org:read\"]'" },
    );
    app.db_batch(&authorized);
    assert_eq!(app.rows("authorizations"), PEOPLE + 2);
    ask_for_deletion(app, &stage.web).await;
    app.wait(DELAY);
    let inner = app.app();
    let jobs = || inner.store.writer_stats().map(|writer| writer.jobs());
    let before = jobs();
    assert_eq!(delete::carry_out_due(&inner).await.expect("the store answers"), 1);
    if let Some((before, after)) = before.zip(jobs()) {
        assert_eq!(after - before, 4, "1000, 1000, the rest, and the client itself");
    }
    assert_eq!(["clients", "authorizations"].map(|table| app.rows(table)), [2, 1]);
    assert!(inner.store.writer_stats().is_some() == (app.database == Database::Sqlite));
}

async fn a_deleted_client_introspects_for_nobody(app: &TestApp) {
    let stage = stage(app).await;
    ask_for_deletion(app, &stage.api).await;
    assert_eq!(stage.api.introspect(&stage.tokens.access).await.error(), "401 invalid_client");
    app.wait(DELAY);
    app.db_sweep().await;
    assert_eq!(app.rows("resource_servers"), 1, "the resource server stays, without a client");
    let listed = grantor::flows::resource_servers::list::list(&app.app()).await.expect("the store answers");
    assert_eq!(listed[0].client, None);
}
