//! Response types, and the implicit grant behind its two switches (RFC 6749 sections 3.1.1 and 4.2).

use crate::seen::{asked, at_client};
use crate::support::db_shortcuts::{strings, web_client};
use crate::support::{ClientSpec, RelyingParty, TestApp, on_both};

on_both!(
    a_response_type_that_is_off_is_refused_where_its_client_looks,
    a_client_that_was_not_marked_gets_no_token,
    a_marked_client_gets_a_token_in_the_fragment,
    a_denied_token_leaves_only_the_denial,
    a_token_is_given_without_a_click_only_to_a_client_so_marked,
    a_token_never_travels_in_the_query,
);

async fn implicit_client(app: &TestApp, silent_token: bool) -> RelyingParty {
    app.db_client(ClientSpec {
        name: Some("Implicit".to_owned()),
        response_types: Some(strings(&["code", "token"])),
        silent_token,
        ..web_client()
    })
    .await
}

/// A07, S1, S2.
async fn a_response_type_that_is_off_is_refused_where_its_client_looks(app: &TestApp) {
    let (web, implicit) = (app.db_web_client().await, implicit_client(app, false).await);
    for browser in [app.browser(), app.db_signed_in(&app.db_user("ada").await).await] {
        for party in [&web, &implicit] {
            for (response_type, expected) in [
                ("", "302 ? error=invalid_request & error_description=response_type is missing"),
                ("foobar", "302 ? error=unsupported_response_type & error_description=response_type is not supported"),
                ("Code", "302 ? error=unsupported_response_type & error_description=response_type is not supported"),
                (
                    "code foobar",
                    "302 ? error=unsupported_response_type & error_description=response_type is not supported",
                ),
                (
                    "token",
                    "302 # error=unsupported_response_type & error_description=this response_type is not supported",
                ),
                (
                    "id_token",
                    "302 # error=unsupported_response_type & error_description=this response_type is not supported",
                ),
                (
                    "id_token token",
                    "302 # error=unsupported_response_type & error_description=this response_type is not supported",
                ),
                (
                    "code token",
                    "302 # error=unsupported_response_type & error_description=this response_type is not supported",
                ),
            ] {
                let answer = browser.get(&party.authorize_url(&[("response_type", response_type)])).await;
                let expected = format!("{expected} (reference [reference]) & state=af0ifjsldkj & iss=[issuer]");
                assert_eq!(at_client(&answer, party), expected, "{response_type:?}");
            }
        }
    }
    assert_eq!((app.rows("grants"), app.rows("access_tokens"), app.rows("consent_requests")), (0, 0, 0));
}

/// A07, S5.
async fn a_client_that_was_not_marked_gets_no_token(app: &TestApp) {
    let (web, implicit) = (app.db_web_client().await, implicit_client(app, false).await);
    app.restart_with(|config| config.tokens.implicit = true).await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    let refused = browser.get(&web.authorize_url(&[("response_type", "token")])).await;
    assert_eq!(
        at_client(&refused, &web),
        "302 # error=unauthorized_client & error_description=this client may not use this response_type \
         (reference [reference]) & state=af0ifjsldkj & iss=[issuer]"
    );
    let refused = browser.get(&implicit.authorize_url(&[("response_type", "token"), ("scope", "foo")])).await;
    assert_eq!(
        at_client(&refused, &implicit),
        "302 # error=invalid_scope & error_description=the scope is unknown or more than allowed \
         (reference [reference]) & state=af0ifjsldkj & iss=[issuer]"
    );
    assert_eq!(app.rows("access_tokens"), 0);
}

/// S14.
async fn a_marked_client_gets_a_token_in_the_fragment(app: &TestApp) {
    let implicit = implicit_client(app, false).await;
    app.restart_with(|config| config.tokens.implicit = true).await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    let request = [("response_type", "token"), ("code_challenge", ""), ("code_challenge_method", "")];
    let page = browser.get(&implicit.authorize_url(&request)).await;
    assert_eq!(asked(&page), ["Know who you are: your user name here"]);
    let answer = browser.allow(page).await;
    assert_eq!(
        at_client(&answer, &implicit),
        "303 # access_token=[access token] & token_type=Bearer & expires_in=3600 & state=af0ifjsldkj & iss=[issuer]"
    );
    let parameters = answer.redirected_to(&implicit.redirect_uri);
    let token = &parameters[0].1;
    assert_eq!(
        implicit.introspect(token).await.named_json().to_string(),
        r#"{"active":true,"client_id":"[client Implicit]","exp":3000003600,"iat":3000000000,"iss":"[issuer]","sub":"[sub ada]","token_type":"Bearer","username":"ada"}"#
    );
    assert_eq!((app.rows("access_tokens"), app.rows("refresh_tokens")), (1, 0));
}

/// S15.
async fn a_denied_token_leaves_only_the_denial(app: &TestApp) {
    let implicit = implicit_client(app, false).await;
    app.restart_with(|config| config.tokens.implicit = true).await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    let page = browser.get(&implicit.authorize_url(&[("response_type", "token")])).await;
    let answer = browser.submit(&page, "consent-deny", &[]).await;
    assert_eq!(at_client(&answer, &implicit), "303 # error=access_denied & state=af0ifjsldkj & iss=[issuer]");
    assert_eq!((app.rows("access_tokens"), app.rows("grants"), app.rows("authorizations")), (0, 0, 0));
}

/// A17: by default each token takes a click.
async fn a_token_is_given_without_a_click_only_to_a_client_so_marked(app: &TestApp) {
    let (asks, silent) = (implicit_client(app, false).await, implicit_client(app, true).await);
    app.restart_with(|config| config.tokens.implicit = true).await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    for (party, clicks) in [(&asks, true), (&silent, false)] {
        let url = party.authorize_url(&[("response_type", "token"), ("scope", "org:read")]);
        let page = browser.get(&url).await;
        browser.allow(page).await;
        let again = browser.get(&url).await;
        assert_eq!(again.has("#consent-allow"), clicks, "{} {}", again.status, again.body);
        let without_pages = browser.get(&format!("{url}&prompt=none")).await;
        assert_eq!(at_client(&without_pages, party).contains("error=consent_required"), clicks);
    }
}

/// RFC 9700 section 4.3.2.
async fn a_token_never_travels_in_the_query(app: &TestApp) {
    let implicit = implicit_client(app, true).await;
    app.restart_with(|config| config.tokens.implicit = true).await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    let request = [("response_type", "token"), ("response_mode", "query")];
    let refused = browser.get(&implicit.authorize_url(&request)).await;
    assert_eq!(
        at_client(&refused, &implicit),
        "302 # error=invalid_request & error_description=response_mode=query cannot carry a token \
         (reference [reference]) & state=af0ifjsldkj & iss=[issuer]"
    );
}
