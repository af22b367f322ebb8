//! What ends a family from outside: each row of the matrix makes the next refresh fail (A53, C15, C65).

use crate::support::db_shortcuts::{caller, web_client};
use crate::support::relying_party::{RelyingParty, Tokens};
use crate::support::{ClientSpec, Person, TestApp, on_both};

on_both!(
    a_changed_password_ends_it,
    signing_out_everywhere_ends_it,
    a_disabled_user_ends_it_for_good,
    a_deleted_user_ends_it,
    a_revoked_authorization_ends_it_for_good,
    a_scope_taken_from_the_client_ends_it,
    signing_out_does_not_end_it,
    a_restore_from_backup_ends_it_without_alarm,
);

struct Stage {
    web: RelyingParty,
    api: RelyingParty,
    ada: Person,
    tokens: Tokens,
    /// A code not yet redeemed.
    code: String,
}

async fn stage(app: &TestApp) -> Stage {
    let (web, ada) = (app.db_client(web_client()).await, app.db_user("ada").await);
    let api = app.db_resource_server("https://api.example", &["org"]).await;
    let first = app.db_tokens(&web, &ada, "org:read").await;
    let tokens = Tokens::of(&web.refresh(&first.refresh).await);
    let code = app.db_code(&web, &ada, &[("scope", "org:read")]).await;
    assert!(api.is_active(&tokens.access).await);
    Stage { web, api, ada, tokens, code }
}

/// Refresh, retry, introspection and the waiting code are all dead, and nobody is called a thief.
async fn all_is_dead(app: &TestApp, stage: &Stage) {
    let Stage { web, api, tokens, code, .. } = stage;
    assert!(!api.is_active(&tokens.access).await, "at once, not at its expiry");
    assert!(!web.is_active(&tokens.refresh).await);
    assert_eq!(web.refresh(&tokens.refresh).await.error(), "400 invalid_grant");
    assert_eq!(web.redeem(code).await.error(), "400 invalid_grant");
    let events = app.db_events().await;
    assert!(!events.iter().any(|event| event.contains("reuse") || event.contains("replay")), "{events:?}");
}

/// A53.
async fn a_changed_password_ends_it(app: &TestApp) {
    let stage = stage(app).await;
    app.db_set_password(&stage.ada, "another long password nobody guesses").await;
    all_is_dead(app, &stage).await;
}

/// A53.
async fn signing_out_everywhere_ends_it(app: &TestApp) {
    let stage = stage(app).await;
    let (inner, row) = (app.app(), app.db_person(&stage.ada).await);
    let actor = grantor::flows::audit::Actor::User(&row);
    let caller = caller();
    let ended = grantor::flows::people::sign_out_everywhere::sign_out_everywhere(&inner, Some(&caller), actor, &row);
    assert!(ended.await.expect("the store answers") > 0);
    all_is_dead(app, &stage).await;
}

/// A53, C46: enabling the account again does not bring them back.
async fn a_disabled_user_ends_it_for_good(app: &TestApp) {
    let stage = stage(app).await;
    app.db_disable_user(&stage.ada).await;
    all_is_dead(app, &stage).await;
    app.db_enable_user(&stage.ada).await;
    all_is_dead(app, &stage).await;
    let again = app.db_tokens(&stage.web, &stage.ada, "org:read").await;
    assert!(stage.web.is_active(&again.access).await);
}

/// A53, C49.
async fn a_deleted_user_ends_it(app: &TestApp) {
    let stage = stage(app).await;
    let (inner, row) = (app.app(), app.db_person(&stage.ada).await);
    let actor = grantor::flows::audit::Actor::Operator;
    assert!(grantor::flows::people::status::delete(&inner, None, actor, &row).await.expect("the store answers"));
    all_is_dead(app, &stage).await;
}

/// A53, A65: approving again starts empty and revives nothing.
async fn a_revoked_authorization_ends_it_for_good(app: &TestApp) {
    let stage = stage(app).await;
    app.db_revoke_authorization(&stage.ada, &stage.web).await;
    all_is_dead(app, &stage).await;
    let again = app.db_tokens(&stage.web, &stage.ada, "member:read").await;
    assert!(stage.web.is_active(&again.access).await);
    assert_eq!(app.db_authorized(&stage.ada, &stage.web).await.as_deref(), Some("member:read"));
    all_is_dead(app, &stage).await;
}

/// A53.
async fn a_scope_taken_from_the_client_ends_it(app: &TestApp) {
    let stage = stage(app).await;
    app.db_update_client(&stage.web, |client| client.scopes = vec!["member:read".to_owned()]).await;
    assert_eq!(stage.web.refresh(&stage.tokens.refresh).await.error(), "400 invalid_grant");
    assert_eq!(stage.web.redeem(&stage.code).await.error(), "400 invalid_grant");
}

/// A session and what was allowed in it are two things.
async fn signing_out_does_not_end_it(app: &TestApp) {
    let (web, ada) = (app.db_client(web_client()).await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let tokens = web.tokens(&browser, "org:read").await;
    let page = browser.get("/logout").await;
    assert_eq!(browser.submit(&page, "logout-confirm", &[]).await.status, 303);
    assert_eq!(web.refresh(&tokens.refresh).await.status, 200);
}

/// Older tokens than the restore are refused, without theft alarm.
async fn a_restore_from_backup_ends_it_without_alarm(app: &TestApp) {
    let stage = stage(app).await;
    let epoch = app.app().store.next_id().expect("an id");
    let raised = app.app().store.write(move |write| grantor::store::instance::raise_epoch(write, epoch)).await;
    assert_eq!(raised.expect("the store answers"), 1);
    app.restart().await;
    let answer = stage.web.refresh(&stage.tokens.refresh).await;
    assert_eq!(answer.error(), "400 invalid_grant");
    assert!(answer.text("error_description").contains("restore"), "{}", answer.body);
    assert_eq!(stage.web.redeem(&stage.code).await.error(), "400 invalid_grant");
    let fresh = app.db_tokens(&stage.web, &stage.ada, "org:read").await;
    assert_eq!(stage.web.refresh(&fresh.refresh).await.status, 200);
    let spec = ClientSpec { name: Some("After".to_owned()), ..web_client() };
    assert_eq!(app.db_client(spec).await.client_credentials("org:read").await.status, 200);
}
