//! The periodic re-check against an upstream that denies somebody, and against one that says nothing (S88, S89, S91).

use grantor::flows::sso::recheck;
use grantor::store::identities::IdentityRow;
use grantor::store::organizations::OrganizationRow;
use serde_json::json;

use crate::support::db_shortcuts::web_client;
use crate::support::relying_party::Tokens;
use crate::support::upstream::{Defect, Upstream};
use crate::support::{Browser, ClientSpec, RelyingParty, TestApp, on_both};

on_both!(
    a_denied_account_loses_its_access_at_once_and_is_told,
    the_upstream_of_a_deleted_person_is_asked_no_more,
    a_silent_upstream_bumps_nothing_and_is_asked_again,
    github_that_forbids_the_question_has_said_nothing_about_the_person,
);

struct Stage {
    upstream: Upstream,
    acme: OrganizationRow,
    board: RelyingParty,
    browser: Browser,
    tokens: Tokens,
}

/// Nell joined acme through its upstream, and lets an application have access there.
async fn stage(app: &TestApp) -> Stage {
    for secret in ["upstream-access", "upstream-refresh"] {
        app.shared.secrets.saw(secret);
    }
    let upstream = Upstream::start(app.clock.clone());
    app.restart_with(|config| {
        config.dev = true;
        config.sign_in.session_idle = 7 * 86_400;
    })
    .await;
    let acme = app.db_org("acme").await;
    app.db_provider(&acme, "oidc", &upstream.oidc_settings()).await;
    let spec = ClientSpec { name: Some("Board".to_owned()), organization_access: true, ..web_client() };
    let (board, browser) = (app.db_client(spec).await, app.browser());
    upstream.says(json!({ "sub": "u1", "email": "nell@acme.example", "email_verified": true, "name": "Nell" }));
    let asked = come_back(&browser, &upstream).await;
    browser.submit(&asked, "sso-new", &[]).await;
    let code = board.code(&browser, &[("scope", "org:read"), ("organization", "acme")]).await;
    let tokens = Tokens::of(&board.redeem(&code).await);
    Stage { upstream, acme, board, browser, tokens }
}

async fn come_back(browser: &Browser, upstream: &Upstream) -> crate::support::page::Page {
    let door = browser.get("/login/acme").await;
    let left = browser.submit(&door, "sso-continue", &[]).await;
    let page = browser.get(&upstream.allows(left.location())).await;
    match page.header("location").is_some_and(|location| location.starts_with("/sso/confirm")) {
        true => browser.get(page.location()).await,
        false => page,
    }
}

async fn identity(app: &TestApp, acme: &OrganizationRow) -> IdentityRow {
    let user = app.db_users().await.remove(0);
    app.db_identity(acme, user.id).await.expect("an identity")
}

/// Lets time pass until the re-check is due, and asks.
async fn when_due(app: &TestApp, acme: &OrganizationRow) -> usize {
    let due = identity(app, acme).await.next_check_at.expect("a re-check is due some time");
    app.wait(u64::try_from((due - app.now()).max(0)).expect("later"));
    recheck::round(&app.app()).await.expect("a round")
}

async fn a_denied_account_loses_its_access_at_once_and_is_told(app: &TestApp) {
    let Stage { upstream, acme, board, browser, tokens } = stage(app).await;
    let before = identity(app, &acme).await;
    assert!(board.is_active(&tokens.refresh).await);
    upstream.refuses_refresh(true);
    assert_eq!(when_due(app, &acme).await, 1);
    let after = identity(app, &acme).await;
    assert_eq!((after.id, after.status.as_str(), after.next_check_at), (before.id, "invalid", None));
    assert_eq!((after.last_verified, after.sealed_tokens), (before.last_verified, None), "nothing is bumped");
    assert!(after.invalid_reason.is_some_and(|reason| !reason.is_empty()));
    assert!(!board.is_active(&tokens.refresh).await);
    assert!(!app.db_has_proof(&browser, &acme).await);
    assert_ne!(browser.get("/orgs/acme").await.status, 200);
    let event = app.db_audit().await.pop().expect("an event");
    assert_eq!((event.event.as_str(), event.organization_id), ("identity.invalid", Some(acme.id)));
    assert!(app.dump().contains("identity_lost"), "a mail waits for whoever lost it");
    assert_eq!(recheck::round(&app.app()).await.expect("a round"), 0, "and nobody asks again");

    upstream.refuses_refresh(false);
    let done = come_back(&browser, &upstream).await;
    assert!(done.status == 302 || done.status == 303, "{}", done.body);
    assert_eq!(identity(app, &acme).await.status, "valid", "a sign-in upstream makes it good");
    assert!(board.is_active(&tokens.refresh).await, "and the token with it");
}

/// C49, ASVS 14.2.4: nothing the upstream told stays, and its tokens least of all; the key stays, so that the account there
/// opens nothing here as somebody new.
async fn the_upstream_of_a_deleted_person_is_asked_no_more(app: &TestApp) {
    let Stage { upstream, acme, .. } = stage(app).await;
    let before = identity(app, &acme).await;
    assert!(before.sealed_tokens.is_some() && before.email.is_some() && before.next_check_at.is_some());
    let nell = app.db_users().await.remove(0);
    let by = grantor::flows::audit::Actor::Operator;
    assert!(grantor::flows::people::status::delete(&app.app(), None, by, &nell).await.expect("deleted"));
    let left = app.db_identity(&acme, nell.id).await.expect("the key stays");
    assert_eq!((left.id, &left.issuer, &left.subject), (before.id, &before.issuer, &before.subject));
    assert_eq!((left.email, left.name, left.sealed_tokens, left.next_check_at), (None, None, None, None));
    app.wait(3 * 86_400);
    assert_eq!(recheck::round(&app.app()).await.expect("a round"), 0);
    let browser = app.browser();
    come_back(&browser, &upstream).await;
    assert!(app.db_users().await.is_empty() && browser.get("/account/sessions").await.status == 302, "nobody came in");
}

async fn a_silent_upstream_bumps_nothing_and_is_asked_again(app: &TestApp) {
    let Stage { upstream, acme, board, tokens, .. } = stage(app).await;
    let before = identity(app, &acme).await;
    upstream.breaks(Some(Defect::Status500));
    for (failures, wait) in [(1, 60), (2, 120), (3, 240)] {
        assert_eq!(when_due(app, &acme).await, 1);
        let after = identity(app, &acme).await;
        assert_eq!((after.status.as_str(), after.last_verified), ("valid", before.last_verified));
        assert_eq!((after.last_synced, after.check_failures), (app.now(), failures));
        assert_eq!((after.next_check_at, after.claimed_until), (Some(app.now() + wait), None));
    }
    assert!(board.is_active(&tokens.refresh).await, "the window is open yet");
    app.wait(u64::try_from(before.last_verified + 86_400 - app.now()).expect("later"));
    assert!(!board.is_active(&tokens.refresh).await, "and closes by itself");
    upstream.breaks(None);
    assert_eq!(when_due(app, &acme).await, 1);
    let after = identity(app, &acme).await;
    assert_eq!((after.last_verified, after.check_failures), (app.now(), 0));
    assert!(board.is_active(&tokens.refresh).await, "what was stale is fresh again");
}

/// 403 is also what GitHub answers when it was asked too often; only 404 says that somebody is no member.
async fn github_that_forbids_the_question_has_said_nothing_about_the_person(app: &TestApp) {
    app.shared.secrets.saw("upstream-access");
    let upstream = Upstream::start(app.clock.clone());
    app.restart_with(|config| {
        config.dev = true;
        config.sign_in.session_idle = 7 * 86_400;
    })
    .await;
    let acme = app.db_org("acme").await;
    let settings = json!({ "issuer": upstream.issuer, "client_id": "grantor", "scopes": "read:org", "organization": "acme-there" });
    app.db_provider(&acme, "github", &settings.to_string()).await;
    upstream.says(json!({ "id": 4711, "login": "nell", "email": "nell@acme.example", "email_verified": true }));
    let browser = app.browser();
    let asked = come_back(&browser, &upstream).await;
    browser.submit(&asked, "sso-new", &[]).await;
    let before = identity(app, &acme).await;
    upstream.forbids(true);
    assert_eq!(when_due(app, &acme).await, 1);
    let after = identity(app, &acme).await;
    assert_eq!((after.status.as_str(), after.last_verified, after.check_failures), ("valid", before.last_verified, 1));
    assert!(app.db_has_proof(&browser, &acme).await);
    upstream.forbids(false);
    assert_eq!(when_due(app, &acme).await, 1);
    assert_eq!(identity(app, &acme).await.check_failures, 0, "asked again, it vouches");
    upstream.has_member(false);
    assert_eq!(when_due(app, &acme).await, 1);
    assert_eq!(identity(app, &acme).await.status, "invalid");
}
