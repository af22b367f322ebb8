//! The way upstream and back as attackers walk it: other browsers, used and old states, swapped organizations, changes
//! while somebody is away, and many callbacks at once.

use crate::support::sso_stage::Said;
use crate::support::{TestApp, on_both};

on_both!(
    of_sixteen_callbacks_at_once_one_succeeds,
    of_sixteen_clicks_at_once_one_succeeds,
    a_state_counts_in_its_own_browser_only,
    a_state_counts_once_and_for_ten_minutes,
    a_link_begun_by_an_attacker_is_not_finished_by_a_victim,
    an_organizations_provider_does_not_speak_for_others,
    a_provider_disabled_or_replaced_meanwhile_signs_nobody_in,
    a_session_changed_meanwhile_signs_nobody_in,
    an_upstreams_word_alone_links_nothing_elsewhere,
    an_unknown_organization_has_an_ordinary_door,
    a_proof_ends_after_a_day_and_follows_a_new_sign_in,
    a_form_post_answer_goes_on_as_a_get,
    ids_of_an_organization_are_never_used_again,
    a_waiting_invitation_is_used_up,
    two_tabs_never_mix,
    an_identity_of_a_deleted_account_is_refused,
);

/// C44, ASVS 2.3.4: one callback of a flow counts.
async fn of_sixteen_callbacks_at_once_one_succeeds(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let first = app.browser();
    let asked = first.sso("/login/acme", Said::verified("nell@acme.example")).await;
    first.submit(&asked, "sso-new", &[]).await;
    let browser = app.browser();
    let form = browser.go_upstream("/login/acme").await;
    let back = browser.submit(&form, "dummy-sign-in", &[("email", "nell@acme.example")]).await;
    let address = back.location().to_owned();
    let tries: Vec<_> = (0..16).map(|_| browser.cloned()).collect();
    let answers = futures_util::future::join_all(tries.iter().map(|one| one.get(&address))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    let won = statuses.iter().filter(|status| **status == 302).count();
    assert_eq!((won, statuses.iter().filter(|status| **status == 400).count()), (1, 15), "{statuses:?}");
    assert_eq!(tries.iter().filter(|one| one.session().is_some()).count(), 1);
    assert_eq!(app.db_events().await.iter().filter(|event| *event == "sign_in").count(), 2);
    assert_eq!(
        (app.rows("identities"), app.db_membership(&acme, app.db_users().await[0].id).await.is_some()),
        (1, true)
    );
}

/// The same for the click that makes an account.
async fn of_sixteen_clicks_at_once_one_succeeds(app: &TestApp) {
    app.as_dev().await;
    app.db_dummy_org("acme").await;
    let browser = app.browser();
    let asked = browser.sso("/login/acme", Said::verified("nell@acme.example")).await;
    let tries: Vec<_> = (0..16).map(|_| browser.cloned()).collect();
    let answers = futures_util::future::join_all(tries.iter().map(|one| one.submit(&asked, "sso-new", &[]))).await;
    let won = answers.iter().filter(|answer| answer.status == 303).count();
    assert_eq!(won, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| answer.status < 500));
    assert_eq!((app.rows("identities"), app.db_users().await.len(), app.rows("organization_members")), (1, 1, 1));
}

/// C11, C42: begun in browser A, finished in browser B.
async fn a_state_counts_in_its_own_browser_only(app: &TestApp) {
    app.as_dev().await;
    app.db_dummy_org("acme").await;
    let (mine, theirs) = (app.browser(), app.browser());
    let form = mine.go_upstream("/login/acme").await;
    let back = mine.submit(&form, "dummy-sign-in", &[("email", "nell@acme.example")]).await;
    theirs.get("/login").await;
    for stranger in [&theirs, &app.browser()] {
        let page = stranger.get(back.location()).await;
        assert_eq!((page.status, page.words("h1").as_str()), (400, "This sign-in is over"));
    }
    // It did not cost me mine.
    let asked = mine.get(back.location()).await;
    let confirm = asked.location().to_owned();
    assert_eq!(theirs.get(&confirm).await.status, 400, "nor does the page that asks open elsewhere");
    let page = mine.get(&confirm).await;
    assert!(page.has("#sso-new"));
    let form = page.form("sso-new");
    let token = theirs.get("/login").await.form("login-submit").value("csrf_token").to_owned();
    assert_eq!(theirs.post(form.with(&[("csrf_token", &token)])).await.status, 400);
    assert_eq!(app.db_users().await.len(), 0);
}

/// S34, ASVS 10.5.x: required, single use, ten minutes.
async fn a_state_counts_once_and_for_ten_minutes(app: &TestApp) {
    app.as_dev().await;
    app.db_dummy_org("acme").await;
    let browser = app.browser();
    let form = browser.go_upstream("/login/acme").await;
    let back = browser.submit(&form, "dummy-sign-in", &[("email", "nell@acme.example")]).await;
    let address = back.location().to_owned();
    let state = address.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state").to_owned();
    for wrong in [
        "/sso/callback",
        "/sso/callback?code=x",
        "/sso/callback?state=&code=x",
        "/sso/callback?state=gus_x&code=x",
        &format!("/sso/callback?state={state}&state={state}&code=x"),
        &format!("/sso/confirm?flow={state}"),
        "/sso/confirm",
    ] {
        assert_eq!(browser.get(wrong).await.status, 400, "{wrong}");
    }
    assert_eq!(browser.get(&address).await.status, 302);
    assert_eq!(browser.get(&address).await.status, 400, "used");

    let form = browser.go_upstream("/login/acme").await;
    app.wait(600);
    let back = browser.submit(&form, "dummy-sign-in", &[("email", "nell@acme.example")]).await;
    assert_eq!(browser.get(back.location()).await.status, 400, "too old");

    let asked = browser.sso("/login/acme", Said::verified("nell@acme.example")).await;
    app.wait(600);
    assert_eq!(browser.submit(&asked, "sso-new", &[]).await.status, 400, "too old for the click");
    assert_eq!(app.db_users().await.len(), 0);
}

/// C42: the victim's browser meets the attacker's callback.
async fn a_link_begun_by_an_attacker_is_not_finished_by_a_victim(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let (eve, ada) = (app.db_user("eve").await, app.db_user("ada").await);
    for person in [&eve, &ada] {
        app.db_join(&acme, person, "member").await;
    }
    let (attacker, victim) = (app.db_signed_in(&eve).await, app.db_signed_in(&ada).await);
    let form = attacker.go_upstream("/link/acme").await;
    let back = attacker.submit(&form, "dummy-sign-in", &[("email", "eve@acme.example")]).await;
    assert_eq!(victim.get(back.location()).await.status, 400);
    // Even with the attacker's browser cookie planted, the session is another.
    let planted = attacker.cloned();
    for (name, value) in victim.cookies().into_iter().filter(|(_, value)| value.starts_with("gss_")) {
        planted.set_cookie(&name, &value);
    }
    let page = planted.get(back.location()).await;
    assert_eq!((page.status, page.words("h1").as_str()), (403, "Somebody else is signed in now"));
    assert_eq!(app.rows("identities"), 0);
}

/// C36: the provider of A names the address of somebody who belongs to B.
async fn an_organizations_provider_does_not_speak_for_others(app: &TestApp) {
    app.as_dev().await;
    let (mallory, victims) = (app.db_dummy_org("mallory").await, app.db_dummy_org("victims").await);
    let (eve, victim) = (app.db_user("eve").await, app.db_user("victim").await);
    app.db_set_email(&victim, "victim@b.example", true).await;
    app.db_join(&victims, &victim, "member").await;
    let browser = app.db_signed_in(&eve).await;
    let page = browser.sso("/login/mallory", Said::verified("victim@b.example")).await;
    assert_eq!((page.status, page.words("h1").as_str()), (403, "This looks like somebody else"));
    let anonymous = app.browser();
    let asked = anonymous.sso("/login/mallory", Said::verified("victim@b.example")).await;
    assert_eq!((asked.words("h1").as_str(), asked.has("button")), ("Is this your account?", false));
    assert!(anonymous.session().is_none());
    for organization in [&mallory, &victims] {
        assert!(app.db_identity(organization, victim.row.id).await.is_none());
    }
}

/// C45: and a flow of one organization is not finished at another's provider.
async fn a_provider_disabled_or_replaced_meanwhile_signs_nobody_in(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let first = app.browser();
    let asked = first.sso("/login/acme", Said::verified("nell@acme.example")).await;
    first.submit(&asked, "sso-new", &[]).await;
    for change in [
        "UPDATE providers SET status = 'disabled'",
        "UPDATE organizations SET status = 'pending_deletion'",
        "UPDATE sso_flows SET provider_id = provider_id + 1 WHERE step = 0",
    ] {
        let browser = app.browser();
        let form = browser.go_upstream("/login/acme").await;
        let back = browser.submit(&form, "dummy-sign-in", &[("email", "nell@acme.example")]).await;
        app.db_batch(change);
        let page = browser.get(back.location()).await;
        assert_eq!((page.status, page.words("h1").as_str()), (400, "Single sign-on is not available"), "{change}");
        assert!(browser.session().is_none());
        app.db_batch("UPDATE providers SET status = 'active'; UPDATE organizations SET status = 'active'");
    }
    // Between the page and the click.
    let browser = app.browser();
    let asked = browser.sso("/login/acme", Said::verified("new@acme.example")).await;
    app.db_batch("UPDATE providers SET status = 'disabled'");
    assert_eq!(browser.submit(&asked, "sso-new", &[]).await.status, 400);
    assert_eq!((app.db_users().await.len(), app.db_has_proof(&first, &acme).await), (1, true));
}

/// C42: signed in as another, or no longer, on the way back.
async fn a_session_changed_meanwhile_signs_nobody_in(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let (ada, eve) = (app.db_user("ada").await, app.db_user("eve").await);
    for other in [Some(&eve), None] {
        let browser = app.db_signed_in(&ada).await;
        let asked = browser.sso("/login/acme", Said::verified("ada@acme.example")).await;
        let out = browser.get("/logout").await;
        browser.submit(&out, "logout-confirm", &[]).await;
        if let Some(other) = other {
            browser.sign_in(other).await;
        }
        let flow = asked.form("sso-link");
        let page = browser.get(&format!("/sso/confirm?flow={}", flow.value("flow"))).await;
        assert_eq!((page.status, page.words("h1").as_str()), (403, "Somebody else is signed in now"));
    }
    assert!(app.db_identity(&acme, ada.row.id).await.is_none() && app.db_identity(&acme, eve.row.id).await.is_none());
}

/// C36: else one organization's administrator could become its people elsewhere.
async fn an_upstreams_word_alone_links_nothing_elsewhere(app: &TestApp) {
    app.as_dev().await;
    let (acme, other) = (app.db_dummy_org("acme").await, app.db_dummy_org("other").await);
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let asked = browser.sso("/login/acme", Said::verified("ada@acme.example")).await;
    browser.submit(&asked, "sso-link", &[]).await;
    let upstream_only = app.browser();
    let done = upstream_only.sso("/login/acme", Said::verified("ada@acme.example")).await;
    assert_eq!(done.status, 302, "{}", done.body);
    assert!(app.db_has_proof(&upstream_only, &acme).await);
    let page = upstream_only.sso("/login/other", Said::verified("ada@other.example")).await;
    assert_eq!((page.status, page.words("h1").as_str()), (403, "Your password is needed first"));
    assert!(app.db_identity(&other, ada.row.id).await.is_none());
    // With the password it goes on, and what was proven stays proven.
    let entry = upstream_only.get("/login?return_to=/").await;
    upstream_only.sign_in_on(&entry, &ada).await;
    assert!(app.db_has_proof(&upstream_only, &acme).await);
    let asked = upstream_only.sso("/login/other", Said::verified("ada@other.example")).await;
    assert_eq!(upstream_only.submit(&asked, "sso-link", &[]).await.status, 303);
    assert!(app.db_has_proof(&upstream_only, &acme).await && app.db_has_proof(&upstream_only, &other).await);
}

/// S70, S33: the same answer for no organization and one without a provider.
async fn an_unknown_organization_has_an_ordinary_door(app: &TestApp) {
    app.db_org("plain").await;
    let ada = app.db_user("ada").await;
    let pages = [app.browser().get("/login/plain").await, app.browser().get("/login/nothing-there").await];
    for page in &pages {
        assert_eq!((page.status, page.words("h1").as_str(), page.has("#login-submit")), (200, "Sign in", true));
    }
    let browser = app.db_signed_in(&ada).await;
    let there = [browser.get("/link/plain").await, browser.get("/link/nothing-there").await];
    assert!(there.iter().all(|page| page.status == 404));
}

/// A day in the session; a new session of the same person in the same browser inherits it.
async fn a_proof_ends_after_a_day_and_follows_a_new_sign_in(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let (ada, eve) = (app.db_user("ada").await, app.db_user("eve").await);
    let browser = app.db_signed_in(&ada).await;
    let asked = browser.sso("/login/acme", Said::verified("ada@acme.example")).await;
    browser.submit(&asked, "sso-link", &[]).await;
    app.wait(3600);
    let step = browser.get("/step-up?return_to=/account/sessions").await;
    browser.sign_in_on(&step, &ada).await;
    assert!(app.db_has_proof(&browser, &acme).await, "inherited");
    let entry = browser.get("/login?return_to=/").await;
    browser.sign_in_on(&entry, &eve).await;
    assert!(!app.db_has_proof(&browser, &acme).await, "not by somebody else");
    let entry = browser.get("/login?return_to=/").await;
    browser.sign_in_on(&entry, &ada).await;
    assert!(!app.db_has_proof(&browser, &acme).await, "nor across somebody else");
    let again = app.db_signed_in(&ada).await;
    again.sso("/login/acme", Said::verified("ada@acme.example")).await;
    assert!(app.db_has_proof(&again, &acme).await);
    app.restart_with(|config| config.sign_in.session_idle = 1_000_000).await;
    app.wait(86_399);
    assert!(app.db_has_proof(&again, &acme).await);
    app.wait(1);
    assert!(!app.db_has_proof(&again, &acme).await);
}

/// Without our cookies a cross-site POST changes nothing; the GET it becomes has them.
async fn a_form_post_answer_goes_on_as_a_get(app: &TestApp) {
    app.as_dev().await;
    app.db_dummy_org("acme").await;
    let browser = app.browser();
    let form = browser.go_upstream("/login/acme").await;
    let back = browser.submit(&form, "dummy-sign-in", &[("email", "nell@acme.example")]).await;
    let query = back.location().split_once('?').expect("a query").1.to_owned();
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let request = app.shared.http.post(app.shared.url("/sso/callback")).header("Origin", "https://up.example");
    let posted = app.shared.send(request.header("Sec-Fetch-Site", "cross-site").form(&fields)).await;
    assert_eq!(posted.status, 303, "{}", posted.body);
    let asked = browser.get(posted.header("location").expect("a redirect")).await;
    assert_eq!(asked.status, 302, "{}", asked.body);
}

/// C49: the same name again is another organization, and old links do not open it.
async fn ids_of_an_organization_are_never_used_again(app: &TestApp) {
    app.as_dev().await;
    let old = app.db_dummy_org("acme").await;
    let browser = app.browser();
    let asked = browser.sso("/login/acme", Said::verified("nell@acme.example")).await;
    browser.submit(&asked, "sso-new", &[]).await;
    let user = app.db_users().await.remove(0);
    app.db_batch(
        "DELETE FROM identities; DELETE FROM providers; DELETE FROM organization_members; DELETE FROM organizations",
    );
    app.restart().await;
    let new = app.db_dummy_org("acme").await;
    assert_ne!(old.id, new.id);
    assert!(!app.db_has_proof(&browser, &new).await, "a proof is for a row, not for a name");
    assert!(app.db_identity(&new, user.id).await.is_none());
}

/// S83: instead of a second membership, in the role that was offered.
async fn a_waiting_invitation_is_used_up(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let invited = grantor::store::invitations::InvitationRow {
        id: app.app().store.next_id().expect("an id"),
        organization_id: acme.id,
        email: "Nell@acme.example".to_owned(),
        email_key: "nell@acme.example".to_owned(),
        role: "manager".to_owned(),
        teams: grantor::store::types::TextArray(Vec::new()),
        digest: vec![1],
        invited_by: None,
        created_at: app.now(),
        expires_at: app.now() + 1000,
        accepted_at: None,
        accepted_by: None,
        revoked_at: None,
        invited_by_key: None,
    };
    let write = move |write: &mut grantor::store::Write<'_>| grantor::store::invitations::insert(write, &invited);
    app.app().store.write(write).await.expect("an invitation");
    let browser = app.browser();
    let asked = browser.sso("/login/acme", Said { id: "7", ..Said::verified("nell@acme.example") }).await;
    browser.submit(&asked, "sso-new", &[]).await;
    let user = app.db_users().await.remove(0);
    assert_eq!(app.db_membership(&acme, user.id).await.expect("a membership").role, "manager");
    let other = app.browser();
    let asked = other.sso("/login/acme", Said { id: "8", ..Said::verified("nell@acme.example") }).await;
    other.submit(&asked, "sso-new", &[]).await;
    let second = app.db_users().await.into_iter().find(|one| one.id != user.id).expect("another");
    assert_eq!(app.db_membership(&acme, second.id).await.expect("a membership").role, "member", "it counts once");
}

/// C43: what one tab proved is not used up by another; each flow knows its own identity.
async fn two_tabs_never_mix(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let first = browser.sso("/login/acme", Said { id: "one", ..Said::verified("a@acme.example") }).await;
    let second = browser.sso("/login/acme", Said { id: "two", ..Said::verified("b@acme.example") }).await;
    assert_ne!(first.form("sso-link").value("flow"), second.form("sso-link").value("flow"));
    let done = browser.submit(&first, "sso-link", &[]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(app.db_identity(&acme, ada.row.id).await.expect("an identity").subject, "one");
    // The other tab's page was made for the session before: it is out of date, and nothing happens.
    assert_eq!(browser.submit(&second, "sso-link", &[]).await.status, 403);
    assert_eq!(app.db_identity(&acme, ada.row.id).await.expect("an identity").subject, "one");
}

/// C37: deleted, not only disabled.
async fn an_identity_of_a_deleted_account_is_refused(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let (ada, eve) = (app.db_user("ada").await, app.db_user("eve").await);
    let browser = app.db_signed_in(&ada).await;
    let asked = browser.sso("/login/acme", Said::verified("ada@acme.example")).await;
    browser.submit(&asked, "sso-link", &[]).await;
    let (id, store) = (ada.row.id, app.app().store.clone());
    let entombed = store.write(move |write| grantor::store::users::entomb(write, id, "gone"));
    assert_eq!(entombed.await.expect("a tombstone"), 1);
    for stranger in [app.browser(), app.db_signed_in(&eve).await] {
        let page = stranger.sso("/login/acme", Said::verified("ada@acme.example")).await;
        assert_eq!((page.status, page.words("h1").as_str()), (403, "This account cannot be used"));
    }
    assert!(app.db_identity(&acme, eve.row.id).await.is_none());
}
