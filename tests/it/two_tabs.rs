//! One browser, several tabs: a sign-in form from before the browser signed in or out.

use crate::seen::{at_client, refusal};
use crate::support::page::Page;
use crate::support::{Browser, TestApp, on_both};

on_both!(
    a_second_tab_goes_on_with_its_own_request_once_the_first_signed_in,
    a_second_tab_that_means_somebody_else_asks_again,
    a_form_from_before_signing_out_asks_again,
    a_form_from_a_browser_without_cookies_asks_again,
    a_form_that_another_site_sent_is_refused_whoever_is_signed_in,
);

const CODE: &str = "303 ? code=[code] & state=af0ifjsldkj & iss=[issuer]";
const STALE: &str = "You signed in or out in another tab after this page was made. Please sign in here once more.";

async fn sign_ins(app: &TestApp) -> usize {
    app.db_events().await.iter().filter(|event| event.starts_with("sign_in")).count()
}

/// The form again, with a token that works.
fn asks_again(page: &Page, login: &str) {
    assert_eq!((page.status, page.words("#sign-in-error").as_str()), (403, STALE));
    assert_eq!(page.attributes("#username", "value"), [login]);
    assert!(page.attributes("#password", "value").is_empty(), "a password is never sent back");
}

async fn typed(browser: &Browser, page: &Page, login: &str, password: &str) -> Page {
    browser.submit(page, "login-submit", &[("username", login), ("password", password)]).await
}

/// A18: two applications, each with its own request; what the second tab types is not tried.
async fn a_second_tab_goes_on_with_its_own_request_once_the_first_signed_in(app: &TestApp) {
    let (web, spa) = (app.db_web_client().await, app.db_public_client().await);
    let ada = app.db_user("ada").await;
    let browser = app.browser();
    let first = browser.get(&web.authorize_url(&[("scope", "org:read")])).await;
    let second = browser.get(&spa.authorize_url(&[("scope", "team:read")])).await;
    let after = browser.sign_in_on(&first, &ada).await;
    let at_web = browser.allow(browser.get(after.location()).await).await;
    assert_eq!(at_client(&at_web, &web), CODE);
    let (session, count) = (browser.session(), sign_ins(app).await);

    for password in [ada.password.as_str(), "wrong"] {
        let after = typed(&browser, &second, " ADA", password).await;
        assert_eq!(after.status, 303);
        assert_eq!(after.location(), second.form("login-submit").value("return_to"));
        assert_eq!((browser.session(), sign_ins(app).await), (session.clone(), count), "nothing was tried");
        let page = browser.get(after.location()).await;
        assert!(page.has("#consent-allow") && page.body.contains("Spa"), "{}", page.body);
    }
    let page = browser.get(second.form("login-submit").value("return_to")).await;
    let at_spa = browser.allow(page).await;
    assert_eq!(at_client(&at_spa, &spa), CODE);
    assert_eq!(app.db_authorized(&ada, &spa).await.as_deref(), Some("team:read"));
    assert_eq!(app.db_authorized(&ada, &web).await.as_deref(), Some("org:read"));

    let elsewhere = second.form("login-submit").with(&[("username", "ada"), ("return_to", "//evil.example")]);
    assert_eq!(browser.post(elsewhere).await.location(), "/", "A12");
}

/// Going on as ada would answer the request for somebody whom bob did not mean.
async fn a_second_tab_that_means_somebody_else_asks_again(app: &TestApp) {
    let (web, spa) = (app.db_web_client().await, app.db_public_client().await);
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let browser = app.browser();
    let first = browser.get(&web.authorize_url(&[])).await;
    let second = browser.get(&spa.authorize_url(&[])).await;
    browser.sign_in_on(&first, &ada).await;
    let session = browser.session();
    for login in ["bob", "", "eve"] {
        asks_again(&typed(&browser, &second, login, &bob.password).await, login);
    }
    let again = typed(&browser, &second, "bob", &bob.password).await;
    assert_eq!((browser.session(), sign_ins(app).await), (session, 1), "nothing was tried");
    let waits = second.form("login-submit").value("return_to").to_owned();
    assert_eq!(again.form("login-submit").value("return_to"), waits);
    assert!(again.words("h1 + p").contains("Spa"), "{}", again.body);
    let after = browser.sign_in_on(&again, &bob).await;
    assert_eq!((after.status, after.location()), (303, waits.as_str()));
    let page = browser.get(after.location()).await;
    browser.allow(page).await;
    assert!(app.db_authorized(&bob, &spa).await.is_some());
    assert!(app.db_authorized(&ada, &spa).await.is_none());
}

/// ASVS 7.4.4.
async fn a_form_from_before_signing_out_asks_again(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("prompt", "login")])).await;
    let out = browser.get("/logout").await;
    browser.submit(&out, "logout-confirm", &[]).await;
    let again = typed(&browser, &page, "ada", &ada.password).await;
    asks_again(&again, "ada");
    assert_eq!((browser.session(), sign_ins(app).await), (None, 1));
    let after = browser.sign_in_on(&again, &ada).await;
    assert!(browser.get(after.location()).await.has("#consent-allow"), "one proof is enough");
}

/// Whoever blocks cookies is told why it does not end.
async fn a_form_from_a_browser_without_cookies_asks_again(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let page = app.browser().get("/login?return_to=/account/sessions").await;
    let browser = app.browser();
    let again = typed(&browser, &page, "ada", &ada.password).await;
    assert_eq!((again.status, browser.session()), (403, None));
    assert!(again.words("#sign-in-error").starts_with("Your browser did not send this site's cookie."));
    assert_eq!(browser.sign_in_on(&again, &ada).await.location(), "/account/sessions");
}

/// A18: the second fence stands before everything else.
async fn a_form_that_another_site_sent_is_refused_whoever_is_signed_in(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.browser();
    let stale = browser.get("/login?return_to=/account/sessions").await;
    browser.sign_in(&ada).await;
    let current = browser.get("/login?return_to=/account/sessions").await;
    let (session, count) = (browser.session(), sign_ins(app).await);
    for page in [&stale, &current] {
        for (header, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let form = page.form("login-submit").with(&[("username", "ada"), ("password", &ada.password)]);
            let request = app.shared.http.post(app.shared.url("/login")).header(header, value).form(&form.fields);
            let answer = browser.send(request).await;
            assert_eq!(answer.status, 403, "{header}");
            refusal(&answer);
            assert_eq!((browser.session(), sign_ins(app).await), (session.clone(), count), "{header}");
        }
    }
}
