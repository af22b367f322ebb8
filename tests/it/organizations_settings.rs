//! What an organization sets for itself and how people find it: the life of tokens, its door, its members.

use serde_json::json;

use crate::support::db_shortcuts::web_client;
use crate::support::relying_party::Tokens;
use crate::support::upstream::Upstream;
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    the_longest_life_of_a_token_is_the_organizations_own,
    a_life_out_of_bounds_is_refused_where_it_was_typed,
    the_sign_in_page_leads_to_the_door_of_an_organization,
    members_are_found_by_name_user_name_and_address,
);

/// DECISIONS, SSO: where the provider cannot be asked again, the policy says how long its word holds.
async fn the_longest_life_of_a_token_is_the_organizations_own(app: &TestApp) {
    app.shared.secrets.saw("upstream-access");
    let upstream = Upstream::start(app.clock.clone());
    upstream.gives_refresh_tokens(false);
    app.restart_with(|config| {
        config.dev = true;
        config.sign_in.session_idle = 1_000_000;
    })
    .await;
    let acme = app.db_org("acme").await;
    app.db_provider(&acme, "oidc", &upstream.oidc_settings()).await;
    upstream.says(json!({ "sub": "u1", "email": "olga@acme.example", "email_verified": true, "name": "Olga" }));
    let olga = app.db_member(&acme, "olga", "owner").await;
    let spec = ClientSpec { name: Some("Board".to_owned()), organization_access: true, ..web_client() };
    let (board, browser) = (app.db_client(spec).await, app.db_signed_in(&olga).await);
    let left = browser.submit(&browser.get("/link/acme").await, "sso-continue", &[]).await;
    let asked = browser.get(browser.get(&upstream.allows(left.location())).await.location()).await;
    assert_eq!(browser.submit(&asked, "sso-link", &[]).await.status, 303);
    let code = board.code(&browser, &[("scope", "org:read"), ("organization", "acme")]).await;
    let tokens = Tokens::of(&board.redeem(&code).await);

    let page = browser.get("/orgs/acme/settings").await;
    assert_eq!(page.attributes("#token-max-age", "value"), [""]);
    assert!(page.words("#token-max-age-hint").contains("Empty: 30d, this server's default."), "{}", page.body);
    app.wait(7200);
    assert!(board.is_active(&tokens.refresh).await, "thirty days are far away");
    let away = browser.submit(&page, "settings-tokens", &[("token_max_age", "2h")]).await;
    assert_eq!(
        away.location(),
        "/step-up?return_to=%2Forgs%2Facme%2Fsettings",
        "a password two hours ago is no fresh proof"
    );
    assert!(board.is_active(&tokens.refresh).await);
    let prove = browser.get(away.location()).await;
    assert_eq!(browser.submit(&prove, "login-submit", &[("password", &olga.password)]).await.status, 303);
    let page = browser.get("/orgs/acme/settings").await;
    let saved = browser.submit(&page, "settings-tokens", &[("token_max_age", "2h")]).await;
    assert_eq!((saved.status, saved.location()), (303, "/orgs/acme/settings?done=saved"), "{}", saved.body);
    assert!(!board.is_active(&tokens.refresh).await, "it counts for tokens there are, at once");
    let page = browser.get("/orgs/acme/settings").await;
    assert_eq!(page.attributes("#token-max-age", "value"), ["2h"]);
    let saved = browser.submit(&page, "settings-tokens", &[("token_max_age", " 14 ")]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    assert!(board.is_active(&tokens.refresh).await, "a bare number counts days");
    assert_eq!(app.db_organization("acme").await.expect("a row").token_max_age, Some(14 * 86_400));
    let event = app.db_audit().await.pop().expect("an event");
    assert_eq!((event.event.as_str(), event.data.as_str()), ("org.settings", r#"{"token_max_age":1209600}"#));
    let page = browser.get("/orgs/acme/settings").await;
    browser.submit(&page, "settings-tokens", &[("token_max_age", "")]).await;
    assert_eq!(app.db_organization("acme").await.expect("a row").token_max_age, None);
    let events = app.db_events().await.len();
    browser.submit(&page, "settings-tokens", &[("token_max_age", "")]).await;
    assert_eq!(app.db_events().await.len(), events, "nothing changed, nothing is said");
}

async fn a_life_out_of_bounds_is_refused_where_it_was_typed(app: &TestApp) {
    let olga = app.db_user("olga").await;
    app.db_owned("acme", &olga).await;
    let browser = app.db_signed_in(&olga).await;
    let page = browser.get("/orgs/acme/settings").await;
    for typed in ["0", "59m", "366", "-1", "1.5", "soon", "99999999999999999999d"] {
        let refused = browser.submit(&page, "settings-tokens", &[("token_max_age", typed)]).await;
        assert_eq!(refused.status, 400, "{typed}");
        assert!(refused.words("#token-max-age-fault").contains("between 1h and 365d"), "{typed}: {}", refused.body);
        assert_eq!(refused.attributes("#token-max-age", "value"), [typed]);
    }
    assert_eq!(app.db_organization("acme").await.expect("a row").token_max_age, None);
    let member = app.db_user("mia").await;
    app.db_join(&app.db_organization("acme").await.expect("a row"), &member, "member").await;
    let form = page.form("settings-tokens").with(&[("token_max_age", "2h")]);
    let token = app.db_signed_in(&member).await;
    let own = token.get("/").await.sign_out_form();
    let forged = form.with(&[("csrf_token", own.value("csrf_token"))]);
    assert_eq!(token.post(forged).await.status, 403, "a member does not");
    let manager = app.db_user("max").await;
    app.db_join(&app.db_organization("acme").await.expect("a row"), &manager, "manager").await;
    let browser = app.db_signed_in(&manager).await;
    let theirs = browser.get("/orgs/acme/settings").await;
    assert!(theirs.has("#settings-name") && !theirs.has("#settings-tokens"), "it is the owners' to say");
    let forged = page.form("settings-tokens").with(&[("token_max_age", "365")]);
    let forged = forged.with(&[("csrf_token", theirs.sign_out_form().value("csrf_token"))]);
    assert_eq!(browser.post(forged).await.status, 403);
    assert_eq!(app.db_organization("acme").await.expect("a row").token_max_age, None);
}

/// FIX 33: an address that is there, one that is not, and one without a provider are answered alike.
async fn the_sign_in_page_leads_to_the_door_of_an_organization(app: &TestApp) {
    app.as_dev().await;
    app.db_dummy_org("acme").await;
    app.db_org("plain").await;
    let web = app.db_web_client().await;
    for waits in ["", "?return_to=/account/sessions"] {
        for (typed, slug) in [("acme", "acme"), (" ACME ", "acme"), ("plain", "plain"), ("No Where!", "no-where")] {
            let browser = app.browser();
            let page = browser.get(&format!("/login{waits}")).await;
            let form = page.form("organization-submit").with(&[("organization", typed)]);
            assert_eq!(form.action, "/login");
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
            let sent = browser.get(&format!("/login?{query}")).await;
            let suffix = if waits.is_empty() { "" } else { "?return_to=%2Faccount%2Fsessions" };
            assert_eq!((sent.status, sent.location()), (302, format!("/login/{slug}{suffix}").as_str()), "{typed:?}");
        }
    }
    let nowhere = app.browser().get("/login/no-where").await;
    let plain = app.browser().get("/login/plain").await;
    assert_eq!((nowhere.status, nowhere.words("h1")), (plain.status, plain.words("h1")));
    assert!(app.browser().get("/login/acme").await.has("#sso-continue"));
    for odd in ["", "../..", "/", "%2f%2fevil.example"] {
        let answer = app.browser().get(&format!("/login?organization={odd}")).await;
        let stays = answer.header("location").is_none_or(|to| to.starts_with("/login/") && !to.contains(".."));
        assert!(stays && answer.status < 400, "{odd:?}: {} {:?}", answer.status, answer.header("location"));
    }
    // From an application's request, too, and back to it.
    let browser = app.browser();
    let page = browser.get(&web.authorize_url(&[("scope", "org:read")])).await;
    let waits = page.form("organization-submit").value("return_to").to_owned();
    assert!(waits.starts_with("/oauth/authorize?"), "{waits}");
}

async fn members_are_found_by_name_user_name_and_address(app: &TestApp) {
    let olga = app.db_user("olga").await;
    let acme = app.db_owned("acme", &olga).await;
    for (login, name, email) in [
        ("nell", "Eleanor Gwyn", "nell@orange.example"),
        ("zoe", "Zoë Ångström", "zoe.a@ACME.example"),
        ("per_cent", "100% Per_son", "p@x.example"),
    ] {
        let person = app.db_member(&acme, login, "member").await;
        app.db_batch(&format!("UPDATE users SET name = '{name}', email = '{email}' WHERE id = {}", person.row.id));
    }
    app.restart().await;
    let browser = app.db_signed_in(&olga).await;
    let found = async |typed: &str| {
        let pairs = [("q", typed)];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let page = browser.get(&format!("/orgs/acme/members?{query}")).await;
        assert_eq!(page.status, 200, "{typed:?}");
        let lines = page.all_words("#members p");
        lines.iter().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    for (typed, expected) in [
        ("", vec!["nell", "olga", "per_cent", "zoe"]),
        ("NELL", vec!["nell"]),
        ("gwyn", vec!["nell"]),
        ("eleanor G", vec!["nell"]),
        ("ORANGE.example", vec!["nell"]),
        ("acme.example", vec!["zoe"]),
        ("Ångström", vec!["zoe"]),
        ("Zoë", vec!["zoe"]),
        ("example", vec!["nell", "olga", "per_cent", "zoe"]),
        ("%", vec!["per_cent"]),
        ("_", vec!["per_cent"]),
        ("\\", vec![]),
        ("nobody here", vec![]),
    ] {
        assert_eq!(found(typed).await, expected, "{typed:?}");
    }
}
