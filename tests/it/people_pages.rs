//! Pages of the person: registration, the first administrator, sessions, the password.

use grantor::flows::people::set_up;

use crate::support::page::Page;
use crate::support::relying_party::Tokens;
use crate::support::{Browser, TestApp, on_both};

on_both!(
    nobody_registers_where_registration_is_off,
    whoever_registers_is_signed_in_and_no_administrator,
    a_login_that_is_taken_in_any_spelling_is_not_given_again,
    a_set_up_link_makes_the_first_administrator_once,
    a_set_up_link_is_void_once_there_is_anybody,
    a_person_sees_and_ends_their_own_sessions,
    nobody_ends_a_session_of_somebody_else,
    a_changed_password_ends_everything_else,
    a_password_is_changed_only_with_the_one_before,
    a_password_changed_while_the_account_is_shut_is_changed_all_the_same,
    the_account_pages_want_a_sign_in,
);

const GOOD: &str = "correct horse battery staple and more";

async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/logout").await.has("#logout-confirm")
}

async fn register(browser: &Browser, page: &Page, login: &str, password: &str) -> Page {
    let typed = [("username", login), ("name", "Some Body"), ("email", "some@example.com"), ("password", password)];
    browser.submit(page, "register-submit", &typed).await
}

/// The default.
async fn nobody_registers_where_registration_is_off(app: &TestApp) {
    let browser = app.browser();
    let page = browser.get("/register").await;
    assert_eq!((page.status, page.words("h1").as_str()), (403, "Registration is closed"));
    assert!(!browser.get("/login").await.body.contains("/register"));
    // The form of another day, with a good token.
    let form = browser.get("/login").await.form("login-submit");
    let fields = [("username", "eve"), ("name", "Eve"), ("password", GOOD)];
    let mut form = form.with(&fields);
    form.action = "/register".to_owned();
    assert_eq!(browser.post(form).await.status, 403);
    assert_eq!(app.rows("users"), 0);
}

/// ASVS 15.3.3: what the form does not ask for is not taken from it.
async fn whoever_registers_is_signed_in_and_no_administrator(app: &TestApp) {
    app.restart_with(|config| config.sign_in.registration = true).await;
    let browser = app.browser();
    let entry = browser.get("/login?return_to=/account/sessions").await;
    let link = entry.attributes(".after a[href*='/register']", "href").remove(0);
    let page = browser.get(&link).await;
    for (login, password) in
        [("eve", "short"), ("eve", "password"), ("evelyn", "evelyn evelyn evelyn"), ("", GOOD), ("a b", GOOD)]
    {
        assert_eq!(register(&browser, &page, login, password).await.status, 400, "{login} {password}");
    }
    let form = page.form("register-submit").with(&[("username", "eve"), ("password", GOOD), ("name", "Eve")]);
    let form = form.with(&[("administrator", "true"), ("sub", "x"), ("email", "eve@example.com"), ("id", "1")]);
    let after = browser.post(form).await;
    assert_eq!((after.status, after.location()), (303, "/account/sessions"));
    assert!(is_signed_in(&browser).await);
    let rows = grantor::flows::people::find::all(&app.app()).await.expect("the store answers");
    assert_eq!(rows.len(), 1);
    assert!(!rows[0].administrator && rows[0].sub != "x" && rows[0].id != 1);
    assert_eq!(app.db_events().await, ["user.register", "sign_in"]);
}

/// C57, C61: in the same words as a name nobody may have.
async fn a_login_that_is_taken_in_any_spelling_is_not_given_again(app: &TestApp) {
    app.restart_with(|config| config.sign_in.registration = true).await;
    app.db_user("ada").await;
    for login in ["ada", "ADA", "admin", "Support"] {
        let browser = app.browser();
        let page = register(&browser, &browser.get("/register").await, login, GOOD).await;
        assert_eq!((page.status, browser.session()), (400, None), "{login}");
        assert_eq!(page.words(".fault"), "This user name is not available. Please choose another one.");
    }
    assert_eq!(app.rows("users"), 1);
}

/// ASVS 6.3.2, 6.4.1: looking at it uses nothing up.
async fn a_set_up_link_makes_the_first_administrator_once(app: &TestApp) {
    let old = set_up::offer(&app.app()).await.expect("the store answers").expect("it is there");
    let token = set_up::offer(&app.app()).await.expect("the store answers").expect("it is there");
    let token = token.split("token=").last().expect("there is one");
    app.shared.secrets.saw(token);
    let (browser, other) = (app.browser(), app.browser());
    for _ in 0..2 {
        assert!(browser.get(&format!("/set-up?token={token}")).await.has("#set-up-submit"));
    }
    let gone = browser.get(&format!("/set-up?token={}", old.split("token=").last().expect("there is one"))).await;
    assert_eq!((gone.status, gone.words("h1").as_str()), (410, "This link does not work any more"), "replaced");
    let (mine, theirs) =
        (browser.get(&format!("/set-up?token={token}")).await, other.get(&format!("/set-up?token={token}")).await);
    let typed = |login| [("username", login), ("name", ""), ("password", GOOD)];
    let (ada, eve) = (typed("ada"), typed("eve"));
    let (one, two) =
        tokio::join!(browser.submit(&mine, "set-up-submit", &ada), other.submit(&theirs, "set-up-submit", &eve));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!((statuses, app.rows("users")), ([303, 410], 1), "C60: two at once, one succeeds");
    let rows = grantor::flows::people::find::all(&app.app()).await.expect("the store answers");
    assert!(rows[0].administrator);
    assert_eq!(browser.get(&format!("/set-up?token={token}")).await.status, 410);
    assert!(set_up::offer(&app.app()).await.expect("the store answers").is_none(), "no link any more");
}

async fn a_set_up_link_is_void_once_there_is_anybody(app: &TestApp) {
    let token = set_up::offer(&app.app()).await.expect("the store answers").expect("it is there");
    let token = token.split("token=").last().expect("there is one");
    let browser = app.browser();
    let page = browser.get(&format!("/set-up?token={token}")).await;
    app.db_user("ada").await;
    let typed = [("username", "eve"), ("name", ""), ("password", GOOD)];
    assert_eq!(browser.submit(&page, "set-up-submit", &typed).await.status, 410);
    for wrong in ["", "x", "gup_", &token[..token.len() - 1]] {
        assert_eq!(browser.get(&format!("/set-up?token={wrong}")).await.status, 410, "{wrong:?}");
    }
    assert_eq!(app.rows("users"), 1);
}

/// ASVS 7.5.2, 7.4.3.
async fn a_person_sees_and_ends_their_own_sessions(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let (here, there, third, bobs) = (
        app.db_signed_in(&ada).await,
        app.db_signed_in(&ada).await,
        app.db_signed_in(&ada).await,
        app.db_signed_in(&bob).await,
    );
    let page = here.get("/account/sessions").await;
    assert_eq!(page.all_words(".rows h2").len(), 3);
    assert_eq!(page.all_words(".rows .pill"), ["This one"]);
    assert!(!page.body.contains("gss_"), "names of sessions open none");
    let theirs: Vec<String> = page.attributes("button[name=session]", "value");
    let own = there.get("/account/sessions").await.attributes("button[name=session]", "value");
    let sid_of_there = theirs.iter().find(|sid| !own.contains(sid)).expect("it is there");
    let mut form = page.sign_out_form();
    form.action = "/account/sessions/end".to_owned();
    let after = here.post(form.with(&[("session", sid_of_there)])).await;
    assert_eq!((after.status, after.location()), (303, "/account/sessions?done=ended"));
    let states = (is_signed_in(&here).await, is_signed_in(&there).await, is_signed_in(&third).await);
    assert_eq!(states, (true, false, true));
    let page = here.get(after.location()).await;
    assert_eq!(page.words("[role=status]"), "The session has ended.");
    let asked = here.get(&page.attributes("#sessions-end-others", "href")[0]).await;
    assert!(asked.words("main").contains("One other browser"), "{}", asked.body);
    here.submit(&asked, "confirm", &[]).await;
    assert_eq!((is_signed_in(&here).await, is_signed_in(&third).await), (true, false));
    assert!(is_signed_in(&bobs).await, "another person's are untouched");
    assert!(!here.get("/account/sessions").await.has("#sessions-end-others"), "nothing more to end");
}

/// C70.
async fn nobody_ends_a_session_of_somebody_else(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let (adas, _second, bobs) =
        (app.db_signed_in(&ada).await, app.db_signed_in(&ada).await, app.db_signed_in(&bob).await);
    let _bobs_second = app.db_signed_in(&bob).await;
    let sids = adas.get("/account/sessions").await.attributes("button[name=session]", "value");
    let mut form = bobs.get("/account/sessions").await.sign_out_form();
    form.action = "/account/sessions/end".to_owned();
    let events = app.db_events().await.len();
    for sid in sids.iter().map(String::as_str).chain(["", "x", "' OR 1=1"]) {
        let form = crate::support::page::Form { action: form.action.clone(), fields: form.fields.clone() };
        assert_eq!(bobs.post(form.with(&[("session", sid)])).await.status, 303);
    }
    assert!(is_signed_in(&adas).await);
    assert_eq!(app.db_events().await.len(), events, "nothing happened");
}

/// A53, ASVS 7.4.3: every other session and every grant; this browser goes on with a new session.
async fn a_changed_password_ends_everything_else(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let (browser, other) = (app.db_signed_in(&ada).await, app.db_signed_in(&ada).await);
    let tokens: Tokens = web.tokens(&other, "org:read").await;
    let (before, kept) = (browser.session(), browser.cloned());
    let page = browser.get("/account/password").await;
    app.shared.secrets.saw(GOOD);
    let typed = [("current", ada.password.as_str()), ("password", GOOD)];
    let after = browser.submit(&page, "password-submit", &typed).await;
    assert_eq!((after.status, after.location()), (303, "/account/sessions?done=password"));
    assert_ne!(browser.session(), before);
    let states = (is_signed_in(&browser).await, is_signed_in(&other).await, is_signed_in(&kept).await);
    assert_eq!(states, (true, false, false));
    assert!(!web.is_active(&tokens.access).await);
    assert_eq!(web.refresh(&tokens.refresh).await.error(), "400 invalid_grant");
    let page = app.browser().get("/login").await;
    assert_eq!(app.browser().sign_in_on(&page, &ada).await.status, 403, "another browser's form");
    let fresh = app.browser();
    assert_eq!(fresh.sign_in_on(&fresh.get("/login").await, &ada).await.status, 400, "the old password");
}

/// ASVS 6.2.3, 7.5.1, C53: and with a proof of the last ten minutes.
async fn a_password_is_changed_only_with_the_one_before(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/account/password").await;
    for (current, password, fault) in [
        ("wrong", GOOD, "This is not your current password."),
        ("", GOOD, "This is not your current password."),
        (ada.password.as_str(), "short", "Please use at least"),
        (ada.password.as_str(), "", "Please use at least"),
    ] {
        let refused = browser.submit(&page, "password-submit", &[("current", current), ("password", password)]).await;
        assert_eq!(refused.status, 400, "{current} {password}");
        assert!(refused.words(".fault").starts_with(fault), "{}", refused.words(".fault"));
    }
    app.wait(600);
    let typed = [("current", ada.password.as_str()), ("password", GOOD)];
    let stale = browser.submit(&page, "password-submit", &typed).await;
    assert_eq!((stale.status, stale.location()), (303, "/step-up?return_to=%2Faccount%2Fpassword"));
    let step_up = browser.get(stale.location()).await;
    let wrong = browser.submit(&step_up, "login-submit", &[("password", "wrong"), ("username", "bob")]).await;
    assert_eq!(wrong.status, 400);
    let back = browser.submit(&step_up, "login-submit", &[("password", ada.password.as_str())]).await;
    assert_eq!((back.status, back.location()), (303, "/account/password"));
    let page = browser.get(back.location()).await;
    assert_eq!(browser.submit(&page, "password-submit", &typed).await.status, 303);
}

/// ASVS 7.4.2: disabled between the change and the new session. What is done is not called refused.
async fn a_password_changed_while_the_account_is_shut_is_changed_all_the_same(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/account/password").await;
    app.db_shut_accounts_that_change_their_password();
    app.shared.secrets.saw(GOOD);
    let typed = [("current", ada.password.as_str()), ("password", GOOD)];
    let after = browser.submit(&page, "password-submit", &typed).await;
    assert_eq!((after.status, after.location(), browser.session()), (303, "/login", None));
    assert!(app.db_events().await.contains(&"user.change_password".to_owned()));
    let attempt = async |password: &str| {
        let typed = [("username", "ada"), ("password", password)];
        browser.submit(&browser.get("/login").await, "login-submit", &typed).await.status
    };
    assert_eq!(attempt(GOOD).await, 400, "the account is shut");
    app.db_enable_user(&ada).await;
    assert_eq!((attempt(&ada.password).await, attempt(GOOD).await), (400, 303));
}

/// C51.
async fn the_account_pages_want_a_sign_in(app: &TestApp) {
    let ada = app.db_user("ada").await;
    for path in ["/", "/account/sessions", "/account/password", "/step-up"] {
        let browser = app.browser();
        let page = browser.get(path).await;
        let query: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        assert_eq!((page.status, page.location()), (302, format!("/login?return_to={query}").as_str()));
        let after = browser.sign_in_on(&browser.get(page.location()).await, &ada).await;
        assert_eq!(after.location(), path);
        assert_eq!(browser.get(path).await.status, 200);
    }
    let browser = app.browser();
    for path in ["/account/sessions/end", "/account/sessions/end-others", "/account/password", "/step-up"] {
        let mut form = browser.get("/login").await.form("login-submit");
        form.action = path.to_owned();
        assert_eq!(browser.post(form).await.status, 401, "{path}");
    }
}
