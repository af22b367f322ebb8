//! Pairwise subjects (OpenID Connect Core section 8).

use std::net::TcpListener;
use std::sync::Arc;

use grantor::app::start::start;
use grantor::flows::audit::Actor;
use grantor::flows::clients::{create, update};
use grantor::http::server::serve;
use grantor::protocol::registered_metadata::SubjectType;
use serde_json::json;

use super::registration::{open, party, register};
use super::registration_rules::manage;
use super::{relying_party, signed_in, stage_of, verified};
use crate::account_stage::Script;
use crate::support::operator::Operator;
use crate::support::relying_party::Tokens;
use crate::support::site::Site;
use crate::support::test_app::Shared;
use crate::support::{Answer, ClientSpec, Database, Person, RelyingParty, TestApp, on_both};

on_both!(
    clients_of_one_sector_share_a_name_that_nobody_else_knows,
    every_place_tells_the_same_name,
    a_client_that_changes_its_sector_starts_anew,
    oidcc_registration_sector_uri,
    oidcc_registration_sector_bad,
    a_sector_is_read_again_when_it_matters,
    several_hosts_need_a_sector,
    the_name_outlives_restarts_and_is_the_same_on_every_node,
);

fn pairwise(redirect_uris: &[&str]) -> ClientSpec {
    let mut spec = relying_party();
    spec.redirect_uris = redirect_uris.iter().map(|uri| (*uri).to_owned()).collect();
    spec.openid.subject_type = Some(SubjectType::Pairwise);
    spec
}

async fn sub(app: &TestApp, party: &RelyingParty, ada: &Person) -> String {
    let answer = signed_in(app, party, ada, &[("scope", "openid")]).await;
    verified(app, &answer).await.0["sub"].as_str().expect("a sub").to_owned()
}

/// `subject_types_supported`; section 8.1.
async fn clients_of_one_sector_share_a_name_that_nobody_else_knows(app: &TestApp) {
    let (first, ada) = stage_of(app, pairwise(&["https://one.example/cb"])).await;
    let second = app.db_client(pairwise(&["https://One.Example:8443/other"])).await;
    let other = app.db_client(pairwise(&["https://two.example/cb"])).await;
    let names = [sub(app, &first, &ada).await, sub(app, &second, &ada).await, sub(app, &other, &ada).await];
    assert_eq!(names[0], names[1]);
    assert_ne!(names[0], names[2]);
    assert!(names.iter().all(|name| *name != ada.row.sub && name.len() <= 255 && name.is_ascii()));
    let bob = app.db_user("bob").await;
    assert_ne!(sub(app, &first, &bob).await, names[0]);
}

/// ID token, UserInfo, introspection by the client and by a resource server, refresh: one name, and no other beside it.
async fn every_place_tells_the_same_name(app: &TestApp) {
    let (web, ada) = stage_of(app, pairwise(&["https://one.example/cb"])).await;
    let api = app.db_resource_server("https://api.example", &["org"]).await;
    let answer = signed_in(app, &web, &ada, &[("scope", "openid offline_access org:read")]).await;
    let name = verified(app, &answer).await.0["sub"].clone();
    let token = answer.text("access_token");
    let request = app.shared.http.get(app.shared.url("/oauth/userinfo")).bearer_auth(&token);
    assert_eq!(app.shared.send(request).await.json()["sub"], name);
    let own = web.introspect(&token).await.json();
    assert_eq!((&own["sub"], own.get("username")), (&name, None), "the login would tell who it is");
    let refresh = web.introspect(&answer.text("refresh_token")).await.json();
    assert_eq!((&refresh["sub"], refresh.get("username")), (&name, None));
    assert_eq!(api.introspect(&token).await.json()["sub"], name, "as the client knows the person");
    let again = web.refresh(&answer.text("refresh_token")).await;
    assert_eq!(verified(app, &again).await.0["sub"], name);
    let plain = signed_in(app, &web, &ada, &[("scope", "openid")]).await;
    assert_eq!(me(app, &plain.text("access_token")).await.json()["user"], json!({ "sub": name }));
    let own = Script::of(app, &ada, &["account:read"]).await.get("/me").await.json();
    assert_eq!(own["user"]["sub"], json!(ada.row.sub), "a person's own token is nobody's to compare with");
}

async fn me(app: &TestApp, token: &str) -> Answer {
    app.shared.send(app.shared.http.get(app.shared.url("/api/v1/me")).bearer_auth(token)).await
}

/// Core section 8.1, 12.2: by no token it has does a client learn the names of a sector it moves to, nor the public ones.
async fn a_client_that_changes_its_sector_starts_anew(app: &TestApp) {
    open(app).await;
    let ada = app.db_user("ada").await;
    let at = |uri: &str, kind: &str| {
        json!({
            "redirect_uris": [uri], "subject_type": kind, "grant_types": ["authorization_code", "refresh_token"],
            "client_name": "Mover",
        })
    };
    let (one, two) = ("https://one.example/cb", "https://two.example/cb");
    let (_, mut told) = register(app, at(one, "pairwise")).await;
    let mut names = Vec::new();
    for (now, then, ends) in [
        ((one, "pairwise"), ("https://one.example/other", "pairwise"), false),
        (("https://one.example/other", "pairwise"), (two, "pairwise"), true),
        ((two, "pairwise"), (two, "public"), true),
        ((two, "public"), (one, "public"), false),
        ((one, "public"), (one, "pairwise"), true),
    ] {
        let party = party(app, &told);
        let party = RelyingParty { redirect_uri: now.0.to_owned(), ..party };
        let asked = [("scope", "openid offline_access"), ("prompt", "consent")];
        let answer = signed_in(app, &party, &ada, &asked).await;
        names.push(verified(app, &answer).await.0["sub"].as_str().expect("a sub").to_owned());
        let code = party.code(&app.db_signed_in(&ada).await, &asked).await;
        let tokens = Tokens::of(&answer);
        let mut change = at(then.0, then.1);
        change["client_id"] = told["client_id"].clone();
        let changed = manage(app, "PUT", &told, Some(&change)).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        let secret = told["client_secret"].clone();
        told = changed.json();
        told["client_secret"] = secret;
        let expected = if ends { (401, false) } else { (200, true) };
        let what = format!("{now:?} -> {then:?}");
        assert_eq!((me(app, &tokens.access).await.status, party.is_active(&tokens.access).await), expected, "{what}");
        let told_to_logout = app.rows("session_clients");
        assert_eq!(told_to_logout == 0, ends, "{what}");
        match ends {
            true => {
                assert_eq!(party.refresh(&tokens.refresh).await.error(), "400 invalid_grant", "{what}");
                assert_eq!(party.redeem(&code).await.error(), "400 invalid_grant", "{what}");
                let event = app.db_audit().await.into_iter().rfind(|event| event.event == "client.update");
                assert!(event.expect("an event").data.contains("ended"), "{what}");
            }
            false => {
                let again = party.refresh(&tokens.refresh).await;
                assert_eq!(verified(app, &again).await.0["sub"].as_str(), names.last().map(String::as_str), "{what}");
            }
        }
    }
    assert_eq!(names[0], names[1]);
    assert_ne!(names[1], names[2]);
    assert_eq!((&names[3], &names[4]), (&ada.row.sub, &ada.row.sub));
}

/// Registers it in the server itself, whose rules about addresses are those of development here; why not.
async fn refused(app: &TestApp, sector: &str, uris: &[&str]) -> String {
    let mut spec = pairwise(uris);
    spec.openid.sector_identifier_uri = Some(sector.to_owned());
    let made = create::create(&app.app(), None, Actor::Operator, spec, None, None).await;
    made.err().unwrap_or_else(|| panic!("{sector} was taken")).to_string()
}

/// `oidcc-registration-sector-uri`: hosts of one list share a name.
async fn oidcc_registration_sector_uri(app: &TestApp) {
    app.as_dev().await;
    let site = Site::start();
    let uris = ["https://one.example/cb", "https://two.example/cb"];
    let mut spec = pairwise(&uris);
    spec.openid.sector_identifier_uri = Some(site.gives("/sector.json", &json!(uris)));
    let (first, ada) = stage_of(app, spec.clone()).await;
    let second = app.db_client(ClientSpec { redirect_uris: vec![uris[1].to_owned()], ..spec }).await;
    assert_eq!(sub(app, &first, &ada).await, sub(app, &second, &ada).await);
}

/// `oidcc-registration-sector-bad`, A60: what is not in the list, or not a list, or nowhere, is refused in words.
async fn oidcc_registration_sector_bad(app: &TestApp) {
    app.as_dev().await;
    let site = Site::start();
    let uris = ["https://one.example/cb", "https://two.example/cb"];
    for (what, sector, says) in [
        ("one is missing", site.gives("/short", &json!([uris[0]])), "https://two.example/cb"),
        ("no list", site.gives("/object", &json!({ "uris": uris })), "no JSON list"),
        ("other things", site.gives("/mixed", &json!([uris[0], uris[1], 7])), "something else than texts"),
        ("nothing", format!("{}/nothing", site.origin), "404"),
        ("elsewhere", site.answers("/moved", 302, "/short"), "302"),
        ("too long", site.answers("/long", 200, &format!("[{}\"x\"]", "\"x\",".repeat(40_000))), "longer"),
        ("a private address", "https://169.254.169.254/x".to_owned(), "private address"),
        ("plain http", "http://one.example/x".to_owned(), "https"),
    ] {
        let failure = refused(app, &sector, &uris).await;
        assert!(failure.contains("sector_identifier_uri"), "{what}: {failure}");
        if matches!(what, "one is missing" | "plain http") {
            assert!(failure.contains(says), "{what}: {failure}");
            continue;
        }
        // Why is the operator's to know: the registration is no way to look around from here.
        assert!(failure.contains("could not be fetched or is not a list of redirect URIs"), "{what}: {failure}");
        assert!(!failure.replace(&sector, "").contains(says), "{what}: {failure}");
        let log = app.log();
        assert!(log.lines().any(|line| line.contains(&sector) && line.contains(says)), "{what}: {log}");
    }
    assert_eq!(app.rows("clients"), 0);
}

/// Core section 8.1: a redirect URI that comes later is looked for in the list too; other changes ask nobody.
async fn a_sector_is_read_again_when_it_matters(app: &TestApp) {
    app.as_dev().await;
    let site = Site::start();
    let uris = ["https://one.example/cb", "https://two.example/cb"];
    let mut spec = pairwise(&uris[..1]);
    spec.openid.sector_identifier_uri = Some(site.gives("/sector", &json!(uris)));
    let party = app.db_client(spec).await;
    assert_eq!(site.visits("/sector"), 1);
    app.db_update_client(&party, |metadata| metadata.name = Some("Renamed".to_owned())).await;
    assert_eq!(site.visits("/sector"), 1);
    app.db_update_client(&party, |metadata| metadata.redirect_uris.push(uris[1].to_owned())).await;
    assert_eq!(site.visits("/sector"), 2);
    let inner = app.app();
    let mut metadata = update::metadata(&inner, &party.client_id).await.expect("its metadata");
    metadata.redirect_uris.push("https://three.example/cb".to_owned());
    let failure = update::update(&inner, None, Actor::Operator, &party.client_id, metadata).await;
    let failure = failure.err().expect("it is not in the list").to_string();
    assert!(failure.contains("https://three.example/cb"), "{failure}");
}

async fn several_hosts_need_a_sector(app: &TestApp) {
    let operator = Operator::of(app);
    let two = ["--redirect-uri", "https://one.example/cb", "--redirect-uri", "https://two.example/cb"];
    let create = ["client", "create", "--subject-type", "pairwise"];
    let failure = operator.says(&[&create[..], &two].concat()).await.failure();
    assert!(failure.contains("sector_identifier_uri") && failure.contains("one host"), "{failure}");
    let app_only = ["--redirect-uri", "com.example.app:/cb", "--kind", "public"];
    assert!(!operator.says(&[&create[..], &app_only].concat()).await.done);
    assert!(operator.says(&[&create[..], &two[..2]].concat()).await.done);
}

/// The key is made once: nodes that start at once and a second start name people alike.
async fn the_name_outlives_restarts_and_is_the_same_on_every_node(app: &TestApp) {
    let (web, ada) = stage_of(app, pairwise(&["https://one.example/cb"])).await;
    let before = sub(app, &web, &ada).await;
    app.restart().await;
    assert_eq!(sub(app, &web, &ada).await, before);
    on_every_node(app, &web, &ada, &before).await;
    let dump = app.dump();
    let row = dump.lines().find(|line| line.starts_with("instance: ")).expect("a row").to_owned();
    if app.database == Database::Sqlite {
        assert!(!row.contains("NULL,NULL"), "the key is there: {row}");
    }
}

/// What a second node over the same database says; then nodes that find no key, at once.
async fn on_every_node(app: &TestApp, web: &RelyingParty, ada: &Person, name: &str) {
    if app.database == Database::Sqlite {
        return;
    }
    let config = app.app().config.clone();
    let node = start(config.clone(), app.clock.clone()).await.expect("a second node").app;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let there = Arc::new(Shared::new(&format!("http://{}", listener.local_addr().expect("an address"))));
    let running = serve(Arc::clone(&node), listener).expect("it serves");
    let code = web.code(&app.db_signed_in(ada).await, &[("scope", "openid")]).await;
    let answer = RelyingParty { shared: there, ..web.clone() }.redeem(&code).await;
    assert_eq!(verified(app, &answer).await.0["sub"], name);
    running.stop_now().await.expect("it ends");
    node.store.close().await;

    app.db_batch("UPDATE instance SET pairwise_key = NULL");
    let (one, two) = tokio::join!(start(config.clone(), app.clock.clone()), start(config, app.clock.clone()));
    let nodes = [one.expect("a node").app, two.expect("a node").app];
    let [first, second] = [0, 1].map(|node| nodes[node].keys.pairwise.text_tag(&[b"one.example", b"ada"]));
    assert_eq!(first, second);
    assert_ne!(first, app.app().keys.pairwise.text_tag(&[b"one.example", b"ada"]), "the control: another key");
    for node in nodes {
        node.store.close().await;
    }
}
