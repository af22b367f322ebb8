//! Accounts that are disabled or deleted while they hold something in an organization: its ownership, or an invitation.

use grantor::flows::audit::Actor;
use grantor::flows::organizations::{By, OrganizationRefusal, delete, members};
use grantor::flows::people::{PersonRefusal, status};
use grantor::store::organizations::OrganizationRow;

use crate::support::db_shortcuts::caller;
use crate::support::operator::Operator;
use crate::support::{Person, TestApp, on_both};

on_both!(
    the_last_owner_is_neither_disabled_nor_deleted,
    of_two_owners_disabled_at_once_one_stays,
    of_two_owners_of_whom_one_leaves_and_one_is_deleted_one_stays,
    invitations_of_somebody_shut_out_are_taken_back,
    the_operator_is_told_which_organizations_and_what_to_do,
);

async fn disable(app: &TestApp, person: &Person) -> Result<bool, PersonRefusal> {
    status::disable(&app.app(), None, Actor::Operator, &person.row).await
}

async fn delete(app: &TestApp, person: &Person) -> Result<bool, PersonRefusal> {
    status::delete(&app.app(), None, Actor::Operator, &person.row).await
}

/// Owners whose account may be used.
async fn owners(app: &TestApp, organization: &OrganizationRow) -> usize {
    let page = members::list::page(&app.app(), organization, "", "").await.expect("members");
    page.members.iter().filter(|line| line.role == "owner" && line.usable).count()
}

/// Nothing is changed by the refusal; an organization that is about to go needs no owner.
async fn the_last_owner_is_neither_disabled_nor_deleted(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let acme = app.db_owned("acme", &ada).await;
    let zeta = app.db_owned("zeta", &ada).await;
    app.db_join(&zeta, &bob, "owner").await;
    app.db_join(&acme, &bob, "admin").await;
    app.db_invite(&acme, "new@acme.example", "member").await;
    let before = (app.db_events().await, app.db_person(&ada).await.valid_from);
    for refused in [disable(app, &ada).await, delete(app, &ada).await] {
        let refusal = refused.expect_err("somebody stays owner").to_string();
        assert!(refusal.starts_with("This is the last owner of acme. Make somebody else owner first"), "{refusal}");
    }
    assert_eq!((app.db_events().await, app.db_person(&ada).await.valid_from), before);
    assert!(app.db_person(&ada).await.is_active() && owners(app, &acme).await == 1);

    assert!(disable(app, &bob).await.expect("bob is one of two"));
    let refusal = disable(app, &ada).await.expect_err("a disabled owner is none").to_string();
    assert!(refusal.contains("last owner of acme, zeta."), "{refusal}");
    assert!(status::enable(&app.app(), None, Actor::Operator, &bob.row).await.expect("the store answers"));
    let role = members::role::set_role(&app.app(), By::Operator, &acme, &bob.row, "owner").await;
    assert!(role.unwrap_or_else(|refusal| panic!("{refusal}")));
    assert!(disable(app, &ada).await.expect("bob owns both now") && delete(app, &ada).await.expect("and still does"));

    for (organization, slug) in [(&acme, "acme"), (&zeta, "zeta")] {
        let refusal = delete(app, &bob).await.expect_err("the last one").to_string();
        assert!(refusal.contains(slug), "{refusal}");
        delete::request(&app.app(), By::Operator, organization, slug, None).await.expect("asked for");
    }
    assert!(delete(app, &bob).await.expect("what goes needs nobody"));
}

/// ASVS 2.3.4: neither may see the other still there.
async fn of_two_owners_disabled_at_once_one_stays(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let acme = app.db_owned("acme", &ada).await;
    app.db_join(&acme, &bob, "owner").await;
    for _ in 0..12 {
        let (one, other) = tokio::join!(disable(app, &ada), disable(app, &bob));
        let lost = |answer: &Result<bool, PersonRefusal>| matches!(answer, Err(PersonRefusal::LastOwner { .. }));
        assert_eq!([lost(&one), lost(&other)].iter().filter(|lost| **lost).count(), 1, "{one:?} {other:?}");
        assert_eq!(owners(app, &acme).await, 1);
        for person in [&ada, &bob] {
            status::enable(&app.app(), None, Actor::Operator, &person.row).await.expect("the store answers");
        }
    }
}

async fn of_two_owners_of_whom_one_leaves_and_one_is_deleted_one_stays(app: &TestApp) {
    let caller = caller();
    for round in 0..8 {
        let (ada, bob) = (app.db_user(&format!("ada{round}")).await, app.db_user(&format!("bob{round}")).await);
        let acme = app.db_owned(&format!("acme{round}"), &ada).await;
        app.db_join(&acme, &bob, "owner").await;
        let inner = app.app();
        let leaves = members::remove::remove(&inner, By::Person(&ada.row, &caller), &acme, &ada.row);
        let (left, gone) = tokio::join!(leaves, delete(app, &bob));
        let lost = (
            matches!(left, Err(OrganizationRefusal::LastOwner(_))),
            matches!(gone, Err(PersonRefusal::LastOwner { .. })),
        );
        assert!(lost.0 != lost.1, "{left:?} {gone:?}");
        assert_eq!(owners(app, &acme).await, 1);
    }
}

/// They would let people in by the word of somebody who has none any more; what others sent stays.
async fn invitations_of_somebody_shut_out_are_taken_back(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let zeta = app.db_owned("zeta", &ada).await;
    let (mara, dora) = (app.db_member(&acme, "mara", "manager").await, app.db_member(&acme, "dora", "manager").await);
    app.db_join(&zeta, &mara, "manager").await;
    let invite = async |person: &Person, slug: &str, email: &str| {
        let browser = app.db_signed_in(person).await;
        let page = browser.get(&format!("/orgs/{slug}/members/invite")).await;
        let form = page.form("invite-send").with(&[("emails", email), ("role", "member")]);
        let sent = browser.post(form).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        app.db_mailed_path(email, "/invite/").await
    };
    let links = [
        invite(&mara, "acme", "one@acme.example").await,
        invite(&mara, "zeta", "two@zeta.example").await,
        invite(&dora, "acme", "three@acme.example").await,
        app.db_invite(&acme, "four@acme.example", "member").await,
    ];
    let statuses = async || {
        let mut seen = Vec::new();
        for link in &links {
            seen.push(app.browser().get(link).await.status);
        }
        seen
    };
    assert_eq!(statuses().await, [200, 200, 200, 200]);
    assert!(disable(app, &mara).await.expect("a manager may go"));
    assert_eq!(statuses().await, [410, 410, 200, 200]);
    assert!(status::enable(&app.app(), None, Actor::Operator, &mara.row).await.expect("the store answers"));
    assert_eq!(statuses().await, [410, 410, 200, 200], "and stays so");
    assert!(delete(app, &dora).await.expect("a manager may go"));
    assert_eq!(statuses().await, [410, 410, 410, 200]);
}

/// At the command line.
async fn the_operator_is_told_which_organizations_and_what_to_do(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    app.db_owned("zeta", &ada).await;
    let operator = Operator::of(app);
    for command in ["disable", "delete"] {
        let said = operator.says(&["user", command, "ada"]).await.failure();
        for words in
            ["acme, zeta", "grantor org member role ORGANIZATION LOGIN owner", "grantor org delete ORGANIZATION"]
        {
            assert!(said.contains(words), "{said}");
        }
    }
    assert!(app.db_person(&ada).await.is_active());
    // The emergency brake.
    operator.says(&["user", "disable", "ada", "--even-last-owner"]).await.words();
    assert!(!app.db_person(&ada).await.is_active());
}
