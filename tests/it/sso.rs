//! Sign-in through an organization's provider: who is let in, who is asked, and that the address decides nothing.

use crate::support::sso_stage::Said;
use crate::support::{TestApp, on_both};

on_both!(
    an_unknown_identity_makes_an_account_after_a_click,
    a_known_identity_opens_its_account_without_a_question,
    somebody_who_is_signed_in_links_after_a_click,
    a_matching_address_has_to_be_proven_first,
    a_verified_owner_of_the_address_leaves_no_second_account,
    an_identity_of_a_disabled_account_is_refused_and_never_moved,
    a_removed_member_does_not_come_back,
    an_identity_of_somebody_else_is_not_moved,
    a_declared_legacy_name_is_rekeyed,
    a_new_identity_replaces_the_old_one_of_the_same_account,
    who_cancels_upstream_is_told_so,
);

/// S71, C40, C50: the new account is managed, has no password and an unproven address.
async fn an_unknown_identity_makes_an_account_after_a_click(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let browser = app.browser();
    let said = Said { name: "Nell Newcomer", ..Said::verified("nell@acme.example") };
    let asked = browser.sso("/login/acme?return_to=/account/sessions", said).await;
    assert_eq!((asked.status, asked.words("h1").as_str()), (200, "Join acme Inc"));
    assert_eq!(app.db_users().await.len(), 0, "nothing is made before the click");
    let done = browser.submit(&asked, "sso-new", &[]).await;
    assert_eq!((done.status, done.location()), (303, "/account/sessions"), "{}", done.body);
    let users = app.db_users().await;
    let user = &users[0];
    assert_eq!(
        (users.len(), user.email.as_deref(), user.name.as_str()),
        (1, Some("nell@acme.example"), "Nell Newcomer")
    );
    assert_eq!((user.password_hash.as_ref(), user.email_verified_at, user.managed_by), (None, None, Some(acme.id)));
    let member = app.db_membership(&acme, user.id).await.expect("a membership");
    assert_eq!((member.role.as_str(), member.status.as_str()), ("member", "active"));
    assert!(app.db_identity(&acme, user.id).await.is_some() && app.db_has_proof(&browser, &acme).await);
    assert_eq!(app.db_events().await, ["user.create", "org.member.add", "identity.link", "sign_in"]);
    for password in ["", " ", "null"] {
        let stranger = app.browser();
        let form = stranger.get("/login").await.form("login-submit");
        let page = stranger.post(form.with(&[("username", &user.login), ("password", password)])).await;
        assert_eq!((page.status, stranger.session()), (400, None), "{password:?}");
    }
    // The click counts once.
    let again = browser.submit(&asked, "sso-new", &[]).await;
    assert!(again.status == 403 || again.status == 400, "{}", again.status);
    assert_eq!(app.db_users().await.len(), 1);
}

/// S73, C41: found by its subject, whatever its address is now; another subject with the old address is somebody else.
async fn a_known_identity_opens_its_account_without_a_question(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let first = app.browser();
    let asked = first.sso("/login/acme", Said { id: "42", ..Said::verified("nell@acme.example") }).await;
    first.submit(&asked, "sso-new", &[]).await;
    let user = app.db_users().await.remove(0);
    let before = app.db_identity(&acme, user.id).await.expect("an identity");
    app.wait(100);
    let second = app.browser();
    let done = second.sso("/login/acme", Said { id: "42", ..Said::verified("married@acme.example") }).await;
    assert_eq!((done.status, done.location()), (302, "/orgs/acme"), "{}", done.body);
    assert!(app.db_has_proof(&second, &acme).await);
    let after = app.db_identity(&acme, user.id).await.expect("an identity");
    assert_eq!((after.id, after.email.as_deref()), (before.id, Some("married@acme.example")));
    assert_eq!((after.last_verified, after.last_synced), (before.last_verified + 100, before.last_synced + 100));
    let other = app.browser();
    let asked = other.sso("/login/acme", Said { id: "43", ..Said::verified("nell@acme.example") }).await;
    assert!(asked.has("#sso-new") && other.session().is_none(), "{}", asked.body);
}

/// S72, S76, S80.
async fn somebody_who_is_signed_in_links_after_a_click(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let before = browser.session();
    let asked = browser.sso("/login/acme", Said::verified("other@acme.example")).await;
    assert_eq!(asked.words("h1"), "Link this account?");
    assert!(app.db_identity(&acme, ada.row.id).await.is_none(), "nothing is linked before the click");
    let done = browser.submit(&asked, "sso-link", &[]).await;
    assert_eq!((done.status, done.location()), (303, "/orgs/acme"), "{}", done.body);
    assert!(app.db_identity(&acme, ada.row.id).await.is_some() && app.db_has_proof(&browser, &acme).await);
    assert!(app.db_membership(&acme, ada.row.id).await.is_some());
    assert_ne!(browser.session(), before, "C55: another session");
    assert_eq!(browser.get("/account/sessions").await.status, 200, "the own factor was given before");
    let events = app.db_events().await;
    assert_eq!(events[events.len() - 3..], ["org.member.add", "identity.link", "sign_in"]);
}

/// S74, S75, C39, C40: suggested only when the upstream says `true`, and never linked by itself.
async fn a_matching_address_has_to_be_proven_first(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let ada = app.db_user("ada").await;
    app.db_set_email(&ada, "ada@acme.example", false).await;
    let unverified = app.browser();
    let asked = unverified.sso("/login/acme", Said { id: "1", email: "ada@acme.example", ..Said::default() }).await;
    assert_eq!(asked.words("h1"), "Join acme Inc", "an unverified address suggests nothing");

    let browser = app.browser();
    let asked = browser.sso("/login/acme", Said::verified("Ada@Acme.example")).await;
    assert_eq!(asked.words("h1"), "Is this your account?");
    for op in ["link", "sign_in", "switch", "set_up"] {
        let form = asked.form("sso-new").with(&[("op", op)]);
        let page = browser.post(form).await;
        assert_eq!((page.status, browser.session()), (409, None), "{op}: {}", page.body);
    }
    let link = asked.attributes("main a", "href").into_iter().find(|href| href.starts_with("/login"));
    let entry = browser.get(&link.expect("a way to sign in")).await;
    let after = browser.sign_in_on(&entry, &ada).await;
    let asked = browser.get(after.location()).await;
    assert_eq!(asked.words("h1"), "Link this account?");
    let done = browser.submit(&asked, "sso-link", &[]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(app.db_identity(&acme, ada.row.id).await.is_some());
    assert_eq!(app.db_users().await.len(), 1);
}

/// S83: whoever proved the address here is who has it.
async fn a_verified_owner_of_the_address_leaves_no_second_account(app: &TestApp) {
    app.as_dev().await;
    app.db_dummy_org("acme").await;
    let ada = app.db_user("ada").await;
    app.db_set_email(&ada, "ada@acme.example", true).await;
    let browser = app.browser();
    let asked = browser.sso("/login/acme", Said::verified("ada@acme.example")).await;
    assert_eq!((asked.words("h1").as_str(), asked.has("#sso-new")), ("Is this your account?", false));
    assert_eq!(app.db_users().await.len(), 1);
}

/// C37, C46, S78.
async fn an_identity_of_a_disabled_account_is_refused_and_never_moved(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let (ada, eve) = (app.db_user("ada").await, app.db_user("eve").await);
    let browser = app.db_signed_in(&ada).await;
    let asked = browser.sso("/login/acme", Said::verified("ada@acme.example")).await;
    browser.submit(&asked, "sso-link", &[]).await;
    app.db_disable_user(&ada).await;
    for stranger in [app.browser(), app.db_signed_in(&eve).await] {
        let page = stranger.sso("/login/acme", Said::verified("ada@acme.example")).await;
        assert_eq!((page.status, page.words("h1").as_str()), (403, "This account cannot be used"));
        assert!(!app.db_has_proof(&stranger, &acme).await);
    }
    assert!(app.db_identity(&acme, ada.row.id).await.is_some() && app.db_identity(&acme, eve.row.id).await.is_none());
    assert_eq!(app.db_person(&ada).await.status, "disabled");
}

/// S81's neighbour: a tombstone is not revived by an upstream.
async fn a_removed_member_does_not_come_back(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let browser = app.browser();
    let asked = browser.sso("/login/acme", Said::verified("nell@acme.example")).await;
    browser.submit(&asked, "sso-new", &[]).await;
    let user = app.db_users().await.remove(0);
    app.db_batch(&format!(
        "UPDATE organization_members SET status = 'removed', removed_at = 1 WHERE user_id = {}",
        user.id
    ));
    app.restart().await;
    let again = app.browser();
    let page = again.sso("/login/acme", Said::verified("nell@acme.example")).await;
    assert_eq!((page.status, page.words("h1").as_str()), (403, "You are no longer a member"));
    assert_eq!(app.db_membership(&acme, user.id).await.expect("a row").status, "removed");
    assert!(again.session().is_none());
}

/// S81, C36: proof of both accounts means that the other one unlinks it first.
async fn an_identity_of_somebody_else_is_not_moved(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let (ada, eve) = (app.db_user("ada").await, app.db_user("eve").await);
    app.db_join(&acme, &ada, "member").await;
    app.db_join(&acme, &eve, "member").await;
    let hers = app.db_signed_in(&ada).await;
    let asked = hers.sso("/link/acme", Said::verified("ada@acme.example")).await;
    assert_eq!(hers.submit(&asked, "sso-link", &[]).await.status, 303);
    let eves = app.db_signed_in(&eve).await;
    let page = eves.sso("/link/acme", Said::verified("ada@acme.example")).await;
    assert_eq!((page.status, page.words("h1").as_str()), (403, "This identity is linked to another account"));
    let page = eves.sso("/login/acme", Said::verified("ada@acme.example")).await;
    assert_eq!(page.words("h1"), "Continue as somebody else?");
    assert!(app.db_identity(&acme, eve.row.id).await.is_none());

    // Proof of the other account: unlinked there, it can be linked here.
    let listed = hers.get("/account/identities").await;
    assert!(listed.body.contains("ada@acme.example"));
    let asked = hers.get(&listed.attributes("#identities a.danger", "href")[0]).await;
    assert!(asked.words("main").contains("acme Inc does not know you any more"), "{}", asked.body);
    assert!(app.db_identity(&acme, ada.row.id).await.is_some(), "a look unlinks nothing");
    assert_eq!(hers.submit(&asked, "confirm", &[]).await.status, 303);
    assert!(!app.db_has_proof(&hers, &acme).await, "what it proved is void");
    let asked = eves.sso("/link/acme", Said::verified("ada@acme.example")).await;
    assert_eq!(eves.submit(&asked, "sso-link", &[]).await.status, 303);
    assert!(app.db_identity(&acme, eve.row.id).await.is_some() && app.db_identity(&acme, ada.row.id).await.is_none());
}

/// S77, S82: only by a name the provider itself declares.
async fn a_declared_legacy_name_is_rekeyed(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let browser = app.browser();
    let asked = browser.sso("/login/acme", Said { id: "old", email: "nell@acme.example", ..Said::default() }).await;
    browser.submit(&asked, "sso-new", &[]).await;
    let user = app.db_users().await.remove(0);
    let again = app.browser();
    let said = Said { id: "new", legacy_id: "old", email: "nell@acme.example", ..Said::default() };
    let done = again.sso("/login/acme", said).await;
    assert_eq!((done.status, done.location()), (302, "/orgs/acme"), "{}", done.body);
    assert_eq!(app.db_identity(&acme, user.id).await.expect("an identity").subject, "new");
    // On the record and by mail, once: only the provider's word makes the two one account.
    let rekeyed = app.db_audit().await.into_iter().filter(|event| event.event == "identity.rekey").collect::<Vec<_>>();
    let data: serde_json::Value = serde_json::from_str(&rekeyed[0].data).expect("JSON");
    assert_eq!((rekeyed.len(), rekeyed[0].organization_id), (1, Some(acme.id)));
    assert_eq!(data, serde_json::json!({ "issuer": "dummy", "from": "old", "to": "new" }));
    assert_eq!(app.db_mails("identity_rekeyed"), 1);
    let letter = app.db_letters().await.into_iter().rfind(|letter| letter.kind == "identity_rekeyed").expect("a mail");
    assert_eq!(letter.subject, "Your link to acme Inc was carried over");
    assert!(letter.text.contains("/account/identities"), "{}", letter.text);
    let said = Said { id: "new", legacy_id: "old", email: "nell@acme.example", ..Said::default() };
    assert_eq!(app.browser().sso("/login/acme", said).await.status, 302);
    assert_eq!(app.db_mails("identity_rekeyed"), 1);
}

/// S77: linking another account at the same provider ends the earlier link, on the record and by mail.
async fn a_new_identity_replaces_the_old_one_of_the_same_account(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let ada = app.db_user("ada").await;
    app.db_set_email(&ada, "ada@home.example", false).await;
    let browser = app.db_signed_in(&ada).await;
    for (id, way) in [("one", "/login/acme"), ("two", "/link/acme")] {
        let asked = browser.sso(way, Said { id, email: "ada@acme.example", ..Said::default() }).await;
        let done = browser.submit(&asked, "sso-link", &[]).await;
        assert_eq!(done.status, 303, "{}", done.body);
    }
    assert_eq!(app.db_identity(&acme, ada.row.id).await.expect("an identity").subject, "two");
    assert_eq!((app.rows("identities"), app.db_mails("identity_lost"), app.rows("session_proofs")), (1, 1, 1));
    assert_eq!(app.db_events().await.iter().filter(|event| *event == "identity.unlink").count(), 1);
}

/// A provider's own error is no riddle.
async fn who_cancels_upstream_is_told_so(app: &TestApp) {
    app.as_dev().await;
    app.db_dummy_org("acme").await;
    let browser = app.browser();
    let form = browser.go_upstream("/login/acme").await;
    let back = browser.submit(&form, "dummy-cancel", &[]).await;
    let page = browser.get(back.location()).await;
    assert_eq!((page.status, page.words("h1").as_str()), (403, "You were not signed in"));
    assert_eq!(app.db_events().await, ["sign_in.failed"]);
}
