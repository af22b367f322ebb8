//! The consent page: one stored request, one answer, one browser session, ten minutes.

use crate::seen::{asked, at_client, refusal};
use crate::support::db_shortcuts::{public_client, web_client};
use crate::support::page::Page;
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    a_form_without_this_browsers_token_is_refused,
    a_form_another_site_sent_is_refused,
    the_form_decides_nothing_but_yes_or_no,
    a_page_is_answered_once,
    a_page_is_good_in_the_browser_it_was_made_for,
    a_page_is_good_for_one_sign_in,
    a_page_is_good_for_ten_minutes,
    two_tabs_do_not_mix,
    a_client_changed_meanwhile_is_judged_as_it_is_now,
    a_client_switched_off_meanwhile_gets_nothing,
    widening_says_what_is_new,
    the_page_says_who_asks_and_where_the_answer_goes,
);

fn out_of_date(page: &Page) {
    assert_eq!((page.status, page.words("h1").as_str()), (403, "This page is out of date"), "{}", page.body);
    refusal(page);
}

/// A18 (RFC 6819 section 4.4.1.9): no token, an empty one, another session's, another browser's.
async fn a_form_without_this_browsers_token_is_refused(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let (browser, other) = (app.db_signed_in(&ada).await, app.db_signed_in(&ada).await);
    let page = browser.get(&web.authorize_url(&[])).await;
    let foreign = other.get(&web.authorize_url(&[])).await.form("consent-allow").value("csrf_token").to_owned();
    let form = || page.form("consent-allow");
    let right = form().value("csrf_token").to_owned();
    let cut = &right[..right.len() - 1];
    out_of_date(&browser.post(form().without("csrf_token")).await);
    for wrong in ["", "x", cut, foreign.as_str(), &right.to_uppercase()] {
        out_of_date(&browser.post(form().with(&[("csrf_token", wrong)])).await);
    }
    let mut doubled = form();
    doubled.fields.push(("csrf_token".to_owned(), right));
    out_of_date(&browser.post(doubled).await);
    let nobody = app.browser();
    out_of_date(&nobody.post(form()).await);
    assert_eq!((app.rows("grants"), app.rows("authorizations")), (0, 0));
    assert!(web.code_of(&browser.allow(page).await).starts_with("gac_"), "and the page is still good");
}

/// A18: what the browser itself says about the sender.
async fn a_form_another_site_sent_is_refused(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[])).await;
    let form = page.form("consent-allow");
    let url = app.shared.url(&form.action);
    for (name, value) in [
        ("Origin", "https://evil.example"),
        ("Origin", "http://127.0.0.1"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Sec-Fetch-Site", "none"),
    ] {
        let request = app.shared.http.post(&url).header(name, value).form(&form.fields);
        out_of_date(&browser.send(request).await);
    }
    assert_eq!(app.rows("grants"), 0);
    // What browsers send from pages with `Referrer-Policy: no-referrer`.
    let request = app.shared.http.post(&url).header("Origin", "null").header("Sec-Fetch-Site", "same-origin");
    assert_eq!(browser.send(request.form(&form.fields)).await.status, 303);
}

/// A18: parameters slipped into the form change neither client nor scope nor destination; another token is nothing.
async fn the_form_decides_nothing_but_yes_or_no(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let other = app.db_client(ClientSpec { name: Some("Other".to_owned()), ..web_client() }).await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("scope", "org:read")])).await;
    let form = || page.form("consent-allow");
    for wrong in ["", "yes", "Allow", "deny allow"] {
        let refused = browser.post(form().with(&[("decision", wrong)])).await;
        assert_eq!(refused.status, 403, "{wrong:?}");
    }
    let token = form().value("consent_request").to_owned();
    for wrong in ["", "gcr_", &token[..token.len() - 1], &format!("{token}A"), &token.to_lowercase()] {
        out_of_date(&browser.post(form().with(&[("consent_request", wrong)])).await);
    }
    let slipped = [
        ("scope", "org:write member:admin"),
        ("client_id", other.client_id.as_str()),
        ("redirect_uri", "https://evil.example/"),
        ("state", "other"),
        ("response_type", "token"),
        ("code_challenge", "other"),
    ];
    let answer = browser.post(form().with(&slipped)).await;
    assert_eq!(at_client(&answer, &web), "303 ? code=[code] & state=af0ifjsldkj & iss=[issuer]");
    assert_eq!(web.redeem(&web.code_of(&answer)).await.text("scope"), "org:read");
    assert_eq!(app.db_authorized(&ada, &other).await, None);
}

/// A18: whatever the first answer was.
async fn a_page_is_answered_once(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    for (button, grants) in [("consent-deny", 0), ("consent-allow", 1)] {
        let page = browser.get(&web.authorize_url(&[("prompt", "consent")])).await;
        assert_eq!(browser.submit(&page, button, &[]).await.status, 303);
        for again in ["consent-allow", "consent-deny", "consent-allow"] {
            out_of_date(&browser.submit(&page, again, &[]).await);
        }
        assert_eq!(app.rows("grants"), grants, "after {button}");
    }
    let page = browser.get(&web.authorize_url(&[("prompt", "consent")])).await;
    let (one, two, three) = tokio::join!(
        browser.submit(&page, "consent-allow", &[]),
        browser.submit(&page, "consent-allow", &[]),
        browser.submit(&page, "consent-allow", &[])
    );
    let mut statuses = [one.status, two.status, three.status];
    statuses.sort_unstable();
    assert_eq!((statuses, app.rows("grants")), ([303, 403, 403], 2), "three clicks at once");
}

/// C11: a leaked page is nothing to another browser, not even with a session of the same person.
async fn a_page_is_good_in_the_browser_it_was_made_for(app: &TestApp) {
    let (web, ada, eve) = (app.db_web_client().await, app.db_user("ada").await, app.db_user("eve").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[])).await;
    let leaked = page.form("consent-allow").value("consent_request").to_owned();
    for other in [app.db_signed_in(&eve).await, app.db_signed_in(&ada).await] {
        let own = other.get(&web.authorize_url(&[])).await.form("consent-allow");
        for decision in ["allow", "deny"] {
            let form = other.get(&web.authorize_url(&[])).await.form("consent-allow");
            out_of_date(&other.post(form.with(&[("consent_request", &leaked), ("decision", decision)])).await);
        }
        assert_ne!(own.value("consent_request"), leaked);
    }
    assert_eq!(app.rows("grants"), 0);
    assert_eq!(browser.allow(page).await.status, 303, "its own browser still answers it");
}

/// C11, C55: signing in again, or out, makes older pages void.
async fn a_page_is_good_for_one_sign_in(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[])).await;
    browser.sign_in_on(&browser.get("/login?return_to=/").await, &ada).await;
    out_of_date(&browser.submit(&page, "consent-allow", &[]).await);
    // With the new session's CSRF token, too: the request belongs to the session that is over.
    let fresh = browser.get(&web.authorize_url(&[])).await.form("consent-allow");
    let old = page.form("consent-allow");
    out_of_date(&browser.post(fresh.with(&[("consent_request", old.value("consent_request"))])).await);
    assert_eq!(app.rows("grants"), 0);
}

/// ASVS 10.7.2; the clock is the server's.
async fn a_page_is_good_for_ten_minutes(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let (early, late) = (browser.get(&web.authorize_url(&[])).await, browser.get(&web.authorize_url(&[])).await);
    app.wait(599);
    assert_eq!(browser.allow(early).await.status, 303);
    app.wait(1);
    out_of_date(&browser.submit(&late, "consent-allow", &[]).await);
    assert_eq!(app.rows("grants"), 1);
}

/// The seed's one slot a session let the second tab change what the first approves.
async fn two_tabs_do_not_mix(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let other = app.db_client(ClientSpec { name: Some("Other".to_owned()), ..web_client() }).await;
    let browser = app.db_signed_in(&ada).await;
    let first = browser.get(&web.authorize_url(&[("scope", "org:read"), ("state", "first")])).await;
    let second = browser.get(&other.authorize_url(&[("scope", "team:read"), ("state", "second")])).await;
    let third = browser.get(&web.authorize_url(&[("scope", "member:read"), ("state", "third")])).await;
    let denied = browser.submit(&third, "consent-deny", &[]).await;
    assert_eq!(at_client(&denied, &web), "303 ? error=access_denied & state=third & iss=[issuer]");
    for (page, party, state, scope) in [(first, &web, "first", "org:read"), (second, &other, "second", "team:read")] {
        let answer = browser.allow(page).await;
        assert_eq!(at_client(&answer, party), format!("303 ? code=[code] & state={state} & iss=[issuer]"));
        assert_eq!(party.redeem(&party.code_of(&answer)).await.text("scope"), scope);
    }
}

/// C07: the stored request is judged again when it is answered.
async fn a_client_changed_meanwhile_is_judged_as_it_is_now(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("scope", "org:read")])).await;
    app.db_update_client(&web, |metadata| metadata.scopes = vec!["team:read".to_owned()]).await;
    let answer = browser.submit(&page, "consent-allow", &[]).await;
    assert_eq!(
        at_client(&answer, &web),
        "303 ? error=invalid_scope & error_description=the scope is unknown or more than allowed \
         (reference [reference]) & state=af0ifjsldkj & iss=[issuer]"
    );
    let page = browser.get(&web.authorize_url(&[])).await;
    app.db_update_client(&web, |metadata| metadata.redirect_uris = vec!["https://client.example/new".to_owned()]).await;
    let answer = browser.submit(&page, "consent-allow", &[]).await;
    assert_eq!(answer.status, 403);
    assert!(refusal(&answer).contains("redirect_uri is not registered"), "{}", answer.body);
    assert_eq!((app.rows("grants"), app.rows("authorizations")), (0, 0));
}

/// C07, C65.
async fn a_client_switched_off_meanwhile_gets_nothing(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[])).await;
    app.db_disable_client(&web).await;
    for button in ["consent-allow", "consent-deny"] {
        let answer = browser.submit(&page, button, &[]).await;
        assert_eq!(answer.status, 403);
        refusal(&answer);
    }
    assert_eq!((app.rows("grants"), app.rows("authorizations")), (0, 0));
}

/// S12, ASVS 10.7.2: a second consent tells old from new, and the answer is the union on the same row.
async fn widening_says_what_is_new(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("scope", "org:read member:read")])).await;
    assert_eq!(page.words("h1"), "Web asks for access to your account");
    browser.allow(page).await;
    let page = browser.get(&web.authorize_url(&[("scope", "org:write team:read")])).await;
    assert_eq!(page.words("h1"), "Web asks for more access to your account");
    assert_eq!(
        asked(&page),
        [
            "Know who you are: your user name hereAllowed",
            "Read and write access to organization detailsNew",
            "Read access to organization membersAllowed",
            "Read access to teamsNew",
        ]
    );
    let code = web.code_of(&browser.allow(page).await);
    assert_eq!(web.redeem(&code).await.text("scope"), "org:write team:read", "only what this request asked");
    assert_eq!(app.db_authorized(&ada, &web).await.as_deref(), Some("member:read org:read org:write team:read"));
    assert_eq!(app.rows("authorizations"), 1);
    let page = browser.get(&web.authorize_url(&[("scope", "org:read"), ("prompt", "consent")])).await;
    assert!(asked(&page).iter().all(|line| line.ends_with("Allowed")));
}

/// ASVS 10.7.1 and 10.7.2.
async fn the_page_says_who_asks_and_where_the_answer_goes(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let open = app
        .db_client(ClientSpec {
            name: Some("Calendar".to_owned()),
            owner: Some(bob.login.clone()),
            privacy_url: Some("https://calendar.example/privacy".to_owned()),
            ..public_client()
        })
        .await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&open.authorize_url(&[])).await;
    assert_eq!(page.words(".client-line"), "Unverified by bob");
    assert_eq!(page.words(".as-user strong"), "ada");
    assert!(page.body.contains("Whatever you decide, you go back to <strong class=\"wrap\">spa.example</strong>."));
    assert_eq!(page.attributes(".client-links a", "href"), ["https://calendar.example/privacy"]);
    assert!(page.body.contains("It keeps this access for up to 180 days"), "{}", page.body);
    app.db_update_client(&open, |metadata| metadata.verified = true).await;
    let page = browser.get(&open.authorize_url(&[])).await;
    assert_eq!(page.words(".client-line"), "Verified by bob");
}
