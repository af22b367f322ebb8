//! Which services a token is for, as the client asked (RFC 8707). Naming one only ever takes away.

use grantor::flows::resource_servers::delete;
use serde_json::json;

use super::{relying_party, verified};
use crate::support::db_shortcuts::{strings, web_client};
use crate::support::relying_party::{RelyingParty, Tokens};
use crate::support::{Answer, ClientSpec, Person, TestApp, on_both};

on_both!(
    a_token_is_for_the_resource_it_was_asked_for,
    what_is_no_resource_here_is_an_invalid_target,
    the_token_endpoint_gives_a_part_of_what_was_allowed,
    a_refresh_goes_from_one_resource_to_the_next,
    a_repeated_refresh_is_answered_by_what_it_asked_for,
    a_client_asks_for_itself,
    the_consent_page_names_the_resources,
    the_request_survives_sign_in_and_consent,
    a_request_without_resources_is_for_all_owners,
    a_resource_that_is_gone_gives_nothing,
    narrowing_to_what_no_resource_owns_gives_nothing,
    an_id_token_does_not_depend_on_resources,
);

const ORGS: &str = "https://orgs.example";
const PEOPLE: &str = "https://people.example/v1";
const ALL: &str = "org:read org:write member:read";

struct Stage {
    web: RelyingParty,
    ada: Person,
    orgs: RelyingParty,
    people: RelyingParty,
}

async fn stage(app: &TestApp) -> Stage {
    Stage {
        web: app.db_web_client().await,
        ada: app.db_user("ada").await,
        orgs: app.db_resource_server(ORGS, &["org"]).await,
        people: app.db_resource_server(PEOPLE, &["member"]).await,
    }
}

impl Stage {
    async fn code(&self, app: &TestApp, resources: &[&str]) -> String {
        let named: Vec<_> = resources.iter().map(|resource| ("resource", *resource)).collect();
        app.db_code(&self.web, &self.ada, &[&[("scope", ALL)], &named[..]].concat()).await
    }

    async fn told(&self, token: &str) -> serde_json::Value {
        let told = self.web.introspect(token).await.json();
        json!([told["aud"], told["scope"]])
    }
}

/// A42, C22.
async fn a_token_is_for_the_resource_it_was_asked_for(app: &TestApp) {
    let stage = stage(app).await;
    let answer = stage.web.redeem(&stage.code(app, &[ORGS]).await).await;
    assert_eq!(answer.text("scope"), "org:read org:write", "what the resource owns of it");
    let tokens = Tokens::of(&answer);
    assert_eq!(stage.told(&tokens.access).await, json!([[ORGS], "org:read org:write"]));
    assert!(stage.orgs.is_active(&tokens.access).await);
    assert_eq!(stage.people.introspect(&tokens.access).await.body, r#"{"active":false}"#);
    assert_eq!(stage.web.introspect(&tokens.refresh).await.text("scope"), "member:read org:read org:write");
    assert_eq!(app.script(&tokens.access).get("/me").await.status, 401, "not for the API here");
}

/// RFC 8707 section 2: the redirect says so, and the token endpoint; nothing is used up.
async fn what_is_no_resource_here_is_an_invalid_target(app: &TestApp) {
    let stage = stage(app).await;
    app.db_resource_server("https://teams.example", &["team"]).await;
    let browser = app.db_signed_in(&stage.ada).await;
    let wrong = [
        "https://unknown.example",
        "https://orgs.example/",
        "HTTPS://orgs.example",
        "https://orgs.example#f",
        "orgs.example",
        "/v1",
        // Known, but nothing it owns is asked for: by scopes alone it would not be in the audience either.
        "https://teams.example",
    ];
    for resource in wrong {
        let asked = [("scope", ALL), ("resource", resource), ("resource", ORGS)];
        let page = browser.get(&stage.web.authorize_url(&asked)).await;
        let answer = page.redirected_to(&stage.web.redirect_uri);
        let part = |name: &str| answer.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!((part("error"), part("state")), (Some("invalid_target"), Some("af0ifjsldkj")), "{resource}");
    }
    let code = stage.code(app, &[]).await;
    for resource in wrong {
        let refused = stage.web.redeem_with(&code, &[("resource", resource)]).await;
        assert_eq!(refused.error(), "400 invalid_target", "{resource}");
    }
    let tokens = Tokens::of(&stage.web.redeem(&code).await);
    for resource in wrong {
        let refused = stage.web.refresh_with(&tokens.refresh, &[("resource", resource)]).await;
        assert_eq!(refused.error(), "400 invalid_target", "{resource}");
        let itself = asks_itself(&stage.web, ALL, &[resource]).await;
        assert_eq!(itself.error(), "400 invalid_target", "{resource}");
    }
    assert_eq!(stage.web.refresh(&tokens.refresh).await.status, 200);
    let many: Vec<String> = (0..17).map(|number| format!("https://{number}.example")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    assert_eq!(asks_itself(&stage.web, ALL, &many).await.error(), "400 invalid_target");
}

/// RFC 8707 section 2.2.
async fn the_token_endpoint_gives_a_part_of_what_was_allowed(app: &TestApp) {
    let stage = stage(app).await;
    let both = [ORGS, PEOPLE];
    for (granted, asked, expected) in [
        (&both[..], "", json!([[ORGS, PEOPLE], "member:read org:read org:write"])),
        (&both[..], ORGS, json!([[ORGS], "org:read org:write"])),
        (&both[..], PEOPLE, json!([[PEOPLE], "member:read"])),
        (&both[..1], ORGS, json!([[ORGS], "org:read org:write"])),
        (&[], PEOPLE, json!([[PEOPLE], "member:read"])),
    ] {
        let code = stage.code(app, granted).await;
        let answer = stage.web.redeem_with(&code, &[("resource", asked)]).await;
        assert_eq!(stage.told(&answer.text("access_token")).await, expected, "{granted:?} {asked}");
    }
    let code = stage.code(app, &[ORGS]).await;
    let beyond = stage.web.redeem_with(&code, &[("resource", PEOPLE)]).await;
    assert_eq!(beyond.error(), "400 invalid_target", "{}", beyond.body);
    assert_eq!(stage.web.redeem(&code).await.status, 200, "the code was left good");
}

/// One refresh token, an access token for each service: none of them can be carried to the other.
async fn a_refresh_goes_from_one_resource_to_the_next(app: &TestApp) {
    let stage = stage(app).await;
    let mut tokens = Tokens::of(&stage.web.redeem(&stage.code(app, &[ORGS, PEOPLE]).await).await);
    for (changes, expected) in [
        (vec![("resource", ORGS)], json!([[ORGS], "org:read org:write"])),
        (vec![("resource", PEOPLE)], json!([[PEOPLE], "member:read"])),
        (vec![("resource", ORGS), ("scope", "org:read")], json!([[ORGS], "org:read"])),
        (vec![("scope", "member:read")], json!([[PEOPLE], "member:read"])),
        (vec![("resource", PEOPLE), ("resource", ORGS)], json!([[ORGS, PEOPLE], "member:read org:read org:write"])),
        (vec![], json!([[ORGS, PEOPLE], "member:read org:read org:write"])),
    ] {
        app.wait(61);
        tokens = Tokens::of(&stage.web.refresh_with(&tokens.refresh, &changes).await);
        assert_eq!(stage.told(&tokens.access).await, expected, "{changes:?}");
    }
    let narrow = Tokens::of(&stage.web.redeem(&stage.code(app, &[ORGS]).await).await);
    let beyond = stage.web.refresh_with(&narrow.refresh, &[("resource", PEOPLE)]).await;
    assert_eq!(beyond.error(), "400 invalid_target", "{}", beyond.body);
}

/// DECISIONS, idempotent refresh, 4: the fingerprint knows the resources, in whatever order they were sent.
async fn a_repeated_refresh_is_answered_by_what_it_asked_for(app: &TestApp) {
    let stage = stage(app).await;
    let first = Tokens::of(&stage.web.redeem(&stage.code(app, &[]).await).await);
    let ask = async |resources: &[&str]| {
        let asked: Vec<_> = resources.iter().map(|resource| ("resource", *resource)).collect();
        Tokens::of(&stage.web.refresh_with(&first.refresh, &asked).await)
    };
    let one = ask(&[ORGS, PEOPLE]).await;
    assert_eq!(ask(&[ORGS, PEOPLE]).await, one);
    assert_eq!(ask(&[PEOPLE, ORGS, ORGS]).await, one);
    for other in [&[ORGS][..], &[PEOPLE], &[]] {
        let told = ask(other).await;
        assert_eq!((told.refresh == one.refresh, told.access == one.access), (true, false), "{other:?}");
    }
    assert_eq!(stage.told(&ask(&[PEOPLE]).await.access).await, json!([[PEOPLE], "member:read"]));
}

async fn asks_itself(web: &RelyingParty, scope: &str, resources: &[&str]) -> Answer {
    let mut form = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
    form.push(("scope".to_owned(), scope.to_owned()));
    form.extend(resources.iter().map(|resource| ("resource".to_owned(), (*resource).to_owned())));
    web.post("/oauth/token", &form).await
}

/// C22: a client's own token is for nobody whose scopes it does not have.
async fn a_client_asks_for_itself(app: &TestApp) {
    let stage = stage(app).await;
    let token = asks_itself(&stage.web, ALL, &[PEOPLE]).await.text("access_token");
    assert_eq!(stage.told(&token).await, json!([[PEOPLE], "member:read"]));
    assert!(!stage.orgs.is_active(&token).await && stage.people.is_active(&token).await);
    let token = asks_itself(&stage.web, ALL, &["", PEOPLE, ORGS]).await.text("access_token");
    assert_eq!(stage.told(&token).await, json!([[ORGS, PEOPLE], "member:read org:read org:write"]));
    let other = app.db_client(ClientSpec { scopes: strings(&["team:read"]), ..web_client() }).await;
    assert_eq!(asks_itself(&other, "team:read", &[ORGS]).await.error(), "400 invalid_target");
}

/// ASVS 10.7.2: what a person says yes to is told.
async fn the_consent_page_names_the_resources(app: &TestApp) {
    let stage = stage(app).await;
    let browser = app.db_signed_in(&stage.ada).await;
    let page = browser.get(&stage.web.authorize_url(&[("scope", ALL)])).await;
    assert!(!page.has("#consent-resources"));
    let page = browser.get(&stage.web.authorize_url(&[("scope", ALL), ("resource", PEOPLE)])).await;
    assert_eq!(page.words("#consent-resources"), format!("Only at {PEOPLE}."));
    let both = [("scope", ALL), ("resource", PEOPLE), ("resource", ORGS)];
    let page = browser.get(&stage.web.authorize_url(&both)).await;
    assert_eq!(page.words("#consent-resources"), format!("Only at {ORGS}, {PEOPLE}."));
}

/// The stored request of the consent page, and the URL that sign-in comes back to.
async fn the_request_survives_sign_in_and_consent(app: &TestApp) {
    let stage = stage(app).await;
    let browser = app.browser();
    let asked = [("scope", ALL), ("resource", PEOPLE), ("resource", ORGS), ("prompt", "login")];
    let page = browser.get(&stage.web.authorize_url(&asked)).await;
    let after = browser.sign_in_on(&page, &stage.ada).await;
    let page = browser.get(after.location()).await;
    let code = stage.web.code_of(&browser.allow(page).await);
    let answer = stage.web.redeem_with(&code, &[("resource", PEOPLE)]).await;
    assert_eq!(stage.told(&answer.text("access_token")).await, json!([[PEOPLE], "member:read"]));
    // Silently, as nothing new is asked for.
    let page = browser.get(&stage.web.authorize_url(&[("scope", ALL), ("resource", ORGS)])).await;
    let answer = stage.web.redeem(&stage.web.code_of(&page)).await;
    assert_eq!(stage.told(&answer.text("access_token")).await, json!([[ORGS], "org:read org:write"]));
}

async fn a_request_without_resources_is_for_all_owners(app: &TestApp) {
    let stage = stage(app).await;
    let answer = stage.web.redeem(&stage.code(app, &[""]).await).await;
    let expected = json!([[ORGS, PEOPLE], "member:read org:read org:write"]);
    assert_eq!(stage.told(&answer.text("access_token")).await, expected);
}

async fn a_resource_that_is_gone_gives_nothing(app: &TestApp) {
    let stage = stage(app).await;
    let tokens = Tokens::of(&stage.web.redeem(&stage.code(app, &[ORGS]).await).await);
    delete::delete(&app.app(), ORGS).await.unwrap_or_else(|failure| panic!("{failure}"));
    let asked = stage.web.refresh_with(&tokens.refresh, &[("resource", ORGS)]).await;
    assert_eq!(asked.error(), "400 invalid_target");
    let answer = stage.web.refresh(&tokens.refresh).await;
    assert_eq!(answer.error(), "400 invalid_target", "nobody is left whom it could be for");
}

/// RFC 9700 section 2.3: a token for nobody would be one for this server's own API.
async fn narrowing_to_what_no_resource_owns_gives_nothing(app: &TestApp) {
    let (web, ada) = (app.db_client(relying_party()).await, app.db_user("ada").await);
    app.db_resource_server(ORGS, &["org"]).await;
    let asked = [("scope", "openid offline_access org:read"), ("resource", ORGS)];
    let tokens = Tokens::of(&web.redeem(&app.db_code(&web, &ada, &asked).await).await);
    assert_eq!(web.refresh_with(&tokens.refresh, &[("scope", "openid")]).await.error(), "400 invalid_target");
    let again = web.refresh_with(&tokens.refresh, &[("scope", "openid org:read")]).await;
    assert_eq!(
        (again.status, again.json()["scope"].clone()),
        (200, json!("org:read")),
        "told, as it is not what was asked"
    );
}

/// An ID token is for the client; who wants UserInfo asks for a token without resources.
async fn an_id_token_does_not_depend_on_resources(app: &TestApp) {
    let (web, ada) = (app.db_client(relying_party()).await, app.db_user("ada").await);
    app.db_resource_server(ORGS, &["org"]).await;
    let code = app.db_code(&web, &ada, &[("scope", "openid org:read"), ("resource", ORGS)]).await;
    let answer = web.redeem(&code).await;
    assert_eq!(verified(app, &answer).await.0["sub"], json!(ada.row.sub));
    assert_eq!(answer.text("scope"), "org:read");
    let request = app.shared.http.get(app.shared.url("/oauth/userinfo"));
    let bearer = format!("Bearer {}", answer.text("access_token"));
    assert_eq!(app.shared.send(request.header("authorization", bearer)).await.status, 403);
}
