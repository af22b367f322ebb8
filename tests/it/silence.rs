//! When a client gets its answer without a page, and when the person proves again who they are (RFC 9700 section 2.1,
//! OpenID Connect Core section 3.1.2.1).

use crate::seen::at_client;
use crate::support::db_shortcuts::{public_client, strings};
use crate::support::page::Page;
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    only_a_client_that_is_proven_gets_a_second_code_without_a_click,
    prompt_none_never_shows_a_page,
    revoked_consent_is_asked_for_again,
    prompt_login_takes_a_new_proof_each_time,
    a_new_proof_counts_for_its_request_and_browser_alone,
    a_new_proof_counts_for_ten_minutes,
    a_session_that_ends_meanwhile_costs_no_second_proof,
    an_older_session_put_in_place_is_no_proof,
    max_age_is_the_age_of_the_last_proof,
);

const CODE: &str = "302 ? code=[code] & state=af0ifjsldkj & iss=[issuer]";

fn asks_to_sign_in(page: &Page) -> bool {
    page.status == 200 && page.has("#login-submit")
}

/// A17: loopback ports and private schemes belong to whoever listens.
async fn only_a_client_that_is_proven_gets_a_second_code_without_a_click(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let native = |uri| ClientSpec { redirect_uris: strings(&[uri]), ..public_client() };
    for (party, silent) in [
        (app.db_web_client().await, true),
        (app.db_public_client().await, true),
        (app.db_client(native("http://127.0.0.1/cb")).await, false),
        (app.db_client(native("http://[::1]:8080/cb")).await, false),
        (app.db_client(native("http://localhost/cb")).await, false),
        (app.db_client(native("com.example.app:/cb")).await, false),
        (app.db_client(native("https://127.0.0.1/cb")).await, false),
    ] {
        party.code(&browser, &[("scope", "org:read")]).await;
        let again = browser.get(&party.authorize_url(&[("scope", "org:read")])).await;
        assert_eq!(again.has("#consent-allow"), !silent, "{}", party.redirect_uri);
        let seen = at_client(&browser.get(&party.authorize_url(&[("prompt", "none")])).await, &party);
        match silent {
            true => assert_eq!(seen, CODE),
            false => assert!(seen.starts_with("302 ? error=consent_required & "), "{seen}"),
        }
    }
}

/// OpenID Connect Core section 3.1.2.6.
async fn prompt_none_never_shows_a_page(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let url = web.authorize_url(&[("prompt", "none")]);
    let browser = app.browser();
    let login_required = "302 ? error=login_required & error_description=the user is not signed in & \
                          state=af0ifjsldkj & iss=[issuer]";
    assert_eq!(at_client(&browser.get(&url).await, &web), login_required);
    browser.sign_in(&ada).await;
    let consent_required = "302 ? error=consent_required & error_description=the user has to be asked & \
                            state=af0ifjsldkj & iss=[issuer]";
    assert_eq!(at_client(&browser.get(&url).await, &web), consent_required);
    web.code(&browser, &[]).await;
    assert_eq!(at_client(&browser.get(&url).await, &web), CODE);
    app.wait(100);
    let old = browser.get(&web.authorize_url(&[("prompt", "none"), ("max_age", "99")])).await;
    assert_eq!(at_client(&old, &web), login_required);
    let new = browser.get(&web.authorize_url(&[("prompt", "none"), ("max_age", "100")])).await;
    assert_eq!(at_client(&new, &web), CODE);
    assert_eq!(app.rows("consent_requests"), 1, "only the one that was shown");
}

/// A65.
async fn revoked_consent_is_asked_for_again(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    web.code(&browser, &[("scope", "org:read")]).await;
    app.db_revoke_authorization(&ada, &web).await;
    let page = browser.get(&web.authorize_url(&[("scope", "team:read")])).await;
    assert!(page.has("#consent-allow"));
    browser.allow(page).await;
    assert_eq!(app.db_authorized(&ada, &web).await.as_deref(), Some("team:read"), "it started empty");
}

/// The proof is used up with the answer: the same address asks again.
async fn prompt_login_takes_a_new_proof_each_time(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    web.code(&browser, &[]).await;
    let url = web.authorize_url(&[("prompt", "login")]);
    let page = browser.get(&url).await;
    assert!(asks_to_sign_in(&page), "{}", page.status);
    assert_eq!(page.attributes("#username", "value"), ["ada"]);
    let before = browser.session();
    let after = browser.sign_in_on(&page, &ada).await;
    let back = after.location().to_owned();
    assert!(back.starts_with("/oauth/authorize?") && back.contains("&ix="), "{back}");
    assert_ne!(browser.session(), before);
    assert_eq!(at_client(&browser.get(&back).await, &web), CODE);
    assert!(asks_to_sign_in(&browser.get(&back).await), "used up");
    assert!(asks_to_sign_in(&browser.get(&url).await), "each request on its own");
    // From a browser nobody was signed in with, one sign-in is enough.
    let fresh = app.browser();
    let after = fresh.sign_in_on(&fresh.get(&url).await, &ada).await;
    assert_eq!(at_client(&fresh.get(after.location()).await, &web), CODE);
}

/// Neither without a proof, nor for another request, nor in another browser, nor made up.
async fn a_new_proof_counts_for_its_request_and_browser_alone(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let (browser, other) = (app.db_signed_in(&ada).await, app.db_signed_in(&ada).await);
    web.code(&browser, &[]).await;
    let page = browser.get(&web.authorize_url(&[("prompt", "login")])).await;
    let unproven = page.form("login-submit").value("return_to").to_owned();
    assert!(asks_to_sign_in(&browser.get(&unproven).await), "no proof since");
    let back = browser.sign_in_on(&page, &ada).await.location().to_owned();
    other.sign_in_on(&other.get(&web.authorize_url(&[("prompt", "login")])).await, &ada).await;
    assert!(asks_to_sign_in(&other.get(&back).await), "another browser");
    let (request, ix) = back.split_once("&ix=").expect("the parameter is there");
    let altered = request.replace("state=af0ifjsldkj", "state=other");
    assert!(asks_to_sign_in(&browser.get(&format!("{altered}&ix={ix}")).await), "another request");
    let (sid, rest) = ix.split_once('.').expect("the session it was seen with");
    let (nobody, someone) = (format!(".{rest}"), format!("x{sid}.{rest}"));
    let later = format!("{sid}.9{rest}");
    for ix in
        ["", "0", "0.9999999999.x.y", &nobody, &someone, &later, &format!("{ix}x"), "0.0.0.0.0", "-1.9999999999.x."]
    {
        assert!(asks_to_sign_in(&browser.get(&format!("{request}&ix={ix}")).await), "{ix:?}");
    }
    assert_eq!(at_client(&browser.get(&back).await, &web), CODE, "and the right one still counts");
}

async fn a_new_proof_counts_for_ten_minutes(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    web.code(&browser, &[]).await;
    for (seconds, counts) in [(599, true), (600, false)] {
        let page = browser.get(&web.authorize_url(&[("prompt", "login")])).await;
        let after = browser.sign_in_on(&page, &ada).await;
        app.wait(seconds);
        assert_eq!(!asks_to_sign_in(&browser.get(after.location()).await), counts, "{seconds}");
    }
}

/// Ended from elsewhere, by signing out in another tab, by a new password: one sign-in is enough, and counts once.
async fn a_session_that_ends_meanwhile_costs_no_second_proof(app: &TestApp) {
    let (web, mut ada) = (app.db_web_client().await, app.db_user("ada").await);
    web.code(&app.db_signed_in(&ada).await, &[]).await;
    for way in ["ended from elsewhere", "signed out in another tab", "a new password"] {
        let browser = app.db_signed_in(&ada).await;
        let page = browser.get(&web.authorize_url(&[("prompt", "login")])).await;
        let unproven = page.form("login-submit").value("return_to").to_owned();
        match way {
            "ended from elsewhere" => {
                let other = app.db_signed_in(&ada).await;
                other.submit(&other.get("/account/sessions/end-others").await, "confirm", &[]).await;
            }
            "a new password" => {
                let password = format!("{} and more", ada.password);
                app.db_set_password(&ada, &password).await;
                ada.password = password;
            }
            _ => {
                browser.submit(&browser.get("/logout").await, "logout-confirm", &[]).await;
            }
        }
        assert!(asks_to_sign_in(&browser.get(&unproven).await), "{way}: no proof since");
        let mut after = browser.sign_in_on(&page, &ada).await;
        if after.status == 403 {
            after = browser.sign_in_on(&after, &ada).await;
        }
        assert_eq!(after.location(), unproven, "{way}");
        assert_eq!(at_client(&browser.get(after.location()).await, &web), CODE, "{way}");
        assert!(asks_to_sign_in(&browser.get(after.location()).await), "{way}: used up");
    }
}

/// Whoever sits at the browser may hide or swap cookies; a proof from before stays one from before.
async fn an_older_session_put_in_place_is_no_proof(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let (browser, other) = (app.db_signed_in(&ada).await, app.db_signed_in(&ada).await);
    web.code(&browser, &[]).await;
    app.wait(1);
    let (name, own) = browser.cookies().into_iter().find(|(_, value)| value.starts_with("gss_")).expect("it is there");
    for (shown, put) in [(own.clone(), other.session().expect("it is there")), (String::new(), own)] {
        browser.set_cookie(&name, &shown);
        let page = browser.get(&web.authorize_url(&[("prompt", "login")])).await;
        browser.set_cookie(&name, &put);
        let back = page.form("login-submit").value("return_to").to_owned();
        assert!(asks_to_sign_in(&browser.get(&back).await), "shown {shown:?}");
    }
}

/// 0 wants a new proof each time; more than any age wants none.
async fn max_age_is_the_age_of_the_last_proof(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    web.code(&browser, &[]).await;
    app.wait(60);
    for (max_age, enough) in [("60", true), ("59", false), ("0", false), ("99999999999", true)] {
        let page = browser.get(&web.authorize_url(&[("max_age", max_age)])).await;
        assert_eq!(!asks_to_sign_in(&page), enough, "{max_age}");
    }
    let page = browser.get(&web.authorize_url(&[("max_age", "0")])).await;
    let after = browser.sign_in_on(&page, &ada).await;
    app.wait(1);
    assert_eq!(at_client(&browser.get(after.location()).await, &web), CODE, "proven for this very request");
    assert!(asks_to_sign_in(&browser.get(after.location()).await));
}
