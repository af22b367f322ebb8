//! Nobody learns which accounts exist (C61, ASVS 6.3.8): the same words, the same headers, and the same work. The work is
//! counted, because a test that measures time fails on a busy machine; scripts/measure-enumeration measures.

use grantor::flows::import;

use crate::support::page::Page;
use crate::support::{Browser, TestApp, on_both};

on_both!(
    sign_in_hashes_once_whoever_is_tried,
    sign_in_answers_the_same_whoever_is_tried,
    registration_hashes_once_whichever_name_is_tried,
    registration_answers_the_same_for_names_taken_and_names_nobody_may_have,
    asking_for_a_name_at_registration_is_limited_like_guessing,
    the_work_is_counted_where_an_operator_sees_it,
);

/// Of no account, and good enough for a new one.
const PASSWORD: &str = "violin gravel otter parade";

/// An ordinary account, one that is disabled, one that has no password, and one that came with a hash from elsewhere.
async fn accounts(app: &TestApp) {
    app.db_user("ada").await;
    let bob = app.db_user("bob").await;
    app.db_disable_user(&bob).await;
    let new = grantor::flows::people::NewPerson { login: "cleo".to_owned(), ..Default::default() };
    let actor = grantor::flows::audit::Actor::Operator;
    let made = grantor::flows::people::create::create(&app.app(), None, actor, new).await;
    assert!(made.is_ok_and(|row| row.password_hash.is_none()));
    let hash = "$2b$05$abcdefghijklmnopqrstuujf8SX2ahXLwp9w/B.Y5XdysS6yR576q";
    let list = format!("login,password_hash\nedy,{hash}\n");
    let read = import::users::file::read(&list, import::users::file::Format::Csv).expect("a list");
    import::users::run(&app.app(), read, import::users::Options::default()).await.expect("the store answers");
}

/// Unknown ones are as long as the known one, for what the page says back.
const TRIED: [(&str, &str); 5] =
    [("ada", "known"), ("eve", "unknown"), ("bob", "disabled"), ("cleo", "passwordless"), ("edy", "imported")];

async fn sign_in(browser: &Browser, login: &str) -> Page {
    let page = browser.get("/login").await;
    browser.submit(&page, "login-submit", &[("username", login), ("password", PASSWORD)]).await
}

async fn register(browser: &Browser, login: &str) -> Page {
    let page = browser.get("/register").await;
    let typed = [("username", login), ("name", "Some Body"), ("email", "some@example.com"), ("password", PASSWORD)];
    browser.submit(&page, "register-submit", &typed).await
}

/// Everything an attacker gets but what they sent themselves and what is drawn for each browser.
fn seen(page: &Page, button: &str, login: &str) -> String {
    let token = page.form(button).value("csrf_token").to_owned();
    page.whole().replace(&token, "[token]").replace(&format!("value=\"{login}\""), "value=\"[login]\"")
}

async fn sign_in_hashes_once_whoever_is_tried(app: &TestApp) {
    accounts(app).await;
    for (login, what) in TRIED {
        let browser = app.browser();
        let before = app.app().passwords.done();
        assert_eq!(sign_in(&browser, login).await.status, 400);
        assert_eq!(app.app().passwords.done() - before, 1, "{what}");
    }
}

async fn sign_in_answers_the_same_whoever_is_tried(app: &TestApp) {
    accounts(app).await;
    let mut answers = Vec::new();
    for (login, _) in TRIED {
        answers.push(seen(&sign_in(&app.browser(), login).await, "login-submit", login));
    }
    assert!(answers[0].contains("set-cookie") || answers[0].contains("content-security-policy"), "{}", answers[0]);
    for (answer, (_, what)) in answers.iter().zip(TRIED) {
        assert_eq!(answer, &answers[0], "{what}");
    }
}

/// A name that is taken, in another spelling, one nobody may have, and one that is free.
const NAMES: [&str; 4] = ["ada", "ADA", "admin", "eve"];

async fn registration_hashes_once_whichever_name_is_tried(app: &TestApp) {
    app.restart_with(|config| config.sign_in.registration = true).await;
    accounts(app).await;
    for login in NAMES {
        let before = app.app().passwords.done();
        let status = register(&app.browser(), login).await.status;
        assert_eq!(
            (status, app.app().passwords.done() - before),
            (if login == "eve" { 303 } else { 400 }, 1),
            "{login}"
        );
    }
}

async fn registration_answers_the_same_for_names_taken_and_names_nobody_may_have(app: &TestApp) {
    app.restart_with(|config| config.sign_in.registration = true).await;
    accounts(app).await;
    let mut answers = Vec::new();
    for login in ["ada", "admin", "bob", "cleo"] {
        answers.push(seen(&register(&app.browser(), login).await, "register-submit", login));
    }
    assert!(answers[0].contains("This user name is not available."), "{}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}

async fn asking_for_a_name_at_registration_is_limited_like_guessing(app: &TestApp) {
    app.restart_with(|config| config.sign_in.registration = true).await;
    accounts(app).await;
    let mut statuses = Vec::new();
    for _ in 0..11 {
        statuses.push(register(&app.browser(), "ada").await.status);
    }
    assert_eq!(statuses, [vec![400; 10], vec![429]].concat(), "ten for one name from one address");
    statuses.clear();
    for number in 0..41 {
        statuses.push(register(&app.browser(), &format!("name{number}")).await.status);
    }
    assert_eq!(statuses, [vec![303; 40], vec![429]].concat(), "fifty from one address");
}

async fn the_work_is_counted_where_an_operator_sees_it(app: &TestApp) {
    use grantor::http::operations::{Draining, serve};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let operations = serve(app.app(), listener, Draining::default()).expect("the listener");
    let metrics = format!("http://{}/metrics", operations.address());
    sign_in(&app.browser(), "eve").await;
    let text = app.shared.send(app.shared.http.get(&metrics)).await.body;
    let line = format!("grantor_password_hashings_total {}", app.app().passwords.done());
    assert!(text.lines().any(|known| known == line), "{text}");
    operations.stop_now().await.expect("it ends");
}
