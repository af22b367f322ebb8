//! How old a sign-in may be when the person has taken their time: on the consent page, and choosing an organization
//! (OpenID Connect Core section 3.1.2.1).

use serde_json::json;

use super::request_signer::{link, object, registers_keys};
use super::{refusal, relying_party, stage, told};
use crate::support::page::Page;
use crate::support::{Browser, ClientSpec, Person, RelyingParty, TestApp, on_both};

on_both!(
    a_consent_page_that_was_open_for_long_answers_with_no_old_sign_in,
    no_age_at_all_asks_in_the_second_of_the_sign_in_too,
    whoever_chooses_an_organization_in_their_own_time_is_asked_once,
    a_new_account_with_an_invitation_chooses_its_organization_once,
    a_proof_counts_once_however_often_an_organization_is_chosen,
);

/// A minute to read is given: nobody answers within `max_age=1`.
async fn a_consent_page_that_was_open_for_long_answers_with_no_old_sign_in(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    let url = web.authorize_url(&[("scope", "openid"), ("max_age", "60")]);
    for (seconds, good) in [(540, false), (121, false), (120, true)] {
        let page = browser.get(&url).await;
        let page = match page.has("#login-submit") {
            true => browser.get(browser.sign_in_on(&page, &ada).await.location()).await,
            false => page,
        };
        assert!(page.has("#consent-allow"), "{}", page.body);
        app.wait(seconds);
        let answered = browser.submit(&page, "consent-allow", &[]).await;
        match good {
            true => assert_eq!(told(app, &web, &answered).await["auth_time"], json!(app.now() - 120)),
            false => {
                assert_eq!((answered.status, app.rows("grants")), (403, 0), "{}", answered.body);
                assert!(answered.body.contains("older by now"), "{}", answered.body);
                assert!(browser.get(&url).await.has("#login-submit"), "and is asked for a new one");
            }
        }
    }
    let plain = browser.get(&web.authorize_url(&[("scope", "openid email")])).await;
    app.wait(540);
    assert!(told(app, &web, &browser.allow(plain).await).await.contains_key("auth_time"), "whoever bounds no age");
}

/// `max_age=0` is `prompt=login`.
async fn no_age_at_all_asks_in_the_second_of_the_sign_in_too(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let browser = app.db_signed_in(&ada).await;
    web.code(&browser, &[("scope", "openid")]).await;
    let asked = |more: &[(&str, &str)]| web.authorize_url(&[&[("scope", "openid"), ("max_age", "0")], more].concat());
    assert_eq!(refusal(&browser.get(&asked(&[("prompt", "none")])).await, &web), "login_required");
    let page = browser.get(&asked(&[])).await;
    assert!(page.has("#login-submit"), "{} {}", page.status, page.location());
    let back = browser.sign_in_on(&page, &ada).await;
    assert_eq!(told(app, &web, &browser.get(back.location()).await).await["auth_time"], json!(app.now()));
    assert!(browser.get(back.location()).await.has("#login-submit"), "each time");
}

/// A client for members of organizations that signs its requests; Ada is in two.
async fn signer(app: &TestApp) -> (RelyingParty, Person) {
    let spec = ClientSpec { name: Some("Board".to_owned()), organization_access: true, ..relying_party() };
    let (board, ada) = super::stage_of(app, spec).await;
    registers_keys(app, &board).await;
    app.db_metadata(&board, |metadata| metadata.require_signed_request_object = true).await;
    for slug in ["acme", "zeta"] {
        app.db_join(&app.db_org(slug).await, &ada, "member").await;
    }
    (board, ada)
}

/// Takes nine minutes to choose; the object lived one.
async fn choose(app: &TestApp, browser: &Browser, chooser: Page) -> Page {
    assert_eq!(chooser.words("h1"), "Choose an organization", "{}", chooser.body);
    app.wait(540);
    let page = browser.get(&chooser.attributes("#organizations a", "href")[1]).await;
    let asked = page.words("h1");
    assert!(asked.starts_with("Board asks for ") && asked.ends_with("access to zeta Inc"), "{} {asked}", page.status);
    page
}

async fn whoever_chooses_an_organization_in_their_own_time_is_asked_once(app: &TestApp) {
    let (board, ada) = signer(app).await;
    app.restart_with(|config| config.sign_in.registration = true).await;
    let asked = |prompt: &str| link(&board, &[("request", &object(app, &board, &json!({ "prompt": prompt })))]);

    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&asked("select_account")).await;
    let chooser = browser.get(&page.attributes("#account-continue", "href")[0]).await;
    let page = choose(app, &browser, chooser).await;
    assert_eq!(told(app, &board, &browser.allow(page).await).await["sub"], json!(ada.row.sub));

    let browser = app.browser();
    let page = browser.get(&asked("login")).await;
    let back = browser.sign_in_on(&page, &ada).await;
    let at = app.now();
    let page = choose(app, &browser, browser.get(back.location()).await).await;
    assert_eq!(told(app, &board, &browser.allow(page).await).await["auth_time"], json!(at));

    let stranger = app.browser();
    let register = stranger.get(stranger.get(&asked("create")).await.location()).await;
    let links = register.attributes("a", "href");
    let sign_in = links.into_iter().find(|href| href.contains("/login?return_to")).expect("a link");
    let back = stranger.sign_in_on(&stranger.get(&sign_in).await, &ada).await;
    let page = choose(app, &stranger, stranger.get(back.location()).await).await;
    assert_eq!(told(app, &board, &stranger.allow(page).await).await["sub"], json!(ada.row.sub));
}

/// `prompt=create`: the account is new, the memberships are made while its person looks at the page.
async fn a_new_account_with_an_invitation_chooses_its_organization_once(app: &TestApp) {
    let (board, _) = signer(app).await;
    app.restart_with(|config| config.sign_in.registration = true).await;
    let browser = app.browser();
    let url = link(&board, &[("request", &object(app, &board, &json!({ "prompt": "create" })))]);
    let page = browser.get(browser.get(&url).await.location()).await;
    let password = "correct horse battery staple 9";
    app.shared.secrets.saw(password);
    let typed = [("username", "rosa"), ("name", "Rosa"), ("email", ""), ("password", password)];
    let back = browser.submit(&page, "register-submit", &typed).await;
    let rosa = app.db_person_named("rosa").await;
    for slug in ["acme", "zeta"] {
        app.db_join(&app.db_organization(slug).await.expect("an organization"), &rosa, "member").await;
    }
    let page = choose(app, &browser, browser.get(back.location()).await).await;
    assert_eq!(told(app, &board, &browser.allow(page).await).await["sub"], json!(rosa.row.sub));
}

/// The chooser does not use the proof up, and what comes after it does.
async fn a_proof_counts_once_however_often_an_organization_is_chosen(app: &TestApp) {
    let (board, ada) = signer(app).await;
    let browser = app.browser();
    let url = link(&board, &[("request", &object(app, &board, &json!({ "prompt": "login" })))]);
    let back = browser.sign_in_on(&browser.get(&url).await, &ada).await;
    let chooser = browser.get(back.location()).await;
    assert_eq!(browser.get(back.location()).await.words("h1"), "Choose an organization", "loaded again");
    let links = chooser.attributes("#organizations a", "href");
    assert!(browser.get(&links[0]).await.has("#consent-allow"));
    for link in links {
        assert!(browser.get(&link).await.has("#login-submit"), "used up");
    }
}
