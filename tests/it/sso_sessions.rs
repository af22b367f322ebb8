//! What a provider's word does to sessions: it opens its organization and no more, renews nothing, revives nothing, and is
//! gone with what it rests on.

use grantor::flows::organizations::{By, members};

use crate::support::db_shortcuts::web_client;
use crate::support::sso_stage::Said;
use crate::support::{Browser, ClientSpec, Person, TestApp, on_both};

on_both!(
    unbound_consent_wants_the_local_factor_when_it_is_given_too,
    a_removed_member_loses_every_proof_and_owns_the_account,
    an_upstream_renews_no_session,
    an_upstream_revives_no_session,
    proofs_follow_into_a_new_session_while_their_identity_is_good,
    whoever_only_a_provider_vouched_for_sees_its_organization_alone,
    the_second_device_is_told_and_the_first_of_a_new_account_is_not,
);

/// Signs in through acme's dummy provider, and says yes to what is asked.
async fn through_acme(browser: &Browser, email: &str) -> u16 {
    let asked = browser.sso("/login/acme", Said::verified(email)).await;
    let button = ["sso-new", "sso-link"].into_iter().find(|button| asked.has(&format!("#{button}")));
    match button {
        Some(button) => browser.submit(&asked, button, &[]).await.status,
        None => asked.status,
    }
}

async fn ada(app: &TestApp) -> (grantor::store::organizations::OrganizationRow, Person, Browser) {
    app.restart_with(|config| {
        config.dev = true;
        config.sign_in.session_idle = 1_000_000;
    })
    .await;
    let acme = app.db_dummy_org("acme").await;
    let ada = app.db_member(&acme, "ada", "member").await;
    let browser = app.db_signed_in(&ada).await;
    assert_eq!(through_acme(&browser, "ada@acme.example").await, 303);
    (acme, ada, browser)
}

/// C07: the account is managed when the page is made, and no more when it is answered.
async fn unbound_consent_wants_the_local_factor_when_it_is_given_too(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let (web, browser) = (app.db_web_client().await, app.browser());
    assert_eq!(through_acme(&browser, "nell@acme.example").await, 303);
    let page = browser.get(&web.authorize_url(&[("scope", "org:read")])).await;
    assert!(page.has("#consent-allow"), "{}", page.body);
    let nell = app.db_users().await.remove(0);
    let gone = members::remove::remove(&app.app(), By::Operator, &acme, &nell).await;
    gone.unwrap_or_else(|refusal| panic!("{refusal}"));
    let answered = browser.submit(&page, "consent-allow", &[]).await;
    assert_eq!(answered.status, 403, "{}", answered.body);
    assert_eq!((app.rows("grants"), app.rows("authorizations")), (0, 0));
    let asked = browser.get(&web.authorize_url(&[("scope", "org:read")])).await;
    assert!(asked.has("#login-submit"), "a factor of her own first: {}", asked.body);
}

/// FIX 30: nothing is left by which the organization speaks for the person, and others keep theirs.
async fn a_removed_member_loses_every_proof_and_owns_the_account(app: &TestApp) {
    let (acme, _, others) = ada(app).await;
    let (one, two) = (app.browser(), app.browser());
    assert_eq!(through_acme(&one, "nell@acme.example").await, 303);
    assert_eq!(through_acme(&two, "nell@acme.example").await, 302);
    let managed = async || app.db_users().await.into_iter().find(|user| user.login.starts_with("nell")).expect("nell");
    assert_eq!((managed().await.managed_by, app.rows("session_proofs")), (Some(acme.id), 3));
    assert_eq!(
        one.get("/account/sessions").await.status,
        200,
        "the organization's word is hers, as long as it manages"
    );
    let gone = members::remove::remove(&app.app(), By::Operator, &acme, &managed().await).await;
    gone.unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!((managed().await.managed_by, app.rows("session_proofs")), (None, 1));
    for browser in [&one, &two] {
        assert!(!app.db_has_proof(browser, &acme).await);
        assert_ne!(browser.get("/orgs/acme").await.status, 200);
        assert_eq!(browser.get("/account/sessions").await.status, 403, "her own factor is needed, which a mail gives");
    }
    assert!(app.db_has_proof(&others, &acme).await);
    assert_eq!(others.get("/orgs/acme").await.status, 200);
}

/// ASVS 7.3.2: the seven days count from the password, however often a provider vouches.
async fn an_upstream_renews_no_session(app: &TestApp) {
    let (acme, _, browser) = ada(app).await;
    for _ in 0..6 {
        app.wait(86_400);
        let before = browser.session();
        assert_eq!(through_acme(&browser, "ada@acme.example").await, 302);
        assert!(app.db_has_proof(&browser, &acme).await && browser.session() != before);
        assert_eq!(browser.get("/account/sessions").await.status, 200);
    }
    app.wait(86_399);
    assert_eq!(browser.get("/account/sessions").await.status, 200);
    app.wait(1);
    assert!(
        browser.get("/account/sessions").await.location().starts_with("/login"),
        "it ends when it would have ended"
    );
}

/// Ended while its browser was upstream, by its owner from elsewhere.
async fn an_upstream_revives_no_session(app: &TestApp) {
    let (acme, ada, browser) = ada(app).await;
    app.wait(86_400);
    let form = browser.go_upstream("/login/acme").await;
    let elsewhere = app.db_signed_in(&ada).await;
    let page = elsewhere.get("/account/sessions/end-others").await;
    let ended = elsewhere.submit(&page, "confirm", &[]).await;
    assert_eq!(ended.status, 303, "{}", ended.body);
    let back = browser.say(&form, Said::verified("ada@acme.example")).await;
    assert_eq!((back.status, back.words("h1").as_str()), (403, "Somebody else is signed in now"));
    assert!(browser.get("/account/sessions").await.location().starts_with("/login"));
    assert!(!app.db_has_proof(&browser, &acme).await);
}

async fn proofs_follow_into_a_new_session_while_their_identity_is_good(app: &TestApp) {
    let (acme, ada, browser) = ada(app).await;
    let identity = app.db_identity(&acme, ada.row.id).await.expect("an identity");
    for (status, follows) in [("valid", true), ("invalid", false)] {
        app.db_batch(&format!("UPDATE identities SET status = '{status}' WHERE id = {}", identity.id));
        app.restart().await;
        let step = browser.get("/step-up?return_to=/account/sessions").await;
        let typed = [("password", ada.password.as_str())];
        assert_eq!(browser.submit(&step, "login-submit", &typed).await.status, 303);
        assert_eq!(app.db_has_proof(&browser, &acme).await, follows, "{status}");
    }
    app.db_batch(&format!("UPDATE identities SET status = 'valid' WHERE id = {}", identity.id));
    app.restart().await;
    assert!(!app.db_has_proof(&browser, &acme).await, "what was not carried over stays behind");
}

/// DECISIONS, SSO: its administrator could look at everything else otherwise.
async fn whoever_only_a_provider_vouched_for_sees_its_organization_alone(app: &TestApp) {
    let (_, ada, _) = ada(app).await;
    app.db_set_email(&ada, "ada@home.example", true).await;
    let zeta = app.db_org("zeta").await;
    app.db_join(&zeta, &ada, "member").await;
    let spec = ClientSpec { name: Some("Board".to_owned()), organization_access: true, ..web_client() };
    let board = app.db_client(spec).await;
    let browser = app.browser();
    assert_eq!(through_acme(&browser, "ada@acme.example").await, 302);
    let chooser = board.authorize_url(&[("scope", "org:read")]);
    let organizations = async || browser.get("/").await.all_words("#organizations h3").len();
    assert_eq!(organizations().await, 1);
    let home = browser.get("/").await;
    assert!(home.words("#organizations h3").starts_with("acme Inc") && !home.body.contains("zeta"), "{}", home.body);
    assert!(!home.body.contains("ada@home.example"), "nor what mail reaches her");
    assert_eq!(browser.get(&chooser).await.all_words("#organizations h2"), ["acme Inc"]);
    assert!(browser.get("/orgs").await.location().starts_with("/step-up"));
    let step = browser.get("/step-up?return_to=/").await;
    assert_eq!(browser.submit(&step, "login-submit", &[("password", ada.password.as_str())]).await.status, 303);
    assert_eq!(organizations().await, 2);
    assert_eq!(browser.get(&chooser).await.all_words("#organizations h2"), ["acme Inc", "zeta Inc"]);
}

/// ASVS 6.3.5, however the account came: by a provider, by registration, by an invitation.
async fn the_second_device_is_told_and_the_first_of_a_new_account_is_not(app: &TestApp) {
    const PASSWORD: &str = "seven unlikely words in one row 83";
    app.restart_with(|config| {
        config.dev = true;
        config.sign_in.registration = true;
    })
    .await;
    app.shared.secrets.saw(PASSWORD);
    let acme = app.db_dummy_org("acme").await;
    assert_eq!(through_acme(&app.browser(), "nell@acme.example").await, 303);
    assert_eq!(app.db_mails("new_sign_in"), 0, "the first of all");
    assert_eq!(through_acme(&app.browser(), "nell@acme.example").await, 302);
    assert_eq!(app.db_mails("new_sign_in"), 1, "another browser");

    let invitation = app.db_invite(&acme, "ivan@acme.example", "member").await;
    for (login, way, told) in [("rosa", "/register".to_owned(), 2), ("ivan", invitation, 3)] {
        let first = app.browser();
        let page = first.get(&way).await;
        let page = match page.attributes("#invitation-register", "href").first() {
            Some(register) => first.get(register).await,
            None => page,
        };
        let email = format!("{login}@acme.example");
        let typed = [("username", login), ("name", login), ("email", &email), ("password", PASSWORD)];
        let made = first.submit(&page, "register-submit", &typed).await;
        assert_eq!(made.status, 303, "{}", made.body);
        let row = app.db_users().await.into_iter().find(|user| user.login == login).expect("an account");
        let person = Person { login: login.to_owned(), password: PASSWORD.to_owned(), row };
        if first.session().is_none() {
            first.sign_in(&person).await;
        }
        assert_eq!(app.db_mails("new_sign_in"), told - 1, "{login}: the first of all");
        app.browser().sign_in(&person).await;
        assert_eq!(app.db_mails("new_sign_in"), told, "{login}: another browser");
    }
}
