//! What an authorization answer carries, and what it leaves behind (RFC 6749 section 4.1.2, RFC 9207).

use crate::seen::{asked, at_client, at_uri, refusal};
use crate::support::db_shortcuts::{public_client, strings, web_client};
use crate::support::relying_party::Tokens;
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    a_stranger_signs_in_allows_and_the_client_has_its_code,
    a_minimal_request_gets_a_code_and_no_scopes,
    a_denial_leaves_nothing_behind,
    scope_and_state_are_those_of_the_request,
    what_was_allowed_before_needs_no_click,
    force_prompt_asks_again,
    a_stronger_scope_covers_the_weaker_ones,
    an_unknown_scope_is_told_to_the_client,
    state_comes_back_byte_for_byte_beside_the_issuer,
    each_parameter_of_the_answer_stands_there_once,
    a_form_post_answer_is_a_page_of_the_same_parameters,
    an_openly_registered_client_redirects_nobody_who_is_not_signed_in,
);

/// S16, A08.
async fn a_stranger_signs_in_allows_and_the_client_has_its_code(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.browser();
    let url = web.authorize_url(&[("scope", "org:read"), ("state", "a b+c&d=%20")]);
    let page = browser.get(&url).await;
    assert_eq!((page.status, page.words(".banner p").as_str()), (200, "to continue to Web"));
    let after = browser.sign_in_on(&page, &ada).await;
    assert_eq!((after.status, after.location()), (303, url.strip_prefix(app.issuer()).expect("it is there")));
    let page = browser.get(after.location()).await;
    assert_eq!(asked(&page), ["Know who you are: your user name here", "Read access to organization details"]);
    let answer = browser.allow(page).await;
    assert_eq!(at_client(&answer, &web), "303 ? code=[code] & state=a b+c&d=%20 & iss=[issuer]");
    assert_eq!(web.redeem(&web.code_of(&answer)).await.status, 200);
    assert_eq!(app.db_events().await, ["client.create", "user.create", "sign_in", "consent.allow"]);
}

/// S7.
async fn a_minimal_request_gets_a_code_and_no_scopes(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("state", ""), ("redirect_uri", "")])).await;
    assert_eq!(asked(&page), ["Know who you are: your user name here"]);
    let answer = browser.allow(page).await;
    assert_eq!(at_client(&answer, &web), "303 ? code=[code] & iss=[issuer]");
    let tokens = web.redeem_with(&web.code_of(&answer), &[("redirect_uri", "")]).await;
    assert_eq!(tokens.json()["scope"], serde_json::Value::Null);
    assert_eq!(app.db_authorized(&ada, &web).await.as_deref(), Some(""));
}

/// S8.
async fn a_denial_leaves_nothing_behind(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.browser();
    let page = browser.open_as(&ada, &web.authorize_url(&[("scope", "org:read")])).await;
    let answer = browser.submit(&page, "consent-deny", &[]).await;
    assert_eq!(at_client(&answer, &web), "303 ? error=access_denied & state=af0ifjsldkj & iss=[issuer]");
    assert_eq!((app.rows("authorizations"), app.rows("grants"), app.rows("access_tokens")), (0, 0, 0));
    assert_eq!(app.db_events().await, ["client.create", "user.create", "sign_in", "consent.deny"]);
}

/// S9.
async fn scope_and_state_are_those_of_the_request(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("scope", "org:read"), ("state", "foo")])).await;
    let answer = browser.allow(page).await;
    assert_eq!(at_client(&answer, &web), "303 ? code=[code] & state=foo & iss=[issuer]");
    assert_eq!((app.rows("grants"), app.rows("access_tokens")), (1, 0), "no token before the redemption");
    assert_eq!(web.redeem(&web.code_of(&answer)).await.text("scope"), "org:read");
    assert_eq!(app.db_authorized(&ada, &web).await.as_deref(), Some("org:read"));
}

/// S10.
async fn what_was_allowed_before_needs_no_click(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    web.code(&browser, &[("scope", "org:read member:read")]).await;
    for scope in ["", "org:read", "member:read org:read"] {
        let answer = browser.get(&web.authorize_url(&[("scope", scope)])).await;
        assert_eq!(at_client(&answer, &web), "302 ? code=[code] & state=af0ifjsldkj & iss=[issuer]", "{scope}");
        let tokens = web.redeem(&web.code_of(&answer)).await;
        let expected = if scope.is_empty() { serde_json::Value::Null } else { "member:read org:read".into() };
        let granted = &tokens.json()["scope"];
        assert!(*granted == expected || granted == scope, "the request's own scopes, never the union: {granted}");
    }
    assert_eq!(app.rows("authorizations"), 1);
}

/// S11.
async fn force_prompt_asks_again(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    web.code(&browser, &[]).await;
    for wish in [("force_prompt", "1"), ("prompt", "consent")] {
        let page = browser.get(&web.authorize_url(&[wish])).await;
        assert!(page.has("#consent-allow"), "{wish:?}: {}", page.status);
        let answer = browser.allow(page).await;
        assert_eq!(at_client(&answer, &web), "303 ? code=[code] & state=af0ifjsldkj & iss=[issuer]");
    }
}

/// S12, S13: by implication, and a page with one line a set.
async fn a_stronger_scope_covers_the_weaker_ones(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("scope", "member:read member:admin")])).await;
    assert_eq!(
        asked(&page),
        ["Know who you are: your user name here", "Read, write and admin access to organization members"]
    );
    browser.allow(page).await;
    assert_eq!(browser.get(&web.authorize_url(&[("scope", "member:read")])).await.status, 302);
    assert_eq!(browser.get(&web.authorize_url(&[("scope", "org:read")])).await.status, 200, "not covered");
}

/// S4, A41: unknown, malformed, and more than the client is registered for.
async fn an_unknown_scope_is_told_to_the_client(app: &TestApp) {
    let web = app.db_web_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    for (scope, why) in [
        ("foo", "the scope is unknown or more than allowed"),
        ("org:read foo", "the scope is unknown or more than allowed"),
        ("org:admin", "the scope is unknown or more than allowed"),
        ("ORG:READ", "the scope is unknown or more than allowed"),
        ("org:read  org:write", "scopes are separated by exactly one space"),
        ("\u{f6}rg:read", "a scope has a character RFC 6749 section 3.3 does not allow"),
        ("\"org:read\"", "a scope has a character RFC 6749 section 3.3 does not allow"),
    ] {
        let answer = browser.get(&web.authorize_url(&[("scope", scope)])).await;
        let expected = format!(
            "302 ? error=invalid_scope & error_description={why} (reference [reference]) & state=af0ifjsldkj & \
             iss=[issuer]"
        );
        assert_eq!(at_client(&answer, &web), expected, "{scope:?}");
    }
    assert_eq!(app.rows("grants"), 0);
}

/// A06: answers and refusals, in the query, the fragment and a form.
async fn state_comes_back_byte_for_byte_beside_the_issuer(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    web.code(&browser, &[]).await;
    let long = "s".repeat(2048);
    for state in
        ["x y+z", "a&b=c#d?e", "\u{e9}\u{1f680}", "%20%zz", "\"<>\\^`{|}'", "-._~", " ", "[object Object]", &long]
    {
        for mode in ["query", "fragment", "form_post"] {
            for wrong in [&[][..], &[("scope", "foo")], &[("prompt", "none"), ("scope", "org:read")]] {
                let mut changes = vec![("state", state), ("response_mode", mode)];
                changes.extend_from_slice(wrong);
                let answer = browser.get(&web.authorize_url(&changes)).await;
                let parameters = match mode {
                    "form_post" => answer.form("form-post-continue").fields,
                    _ => answer.redirected_to(&web.redirect_uri),
                };
                let value = |name: &str| -> Vec<&str> {
                    parameters.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
                };
                assert_eq!(value("state"), [state], "{mode} {wrong:?}");
                assert_eq!(value("iss"), [app.issuer()], "{mode} {wrong:?}");
                assert_eq!(value("code").len(), usize::from(wrong.is_empty()), "{mode} {wrong:?}");
                if mode == "query" {
                    assert!(answer.location().bytes().all(|byte| byte.is_ascii_graphic()));
                }
            }
        }
    }
}

/// C06: the registered query stays, but for what would stand beside the answer's own.
async fn each_parameter_of_the_answer_stands_there_once(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let uri = "https://client.example/cb?x=1&code=planted&state=planted&iss=planted&error=planted";
    let web = app.db_client(ClientSpec { redirect_uris: strings(&[uri]), ..web_client() }).await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[])).await;
    let answer = browser.allow(page).await;
    assert_eq!(
        at_uri(&answer, "https://client.example/cb"),
        "303 ? x=1 & code=[code] & state=af0ifjsldkj & iss=[issuer]"
    );
    let tokens = Tokens::of(&web.redeem(&answer.redirected_to("https://client.example/cb")[1].1).await);
    assert!(web.is_active(&tokens.access).await);
    let refused = browser.get(&web.authorize_url(&[("scope", "foo"), ("state", "")])).await;
    assert_eq!(
        at_uri(&refused, "https://client.example/cb"),
        "302 ? x=1 & error=invalid_scope & error_description=the scope is unknown or more than allowed \
         (reference [reference]) & iss=[issuer]"
    );
}

/// OAuth 2.0 Form Post Response Mode; A10 in `headers`.
async fn a_form_post_answer_is_a_page_of_the_same_parameters(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("response_mode", "form_post"), ("state", "\"><svg onload>")])).await;
    let answer = browser.allow(page).await;
    assert_eq!((answer.status, answer.words("h1").as_str()), (200, "Back to Web"));
    let form = answer.form("form-post-continue");
    assert_eq!(form.action, web.redirect_uri);
    let names: Vec<&str> = form.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!((form.value("state"), form.value("iss")), ("\"><svg onload>", app.issuer()));
    assert_eq!(web.redeem(form.value("code")).await.status, 200);
}

/// A13: such a client could have been made to send people elsewhere in our name.
async fn an_openly_registered_client_redirects_nobody_who_is_not_signed_in(app: &TestApp) {
    let bob = app.db_user("bob").await;
    let open = |verified| ClientSpec {
        name: Some(if verified { "Known" } else { "Open" }.to_owned()),
        owner: Some(bob.login.clone()),
        verified,
        ..public_client()
    };
    let (unknown, known) = (app.db_client(open(false)).await, app.db_client(open(true)).await);
    let stranger = app.browser();
    for wrong in [("scope", "foo"), ("prompt", "none"), ("response_type", "foobar"), ("code_challenge", "")] {
        let page = stranger.get(&unknown.authorize_url(&[wrong])).await;
        assert!(refusal(&page).starts_with("400 Open sent you here with a request we cannot accept"), "{wrong:?}");
        let answer = stranger.get(&known.authorize_url(&[wrong])).await;
        assert!(at_client(&answer, &known).contains("error="), "{wrong:?}");
    }
    let signed_in = app.db_signed_in(&bob).await;
    let answer = signed_in.get(&unknown.authorize_url(&[("scope", "foo")])).await;
    assert!(at_client(&answer, &unknown).starts_with("302 ? error=invalid_scope"));
}
