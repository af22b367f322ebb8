//! What happens between a form's judgement and its change; the API's is in `api_meanwhile.rs`.

use reqwest::Method;
use serde_json::json;

use crate::api_generated::Stage;
use crate::support::page::{Form, Page};
use crate::support::sso_stage::Said;
use crate::support::{Browser, Database, TestApp, on_both, play};

on_both!(nobody_holds_an_account_and_waits_for_its_organization);

/// A form that is sent while every session ends.
async fn sent_too_late(app: &TestApp, browser: &Browser, form: Form) -> Page {
    let tab = browser.cloned();
    let (page, waited) =
        app.db_meanwhile("UPDATE sessions SET ended_at = 1", async move { tab.post(form).await }).await;
    assert!(waited, "it came too early: {} {}", page.status, page.body);
    page
}

/// C65, ASVS 7.4.1. On SQLite, where one writer can be made to wait; PostgreSQL runs the same code.
#[test]
fn whoever_was_signed_out_meanwhile_joins_nothing_and_unlinks_nothing() {
    play(Database::Sqlite, async |app| {
        app.as_dev().await;
        app.db_mail_on(1).await;
        let (acme, ada) = (app.db_dummy_org("acme").await, app.db_user("ada").await);
        let link = app.db_invite(&acme, "ada@acme.example", "member").await;
        let browser = app.db_signed_in(&ada).await;
        let form = browser.get(&link).await.form("invitation-accept");
        let late = sent_too_late(app, &browser, form).await;
        assert!(late.status >= 400, "{}", late.status);
        assert_eq!((app.rows("organization_members"), app.rows("identities")), (0, 0));
        let browser = app.db_signed_in(&ada).await;
        let joined = browser.submit(&browser.get(&link).await, "invitation-accept", &[]).await;
        assert_eq!((joined.status, app.rows("organization_members")), (303, 1), "the link was not used up");

        let asked = browser.sso("/login/acme", Said::verified("ada@acme.example")).await;
        browser.submit(&asked, "sso-link", &[]).await;
        let identity = app.db_identity(&acme, ada.row.id).await.expect("an identity");
        let ask = format!("/account/identities/unlink?identity={}", identity.id);
        let form = browser.get(&ask).await.form("confirm");
        let late = sent_too_late(app, &browser, form).await;
        assert!(late.status >= 400, "{}", late.status);
        assert!(app.db_identity(&acme, ada.row.id).await.is_some());
    });
}

/// Whoever lets an application into an organization holds that before the person; two that hold both, each its own first,
/// would wait for each other.
async fn nobody_holds_an_account_and_waits_for_its_organization(app: &TestApp) {
    if app.database == Database::Sqlite {
        return;
    }
    let stage = Stage::of(app).await;
    let at = stage.filled("/admin/users/{user}");
    for body in [json!({ "status": "disabled" }), json!({ "name": "Somebody Else" })] {
        let seen = stage.script.get(&at).await.header("etag").expect("a tag").to_owned();
        let (script, path) = (stage.script.with("if-match", &seen), at.clone());
        let hold = "UPDATE organizations SET updated_at = updated_at WHERE slug = 'acme'";
        let free = format!("SELECT 1 FROM users WHERE sub = '{}' FOR UPDATE NOWAIT", stage.member);
        let request = async move { script.send(Method::PATCH, &path, Some(body)).await };
        let (answer, waited) = app.db_meanwhile_and_then(hold, &free, request).await;
        assert!(waited && answer.status == 200, "{} {}", answer.status, answer.body);
    }
}
