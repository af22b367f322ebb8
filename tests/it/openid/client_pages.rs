//! What people see of what a client says about itself, and the way to it that begins here (OpenID Connect Core section 4).

use grantor::protocol::registered_metadata::SubjectType;

use super::{relying_party, signed_in, stage, stage_of, verified};
use crate::support::page::Page;
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    a_logo_comes_from_the_clients_site_and_from_nowhere_else,
    a_host_cannot_add_to_the_policy,
    oidcc_3rd_party_init_login,
    oidcc_3rd_party_init_login_nohttps,
    a_form_registers_what_openid_connect_knows,
);

fn shown(more: impl FnOnce(&mut ClientSpec)) -> ClientSpec {
    let mut spec = relying_party();
    spec.logo_url = Some("https://client.example/logo.png?v=1&w=2".to_owned());
    spec.privacy_url = Some("https://client.example/privacy".to_owned());
    spec.terms_url = Some("https://client.example/terms".to_owned());
    more(&mut spec);
    spec
}

fn policy(page: &Page) -> String {
    page.header("content-security-policy").expect("a policy").to_owned()
}

/// `oidcc-registration-logo-uri`, `-policy-uri`, `-tos-uri` on the pages; A10, A11, C67.
async fn a_logo_comes_from_the_clients_site_and_from_nowhere_else(app: &TestApp) {
    let (web, ada) = stage_of(app, shown(|_| {})).await;
    let url = web.authorize_url(&[("scope", "openid")]);
    let waits = app.browser().get(&url).await;
    let sign_in = match waits.status {
        200 => waits,
        _ => {
            let browser = app.browser();
            let page = browser.get(&url).await;
            browser.get(page.location()).await
        }
    };
    let consent = app.db_signed_in(&ada).await.get(&url).await;
    for page in [&sign_in, &consent] {
        assert!(page.body.contains("https://client.example/logo.png?v=1&#38;w=2"), "{}", page.body);
        assert!(page.body.contains("referrerpolicy=\"no-referrer\""));
        for link in ["https://client.example/privacy", "https://client.example/terms"] {
            assert!(page.body.contains(&format!("href=\"{link}\"")), "{link}");
        }
        assert!(policy(page).contains("img-src 'self' https://client.example;"), "{}", policy(page));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    }
    let (plain, _) = stage(app).await;
    let page = app.db_signed_in(&ada).await.get(&plain.authorize_url(&[("scope", "openid")])).await;
    assert!(policy(&page).contains("img-src 'self';") && !page.body.contains("client-logo"), "{}", policy(&page));
}

/// C67: `;` may stand in a host, and would begin another directive.
async fn a_host_cannot_add_to_the_policy(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let id = &web.client_id;
    for logo in ["https://client.example;script-src/l.png", "http://client.example/l.png", "javascript:alert(1)"] {
        app.db_batch(&format!("UPDATE clients SET logo_url = '{logo}' WHERE client_id = '{id}'"));
        app.restart().await;
        let page = app.db_signed_in(&ada).await.get(&web.authorize_url(&[("scope", "openid")])).await;
        assert!(
            policy(&page).contains("img-src 'self';") && !policy(&page).contains("script-src"),
            "{}",
            policy(&page)
        );
        assert!(!page.body.contains("client-logo"), "{logo}");
    }
}

/// `oidcc-3rd-party-init-login`: begun here, the request of the client comes back and signs the person in.
async fn oidcc_3rd_party_init_login(app: &TestApp) {
    let spec = shown(|spec| {
        spec.openid.initiate_login_uri = Some("https://client.example/start?a=1".to_owned());
        spec.homepage_url = Some("https://client.example/".to_owned());
    });
    let (web, ada) = stage_of(app, spec).await;
    let answer = signed_in(app, &web, &ada, &[("scope", "openid")]).await;
    verified(app, &answer).await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/account/applications").await;
    let start = page.body.split("href=\"").find_map(|rest| {
        let href = rest.split('"').next()?;
        href.starts_with("https://client.example/start").then(|| href.replace("&#38;", "&"))
    });
    let start = url::Url::parse(&start.unwrap_or_else(|| panic!("{}", page.body))).expect("a URL");
    let told: Vec<(String, String)> = start.query_pairs().into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected = [
        pair("a", "1"),
        pair("iss", app.issuer()),
        pair("login_hint", &ada.login),
        pair("target_link_uri", "https://client.example/"),
    ];
    assert_eq!(told, expected);
    // The client checks the issuer and begins as ever, with the hint it was given.
    let again = browser.get(&web.authorize_url(&[("scope", "openid"), ("login_hint", &ada.login)])).await;
    assert!(again.location().starts_with(&web.redirect_uri), "{}", again.location());

    app.db_update_client(&web, |metadata| metadata.openid.subject_type = Some(SubjectType::Pairwise)).await;
    let page = browser.get("/account/applications").await;
    assert!(
        page.body.contains("https://client.example/start") && !page.body.contains("login_hint"),
        "it knows no login"
    );
}

/// `oidcc-3rd-party-init-login-nohttps`.
async fn oidcc_3rd_party_init_login_nohttps(app: &TestApp) {
    let operator = crate::support::operator::Operator::of(app);
    for bad in ["http://client.example/start", "http://localhost/start", "com.example.app:/start"] {
        let create = ["client", "create", "--redirect-uri", "https://client.example/cb", "--initiate-login-uri", bad];
        let failure = operator.says(&create).await.failure();
        assert!(failure.contains("initiate_login_uri") && failure.contains("https"), "{failure}");
    }
    assert_eq!(app.rows("clients"), 0);
}

/// The page of a developer: what stands in the collapsed part is registered, comes back, and goes when it is emptied.
async fn a_form_registers_what_openid_connect_knows(app: &TestApp) {
    app.restart_with(|config| config.clients.registration = grantor::config::clients::Registrars::Everyone).await;
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/account/developer/new").await;
    assert!(page.body.contains("value=\"openid\""), "a developer may ask who somebody is");
    let filled = [
        ("redirect_uris", "https://client.example/cb"),
        ("post_logout_redirect_uris", "https://client.example/a https://client.example/b"),
        ("backchannel_logout_uri", "https://client.example/back"),
        ("jwks_uri", "http://client.example/keys"),
    ];
    let refused = browser.submit(&page, "application-save", &filled).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(
        refused.body.contains("https://client.example/back") && refused.body.contains("an https URL"),
        "{}",
        refused.body
    );
    let made = browser.submit(&refused, "application-save", &[("jwks_uri", "https://client.example/keys")]).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let id = app.dump().lines().filter(|line| line.starts_with("clients: ")).count();
    assert_eq!(id, 1);
    let listed = crate::support::operator::Operator::of(app).says(&["--json", "client", "list"]).await.json();
    let id = listed[0]["client_id"].as_str().expect("a client").to_owned();
    let edit = browser.get(&format!("/account/developer/{id}/edit")).await;
    for value in ["https://client.example/a https://client.example/b", "https://client.example/back"] {
        assert!(edit.body.contains(value), "{value}");
    }
    let emptied = [("backchannel_logout_uri", ""), ("post_logout_redirect_uris", "https://client.example/a")];
    assert_eq!(browser.submit(&edit, "application-save", &emptied).await.status, 303);
    let show = crate::support::operator::Operator::of(app).says(&["--json", "client", "show", &id]).await.json();
    let expected = serde_json::json!({
        "post_logout_redirect_uris": ["https://client.example/a"], "jwks_uri": "https://client.example/keys",
    });
    assert_eq!(show["metadata"]["openid"], expected);
}
