//! Upstreams that speak real protocols, and one that does everything wrong: whoever it speaks for is not signed in, in
//! bounded time, and others do not notice (C31, D3 row 34).

use std::time::Duration;

use grantor::store::organizations::OrganizationRow;
use serde_json::json;

use crate::support::page::Page;
use crate::support::sso_stage::Said;
use crate::support::upstream::{DEFECTS, Defect, Upstream};
use crate::support::{Browser, TestApp, on_both, until};

on_both!(
    an_openid_provider_signs_people_in,
    every_defect_of_an_upstream_is_refused_in_bounded_time,
    claims_come_from_userinfo_and_only_true_is_verified,
    an_upstream_rotates_its_keys,
    an_answer_of_another_issuer_is_refused,
    github_lets_members_of_its_organization_in,
    plain_oauth_reads_the_person_from_configured_paths,
    google_asks_for_the_hosted_domain,
    without_development_this_machine_is_out_of_reach,
    an_upstream_can_be_asked_again,
);

/// An organization whose provider is this upstream.
async fn acme(app: &TestApp, upstream: &Upstream) -> OrganizationRow {
    app.as_dev().await;
    let acme = app.db_org("acme").await;
    app.db_provider(&acme, "oidc", &upstream.oidc_settings()).await;
    acme
}

fn upstream(app: &TestApp) -> Upstream {
    for secret in ["upstream-access", "upstream-refresh"] {
        app.shared.secrets.saw(secret);
    }
    Upstream::start(app.clock.clone())
}

/// Presses the door's button: the upstream's address, or the page that says why not.
async fn leave(browser: &Browser, path: &str) -> Page {
    let door = browser.get(path).await;
    browser.submit(&door, "sso-continue", &[]).await
}

/// There and back; a page that asks is followed.
async fn visit(browser: &Browser, upstream: &Upstream, path: &str) -> Page {
    let left = leave(browser, path).await;
    if left.status != 303 {
        return left;
    }
    let page = browser.get(&upstream.allows(left.location())).await;
    match page.header("location").is_some_and(|location| location.starts_with("/sso/confirm")) {
        true => browser.get(page.location()).await,
        false => page,
    }
}

/// ASVS 10.1.2, 10.2.1: PKCE, nonce and state; the upstream checks PKCE itself.
async fn an_openid_provider_signs_people_in(app: &TestApp) {
    let upstream = upstream(app);
    let acme = acme(app, &upstream).await;
    let picture = format!("{}/picture.png", upstream.issuer);
    upstream.says(json!({ "sub": "u1", "email": "nell@acme.example", "name": "Nell", "picture": picture }));
    let browser = app.browser();
    let left = leave(&browser, "/login/acme").await;
    assert!(left.location().starts_with(&format!("{}/authorize?", upstream.issuer)), "{}", left.location());
    let asked: Vec<(String, String)> =
        url::Url::parse(left.location()).expect("a URL").query_pairs().into_owned().collect();
    let value = |name: &str| asked.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(value("redirect_uri"), Some(format!("{}/sso/callback", app.issuer()).as_str()));
    assert_eq!((value("client_id"), value("scope")), (Some("grantor"), Some("openid email profile")));
    assert!(value("nonce").is_some_and(|nonce| nonce.len() >= 43) && value("state").is_some());
    let asked = browser.get(browser.get(&upstream.allows(left.location())).await.location()).await;
    assert_eq!(asked.words("h1"), "Join acme Inc");
    browser.submit(&asked, "sso-new", &[]).await;
    let user = app.db_users().await.remove(0);
    assert_eq!(user.name, "Nell");
    let identity = app.db_identity(&acme, user.id).await.expect("an identity");
    assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), (upstream.issuer.as_str(), "u1"));
    assert!(identity.recheckable && identity.sealed_tokens.is_some());
    let again = app.browser();
    let done = visit(&again, &upstream, "/login/acme").await;
    assert_eq!((done.status, done.location()), (302, "/orgs/acme"), "{}", done.body);
    assert_eq!(upstream.count("/.well-known/openid-configuration"), 1, "kept for a while");
    assert_eq!(upstream.count("/picture.png"), 0, "C46: no address in a claim is called");
}

/// C28 to C31, C44, C47, C71, ASVS 6.8.2, 10.5.1 to 10.5.4.
async fn every_defect_of_an_upstream_is_refused_in_bounded_time(app: &TestApp) {
    let upstream = upstream(app);
    acme(app, &upstream).await;
    app.db_dummy_org("others").await;
    for defect in DEFECTS {
        // The slow one goes on until it is mended, or left.
        if defect == Defect::Slow {
            app.restart_with(|config| config.outbound.timeout = 1).await;
        }
        // Documents kept from before would hide what is wrong with the new ones.
        app.wait(700);
        upstream.breaks(Some(defect));
        if defect == Defect::ForeignUserinfo {
            upstream.says(json!({ "sub": "u1" }));
        }
        let browser = app.browser();
        let page = tokio::time::timeout(Duration::from_secs(60), visit(&browser, &upstream, "/login/acme")).await;
        let page = page.unwrap_or_else(|_| panic!("{defect:?}: no end"));
        assert_eq!(page.status, 502, "{defect:?}: {}", page.body);
        let titles = ["The provider's answer was refused", "The provider does not answer"];
        assert!(titles.contains(&page.words("h1").as_str()), "{defect:?}: {}", page.words("h1"));
        let ran_out = page.body.contains("it took longer than 1 seconds");
        assert_eq!(ran_out, defect == Defect::Slow, "{defect:?}: {}", page.body);
        assert!(browser.session().is_none() && app.rows("identities") == 0, "{defect:?}");
        upstream.breaks(None);
        if defect == Defect::Slow {
            app.restart_with(|config| config.outbound.timeout = 10).await;
        }
    }
    // Whoever waits for a slow upstream holds up nobody else.
    app.wait(700);
    let (waiting, other) = (app.browser(), app.browser());
    let left = leave(&waiting, "/login/acme").await;
    upstream.breaks(Some(Defect::Slow));
    let back = upstream.allows(left.location());
    let before = upstream.count("/token");
    let meanwhile = async {
        until(|| upstream.count("/token") > before).await;
        let asked = other.sso("/login/others", Said::verified("o@others.example")).await;
        other.submit(&asked, "sso-new", &[]).await
    };
    let slow = waiting.get(&back);
    tokio::pin!(slow);
    let quick = tokio::select! {
        quick = meanwhile => quick,
        slow = &mut slow => panic!("it came first: {}", slow.body),
    };
    assert_eq!(quick.status, 303);
    upstream.breaks(None);
    assert_eq!(slow.await.status, 502);
    upstream.says(json!({ "sub": "u1", "email": "a@b.example", "name": "A" }));
    app.wait(700);
    assert_eq!(visit(&app.browser(), &upstream, "/login/acme").await.words("h1"), "Join acme Inc");
}

/// C39: {true, false, absent, "true"}.
async fn claims_come_from_userinfo_and_only_true_is_verified(app: &TestApp) {
    let upstream = upstream(app);
    acme(app, &upstream).await;
    let ada = app.db_user("ada").await;
    app.db_set_email(&ada, "ada@acme.example", true).await;
    for (verified, suggested) in
        [(json!(true), true), (json!(false), false), (json!(null), false), (json!("true"), false), (json!(1), false)]
    {
        upstream.says(json!({ "sub": "u9" }));
        upstream.says_at_userinfo(json!({ "email": "ada@acme.example", "email_verified": verified, "name": "Ada" }));
        let asked = visit(&app.browser(), &upstream, "/login/acme").await;
        let expected = if suggested { "Is this your account?" } else { "Join acme Inc" };
        assert_eq!(asked.words("h1"), expected, "{verified}");
        assert!(asked.body.contains("ada@acme.example"));
    }
    // C47: a look-alike from another alphabet is another address.
    upstream.says_at_userinfo(json!({ "email": "аda@acme.example", "email_verified": true }));
    assert_eq!(visit(&app.browser(), &upstream, "/login/acme").await.words("h1"), "Join acme Inc");
}

/// C30: one more fetch a minute, however many tokens name an unknown key.
async fn an_upstream_rotates_its_keys(app: &TestApp) {
    let upstream = upstream(app);
    acme(app, &upstream).await;
    assert_eq!(visit(&app.browser(), &upstream, "/login/acme").await.words("h1"), "Join acme Inc");
    upstream.rotates_keys();
    assert_eq!(visit(&app.browser(), &upstream, "/login/acme").await.words("h1"), "Join acme Inc");
    assert_eq!(upstream.count("/jwks"), 2);
    upstream.breaks(Some(Defect::UnknownKey));
    for _ in 0..3 {
        assert_eq!(visit(&app.browser(), &upstream, "/login/acme").await.status, 502);
    }
    assert_eq!(upstream.count("/jwks"), 2);
    app.wait(61);
    assert_eq!(visit(&app.browser(), &upstream, "/login/acme").await.status, 502);
    assert_eq!(upstream.count("/jwks"), 3);
}

/// RFC 9207, ASVS 10.2.2 (mix-up); and what else an answer must not be.
async fn an_answer_of_another_issuer_is_refused(app: &TestApp) {
    let upstream = upstream(app);
    acme(app, &upstream).await;
    for changes in
        [vec![("iss", "https://evil.example")], vec![("iss", "")], vec![("code", "")], vec![("code", "made up")]]
    {
        let browser = app.browser();
        let left = leave(&browser, "/login/acme").await;
        let page = browser.get(&upstream.allows_with(left.location(), &changes)).await;
        assert_eq!((page.status, browser.session()), (502, None), "{changes:?}: {}", page.body);
    }
    let browser = app.browser();
    let left = leave(&browser, "/login/acme").await;
    let doubled = format!("{}&iss=x", upstream.allows(left.location()));
    assert_eq!(browser.get(&doubled).await.status, 502);
    // A provider that does not promise it may leave it out.
    app.wait(700);
    upstream.sends_iss(false);
    assert_eq!(visit(&app.browser(), &upstream, "/login/acme").await.words("h1"), "Join acme Inc");
}

/// Its id is the key, not its login; membership there is asked at every sign-in.
async fn github_lets_members_of_its_organization_in(app: &TestApp) {
    let upstream = upstream(app);
    app.as_dev().await;
    let acme = app.db_org("acme").await;
    let settings = json!({ "issuer": upstream.issuer, "client_id": "grantor", "scopes": "read:org", "organization": "acme-there" });
    app.db_provider(&acme, "github", &settings.to_string()).await;
    upstream.says(
        json!({ "id": 4711, "login": "nell", "name": null, "email": "nell@acme.example", "email_verified": true }),
    );
    let browser = app.browser();
    let asked = visit(&browser, &upstream, "/login/acme").await;
    assert_eq!(asked.words("h1"), "Join acme Inc", "{}", asked.body);
    assert!(asked.body.contains("nell@acme.example"));
    browser.submit(&asked, "sso-new", &[]).await;
    let user = app.db_users().await.remove(0);
    let identity = app.db_identity(&acme, user.id).await.expect("an identity");
    assert_eq!((identity.subject.as_str(), identity.email_verified), ("4711", true));
    upstream.has_member(false);
    let left = app.browser();
    let page = visit(&left, &upstream, "/login/acme").await;
    assert_eq!((page.status, page.words("h1").as_str()), (403, "This account may not come in"));
    assert!(left.session().is_none());
}

async fn plain_oauth_reads_the_person_from_configured_paths(app: &TestApp) {
    let upstream = upstream(app);
    app.as_dev().await;
    let acme = app.db_org("acme").await;
    let at = |path: &str| format!("{}{path}", upstream.issuer);
    let settings = json!({
        "client_id": "grantor", "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/user"),
        "claims": { "subject": "account.id", "email": "mail", "email_verified": "mail_ok", "name": "who" },
    });
    app.db_provider(&acme, "oauth2", &settings.to_string()).await;
    upstream.sends_iss(false);
    upstream.says(json!({ "account": { "id": 7 }, "mail": "n@x.example", "mail_ok": true, "who": "Nell" }));
    let browser = app.browser();
    let asked = visit(&browser, &upstream, "/login/acme").await;
    browser.submit(&asked, "sso-new", &[]).await;
    let user = app.db_users().await.remove(0);
    let identity = app.db_identity(&acme, user.id).await.expect("an identity");
    assert_eq!((identity.issuer, identity.subject.as_str(), user.name.as_str()), (at("/token"), "7", "Nell"));
    upstream.says(json!({ "mail": "n@x.example" }));
    assert_eq!(visit(&app.browser(), &upstream, "/login/acme").await.status, 502, "no subject");
}

/// C48: the domain Google sets, compared whole; an address says nothing.
async fn google_asks_for_the_hosted_domain(app: &TestApp) {
    let upstream = upstream(app);
    app.as_dev().await;
    let acme = app.db_org("acme").await;
    let claims = json!({ "subject": "sub", "email": "email", "email_verified": "email_verified", "name": "name" });
    let settings = json!({
        "issuer": upstream.issuer, "client_id": "grantor", "scopes": "openid email profile", "claims": claims,
        "domains": ["corp.example"],
    });
    app.db_provider(&acme, "google", &settings.to_string()).await;
    for (domain, good) in [
        (json!("corp.example"), true),
        (json!("evil.example"), false),
        (json!(null), false),
        (json!("x.corp.example"), false),
    ] {
        upstream.says(
            json!({ "sub": "g1", "email": "a@evil@corp.example", "email_verified": true, "name": "A", "hd": domain }),
        );
        let browser = app.browser();
        let page = visit(&browser, &upstream, "/login/acme").await;
        assert_eq!(page.status, if good { 200 } else { 403 }, "{domain}: {}", page.body);
    }
}

/// A60, ASVS 1.3.6: an organization's settings do not lead the server into its own network.
async fn without_development_this_machine_is_out_of_reach(app: &TestApp) {
    let upstream = upstream(app);
    let acme = app.db_org("acme").await;
    app.db_provider(&acme, "oidc", &upstream.oidc_settings()).await;
    let page = leave(&app.browser(), "/login/acme").await;
    assert_eq!((page.status, page.words("h1").as_str()), (502, "The provider's answer was refused"));
    assert_eq!(upstream.count("/.well-known/openid-configuration"), 0);
    assert_eq!(app.get("/sso/dummy").await.status, 404, "the dummy provider is for development");
}

/// S88, S89, S91: a refresh that goes through, one the upstream refuses, one that cannot be.
async fn an_upstream_can_be_asked_again(app: &TestApp) {
    use grantor::flows::sso::luggage::UpstreamTokens;
    use grantor::flows::sso::providers::{self, RecheckFailure};
    let upstream = upstream(app);
    let acme = acme(app, &upstream).await;
    let id = acme.id;
    let (now_app, row) = (app.app(), grantor::store::providers::find_of_organization);
    let row = now_app.store.read(move |conn| row(conn, id)).await.expect("an answer").expect("a provider");
    let opened = providers::open(&now_app, &row).unwrap_or_else(|error| panic!("{error}"));
    let ask = async |refresh: Option<&str>, subject: &str| {
        let tokens = UpstreamTokens { refresh_token: refresh.map(str::to_owned), ..UpstreamTokens::default() };
        let secret = opened.secret.as_deref();
        let asked = opened.provider.recheck(&now_app, &opened.settings, secret, &tokens, subject).await;
        asked.map(|good| good.tokens.and_then(|tokens| tokens.refresh_token))
    };
    assert_eq!(ask(Some("upstream-refresh"), "u1").await, Ok(Some("upstream-refresh".to_owned())));
    upstream.gives_refresh_tokens(false);
    assert_eq!(
        ask(Some("upstream-refresh"), "u1").await,
        Ok(Some("upstream-refresh".to_owned())),
        "the old one is kept"
    );
    assert!(matches!(ask(Some("upstream-refresh"), "u2").await, Err(RecheckFailure::Transient(_))));
    assert!(matches!(ask(None, "u1").await, Err(RecheckFailure::NotValid(_))));
    upstream.breaks(Some(Defect::Status500));
    assert!(matches!(ask(Some("upstream-refresh"), "u1").await, Err(RecheckFailure::Transient(_))));
    upstream.breaks(None);
    upstream.refuses_refresh(true);
    assert!(matches!(ask(Some("upstream-refresh"), "u1").await, Err(RecheckFailure::NotValid(_))));
}
