//! The end of an account or of an application's access, as each organization and each person finds it in their records;
//! and organizations that would come back without an owner.

use grantor::flows::audit::Actor;
use grantor::flows::organizations::{By, delete as deletion};
use grantor::flows::people::status;
use grantor::store::audit_events::AuditEventRow;
use grantor::store::organizations::OrganizationRow;
use serde_json::{Value, json};

use crate::support::operator::Operator;
use crate::support::{Person, TestApp, on_both};

on_both!(
    a_deleted_account_leaves_a_line_in_each_organization,
    a_disabled_account_ends_invitations_and_no_membership,
    an_organization_does_not_come_back_without_an_owner,
    what_ends_is_told_in_numbers,
);

/// Events of an organization's log about this person, or sent by them.
async fn lines(app: &TestApp, organization: &OrganizationRow, event: &str) -> Vec<AuditEventRow> {
    let all = app.db_audit().await.into_iter();
    all.filter(|row| row.organization_id == Some(organization.id) && row.event == event).collect()
}

/// Bob is a manager of both, and sent an invitation of each.
async fn stage(app: &TestApp) -> (Person, Vec<OrganizationRow>) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let both = vec![app.db_owned("acme", &ada).await, app.db_owned("zeta", &ada).await];
    for organization in &both {
        app.db_join(organization, &bob, "manager").await;
        app.db_invite(organization, "new@new.example", "member").await;
    }
    app.db_batch(&format!("UPDATE invitations SET invited_by = {}", bob.row.id));
    (bob, both)
}

/// ASVS 16.2: a member does not vanish without a word, whoever deletes the account.
async fn a_deleted_account_leaves_a_line_in_each_organization(app: &TestApp) {
    let (bob, both) = stage(app).await;
    let eve = app.db_user("eve").await;
    app.db_join(&both[0], &eve, "member").await;
    assert!(status::delete(&app.app(), None, Actor::Operator, &bob.row).await.expect("he may go"));
    for organization in &both {
        let removed = lines(app, organization, "org.member.remove").await;
        let told: Vec<_> = removed.iter().map(|row| (row.actor_label.as_str(), row.target_label.as_str())).collect();
        assert_eq!(told, [("operator", "bob")], "{}", organization.slug);
        assert!(removed[0].data.contains("\"manager\""), "{}", removed[0].data);
        assert!(lines(app, organization, "org.invite.revoke").await.is_empty(), "one line for all of it");
    }
    let browser = app.db_signed_in(&eve).await;
    let asked = browser.get("/account/delete").await;
    assert_eq!(browser.submit(&asked, "confirm", &[("confirmed", "eve")]).await.status, 200);
    let left = lines(app, &both[0], "org.member.leave").await;
    assert_eq!(left.iter().map(|row| row.actor_label.as_str()).collect::<Vec<_>>(), ["eve"]);
    assert!(lines(app, &both[1], "org.member.leave").await.is_empty());
}

/// What is told is what ended, by every way to disable; the memberships stay.
async fn a_disabled_account_ends_invitations_and_no_membership(app: &TestApp) {
    let (bob, both) = stage(app).await;
    let operator = Operator::of(app);
    operator.says(&["user", "disable", "bob", "--even-last-owner"]).await.words();
    for organization in &both {
        let taken_back = lines(app, organization, "org.invite.revoke").await;
        let told: Vec<_> = taken_back.iter().map(|row| (row.actor_label.as_str(), row.target_label.as_str())).collect();
        assert_eq!(told, [("operator", "new@new.example")], "{}", organization.slug);
        assert!(lines(app, organization, "org.member.remove").await.is_empty());
        assert_eq!(app.db_place_of(organization, &bob).await, Some(("manager".to_owned(), "active".to_owned())));
    }
    let before = app.db_audit().await.len();
    assert!(!status::disable(&app.app(), None, Actor::Operator, &bob.row).await.expect("he may go"));
    assert_eq!(app.db_audit().await.len(), before, "he was disabled already");
}

/// Its last owner may go while it waits for its deletion: taken back, it needs one.
async fn an_organization_does_not_come_back_without_an_owner(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let acme = app.db_owned("acme", &ada).await;
    app.db_join(&acme, &bob, "member").await;
    deletion::request(&app.app(), By::Operator, &acme, "acme", None).await.expect("asked for");
    assert!(status::disable(&app.app(), None, Actor::Operator, &ada.row).await.expect("it is about to go"));
    let operator = Operator::of(app);
    let refused = operator.says(&["org", "restore", "acme"]).await.failure();
    assert!(refused.contains("No owner is left") && refused.contains("--owner"), "{refused}");
    assert_eq!(app.db_organization("acme").await.map(|row| row.status).as_deref(), Some("pending_deletion"));
    let refused = operator.says(&["org", "restore", "acme", "--owner", "ada"]).await.failure();
    assert!(refused.contains("No owner is left"), "her account may not be used: {refused}");
    assert!(!app.db_events().await.iter().any(|event| event == "org.restore"));

    operator.says(&["org", "restore", "acme", "--owner", "bob"]).await.words();
    assert_eq!(app.db_organization("acme").await.map(|row| row.status).as_deref(), Some("active"));
    assert_eq!(app.db_place_of(&acme, &bob).await.map(|(role, _)| role).as_deref(), Some("owner"));
    let event = app.db_audit().await.into_iter().find(|row| row.event == "org.restore").expect("an event");
    assert_eq!(serde_json::from_str::<Value>(&event.data).expect("JSON"), json!({ "owner": "bob" }));
    let raised = lines(app, &acme, "org.member.role").await;
    let told: Vec<_> = raised.iter().map(|row| (row.target_label.as_str(), row.data.as_str())).collect();
    assert_eq!(told, [("bob", r#"{"from":"member","to":"owner"}"#)]);
}

/// Before it happens: how many of what.
async fn what_ends_is_told_in_numbers(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let acme = app.db_owned("acme", &ada).await;
    app.db_join(&acme, &bob, "member").await;
    let web = app.db_web_client().await;
    app.db_tokens(&web, &ada, "org:read").await;
    let browser = app.db_signed_in(&ada).await;
    let asked = browser.get(&format!("/account/applications/revoke?client_id={}", web.client_id)).await;
    assert!(asked.words("main").contains("loses 2 live tokens"), "{}", asked.words("main"));
    let asked = browser.get("/orgs/acme/settings/delete").await;
    assert!(asked.words("main").contains("close at once for 2 members. It loses 0 API keys at once"), "{}", asked.body);
    let asked = browser.get("/account/delete").await;
    let told = asked.words("main");
    for part in ["browsers signed out", "1 application without access", "0 personal tokens", "1 organization left"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let other = app.db_signed_in(&ada).await;
    let asked = browser.get("/account/sessions/end-others").await;
    assert_eq!(asked.words("h1"), "End all other sessions?");
    assert_eq!(other.get("/account").await.status, 200, "a look ends nothing");
    assert_eq!(browser.submit(&asked, "confirm", &[]).await.location(), "/account/sessions?done=others");
    assert_eq!((other.get("/account").await.status, browser.get("/account").await.status), (302, 200));
}
