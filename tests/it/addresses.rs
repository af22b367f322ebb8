//! Several addresses an account: each proven by a mailed link, one of them the main one, and a new password by any of them.

use grantor::flows::people::addresses;
use grantor::store::email_addresses::{self, EmailAddressRow};

use crate::support::mail::NOWHERE;
use crate::support::page::Page;
use crate::support::{Browser, Person, TestApp, on_both};

on_both!(
    an_address_is_added_by_the_mailed_link_only,
    a_link_for_another_account_adds_nothing,
    one_of_them_becomes_the_main_one_and_the_other_stays,
    a_main_address_nobody_proved_does_not_stay,
    a_removed_address_is_told_and_recovers_nothing,
    a_new_password_is_asked_for_by_any_of_them,
    whoever_proved_an_address_goes_before_whoever_wrote_it_down,
    nobody_learns_whose_further_address_it_is,
    an_account_has_ten_further_addresses_and_no_more,
    addresses_are_changed_after_a_fresh_proof_only,
    an_organizations_account_has_no_addresses_of_its_own,
);

pub const GOOD: &str = "seven unlikely words in one row 83";

/// Somebody with a proven main address.
pub async fn proven(app: &TestApp, login: &str, email: &'static str) -> Person {
    let person = app.db_user_at(login, email).await;
    let (store, id, now) = (app.app().store.clone(), person.row.id, app.now());
    let set = store.write(move |write| grantor::store::users::set_email(write, id, email, now)).await;
    assert_eq!(set.expect("the store answers"), 1);
    person
}

async fn set_up(app: &TestApp) -> (Person, Browser) {
    app.db_mail_on(NOWHERE).await;
    app.shared.secrets.saw(GOOD);
    let ada = proven(app, "ada", "ada@example.com").await;
    let browser = app.db_signed_in(&ada).await;
    (ada, browser)
}

/// The address is a further one, as if a link had proven it.
pub async fn db_further(app: &TestApp, person: &Person, email: &str) {
    let row = EmailAddressRow {
        id: app.app().store.next_id().expect("an id"),
        user_id: person.row.id,
        email: email.to_owned(),
        email_key: email.to_lowercase(),
        verified_at: app.now(),
        created_at: app.now(),
    };
    let written = app.app().store.write(move |write| email_addresses::insert(write, &row)).await;
    assert_eq!(written.expect("the store answers"), 1);
}

/// Main address, and the further ones in the order in which they came.
pub async fn held(app: &TestApp, person: &Person) -> (Option<String>, Vec<String>) {
    let row = app.db_person(person).await;
    let further = addresses::further(&app.app(), &row).await.expect("the store answers");
    (row.email, further.into_iter().map(|address| address.email).collect())
}

pub fn are(main: &str, further: &[&str]) -> (Option<String>, Vec<String>) {
    (Some(main.to_owned()), further.iter().map(|email| (*email).to_owned()).collect())
}

async fn ask(browser: &Browser, email: &str) -> Page {
    let page = browser.get("/account/email").await;
    browser.submit(&page, "email-submit", &[("email", email)]).await
}

async fn use_link(browser: &Browser, link: &str) -> Page {
    let page = browser.get(link).await;
    match page.has("#email-confirm") {
        true => browser.submit(&page, "email-confirm", &[]).await,
        false => page,
    }
}

/// Kinds and recipients of the letters from the one numbered `from` on.
pub async fn letters(app: &TestApp, from: usize) -> Vec<(String, String)> {
    let mut all: Vec<_> =
        app.db_letters().await.into_iter().skip(from).map(|letter| (letter.kind, letter.to)).collect();
    all.sort();
    all
}

fn told(kind: &str, to: &[&str]) -> Vec<(String, String)> {
    to.iter().map(|to| (kind.to_owned(), (*to).to_owned())).collect()
}

pub async fn set_password(app: &TestApp, token: &str) -> u16 {
    let browser = app.browser();
    let page = browser.get(&format!("/recover/new?token={token}")).await;
    match page.has("#password-submit") {
        true => browser.submit(&page, "password-submit", &[("password", GOOD)]).await.status,
        false => page.status,
    }
}

pub async fn recover(app: &TestApp, typed: &str) -> (u16, String) {
    let browser = app.browser();
    let page = browser.get("/recover").await;
    let answer = browser.submit(&page, "recover-submit", &[("username", typed)]).await;
    (answer.status, browser.get(answer.location()).await.words("main"))
}

/// C60, C64, ASVS 6.3.7.
async fn an_address_is_added_by_the_mailed_link_only(app: &TestApp) {
    let (ada, browser) = set_up(app).await;
    let page = browser.get("/account/email").await;
    assert!(page.words("#addresses-empty").starts_with("You have no further address."));
    let typed = [("email", "ada@home.example"), ("verified", "1"), ("email_verified", "true"), ("verified_at", "1")];
    let sent = browser.submit(&page, "email-submit", &typed).await;
    assert_eq!((sent.status, sent.location()), (303, "/account/email?done=sent"));
    let letter = app.db_last_letter().await;
    assert_eq!((letter.kind.as_str(), letter.to.as_str()), ("add_email", "ada@home.example"));
    assert!(letter.text.contains("Account: ada"), "{}", letter.text);
    let link = letter.link(app);
    let asked = browser.get(&link).await;
    assert!(asked.words("main").contains("ada@home.example becomes a further address"), "{}", asked.body);
    assert_eq!(app.rows("email_addresses"), 0, "neither a form nor looking at the link proves it");
    let done = browser.submit(&asked, "email-confirm", &[]).await;
    assert_eq!((done.status, done.location()), (303, "/account/email?done=added"));
    assert_eq!(held(app, &ada).await, are("ada@example.com", &["ada@home.example"]));
    let page = browser.get("/account/email?done=added").await;
    assert!(page.has("[role=status]") && !page.has("#addresses-empty"));
    assert!(page.words("#email-now").starts_with("ada@example.com Confirmed"));
    assert_eq!(page.all_words("#addresses h2").len(), 2);
    assert_eq!(letters(app, 1).await, told("email_added", &["ada@example.com"]));
    assert!(app.db_last_letter().await.text.contains("Further address: ada@home.example"));
    assert_eq!(browser.get(&link).await.status, 410, "once");
    for again in ["ada@home.example", "ADA@HOME.example"] {
        let refused = ask(&browser, again).await;
        assert_eq!((refused.status, refused.has("#email-fault")), (400, true), "{again}");
    }
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| *event == "user.add_email").count(), 1);
}

/// C40, C62, C64.
async fn a_link_for_another_account_adds_nothing(app: &TestApp) {
    let (ada, adas) = set_up(app).await;
    let eve = proven(app, "eve", "eve@example.com").await;
    let eves = app.db_signed_in(&eve).await;
    ask(&eves, "ada@home.example").await;
    let letter = app.db_last_letter().await;
    assert_eq!(use_link(&adas, &letter.link(app)).await.status, 410, "it was made for eve");
    let mut form = adas.get("/account/email").await.form("email-submit");
    form.action = "/account/email/confirm".to_owned();
    assert_eq!(adas.post(form.with(&[("token", &letter.token(app))])).await.status, 410);
    assert_eq!(app.rows("email_addresses"), 0);
    // Neither is somebody else's address theirs to move or to remove.
    db_further(app, &ada, "ada@home.example").await;
    db_further(app, &eve, "eve@home.example").await;
    let page = adas.get("/account/email").await;
    let named = page.form("make-main-1").value("address").to_owned();
    let gone = "/account/email?done=gone";
    let theirs = eves.get("/account/email").await.form("make-main-1");
    assert_eq!(eves.post(theirs.with(&[("address", &named)])).await.location(), gone);
    assert_eq!(eves.get(&format!("/account/email/remove?address={named}")).await.location(), gone);
    let asked = eves.get(&eves.get("/account/email").await.attributes("#remove-1", "href")[0]).await;
    assert_eq!(eves.submit(&asked, "confirm", &[("address", &named)]).await.location(), gone);
    assert_eq!(held(app, &ada).await, are("ada@example.com", &["ada@home.example"]));
    assert_eq!(held(app, &eve).await, are("eve@example.com", &["eve@home.example"]));
}

/// ASVS 6.3.7; a form that comes twice does nothing twice.
async fn one_of_them_becomes_the_main_one_and_the_other_stays(app: &TestApp) {
    let (ada, browser) = set_up(app).await;
    for email in ["ada@home.example", "ada@work.example"] {
        db_further(app, &ada, email).await;
    }
    let page = browser.get("/account/email").await;
    for _ in 0..2 {
        let done = browser.submit(&page, "make-main-2", &[]).await;
        assert_eq!((done.status, done.location()), (303, "/account/email?done=changed"));
    }
    assert_eq!(held(app, &ada).await, are("ada@work.example", &["ada@home.example", "ada@example.com"]));
    assert!(app.db_person(&ada).await.email_verified_at.is_some());
    let others = ["ada@example.com", "ada@home.example"];
    assert_eq!(letters(app, 0).await, told("email_changed", &others), "once, and each that was there");
    let letter = app.db_last_letter().await;
    assert!(letter.text.contains("Main address: ada@work.example") && letter.text.contains("stays a further address"));
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| *event == "user.change_email").count(), 1);
    // In one step with its link, too.
    let page = browser.get("/account/email").await;
    browser.submit(&page, "email-submit", &[("email", "ada@new.example"), ("main", "yes")]).await;
    let letter = app.db_last_letter().await;
    assert_eq!(letter.kind, "change_email");
    assert_eq!(use_link(&browser, &letter.link(app)).await.location(), "/account/email?done=changed");
    let three = ["ada@home.example", "ada@example.com", "ada@work.example"];
    assert_eq!(held(app, &ada).await, are("ada@new.example", &three));
}

async fn a_main_address_nobody_proved_does_not_stay(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    let ada = app.db_user_at("ada", "typo@example.com").await;
    let browser = app.db_signed_in(&ada).await;
    db_further(app, &ada, "ada@example.com").await;
    let page = browser.get("/account/email").await;
    assert_eq!(browser.submit(&page, "make-main-1", &[]).await.status, 303);
    assert_eq!(held(app, &ada).await, are("ada@example.com", &[]));
    let letter = app.db_last_letter().await;
    assert!(letter.to == "typo@example.com" && letter.text.contains("no more to this one"), "{}", letter.text);
    // Whoever has none at all gets the first one as the main one.
    let bob = app.db_user("bob").await;
    let browser = app.db_signed_in(&bob).await;
    let page = browser.get("/account/email").await;
    assert_eq!((page.words("#email-now"), page.has("#email-main")), ("none".to_owned(), false));
    browser.submit(&page, "email-submit", &[("email", "bob@example.com")]).await;
    let letter = app.db_last_letter().await;
    assert_eq!(use_link(&browser, &letter.link(app)).await.location(), "/account/email?done=changed");
    assert_eq!(held(app, &bob).await, are("bob@example.com", &[]));
}

/// C62, ASVS 6.3.7.
async fn a_removed_address_is_told_and_recovers_nothing(app: &TestApp) {
    let (ada, browser) = set_up(app).await;
    db_further(app, &ada, "ada@home.example").await;
    recover(app, "ada@home.example").await;
    let sent_before = app.db_last_letter().await.token(app);
    assert_eq!(browser.get("/account/email/remove").await.location(), "/account/email");
    let href = browser.get("/account/email").await.attributes("#remove-1", "href").remove(0);
    assert!(!href.contains("ada%40") && !href.contains('@'), "{href}");
    let asked = browser.get(&href).await;
    assert_eq!(asked.words("h1"), "Remove ada@home.example?");
    assert!(asked.words("main").contains("No link to reset your password can be sent there any more"));
    assert_eq!(app.rows("email_addresses"), 1);
    assert_eq!(browser.submit(&asked, "confirm", &[]).await.location(), "/account/email?done=removed");
    assert_eq!(browser.submit(&asked, "confirm", &[]).await.location(), "/account/email?done=gone", "twice is once");
    assert_eq!(held(app, &ada).await, are("ada@example.com", &[]));
    assert_eq!(letters(app, 1).await, told("email_removed", &["ada@example.com", "ada@home.example"]));
    assert_eq!(set_password(app, &sent_before).await, 410, "what was sent there is void");
    let before = app.db_letters().await.len();
    recover(app, "ada@home.example").await;
    assert_eq!(app.db_letters().await.len(), before);
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| *event == "user.remove_email").count(), 1);
}

/// C62, ASVS 6.3.8: the link goes to the address as its owner proved it, and takes no other address's place.
async fn a_new_password_is_asked_for_by_any_of_them(app: &TestApp) {
    let (ada, browser) = set_up(app).await;
    db_further(app, &ada, "ada@home.example").await;
    for typed in ["ada@home.example", " ADA@Home.example "] {
        recover(app, typed).await;
        let letter = app.db_last_letter().await;
        assert_eq!((letter.kind.as_str(), letter.to.as_str()), ("password_reset", "ada@home.example"), "{typed:?}");
    }
    recover(app, "ada").await;
    assert_eq!(app.db_last_letter().await.to, "ada@example.com", "by the login it goes to the main one");
    // A look-alike may be somebody else's mailbox.
    recover(app, "ada@\u{ff48}ome.example").await;
    assert_eq!(app.db_letters().await.len(), 3);
    app.db_batch("UPDATE users SET email_verified_at = NULL");
    app.restart().await;
    let token = app.db_letters().await[1].token(app);
    assert_eq!(set_password(app, &token).await, 303);
    assert_eq!(held(app, &ada).await, are("ada@example.com", &["ada@home.example"]));
    assert!(app.db_person(&ada).await.email_verified_at.is_none(), "the link proves where it was sent, and no more");
    assert_eq!(app.db_last_letter().await.to, "ada@example.com");
    assert_eq!(browser.get("/account/sessions").await.status, 302, "every browser is signed out");
}

/// C61.
async fn whoever_proved_an_address_goes_before_whoever_wrote_it_down(app: &TestApp) {
    let (ada, _) = set_up(app).await;
    app.db_user_at("eve", "shared@example.com").await;
    db_further(app, &ada, "shared@example.com").await;
    recover(app, "shared@example.com").await;
    let letters = app.db_letters().await;
    assert!(letters.len() == 1 && letters[0].text.contains("Account: ada"), "{}", letters[0].text);
    let bob = proven(app, "bob", "bob@example.com").await;
    db_further(app, &bob, "shared@example.com").await;
    recover(app, "shared@example.com").await;
    assert_eq!(app.db_letters().await.len(), 3, "two proved it: each gets a link");
    app.db_disable_user(&bob).await;
    recover(app, "shared@example.com").await;
    assert_eq!(app.db_letters().await.len(), 4);
}

/// C61, ASVS 6.3.8.
async fn nobody_learns_whose_further_address_it_is(app: &TestApp) {
    let (ada, _) = set_up(app).await;
    db_further(app, &ada, "ada@home.example").await;
    let known = recover(app, "ada@home.example").await;
    assert_eq!(known, recover(app, "who@home.example").await);
    assert_eq!(known.0, 303);
    // Somebody else may have the same address, and is told nothing of the first.
    let eve = app.db_user_at("eve", "eve@example.com").await;
    let browser = app.db_signed_in(&eve).await;
    let answers = [ask(&browser, "ada@home.example").await, ask(&browser, "ada@nowhere.example").await];
    assert!(answers.iter().all(|answer| (answer.status, answer.location()) == (303, "/account/email?done=sent")));
}

async fn an_account_has_ten_further_addresses_and_no_more(app: &TestApp) {
    let (ada, browser) = set_up(app).await;
    ask(&browser, "one@more.example").await;
    let link = app.db_last_letter().await.link(app);
    for number in 0..addresses::MOST {
        db_further(app, &ada, &format!("ada{number}@example.net")).await;
    }
    for more in [vec![("email", "ada@more.example")], vec![("email", "ada@more.example"), ("main", "yes")]] {
        let page = browser.get("/account/email").await;
        let refused = browser.submit(&page, "email-submit", &more).await;
        assert!(refused.status == 400 && refused.words("#email-fault").contains("10 further addresses"), "{more:?}");
    }
    let refused = use_link(&browser, &link).await;
    assert_eq!((refused.status, refused.words("h1").as_str()), (409, "Not now"));
    let page = browser.get("/account/email").await;
    assert_eq!(browser.submit(&page, "make-main-1", &[]).await.status, 303, "an exchange is none more");
    assert_eq!(held(app, &ada).await.1.len(), addresses::MOST);
    let href = browser.get("/account/email").await.attributes("#remove-10", "href").remove(0);
    let asked = browser.get(&href).await;
    browser.submit(&asked, "confirm", &[]).await;
    assert_eq!(use_link(&browser, &link).await.location(), "/account/email?done=added", "the link was not used up");
}

/// ASVS 7.5.3, C63.
async fn addresses_are_changed_after_a_fresh_proof_only(app: &TestApp) {
    let (ada, browser) = set_up(app).await;
    db_further(app, &ada, "ada@home.example").await;
    let page = browser.get("/account/email").await;
    let href = page.attributes("#remove-1", "href").remove(0);
    let asked = browser.get(&href).await;
    app.wait(app.app().config.sign_in.step_up.unsigned_abs() + 1);
    let to = "/step-up?return_to=%2Faccount%2Femail";
    assert_eq!(browser.submit(&page, "make-main-1", &[]).await.location(), to);
    assert_eq!(browser.submit(&asked, "confirm", &[]).await.location(), format!("{to}%2Fremove"));
    assert!(browser.get(&href).await.location().starts_with(to));
    assert_eq!(held(app, &ada).await, are("ada@example.com", &["ada@home.example"]));
    for path in ["/account/email/main", "/account/email/remove"] {
        let stranger = app.browser();
        let mut form = stranger.get("/login").await.form("login-submit");
        form.action = path.to_owned();
        assert_eq!(stranger.post(form).await.status, 401, "{path}");
    }
}

/// What was there before the organization took the account over is shown, and changes nothing.
async fn an_organizations_account_has_no_addresses_of_its_own(app: &TestApp) {
    let (ada, browser) = set_up(app).await;
    let organization = app.db_org("acme").await;
    db_further(app, &ada, "ada@home.example").await;
    let page = browser.get("/account/email").await;
    let asked = browser.get(&page.attributes("#remove-1", "href")[0]).await;
    app.db_batch(&format!("UPDATE users SET managed_by = {} WHERE id = {}", organization.id, ada.row.id));
    app.restart().await;
    let now = browser.get("/account/email").await;
    assert!(now.body.contains("Your organization manages") && !now.has("#make-main-1") && !now.has("#remove-1"));
    for answer in [browser.submit(&page, "make-main-1", &[]).await, browser.submit(&asked, "confirm", &[]).await] {
        assert_eq!((answer.status, answer.words("h1").as_str()), (409, "This was not done"));
    }
    assert_eq!(held(app, &ada).await, are("ada@example.com", &["ada@home.example"]));
    recover(app, "ada@home.example").await;
    assert_eq!(app.db_last_letter().await.kind, "no_password", "by its organization, and no other way");
}
