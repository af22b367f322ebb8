//! What clients are told of people whose organization's provider vouched for them: the sign-in that was judged is the one
//! that is told (OpenID Connect Core sections 2 and 3.1.2.1).

use grantor::protocol::acr;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use grantor::store::organizations::OrganizationRow;
use serde_json::{Map, Value, json};

use super::{refusal, relying_party, told, verified, verified_jwt};
use crate::support::page::Page;
use crate::support::sso_stage::Said;
use crate::support::upstream::Upstream;
use crate::support::{Browser, ClientSpec, Person, RelyingParty, TestApp, on_both};

on_both!(
    the_sign_in_that_answered_the_request_is_the_one_told,
    a_password_typed_later_is_told_where_nobody_asks_for_a_provider,
    a_sole_owner_who_broke_the_glass_signed_in_with_a_password,
    nobody_is_told_without_a_page_who_is_a_member,
    an_essential_class_is_reached_through_an_organization,
    a_class_that_cannot_be_made_fresh_is_refused_after_one_round_trip,
    an_organizations_own_client_insists_on_a_class,
);

const SSO: &str = r#"{"id_token":{"acr":{"essential":true,"value":"urn:grantor:acr:sso"}}}"#;
const PWD: &str = r#"{"id_token":{"acr":{"essential":true,"value":"urn:grantor:acr:pwd"}}}"#;

fn board_spec() -> ClientSpec {
    ClientSpec { name: Some("Board".to_owned()), organization_access: true, ..relying_party() }
}

/// Ada has a password; acme asks its members for single sign-on.
async fn stage(app: &TestApp) -> (OrganizationRow, Person, Browser) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let ada = app.db_member(&acme, "ada", "member").await;
    let browser = app.db_signed_in(&ada).await;
    (acme, ada, browser)
}

/// Through the dummy provider and back, with the link on the way where there is none.
async fn through(browser: &Browser, path: &str) -> Page {
    let asked = browser.sso(path, Said { id: "ada-upstream", ..Said::verified("ada@acme.example") }).await;
    match asked.has("#sso-link") {
        true => browser.submit(&asked, "sso-link", &[]).await,
        false => asked,
    }
}

async fn claims(app: &TestApp, party: &RelyingParty, browser: &Browser, page: Page) -> Map<String, Value> {
    told(app, party, &browser.allow(page).await).await
}

/// `auth_time`, `acr` and `amr`.
fn of_sign_in(claims: &Map<String, Value>) -> [Option<&Value>; 3] {
    ["auth_time", "acr", "amr"].map(|name| claims.get(name))
}

async fn the_sign_in_that_answered_the_request_is_the_one_told(app: &TestApp) {
    let (_, _, browser) = stage(app).await;
    let (at, board) = (app.now(), app.db_client(board_spec()).await);
    app.db_metadata(&board, |metadata| metadata.access_token_signed_response_alg = Some(SigningAlgorithm::Es256)).await;
    for wish in [("max_age", "300"), ("prompt", "login")] {
        app.wait(7200);
        let within = [("scope", "openid org:read"), ("organization", "acme"), wish];
        let sent = browser.get(&board.authorize_url(&within)).await;
        assert!(sent.location().starts_with("/login/acme?return_to="), "{wish:?}: {}", sent.location());
        let back = through(&browser, sent.location()).await;
        let code = board.code_of(&browser.allow(browser.get(back.location()).await).await);
        let answer = board.redeem(&code).await;
        let (in_token, _) = verified(app, &answer).await;
        let expected = [Some(json!(app.now())), Some(json!(acr::PROVIDER)), None];
        assert_eq!(of_sign_in(&in_token), expected.each_ref().map(Option::as_ref), "{wish:?}");
        let (access, _) = verified_jwt(app, &answer.text("access_token"), "at+jwt").await;
        assert_eq!(of_sign_in(&access), of_sign_in(&in_token), "{wish:?}");
    }
    // The same session elsewhere: what this server itself saw, and when.
    let web = app.db_client(relying_party()).await;
    let page = browser.get(&web.authorize_url(&[("scope", "openid")])).await;
    let in_token = claims(app, &web, &browser, page).await;
    let expected = [json!(at), json!(acr::PASSWORD), json!(["pwd"])];
    assert_eq!(of_sign_in(&in_token), expected.each_ref().map(Some));
}

/// The newest counts where the organization lets people in with either.
async fn a_password_typed_later_is_told_where_nobody_asks_for_a_provider(app: &TestApp) {
    let (_, ada, browser) = stage(app).await;
    let board = app.db_client(board_spec()).await;
    through(&browser, "/login/acme").await;
    app.db_batch("UPDATE providers SET allow_unlinked = true");
    app.restart().await;
    app.wait(100);
    let within = [("scope", "openid"), ("organization", "acme")];
    let page = browser.get(&board.authorize_url(&within)).await;
    let before = claims(app, &board, &browser, page).await;
    assert_eq!(before["auth_time"], json!(app.now() - 100));
    let page = browser.get(&board.authorize_url(&[&within[..], &[("prompt", "login")]].concat())).await;
    let back = browser.sign_in_on(&page, &ada).await;
    let page = browser.get(back.location()).await;
    let after = claims(app, &board, &browser, page).await;
    let expected = [json!(app.now()), json!(acr::PASSWORD), json!(["pwd"])];
    assert_eq!(of_sign_in(&after), expected.each_ref().map(Some));
}

async fn a_sole_owner_who_broke_the_glass_signed_in_with_a_password(app: &TestApp) {
    let (acme, ada, browser) = stage(app).await;
    let (at, board) = (app.now(), app.db_client(board_spec()).await);
    let until = app.now() + 3600;
    app.db_batch(&format!(
        "UPDATE organization_members SET break_glass_until = {until} WHERE user_id = {}",
        ada.row.id
    ));
    app.restart().await;
    app.wait(60);
    let page = browser.get(&board.authorize_url(&[("scope", "openid"), ("organization", &acme.slug)])).await;
    let in_token = claims(app, &board, &browser, page).await;
    let expected = [json!(at), json!(acr::PASSWORD), json!(["pwd"])];
    assert_eq!(of_sign_in(&in_token), expected.each_ref().map(Some));
}

/// C24: clients that a member has let in there are told more, as the member knows of them.
async fn nobody_is_told_without_a_page_who_is_a_member(app: &TestApp) {
    let (_, _, browser) = stage(app).await;
    let board = app.db_client(board_spec()).await;
    app.db_org("zeta").await;
    let free = app.db_org("free").await;
    app.db_join(&free, &app.db_person_named("ada").await, "member").await;
    let asked = async |slug: &str| {
        let url = board.authorize_url(&[("scope", "openid"), ("organization", slug), ("prompt", "none")]);
        refusal(&browser.get(&url).await, &board)
    };
    for slug in ["acme", "free", "zeta", "no-such"] {
        assert_eq!(asked(slug).await, "login_required", "{slug}");
    }
    through(&browser, "/login/acme").await;
    assert_eq!(asked("acme").await, "login_required", "proven, too");
    board.code(&browser, &[("scope", "openid"), ("organization", "acme")]).await;
    assert_eq!((asked("acme").await.as_str(), asked("free").await.as_str()), ("consent_required", "login_required"));
}

/// Both classes of one session, each told with its own time to whoever insists on it.
async fn an_essential_class_is_reached_through_an_organization(app: &TestApp) {
    let (_, _, browser) = stage(app).await;
    let (at, web) = (app.now(), app.db_client(relying_party()).await);
    app.wait(1000);
    let insists = |claims: &'static str| web.authorize_url(&[("scope", "openid"), ("claims", claims)]);
    let page = browser.get(&insists(SSO)).await;
    assert!(page.words("#sign-in-notice").contains("organization"), "{}", page.body);
    let waiting = page.form("login-submit").value("return_to").to_owned();
    let door = url::form_urlencoded::byte_serialize(waiting.as_bytes()).collect::<String>();
    let back = through(&browser, &format!("/login/acme?return_to={door}")).await;
    let page = browser.get(back.location()).await;
    assert!(page.has("#consent-allow"), "reached: {} {}", page.status, page.body);
    let proven = app.now();
    let in_token = claims(app, &web, &browser, page).await;
    let expected = [Some(json!(proven)), Some(json!(acr::PROVIDER)), None];
    assert_eq!(of_sign_in(&in_token), expected.each_ref().map(Option::as_ref));
    app.wait(50);
    let again = told(app, &web, &browser.get(&insists(SSO)).await).await;
    assert_eq!(of_sign_in(&again), of_sign_in(&in_token), "while the proof lives, nobody is asked");
    let other = told(app, &web, &browser.get(&insists(PWD)).await).await;
    let expected = [json!(at), json!(acr::PASSWORD), json!(["pwd"])];
    assert_eq!(of_sign_in(&other), expected.each_ref().map(Some));
    app.wait(86_400);
    assert!(browser.get(&insists(SSO)).await.has("#sign-in-notice"), "the proof is over");
}

/// A provider that does not tell when: its class is reached, and no age of it.
async fn a_class_that_cannot_be_made_fresh_is_refused_after_one_round_trip(app: &TestApp) {
    for secret in ["upstream-access", "upstream-refresh"] {
        app.shared.secrets.saw(secret);
    }
    let upstream = Upstream::start(app.clock.clone());
    upstream.tells_auth_time(false);
    app.as_dev().await;
    let acme = app.db_org("acme").await;
    app.db_provider(&acme, "oidc", &upstream.oidc_settings()).await;
    let ada = app.db_member(&acme, "ada", "member").await;
    let (browser, web) = (app.db_signed_in(&ada).await, app.db_client(relying_party()).await);
    let there_and_back = async |path: &str| {
        let left = browser.submit(&browser.get(path).await, "sso-continue", &[]).await;
        let page = browser.get(&upstream.allows(left.location())).await;
        match page.header("location").is_some_and(|location| location.starts_with("/sso/confirm")) {
            true => browser.submit(&browser.get(page.location()).await, "sso-link", &[]).await,
            false => page,
        }
    };
    let door = |page: &Page| {
        let waiting = page.form("login-submit").value("return_to").to_owned();
        format!(
            "/login/acme?return_to={}",
            url::form_urlencoded::byte_serialize(waiting.as_bytes()).collect::<String>()
        )
    };
    let page = browser.get(&web.authorize_url(&[("scope", "openid"), ("claims", SSO)])).await;
    let back = there_and_back(&door(&page)).await;
    let page = browser.get(back.location()).await;
    let in_token = claims(app, &web, &browser, page).await;
    assert_eq!(of_sign_in(&in_token), [None, Some(&json!(acr::PROVIDER)), None]);
    let page = browser.get(&web.authorize_url(&[("scope", "openid"), ("claims", SSO), ("max_age", "60")])).await;
    assert!(page.words("#sign-in-notice").contains("organization"), "{}", page.body);
    let back = browser.sign_in_on(&page, &ada).await;
    let refused = browser.get(back.location()).await;
    assert_eq!(refusal(&refused, &web), "unmet_authentication_requirements", "and not asked for ever");
}

async fn an_organizations_own_client_insists_on_a_class(app: &TestApp) {
    let (_, ada, _) = stage(app).await;
    let board = app.db_client(board_spec()).await;
    let within = |claims: &'static str| {
        board.authorize_url(&[("scope", "openid"), ("organization", "acme"), ("claims", claims)])
    };
    // Whoever comes with a password first is led on to the provider.
    let browser = app.browser();
    let page = browser.get(&within(SSO)).await;
    let back = browser.sign_in_on(&page, &ada).await;
    let sent = browser.get(back.location()).await;
    assert!(sent.location().starts_with("/login/acme?return_to="), "{}", sent.location());
    let back = through(&browser, sent.location()).await;
    let page = browser.get(back.location()).await;
    assert_eq!(claims(app, &board, &browser, page).await["acr"], json!(acr::PROVIDER));
    // The provider opens the organization, the password is what is told.
    let page = browser.get(&within(PWD)).await;
    assert_eq!(claims(app, &board, &browser, page).await["acr"], json!(acr::PASSWORD));
}
