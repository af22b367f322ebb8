//! A new password by mail, and those who lie in wait for it: whoever wrote somebody else's address down, and whoever is called
//! like it.

use grantor::flows::people::register::register;
use grantor::flows::people::{NewPerson, PersonRefusal};
use serde_json::json;

use crate::addresses::{GOOD, are, db_further, held, proven, recover, set_password};
use crate::support::db_shortcuts::caller;
use crate::support::mail::NOWHERE;
use crate::support::sso_stage::Said;
use crate::support::{Person, TestApp, on_both};

on_both!(
    whoever_made_an_account_in_somebody_elses_name_keeps_no_way_in,
    a_proven_account_keeps_what_it_has,
    nobody_is_called_like_a_proven_address,
    a_login_like_an_address_takes_nothing_from_whoever_proved_it,
    by_its_login_an_account_hears_at_an_address_it_proved,
);

/// C62: the first proof of the main address, by a new password, ends what was made while nobody had proven it.
async fn whoever_made_an_account_in_somebody_elses_name_keeps_no_way_in(app: &TestApp) {
    app.as_dev().await;
    app.db_mail_on(NOWHERE).await;
    app.shared.secrets.saw(GOOD);
    let (trap, acme) = (app.db_user_at("ada", "ada@example.com").await, app.db_dummy_org("acme").await);
    // Eve gets in by all she can think of.
    db_further(app, &trap, "eve@example.net").await;
    let script = app.script(&app.db_personal_token(&trap, &["account:read"], None).await);
    assert_eq!(script.get("/me").await.status, 200);
    let (web, eves) = (app.db_web_client().await, app.db_signed_in(&trap).await);
    let tokens = web.redeem(&web.code(&eves, &[]).await).await;
    let upstream = || Said { id: "eve", ..Said::verified("eve@acme.example") };
    let asked = eves.sso("/login/acme", upstream()).await;
    eves.submit(&asked, "sso-link", &[]).await;
    assert!(app.db_identity(&acme, trap.row.id).await.is_some());
    let back = app.browser();
    assert_eq!(back.sso("/login/acme", upstream()).await.location(), "/orgs/acme");

    recover(app, "ada@example.com").await;
    let token = app.db_last_letter().await.token(app);
    assert_eq!(set_password(app, &token).await, 303);

    assert_eq!(held(app, &trap).await, are("ada@example.com", &[]));
    let letter = app.db_last_letter().await;
    assert_eq!((letter.kind.as_str(), letter.to.as_str()), ("first_proof", "ada@example.com"));
    assert!(letter.text.contains("personal tokens, what applications were allowed"), "{}", letter.text);
    let event = app.db_audit().await.into_iter().rfind(|event| event.event == "user.reset_password").expect("an event");
    let ended = json!({ "further_addresses": 1, "personal_tokens": 1, "authorizations": 1, "identities": 1 });
    assert_eq!(event.data, json!({ "ended": ended }).to_string());
    let before = app.db_letters().await.len();
    recover(app, "eve@example.net").await;
    assert_eq!(app.db_letters().await.len(), before);
    assert_eq!(script.get("/me").await.status, 401);
    assert!(!web.is_active(&tokens.text("access_token")).await);
    for browser in [&eves, &back] {
        assert_eq!(browser.get("/account/sessions").await.status, 302);
    }
    assert!(app.db_identity(&acme, trap.row.id).await.is_none() && app.rows("session_proofs") == 0);
    let stranger = app.browser();
    stranger.sso("/login/acme", upstream()).await;
    assert!(stranger.session().is_none(), "the account there opens nothing here");
    // Nor does Ada's own browser give Eve's application a code.
    let ada = Person { login: trap.login.clone(), password: GOOD.to_owned(), row: trap.row.clone() };
    let adas = app.db_signed_in(&ada).await;
    let answer = adas.get(&web.authorize_url(&[("prompt", "none")])).await.redirected_to(&web.redirect_uri);
    assert!(answer.contains(&("error".to_owned(), "consent_required".to_owned())), "{answer:?}");
    assert_eq!(app.db_letter_kinds().await.pop().as_deref(), Some("new_sign_in"), "Ada's browser is a new one");
}

/// A forgotten password is no reason to begin anew.
async fn a_proven_account_keeps_what_it_has(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    app.shared.secrets.saw(GOOD);
    let ada = proven(app, "ada", "ada@example.com").await;
    db_further(app, &ada, "ada@home.example").await;
    let script = app.script(&app.db_personal_token(&ada, &["account:read"], None).await);
    let web = app.db_web_client().await;
    web.code(&app.db_signed_in(&ada).await, &[]).await;
    recover(app, "ada").await;
    let token = app.db_last_letter().await.token(app);
    assert_eq!(set_password(app, &token).await, 303);
    assert_eq!(held(app, &ada).await, are("ada@example.com", &["ada@home.example"]));
    assert_eq!((script.get("/me").await.status, app.rows("authorizations")), (200, 1));
    assert_eq!(app.db_last_letter().await.kind, "password_changed");
}

/// C57, C61: in the words of a login that is taken.
async fn nobody_is_called_like_a_proven_address(app: &TestApp) {
    app.restart_with(|config| config.sign_in.registration = true).await;
    let ada = proven(app, "ada", "Ada@example.com").await;
    db_further(app, &ada, "ada@home.example").await;
    app.db_user_at("bob", "bob@example.com").await;
    let tries = async |login: &str| {
        let password = Some(GOOD.to_owned());
        let new = NewPerson { login: login.to_owned(), password, ..NewPerson::default() };
        register(&app.app(), &caller(), new, None).await
    };
    for login in ["ada@example.com", "ADA@Example.com", "ada@home.example", "Ada@Home.example"] {
        let refused = tries(login).await.map(|row| row.login);
        assert!(matches!(refused, Err(PersonRefusal::LoginNotAvailable)), "{login}: {refused:?}");
    }
    let written_down = tries("bob@example.com").await.map(|row| row.login);
    assert!(written_down.is_ok_and(|login| login == "bob@example.com"), "nobody proved that one");
}

/// C61: whoever was called so before the address was proven.
async fn a_login_like_an_address_takes_nothing_from_whoever_proved_it(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    let eve = app.db_user_at("ada@example.com", "ada@example.com").await;
    let ada = proven(app, "ada", "ada@example.com").await;
    recover(app, "ada@example.com").await;
    let letters = app.db_letters().await;
    assert!(letters.len() == 1 && letters[0].text.contains("Account: ada\n"), "{}", letters[0].text);
    // A login that really is one: each hears at an address of their own.
    app.db_set_email(&eve, "eve@example.net", true).await;
    db_further(app, &ada, "ada@home.example").await;
    for typed in ["ada@example.com", " ADA@example.com "] {
        let before = app.db_letters().await.len();
        recover(app, typed).await;
        let mut to: Vec<String> = app.db_letters().await.into_iter().skip(before).map(|letter| letter.to).collect();
        to.sort();
        assert_eq!(to, ["ada@example.com", "eve@example.net"], "{typed:?}");
    }
}

/// C62.
async fn by_its_login_an_account_hears_at_an_address_it_proved(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    let ada = app.db_user_at("ada", "typo@example.com").await;
    let to = async || {
        recover(app, "ada").await;
        app.db_last_letter().await.to
    };
    assert_eq!(to().await, "typo@example.com", "there is no other");
    for email in ["ada@home.example", "ada@work.example"] {
        db_further(app, &ada, email).await;
    }
    assert_eq!(to().await, "ada@home.example");
    app.db_batch("UPDATE users SET email = NULL");
    app.restart().await;
    assert_eq!(to().await, "ada@home.example");
    app.db_set_email(&ada, "ada@example.com", true).await;
    assert_eq!(to().await, "ada@example.com");
}
