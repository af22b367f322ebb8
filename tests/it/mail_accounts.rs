//! Accounts and their mail: a new password, a proven address, what the owner is told.

use futures_util::future::join_all;
use grantor::flows::people::recover;

use crate::support::db_shortcuts::caller;
use crate::support::mail::NOWHERE;
use crate::support::page::Page;
use crate::support::relying_party::Tokens;
use crate::support::{Browser, Person, TestApp, on_both};

on_both!(
    nobody_learns_who_has_an_account,
    a_link_sets_a_new_password_once_and_signs_nobody_in,
    of_many_uses_of_a_link_at_once_one_succeeds,
    a_link_is_void_once_anything_it_rests_on_changes,
    a_link_is_good_for_its_person_and_purpose_only,
    links_are_asked_for_a_few_times_an_hour,
    an_address_many_wrote_down_is_the_one_who_proved_its,
    an_address_is_proven_by_the_mailed_link_only,
    an_address_changes_when_the_new_one_is_proven_and_the_old_one_is_told,
    somebody_elses_link_proves_nothing,
    whoever_registers_is_asked_to_confirm_the_address,
    a_new_browser_or_network_is_told_once,
    a_changed_password_is_told,
    an_account_of_an_organization_is_shown_the_way_there,
    the_pages_of_mail_want_what_other_pages_want,
);

const GOOD: &str = "seven unlikely words in one row 83";

async fn ask(browser: &Browser, typed: &str) -> Page {
    let page = browser.get("/recover").await;
    browser.submit(&page, "recover-submit", &[("username", typed)]).await
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/account/sessions").await.status == 200
}

async fn set_up(app: &TestApp) -> Person {
    app.db_mail_on(NOWHERE).await;
    app.shared.secrets.saw(GOOD);
    app.db_user_at("ada", "ada@example.com").await
}

/// The address is the person's, and proven.
async fn db_set_email(app: &TestApp, person: &Person, email: &'static str) {
    let (store, id, now) = (app.app().store.clone(), person.row.id, app.now());
    let set = store.write(move |write| grantor::store::users::set_email(write, id, email, now)).await;
    assert_eq!(set.expect("the store answers"), 1);
}

/// The token of a link asked for by login.
async fn link_for(app: &TestApp, login: &str) -> String {
    assert_eq!(ask(&app.browser(), login).await.status, 303);
    app.db_last_letter().await.token(app)
}

async fn use_link(app: &TestApp, token: &str, password: &str) -> u16 {
    let browser = app.browser();
    let page = browser.get(&format!("/recover/new?token={token}")).await;
    match page.has("#password-submit") {
        true => browser.submit(&page, "password-submit", &[("password", password)]).await.status,
        false => page.status,
    }
}

/// C61, ASVS 6.3.8.
async fn nobody_learns_who_has_an_account(app: &TestApp) {
    let ada = set_up(app).await;
    let gone = app.db_user_at("gone", "gone@example.com").await;
    app.db_disable_user(&gone).await;
    app.db_user("silent").await;
    let mut answers = Vec::new();
    for typed in [
        "ada",
        " ADA ",
        "ada@example.com",
        "ADA@example.com",
        "gone",
        "silent",
        "nobody",
        "nobody@example.com",
        "' OR 1=1",
    ] {
        let browser = app.browser();
        let answer = ask(&browser, typed).await;
        let page = browser.get(answer.location()).await;
        answers.push((answer.status, answer.location().to_owned(), page.status, page.words("main")));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    assert_eq!(answers[0].0, 303);
    assert!(answers[0].3.starts_with("Look into your mailbox If there is such an account"), "{}", answers[0].3);
    let letters = app.db_letters().await;
    assert!(letters.iter().all(|letter| letter.to == "ada@example.com" && letter.kind == "password_reset"));
    assert_eq!(letters.len(), 4);
    assert!(letters[0].text.contains("Account: ada"));
    let events = app.db_audit().await;
    let asked: Vec<_> = events.iter().filter(|event| event.event == "user.recover").collect();
    assert_eq!(asked.iter().filter(|event| event.target_id == Some(ada.row.id)).count(), 4);
    assert!(asked.iter().all(|event| ["ada", ""].contains(&&*event.target_label)), "what was typed is not kept");
    assert_eq!(asked.len(), 9, "each on the record");
}

/// C62, ASVS 6.3.6, 7.4.3.
async fn a_link_sets_a_new_password_once_and_signs_nobody_in(app: &TestApp) {
    let ada = set_up(app).await;
    let web = app.db_web_client().await;
    let before = app.db_signed_in(&ada).await;
    let tokens: Tokens = web.tokens(&before, "org:read").await;
    let token = link_for(app, "ada").await;
    let browser = app.browser();
    for _ in 0..2 {
        let page = browser.get(&format!("/recover/new?token={token}")).await;
        assert_eq!((page.status, page.attributes("#username", "value")), (200, vec!["ada".to_owned()]));
    }
    let page = browser.get(&format!("/recover/new?token={token}")).await;
    let refused = browser.submit(&page, "password-submit", &[("password", "short")]).await;
    assert_eq!(refused.status, 400, "and the link stays good");
    let done = browser.submit(&refused, "password-submit", &[("password", GOOD)]).await;
    assert_eq!((done.status, done.location()), (303, "/recover?done=set"));
    assert_eq!((browser.session(), is_signed_in(&browser).await), (None, false), "mail is no factor");
    assert!(!is_signed_in(&before).await && !web.is_active(&tokens.access).await);
    assert_eq!(web.refresh(&tokens.refresh).await.error(), "400 invalid_grant");
    let page = app.browser();
    assert_eq!(page.sign_in_on(&page.get("/login").await, &ada).await.status, 400, "the old password");
    let renewed = Person { login: "ada".to_owned(), password: GOOD.to_owned(), row: ada.row.clone() };
    assert!(is_signed_in(&app.db_signed_in(&renewed).await).await);
    assert_eq!(use_link(app, &token, GOOD).await, 410, "once");
    assert_eq!(app.db_letter_kinds().await, ["password_reset", "first_proof", "new_sign_in"]);
    assert!(app.db_person(&ada).await.email_verified_at.is_some(), "the mail reached its reader");
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| *event == "user.reset_password").count(), 1);
}

/// C60.
async fn of_many_uses_of_a_link_at_once_one_succeeds(app: &TestApp) {
    set_up(app).await;
    let token = link_for(app, "ada").await;
    let here = app.app();
    let uses = (0..16).map(|number| {
        let (here, token) = (&here, &token);
        async move { recover::set(here, &caller(), token, format!("{GOOD} {number}")).await.is_ok() }
    });
    let succeeded = join_all(uses).await.into_iter().filter(|done| *done).count();
    assert_eq!(succeeded, 1);
    assert_eq!(app.db_letter_kinds().await, ["password_reset", "first_proof"]);
}

/// C62, C64.
async fn a_link_is_void_once_anything_it_rests_on_changes(app: &TestApp) {
    let ada = set_up(app).await;
    let old = link_for(app, "ada").await;
    app.wait(3600);
    assert_eq!(use_link(app, &old, GOOD).await, 410, "an hour, whether or not anybody swept");
    app.wait(3600);
    let before = link_for(app, "ada").await;
    app.db_set_password(&ada, "a third passphrase nobody guesses 99").await;
    assert_eq!(use_link(app, &before, GOOD).await, 410, "another password");
    app.wait(3600);
    let before = link_for(app, "ada").await;
    db_set_email(app, &ada, "new@example.com").await;
    assert_eq!(use_link(app, &before, GOOD).await, 410, "another address");
    app.wait(3600);
    let (one, two) = (link_for(app, "ada").await, link_for(app, "ada").await);
    assert_eq!(use_link(app, &two, GOOD).await, 303);
    assert_eq!(use_link(app, &one, GOOD).await, 410, "another link was used");
    app.wait(3600);
    let before = link_for(app, "ada").await;
    app.db_disable_user(&ada).await;
    assert_eq!(use_link(app, &before, GOOD).await, 410, "a disabled account");
    app.db_enable_user(&ada).await;
    assert_eq!(use_link(app, &before, GOOD).await, 410, "and enabled again");
}

/// C62.
async fn a_link_is_good_for_its_person_and_purpose_only(app: &TestApp) {
    let ada = set_up(app).await;
    let bob = app.db_user_at("bob", "bob@example.com").await;
    let token = link_for(app, "ada").await;
    let browser = app.browser();
    let page = browser.get(&format!("/recover/new?token={token}")).await;
    let hostile = [("password", GOOD), ("username", "bob"), ("user_id", "2"), ("login", "bob"), ("sub", &bob.row.sub)];
    assert_eq!(browser.submit(&page, "password-submit", &hostile).await.status, 303);
    assert!(is_signed_in(&app.db_signed_in(&bob).await).await, "bob's password is his own");
    for wrong in ["", "x", "gml_", &token[..token.len() - 1], &token.replace("gml_", "gup_")] {
        assert_eq!(browser.get(&format!("/recover/new?token={wrong}")).await.status, 410, "{wrong:?}");
    }
    let renewed = Person { login: "ada".to_owned(), password: GOOD.to_owned(), row: ada.row };
    let signed_in = app.db_signed_in(&renewed).await;
    let page = signed_in.get("/account/email").await;
    let typed = [("email", "ada2@example.com"), ("main", "yes")];
    assert_eq!(signed_in.submit(&page, "email-submit", &typed).await.status, 303);
    let change = app.db_last_letter().await;
    assert_eq!((change.kind.as_str(), change.to.as_str()), ("change_email", "ada2@example.com"));
    assert_eq!(use_link(app, &change.token(app), GOOD).await, 410, "a link for an address sets no password");
    let reset = link_for(app, "ada").await;
    let page = signed_in.get(&format!("/account/email/confirm?token={reset}")).await;
    assert_eq!(page.status, 410, "a link for a password proves no address");
}

/// C57, C61.
async fn links_are_asked_for_a_few_times_an_hour(app: &TestApp) {
    set_up(app).await;
    for spellings in [["ada", "ADA", " ada", "Ada", "aDA", "ada"], ["who", "WHO", " who", "Who", "wHO", "who"]] {
        let mut statuses = Vec::new();
        for typed in spellings {
            statuses.push(ask(&app.browser(), typed).await.status);
        }
        assert_eq!(statuses, [303, 303, 303, 303, 303, 429], "{spellings:?}");
    }
    let refused = ask(&app.browser(), "ada").await;
    assert!(refused.header("retry-after").is_some() && refused.has("#recover-error"));
    assert_eq!(app.db_letters().await.len(), 5);
    assert_eq!(ask(&app.browser(), "ada@example.com").await.status, 303, "the same answer as ever");
    assert_eq!(app.db_letters().await.len(), 5, "but the mailbox got its share");
    app.wait(3600);
    assert_eq!(ask(&app.browser(), "ada").await.status, 303);
    assert_eq!(app.db_letters().await.len(), 6);
}

async fn an_address_many_wrote_down_is_the_one_who_proved_its(app: &TestApp) {
    let ada = set_up(app).await;
    app.db_user_at("eve", "ada@example.com").await;
    ask(&app.browser(), "ada@example.com").await;
    assert_eq!(app.db_letters().await.len(), 2, "nobody proved it: both may have it");
    db_set_email(app, &ada, "ada@example.com").await;
    ask(&app.browser(), "ada@example.com").await;
    let letters = app.db_letters().await;
    assert_eq!(letters.len(), 3);
    assert!(letters[2].text.contains("Account: ada"), "{}", letters[2].text);
}

/// C64.
async fn an_address_is_proven_by_the_mailed_link_only(app: &TestApp) {
    let ada = set_up(app).await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/account/email").await;
    assert_eq!(page.words("#email-now"), "ada@example.com Not confirmed");
    let typed =
        [("email", "ada@example.com"), ("email_verified", "true"), ("verified", "1"), ("email_verified_at", "1")];
    assert_eq!(browser.submit(&page, "email-submit", &typed).await.location(), "/account/email?done=sent");
    assert!(app.db_person(&ada).await.email_verified_at.is_none(), "nothing a form says proves it");
    let letter = app.db_last_letter().await;
    assert_eq!(letter.kind, "verify_email");
    assert!(letter.subject.starts_with("Confirm your e-mail address"));
    let page = browser.get(&letter.link(app)).await;
    assert!(app.db_person(&ada).await.email_verified_at.is_none(), "nor looking at the link");
    let done = browser.submit(&page, "email-confirm", &[]).await;
    assert_eq!((done.status, done.location()), (303, "/account/email?done=confirmed"));
    assert_eq!(app.db_person(&ada).await.email_verified_at, Some(app.now()));
    assert_eq!(browser.get(&letter.link(app)).await.status, 410, "once");
    let page = browser.get("/account/email?done=confirmed").await;
    assert!(page.words("#email-now").contains("Confirmed") && !page.has("#email-verify"));
    assert!(app.db_events().await.contains(&"user.verify_email".to_owned()));
}

async fn an_address_changes_when_the_new_one_is_proven_and_the_old_one_is_told(app: &TestApp) {
    let ada = set_up(app).await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/account/email").await;
    for wrong in ["", "ada", "ada@", "a@b@example.com", "ada@example.com\r\nBcc: eve@example.com"] {
        let refused = browser.submit(&page, "email-submit", &[("email", wrong)]).await;
        assert_eq!(refused.status, 400, "{wrong:?}");
    }
    browser.submit(&page, "email-submit", &[("email", "ada@new.example"), ("main", "yes")]).await;
    let letter = app.db_last_letter().await;
    assert_eq!((letter.kind.as_str(), letter.to.as_str()), ("change_email", "ada@new.example"));
    assert_eq!(app.db_person(&ada).await.email.as_deref(), Some("ada@example.com"));
    let anonymous = app.browser();
    let sign_in = anonymous.get(&letter.link(app)).await;
    assert_eq!(sign_in.status, 302);
    let back = anonymous.sign_in_on(&anonymous.get(sign_in.location()).await, &ada).await;
    assert_eq!(back.location(), letter.link(app), "whoever signs in first comes back to the link");
    let page = browser.get(&letter.link(app)).await;
    assert_eq!(browser.submit(&page, "email-confirm", &[]).await.location(), "/account/email?done=changed");
    let row = app.db_person(&ada).await;
    assert_eq!((row.email.as_deref(), row.email_verified_at), (Some("ada@new.example"), Some(app.now())));
    let told = app.db_last_letter().await;
    assert_eq!((told.kind.as_str(), told.to.as_str()), ("email_changed", "ada@example.com"));
    assert!(told.text.contains("New address: ada@new.example"));
    app.wait(601);
    assert!(browser.get("/account/email").await.location().starts_with("/step-up"), "a dangerous page");
}

/// C40, C62, C64: whoever opens a link that was made for another account proves nothing to that account.
async fn somebody_elses_link_proves_nothing(app: &TestApp) {
    let ada = set_up(app).await;
    let eve = app.db_user_at("eve", "eve@example.com").await;
    let eves = app.db_signed_in(&eve).await;
    eves.submit(&eves.get("/account/email").await, "email-submit", &[("email", "ada@example.com")]).await;
    let letter = app.db_last_letter().await;
    assert!(letter.to == "ada@example.com" && letter.text.contains("Account: eve"), "the mail says whose it is");
    let adas = app.db_signed_in(&ada).await;
    let page = adas.get(&letter.link(app)).await;
    assert_eq!((page.status, page.words("h1").as_str()), (410, "This link does not work"));
    let mut form = adas.get("/account/email").await.form("email-submit");
    form.action = "/account/email/confirm".to_owned();
    assert_eq!(adas.post(form.with(&[("token", &letter.token(app))])).await.status, 410);
    assert_eq!(app.db_person(&eve).await.email.as_deref(), Some("eve@example.com"));
    assert!(app.db_person(&ada).await.email_verified_at.is_none());
}

async fn whoever_registers_is_asked_to_confirm_the_address(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    app.restart_with(|config| config.sign_in.registration = true).await;
    app.shared.secrets.saw(GOOD);
    let browser = app.browser();
    let page = browser.get("/register").await;
    let typed = [("username", "ada"), ("name", "Ada"), ("email", "ada@example.com"), ("password", GOOD)];
    assert_eq!(browser.submit(&page, "register-submit", &typed).await.status, 303);
    let letter = app.db_last_letter().await;
    assert_eq!((letter.kind.as_str(), letter.to.as_str()), ("verify_email", "ada@example.com"));
    let page = browser.get(&letter.link(app)).await;
    assert_eq!(browser.submit(&page, "email-confirm", &[]).await.status, 303);
}

/// ASVS 6.3.5.
async fn a_new_browser_or_network_is_told_once(app: &TestApp) {
    let ada = set_up(app).await;
    app.restart_with(|config| config.server.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")]).await;
    let at = |address: &str| Browser::behind_proxy(&app.shared, address);
    let home = at("192.0.2.10");
    home.sign_in(&ada).await;
    assert!(app.db_letters().await.is_empty(), "the first of all");
    // The same browser, signed out.
    let known = |browser: &Browser, address: &str| {
        let again = at(address);
        for (name, value) in browser.cookies().into_iter().filter(|(_, value)| !value.starts_with("gss_")) {
            again.set_cookie(&name, &value);
        }
        again
    };
    known(&home, "192.0.2.99").sign_in(&ada).await;
    assert!(app.db_letters().await.is_empty(), "the same browser in the same network");
    let cafe = at("198.51.100.7");
    cafe.sign_in(&ada).await;
    let letter = app.db_last_letter().await;
    assert_eq!((letter.kind.as_str(), letter.to.as_str()), ("new_sign_in", "ada@example.com"));
    assert!(
        letter.text.contains("Address: 198.51.100.7") && letter.text.contains("When: 2065-01-24"),
        "{}",
        letter.text
    );
    known(&cafe, "198.51.100.8").sign_in(&ada).await;
    known(&cafe, "192.0.2.11").sign_in(&ada).await;
    assert_eq!(app.db_letters().await.len(), 1, "once, and not again where both are known");
    known(&home, "203.0.113.1").sign_in(&ada).await;
    assert_eq!(app.db_letters().await.len(), 2, "a known browser in a new network");
    let wrong = at("203.0.113.200");
    let page = wrong.get("/login").await;
    wrong.submit(&page, "login-submit", &[("username", "ada"), ("password", "wrong")]).await;
    assert_eq!(app.db_letters().await.len(), 2, "nobody signed in");
    let cookie = home.cookies().into_values().find(|value| value.len() == 22).expect("the browser's cookie");
    assert!(!app.dump().contains(&cookie), "only its digest is kept");
    app.wait(401 * 24 * 3600);
    app.db_sweep().await;
    assert_eq!(app.rows("known_devices"), 0);
}

/// ASVS 6.3.7.
async fn a_changed_password_is_told(app: &TestApp) {
    let ada = set_up(app).await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/account/password").await;
    let typed = [("current", ada.password.as_str()), ("password", GOOD)];
    assert_eq!(browser.submit(&page, "password-submit", &typed).await.status, 303);
    assert_eq!(app.db_letter_kinds().await, ["password_changed"]);
    app.db_set_password(&ada, "a third passphrase nobody guesses 99").await;
    assert_eq!(app.db_letter_kinds().await, ["password_changed", "password_changed"], "by the operator too");
}

/// The organization is the only way into an account it manages: no password, no address of one's own.
async fn an_account_of_an_organization_is_shown_the_way_there(app: &TestApp) {
    let ada = set_up(app).await;
    let organization = app.db_org("acme").await;
    let before = link_for(app, "ada").await;
    let browser = app.db_signed_in(&ada).await;
    app.db_batch(&format!("UPDATE users SET managed_by = {} WHERE id = {}", organization.id, ada.row.id));
    app.restart().await;
    assert_eq!(use_link(app, &before, GOOD).await, 410);
    assert_eq!(ask(&app.browser(), "ada").await.status, 303);
    let letter = app.db_last_letter().await;
    assert_eq!((letter.kind.as_str(), letter.link(app).as_str()), ("no_password", "/login/acme"));
    let page = browser.get("/account/email").await;
    assert!(page.status == 200 && !page.has("#email-submit") && page.body.contains("Your organization manages"));
}

async fn the_pages_of_mail_want_what_other_pages_want(app: &TestApp) {
    set_up(app).await;
    let browser = app.browser();
    assert!(browser.get("/account/email").await.location().starts_with("/login"));
    for path in ["/account/email", "/account/email/confirm"] {
        let mut form = browser.get("/login").await.form("login-submit");
        form.action = path.to_owned();
        assert_eq!(browser.post(form).await.status, 401, "{path}");
    }
    for path in ["/recover", "/recover/new"] {
        let form = browser.get("/recover").await.form("recover-submit").without("csrf_token");
        let form = crate::support::page::Form { action: path.to_owned(), ..form };
        assert_eq!(browser.post(form).await.status, 403, "{path}");
    }
    assert_eq!(browser.get("/mailbox").await.status, 404, "not in production");
    assert!(browser.get("/login").await.attributes("a", "href").contains(&"/recover".to_owned()));
}
