//! `prompt=select_account` (OpenID Connect Core section 3.1.2.1) and `prompt=create` (Initiating User Registration via
//! OpenID Connect 1.0).

use serde_json::json;

use super::front_channel::switched_on;
use super::{PLANS, of_plan, refusal, stage, told};
use crate::support::{TestApp, on_both};

on_both!(
    the_account_is_chosen_each_time,
    another_account_goes_on_with_the_same_request,
    the_choice_counts_for_this_request_account_and_browser,
    a_new_account_goes_on_with_the_same_request,
    whoever_has_an_account_may_sign_in_instead,
    accounts_are_made_only_while_registration_is_on,
);

const SELECT: [(&str, &str); 2] = [("scope", "openid"), ("prompt", "select_account")];
const CREATE: [(&str, &str); 2] = [("scope", "openid"), ("prompt", "create")];

async fn the_account_is_chosen_each_time(app: &TestApp) {
    let (web, ada) = switched_on(app).await;
    let browser = app.db_signed_in(&ada).await;
    for plan in &PLANS {
        let page = browser.get(&web.authorize_url(&of_plan(plan, &[("prompt", "select_account")]))).await;
        assert_eq!((page.status, page.words("#account-continue h2").as_str()), (200, "ada0"), "{plan:?}");
        let go_on = page.attributes("#account-continue", "href").remove(0);
        let after = browser.allow(browser.get(&go_on).await).await;
        assert_eq!(told(app, &web, &after).await["sub"], json!(ada.row.sub));
    }
    let stranger = app.browser().get(&web.authorize_url(&SELECT)).await;
    assert!(stranger.has("#login-submit"), "whoever signs in has chosen");
    let page = app.browser().sign_in_on(&stranger, &ada).await;
    assert_eq!(page.status, 403, "another browser's form");
    let both = web.authorize_url(&[("scope", "openid"), ("prompt", "none select_account")]);
    assert_eq!(refusal(&browser.get(&both).await, &web), "invalid_request");
}

async fn another_account_goes_on_with_the_same_request(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let bob = app.db_user("bob").await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&SELECT)).await;
    let other = browser.get(&page.attributes("#account-other", "href").remove(0)).await;
    let after = browser.sign_in_on(&other, &bob).await;
    let page = browser.get(after.location()).await;
    assert!(page.has("#consent-allow"), "chosen by signing in: {}", page.body);
    assert_eq!(told(app, &web, &browser.allow(page).await).await["sub"], json!(bob.row.sub));
}

/// A link made elsewhere, or for somebody else, chooses nothing.
async fn the_choice_counts_for_this_request_account_and_browser(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let bob = app.db_user("bob").await;
    let browser = app.db_signed_in(&ada).await;
    let go_on = browser.get(&web.authorize_url(&SELECT)).await.attributes("#account-continue", "href").remove(0);
    let asks = async |browser: &crate::support::Browser, url: &str| browser.get(url).await.has("#account-continue");
    assert!(!asks(&browser, &go_on).await);
    assert!(asks(&browser, &go_on.replace("af0ifjsldkj", "another")).await, "another request");
    assert!(asks(&app.db_signed_in(&ada).await, &go_on).await, "another browser");
    let (before, mark) = go_on.rsplit_once("account=").expect("a mark");
    let (at, tag) = mark.split_once('.').expect("a time and a tag");
    let later = at.parse::<i64>().expect("a time") + 1;
    assert!(asks(&browser, &format!("{before}account={later}.{tag}")).await, "a longer life");
    assert!(asks(&browser, &format!("{before}account=x")).await);
    browser.open_as(&bob, "/login?return_to=/account").await;
    assert!(asks(&browser, &go_on).await, "another account");
    let go_on = browser.get(&web.authorize_url(&SELECT)).await.attributes("#account-continue", "href").remove(0);
    app.wait(600);
    assert!(asks(&browser, &go_on).await, "too late");
}

async fn a_new_account_goes_on_with_the_same_request(app: &TestApp) {
    let (web, ada) = stage(app).await;
    app.restart_with(|config| config.sign_in.registration = true).await;
    for browser in [app.browser(), app.db_signed_in(&ada).await] {
        let login = format!("new{}", app.rows("users"));
        let page = browser.get(&web.authorize_url(&CREATE)).await;
        let page = browser.get(page.location()).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let password = "correct horse battery staple 9";
        let typed = [("username", login.as_str()), ("name", "New"), ("email", ""), ("password", password)];
        let after = browser.submit(&page, "register-submit", &typed).await;
        assert_eq!(after.status, 303, "{}", after.body);
        let page = browser.allow(browser.get(after.location()).await).await;
        let sub = told(app, &web, &page).await["sub"].clone();
        let row = grantor::flows::people::find::by_login(&app.app(), &login).await.expect("a new account");
        assert_eq!(sub, json!(row.sub));
    }
}

async fn whoever_has_an_account_may_sign_in_instead(app: &TestApp) {
    let (web, ada) = stage(app).await;
    app.restart_with(|config| config.sign_in.registration = true).await;
    let browser = app.browser();
    let page = browser.get(&web.authorize_url(&CREATE)).await;
    let page = browser.get(page.location()).await;
    let links = page.attributes("a", "href");
    let sign_in = links.into_iter().find(|href| href.contains("/login?return_to")).expect("a link");
    let after = browser.sign_in_on(&browser.get(&sign_in).await, &ada).await;
    let page = browser.allow(browser.get(after.location()).await).await;
    assert_eq!(told(app, &web, &page).await["sub"], json!(ada.row.sub));
}

/// DECISIONS: advertised only then, `prompt_values_supported`.
async fn accounts_are_made_only_while_registration_is_on(app: &TestApp) {
    let (web, _) = stage(app).await;
    let supported =
        async || app.get("/.well-known/openid-configuration").await.json()["prompt_values_supported"].clone();
    assert_eq!(supported().await, json!(["none", "login", "consent", "select_account"]));
    assert_eq!(refusal(&app.browser().get(&web.authorize_url(&CREATE)).await, &web), "invalid_request");
    app.restart_with(|config| config.sign_in.registration = true).await;
    assert_eq!(supported().await, json!(["none", "login", "consent", "select_account", "create"]));
    assert_eq!(app.browser().get(&web.authorize_url(&CREATE)).await.status, 302);
}
