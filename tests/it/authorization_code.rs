//! Redeeming an authorization code (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use crate::support::db_shortcuts::{public_client, web_client};
use crate::support::relying_party::{By, Tokens, s256};
use crate::support::{ClientSpec, TestApp, assert_whole, on_both};

on_both!(
    a_right_redemption_answers_tokens,
    a_code_is_dead_after_a_minute,
    a_code_is_good_until_its_last_second,
    a_code_of_one_client_is_nothing_to_another,
    a_code_redeemed_twice_kills_its_family,
    a_replay_by_somebody_who_is_wrong_anywhere_harms_nobody,
    a_failed_client_authentication_leaves_the_code_good,
    a_verifier_must_fit_the_challenge,
    a_verifier_for_a_code_without_a_challenge_is_refused,
    the_redirect_uri_must_be_the_one_of_the_request,
    the_redirect_uri_may_be_left_out_where_pkce_binds_the_code,
    a_disabled_client_gets_no_tokens_for_its_code,
    a_missing_or_unknown_code_is_refused,
    a_client_without_the_refresh_grant_gets_no_refresh_token,
);

/// A31, S29, S37, S46.
async fn a_right_redemption_answers_tokens(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[("scope", "org:read")]).await;
    let answer = web.redeem(&code).await;
    assert_whole!(answer, @r#"
    200
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"access_token":"[access token]","token_type":"Bearer","expires_in":3600,"refresh_token":"[refresh token]","scope":"org:read"}
    "#);
    let tokens = Tokens::of(&answer);
    assert_whole!(web.introspect(&tokens.access).await, @r#"
    200
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"active":true,"scope":"org:read","client_id":"[client Web]","username":"ada","token_type":"Bearer","exp":3000003600,"iat":3000000000,"sub":"[sub ada]","iss":"[issuer]"}
    "#);
}

/// A20, S41.
async fn a_code_is_dead_after_a_minute(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[]).await;
    app.wait(60);
    assert_whole!(web.redeem(&code).await, @r#"
    400
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"error":"invalid_grant","error_description":"the code has expired (reference [reference])"}
    "#);
}

/// A20.
async fn a_code_is_good_until_its_last_second(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[]).await;
    app.wait(59);
    assert_eq!(web.redeem(&code).await.status, 200);
}

/// A21, C02.
async fn a_code_of_one_client_is_nothing_to_another(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let thief = app.db_client(ClientSpec { name: Some("Thief".to_owned()), ..web_client() }).await;
    let code = app.db_code(&web, &ada, &[]).await;
    let verifier = [("code_verifier", web.verifier.as_str())];
    assert_eq!(thief.redeem_with(&code, &verifier).await.error(), "400 invalid_grant");
    assert_eq!(web.redeem(&code).await.status, 200, "the rightful client still redeems it");
    assert_eq!(thief.redeem_with(&code, &verifier).await.error(), "400 invalid_grant");
    assert_eq!(app.db_events().await.iter().filter(|event| *event == "code.replayed").count(), 0);
}

/// A22, S42, C13: the second right redemption is refused and everything of the first is dead.
async fn a_code_redeemed_twice_kills_its_family(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[("scope", "org:read")]).await;
    let tokens = Tokens::of(&web.redeem(&code).await);
    assert!(web.is_active(&tokens.access).await);
    assert_whole!(web.redeem(&code).await, @r#"
    400
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"error":"invalid_grant","error_description":"the code was redeemed before (reference [reference])"}
    "#);
    assert_eq!(web.introspect(&tokens.access).await.body, r#"{"active":false}"#);
    assert_eq!(web.introspect(&tokens.refresh).await.body, r#"{"active":false}"#);
    assert_eq!(web.refresh(&tokens.refresh).await.error(), "400 invalid_grant");
    assert_eq!(web.redeem(&code).await.error(), "400 invalid_grant");
    let replays = app.db_events().await.into_iter().filter(|event| event == "code.replayed").count();
    assert_eq!(replays, 1, "one event a family");
}

/// A23, S45, S49: no lever against the victim.
async fn a_replay_by_somebody_who_is_wrong_anywhere_harms_nobody(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[]).await;
    let wrong_verifier = [("code_verifier", "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong")];
    let wrong_uri = [("redirect_uri", "https://client.example/other")];
    // Before the redemption, too: a guess does not burn the code.
    assert_eq!(web.redeem_with(&code, &wrong_verifier).await.error(), "400 invalid_grant");
    assert_eq!(web.redeem_with(&code, &wrong_uri).await.error(), "400 invalid_grant");
    let tokens = Tokens::of(&web.redeem(&code).await);
    assert_eq!(web.redeem_with(&code, &wrong_verifier).await.error(), "400 invalid_grant");
    assert_eq!(web.redeem_with(&code, &wrong_uri).await.error(), "400 invalid_grant");
    let stranger = web.with_secret(Some("not the secret of this client, only long enough"), By::Basic);
    assert_eq!(stranger.redeem(&code).await.error(), "401 invalid_client");
    assert!(web.is_active(&tokens.access).await);
    assert_eq!(web.refresh(&tokens.refresh).await.status, 200);
}

/// A24: golang.org/x/oauth2 tries the other way to authenticate with the same code.
async fn a_failed_client_authentication_leaves_the_code_good(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[]).await;
    let other_way = web.with_secret(web.client_secret.as_deref(), By::Post);
    assert_eq!(other_way.redeem(&code).await.error(), "401 invalid_client");
    assert_eq!(web.redeem(&code).await.status, 200);
}

/// A26, C01, S49: confidential and public alike; the sample of RFC 7636 appendix B is good.
async fn a_verifier_must_fit_the_challenge(app: &TestApp) {
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_eq!(s256(VERIFIER), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let ada = app.db_user("ada").await;
    for party in [app.db_web_client().await, app.db_public_client().await] {
        let code = app.db_code(&party, &ada, &[("code_challenge", &s256(VERIFIER))]).await;
        let short = &VERIFIER[..42];
        let long = "a".repeat(129);
        let bad_characters = format!("{short}!");
        let another = format!("{short}Z");
        let challenge = s256(VERIFIER);
        for wrong in ["", short, &long, &bad_characters, &another, &challenge, &VERIFIER.to_uppercase()] {
            let answer = party.redeem_with(&code, &[("code_verifier", wrong)]).await;
            assert_eq!(answer.error(), "400 invalid_grant", "{wrong:?}");
        }
        let mut empty = vec![("code_verifier".to_owned(), String::new())];
        for (name, value) in [("grant_type", "authorization_code"), ("code", &code)] {
            empty.push((name.to_owned(), value.to_owned()));
        }
        assert_eq!(party.post("/oauth/token", &empty).await.error(), "400 invalid_grant", "an empty verifier");
        assert_eq!(party.redeem_with(&code, &[("code_verifier", VERIFIER)]).await.status, 200);
    }
}

/// A26, C01: no downgrade in either direction.
async fn a_verifier_for_a_code_without_a_challenge_is_refused(app: &TestApp) {
    let spec = ClientSpec { require_pkce: Some(false), ..web_client() };
    let (web, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = app.db_code(&web, &ada, &without).await;
    assert_eq!(web.redeem(&code).await.error(), "400 invalid_grant");
    assert_eq!(web.redeem_with(&code, &[("code_verifier", "")]).await.status, 200);
}

/// A29, S45.
async fn the_redirect_uri_must_be_the_one_of_the_request(app: &TestApp) {
    let uris = ["https://client.example/cb", "https://client.example/other"].map(str::to_owned).to_vec();
    let spec = ClientSpec { redirect_uris: uris, require_pkce: Some(false), ..web_client() };
    let (web, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = app.db_code(&web, &ada, &without).await;
    for wrong in ["https://client.example/other", "https://client.example/cb/", "https://client.example/CB", ""] {
        let answer = web.redeem_with(&code, &[("redirect_uri", wrong), ("code_verifier", "")]).await;
        assert_eq!(answer.error(), "400 invalid_grant", "{wrong:?}");
    }
    assert_eq!(web.redeem_with(&code, &[("code_verifier", "")]).await.status, 200);
}

/// A29: OAuth 2.1 dropped the parameter.
async fn the_redirect_uri_may_be_left_out_where_pkce_binds_the_code(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[]).await;
    assert_eq!(web.redeem_with(&code, &[("redirect_uri", "")]).await.status, 200);
}

/// S44, C65.
async fn a_disabled_client_gets_no_tokens_for_its_code(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[]).await;
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    let server = app.db_resource_server("https://api.example", &["org"]).await;
    app.db_disable_client(&web).await;
    assert_eq!(web.redeem(&code).await.error(), "401 invalid_client");
    assert_eq!(web.refresh(&tokens.refresh).await.error(), "401 invalid_client");
    assert!(!server.is_active(&tokens.access).await);
    assert_eq!(app.rows("access_tokens"), 1);
}

/// S27, S28.
async fn a_missing_or_unknown_code_is_refused(app: &TestApp) {
    let web = app.db_web_client().await;
    assert_eq!(web.redeem("").await.error(), "400 invalid_request");
    for unknown in ["x", "gac_", "gac_0", &"é".repeat(40), &"gac_".repeat(100)] {
        assert_eq!(web.redeem(unknown).await.error(), "400 invalid_grant", "{unknown}");
    }
}

/// A64: refresh tokens only where switched on.
async fn a_client_without_the_refresh_grant_gets_no_refresh_token(app: &TestApp) {
    let spec = ClientSpec { grant_types: Some(vec!["authorization_code".to_owned()]), ..public_client() };
    let (spa, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let code = app.db_code(&spa, &ada, &[("scope", "org:read")]).await;
    let answer = spa.redeem(&code).await;
    assert_whole!(answer, @r#"
    200
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    x-content-type-options: nosniff

    {"access_token":"[access token]","token_type":"Bearer","expires_in":3600,"scope":"org:read"}
    "#);
}
