//! Signing in and out, and the session in between.

use std::time::Duration;

use futures_util::future::join_all;
use grantor::flows::audit::Actor;
use grantor::flows::people::{self, NewPerson};

use crate::seen::{at_client, refusal};
use crate::support::page::Page;
use crate::support::{Browser, Person, TestApp, on_both};

on_both!(
    a_browser_goes_on_only_to_an_own_path,
    every_spelling_of_a_login_shares_one_limit,
    a_limit_is_told_and_ends,
    one_address_may_not_try_everybody,
    nobody_learns_which_accounts_exist,
    an_account_without_a_password_has_no_password,
    a_password_is_compared_as_typed,
    a_session_is_new_at_every_sign_in,
    a_made_up_session_is_none,
    a_session_ends_when_nobody_uses_it,
    a_session_ends_after_its_lifetime,
    signing_out_ends_the_session_on_the_server,
    forms_of_other_browsers_sign_nobody_in_or_out,
    a_disabled_account_is_signed_out_at_once,
    too_many_passwords_at_once_are_answered_503,
);

const WRONG: &str = "User name or password is wrong.";

async fn attempt(browser: &Browser, login: &str, password: &str) -> Page {
    let page = browser.get("/login").await;
    browser.submit(&page, "login-submit", &[("username", login), ("password", password)]).await
}

/// Whether the browser is signed in, as pages see it.
async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/logout").await.has("#logout-confirm")
}

/// A08, A12, C10: in the link, and in the form.
async fn a_browser_goes_on_only_to_an_own_path(app: &TestApp) {
    let ada = app.db_user("ada").await;
    for (return_to, expected) in [
        ("/account/sessions", "/account/sessions"),
        ("/oauth/authorize?client_id=a&state=%2F%2Fx", "/oauth/authorize?client_id=a&state=%2F%2Fx"),
        ("", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/%5cevil.example", "/"),
        ("/%2fevil.example", "/"),
        ("https:evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("data:text/html,x", "/"),
        ("/%0d%0aX-Evil: y", "/"),
        ("/.//evil.example", "/"),
        ("/../evil", "/"),
        ("evil", "/"),
        ("@evil.example", "/"),
        (".evil.example", "/"),
    ] {
        let browser = app.browser();
        let query: String = url::form_urlencoded::byte_serialize(return_to.as_bytes()).collect();
        let page = browser.get(&format!("/login?return_to={query}")).await;
        let after = browser.sign_in_on(&page, &ada).await;
        assert_eq!((after.status, after.location()), (303, expected), "{return_to:?} in the link");
        let form = browser.get("/login?return_to=/").await.form("login-submit");
        let typed = [("username", "ada"), ("password", ada.password.as_str()), ("return_to", return_to)];
        let after = browser.post(form.with(&typed)).await;
        assert_eq!((after.status, after.location()), (303, expected), "{return_to:?} in the form");
    }
}

/// C57.
async fn every_spelling_of_a_login_shares_one_limit(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.browser();
    for login in ["ada", "ADA", " ada", "ada ", "Ada", "ａｄａ", "ad\u{200b}a", "aDA", "ada\u{a0}", "\u{feff}ada"] {
        assert_eq!(attempt(&browser, login, "wrong").await.words("#sign-in-error"), WRONG, "{login:?}");
    }
    for login in ["ada", "AdA", "\u{2060}ada"] {
        let page = attempt(&app.browser(), login, &ada.password).await;
        assert_eq!(page.status, 429, "{login:?}: the right password, too");
        assert!(page.words("#sign-in-error").starts_with("Too many attempts. Please wait"), "{}", page.body);
    }
    assert_eq!(attempt(&browser, "bob", "wrong").await.status, 400, "another account has its own limit");
}

/// ASVS 6.1.1: the wait is said, somebody elsewhere is not locked out, and it ends.
async fn a_limit_is_told_and_ends(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.restart_with(|config| config.server.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")]).await;
    let (attacker, owner) =
        (Browser::behind_proxy(&app.shared, "192.0.2.1"), Browser::behind_proxy(&app.shared, "192.0.2.2"));
    for _ in 0..10 {
        assert_eq!(attempt(&attacker, "ada", "wrong").await.status, 400);
    }
    let page = attempt(&attacker, "ada", &ada.password).await;
    assert_eq!((page.status, page.header("retry-after")), (429, Some("60")));
    assert_eq!(page.words("#sign-in-error strong"), "Too many attempts.");
    assert!(page.body.contains("Please wait 60 seconds, then try again."), "{}", page.body);
    owner.sign_in(&ada).await;
    app.wait(60);
    attacker.sign_in(&ada).await;
}

/// ASVS 6.3.1: fifty failures an address, whoever is tried.
async fn one_address_may_not_try_everybody(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.browser();
    for number in 0..50 {
        assert_eq!(attempt(&browser, &format!("user{number}"), "wrong").await.status, 400, "{number}");
    }
    assert_eq!(attempt(&browser, "ada", &ada.password).await.status, 429);
}

/// C61: unknown, known, disabled and passwordless: one text, one status, one count of attempts.
async fn nobody_learns_which_accounts_exist(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    app.db_disable_user(&bob).await;
    let seen = async |login: &str, password: &str| {
        let browser = app.browser();
        let mut statuses = Vec::new();
        let mut pages = Vec::new();
        for _ in 0..11 {
            let page = attempt(&browser, login, password).await;
            let token = page.form("login-submit").value("csrf_token").to_owned();
            pages.push(
                page.whole().replace(&token, "[token]").replace(&format!("value=\"{login}\""), "value=\"[login]\""),
            );
            statuses.push(page.status);
        }
        (statuses, pages)
    };
    let (statuses, known) = seen("ada", "wrong").await;
    assert_eq!(statuses, [vec![400; 10], vec![429]].concat());
    assert!(known[0].contains(WRONG));
    assert!(seen("eve", "wrong").await.1 == known, "an unknown account");
    assert!(seen("bob", &bob.password).await.1 == known, "a disabled account with its right password");
    let authorizing = app.db_web_client().await.authorize_url(&[("login_hint", "eve")]);
    let hinted = app.browser().get(&authorizing).await;
    assert_eq!((hinted.status, hinted.attributes("#username", "value")), (200, vec!["eve".to_owned()]));
    assert_eq!(app.db_events().await.iter().filter(|event| *event == "sign_in.failed").count(), 30);
    drop(ada);
}

/// C50.
async fn an_account_without_a_password_has_no_password(app: &TestApp) {
    let new = NewPerson { login: "robot".to_owned(), ..NewPerson::default() };
    people::create::create(&app.app(), None, Actor::Operator, new).await.expect("the store answers");
    for password in ["", " ", "null", "robot"] {
        let page = attempt(&app.browser(), "robot", password).await;
        assert_eq!((page.status, page.words("#sign-in-error").as_str()), (400, WRONG), "{password:?}");
    }
}

/// ASVS 6.2.8: no trimming, no folding, no cut.
async fn a_password_is_compared_as_typed(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let secret = format!("  Pa\u{df}wort und \u{1f680} \u{3a9} {}  ", "y".repeat(80));
    app.db_set_password(&ada, &secret).await;
    for other in [secret.trim(), &secret.to_lowercase(), &secret.replace('\u{df}', "ss"), &secret[..secret.len() - 3]] {
        assert_eq!(attempt(&app.browser(), "ada", other).await.status, 400, "{other:?}");
    }
    assert_eq!(attempt(&app.browser(), "ada", &secret).await.status, 303);
}

/// C55, ASVS 7.2.4: the cookie is new, whatever the browser brought, and the old one is dead.
async fn a_session_is_new_at_every_sign_in(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let (browser, attacker) = (app.browser(), app.db_signed_in(&bob).await);
    let (name, planted) =
        attacker.cookies().into_iter().find(|(_, value)| value.starts_with("gss_")).expect("it is there");
    browser.set_cookie(&name, &planted);
    browser.sign_in_on(&browser.get("/login?return_to=/").await, &ada).await;
    let first = browser.cloned();
    assert_ne!(browser.session().as_deref(), Some(planted.as_str()));
    assert!(!is_signed_in(&attacker).await, "the planted session is over");
    browser.sign_in_on(&browser.get("/login?return_to=/").await, &ada).await;
    assert_ne!(browser.session(), first.session());
    assert!(is_signed_in(&browser).await);
    assert!(!is_signed_in(&first).await, "the session before is over");
}

/// ASVS 7.2.1, C12: changed, shortened, another kind of token, or text.
async fn a_made_up_session_is_none(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let code = app.db_code(&web, &ada, &[]).await;
    let (name, good) = browser.cookies().into_iter().find(|(_, value)| value.starts_with("gss_")).expect("it is there");
    let swapped = good.replacen(|letter: char| letter.is_ascii_uppercase(), "a", 1);
    let long = format!("{good}{good}");
    for wrong in [&good[..good.len() - 1], &good.to_lowercase(), &swapped, &code, "gss_", "1", &long, "a=b=c"] {
        let stranger = app.browser();
        stranger.set_cookie(&name, wrong);
        assert!(!is_signed_in(&stranger).await, "{wrong:?}");
    }
    assert!(is_signed_in(&browser).await);
}

/// ASVS 7.3.1: twelve hours.
async fn a_session_ends_when_nobody_uses_it(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let (used, unused) = (app.db_signed_in(&ada).await, app.db_signed_in(&ada).await);
    app.wait(43_199);
    assert!(is_signed_in(&used).await);
    // Once a minute, off the request path.
    app.app().last_used.flush(&app.app().store).await.expect("the store answers");
    app.wait(1);
    assert!(is_signed_in(&used).await);
    assert!(!is_signed_in(&unused).await);
    app.restart().await;
    assert!(is_signed_in(&used).await, "and that outlives the process");
}

/// ASVS 7.3.2: a week, however busy.
async fn a_session_ends_after_its_lifetime(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    for _ in 0..15 {
        app.wait(40_000);
        assert!(is_signed_in(&browser).await);
        app.app().last_used.flush(&app.app().store).await.expect("the store answers");
    }
    app.wait(604_800 - 15 * 40_000 - 1);
    assert!(is_signed_in(&browser).await);
    app.wait(1);
    assert!(!is_signed_in(&browser).await);
}

/// ASVS 7.4.1, 7.4.4: asking first, then on the server; a kept cookie opens nothing.
async fn signing_out_ends_the_session_on_the_server(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let (browser, elsewhere) = (app.db_signed_in(&ada).await, app.db_signed_in(&ada).await);
    let kept = browser.cloned();
    let page = browser.get("/logout").await;
    assert!(is_signed_in(&browser).await, "the page alone changes nothing");
    let after = browser.submit(&page, "logout-confirm", &[]).await;
    assert_eq!((after.status, after.location(), browser.session()), (303, "/logout", None));
    assert!(!is_signed_in(&browser).await);
    assert!(!is_signed_in(&kept).await, "the kept cookie");
    assert!(kept.get(&web.authorize_url(&[])).await.has("#login-submit"));
    assert!(is_signed_in(&elsewhere).await);
    let none = kept.get(&web.authorize_url(&[("prompt", "none")])).await;
    assert!(at_client(&none, &web).starts_with("302 ? error=login_required"));
}

/// A18: signing in is a form like any other, else an attacker could sign a victim in as himself.
async fn forms_of_other_browsers_sign_nobody_in_or_out(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let (browser, other) = (app.db_signed_in(&ada).await, app.browser());
    let typed = [("username", "ada"), ("password", ada.password.as_str())];
    let foreign = app.browser().get("/login").await.form("login-submit").with(&typed);
    let own = other.get("/login").await.form("login-submit").with(&typed);
    let events = app.db_events().await;
    for form in [foreign, own.without("csrf_token")] {
        let page = other.post(form).await;
        assert_eq!((page.status, page.has("#login-submit")), (403, true), "asked again");
        assert_eq!((other.session(), app.db_events().await), (None, events.clone()), "nothing was tried");
    }
    let out = app.db_signed_in(&ada).await.get("/logout").await.form("logout-confirm");
    let page = browser.post(out).await;
    assert_eq!(page.status, 403);
    refusal(&page);
    assert!(is_signed_in(&browser).await);
}

/// ASVS 7.4.2, C65: and enabling the account brings no old session back.
async fn a_disabled_account_is_signed_out_at_once(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    assert!(is_signed_in(&browser).await);
    app.db_disable_user(&ada).await;
    assert!(!is_signed_in(&browser).await);
    app.db_enable_user(&ada).await;
    assert!(!is_signed_in(&browser).await);
    browser.sign_in(&ada).await;
}

/// D3 row 24: a bounded queue, and nobody pays for it with an attempt.
async fn too_many_passwords_at_once_are_answered_503(app: &TestApp) {
    app.restart_with(|config| {
        config.passwords.memory = 65_536;
        config.passwords.iterations = 3;
        config.passwords.concurrent = 1;
        config.passwords.waiting = 1;
    })
    .await;
    let ada: Person = app.db_user("ada").await;
    let browsers: Vec<Browser> = (0..16).map(|_| app.browser()).collect();
    let pages = join_all(browsers.iter().map(|browser| browser.get("/login"))).await;
    let answers = join_all(browsers.iter().zip(&pages).map(|(browser, page)| browser.sign_in_on(page, &ada))).await;
    let refused: Vec<&Page> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(answers.iter().all(|answer| matches!(answer.status, 303 | 503 | 429)));
    assert!(!refused.is_empty() && answers.iter().any(|answer| answer.status == 303));
    for answer in refused {
        assert_eq!((answer.header("retry-after"), answer.words("h1").as_str()), (Some("1"), "One moment, please"));
    }
    tokio::time::sleep(Duration::from_millis(10)).await;
    app.browser().sign_in(&ada).await;
}
