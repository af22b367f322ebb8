//! OpenID Connect Front-Channel Logout 1.0: clients are told by frames of the page after signing out.

use grantor::flows::{client_lookup, logout, session};
use grantor::store::session_clients::{self, SessionClientRow};
use serde_json::json;

use super::super::{relying_party, verified};
use super::{BACK, Stage, signed_in_with};
use crate::support::page::Page;
use crate::support::{TestApp, on_both};

on_both!(
    oidcc_frontchannel_logout_discovery_endpoint_verification,
    oidcc_frontchannel_rp_initiated_logout,
    a_page_frames_every_client_of_the_session_and_nothing_else,
    what_is_registered_cannot_widen_the_policy,
    the_page_loaded_again_changes_nothing,
    clients_that_are_told_otherwise_take_nobodys_place,
);

const OUT: &str = "https://client.example/out?tenant=1";

async fn stage(app: &TestApp, session: bool, uri: &str) -> Stage {
    signed_in_with(app, relying_party(), "openid", |metadata| {
        metadata.frontchannel_logout_uri = Some(uri.to_owned());
        metadata.frontchannel_logout_session_required = session;
    })
    .await
}

fn policy(page: &Page) -> Vec<String> {
    let policy = page.header("content-security-policy").expect("a policy");
    policy.split("; ").map(str::to_owned).collect()
}

/// `oidcc-frontchannel-logout-discovery-endpoint-verification`.
async fn oidcc_frontchannel_logout_discovery_endpoint_verification(app: &TestApp) {
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["frontchannel_logout_supported"], json!(true));
    assert_eq!(document["frontchannel_logout_session_supported"], json!(true));
}

/// `oidcc-frontchannel-rp-initiated-logout`: `iss` and `sid` added to the registered address, then back with `state`.
async fn oidcc_frontchannel_rp_initiated_logout(app: &TestApp) {
    let stage = stage(app, true, OUT).await;
    let (told, _) = verified(app, &stage.tokens).await;
    let asked = [("id_token_hint", &*stage.id_token()), ("post_logout_redirect_uri", BACK), ("state", "s")];
    let page = stage.logout(&asked).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let frame = page.attributes("iframe", "src").remove(0);
    let url = url::Url::parse(&frame).expect("an address");
    let sent: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let sid = told["sid"].as_str().expect("a sid");
    assert_eq!(sent, [pair("tenant", "1"), pair("iss", app.issuer()), pair("sid", sid)]);
    let nonce = page.attributes("script", "nonce").remove(0);
    let policy = policy(&page);
    assert!(policy.contains(&"frame-src https://client.example/out".to_owned()), "{policy:?}");
    assert!(policy.contains(&format!("script-src 'nonce-{nonce}'")), "{policy:?}");
    let back = format!("{BACK}?state=s");
    assert_eq!(page.attributes("#logout-continue", "href"), [back.as_str()]);
    assert!(page.body.contains(&format!("content=\"5;url={back}\"")), "without scripts too: {}", page.body);
    assert!(!stage.is_signed_in().await && stage.browser.session().is_none());
}

async fn a_page_frames_every_client_of_the_session_and_nothing_else(app: &TestApp) {
    let stage = stage(app, false, OUT).await;
    let other = app.db_client(relying_party()).await;
    app.db_metadata(&other, |metadata| {
        metadata.frontchannel_logout_uri = Some("https://b.example:8443/bye".to_owned());
    })
    .await;
    other.code(&stage.browser, &[("scope", "openid")]).await;
    let elsewhere = app.db_client(relying_party()).await;
    app.db_metadata(&elsewhere, |metadata| metadata.frontchannel_logout_uri = Some("https://c.example/".to_owned()))
        .await;
    elsewhere.code(&app.db_signed_in(&stage.ada).await, &[("scope", "openid")]).await;
    let page = stage.browser.submit(&stage.browser.get("/logout").await, "logout-confirm", &[]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(page.attributes("iframe", "src"), [OUT, "https://b.example:8443/bye"], "no sid where none is asked for");
    for sandbox in page.attributes("iframe", "sandbox") {
        assert_eq!(sandbox, "allow-scripts allow-same-origin", "nobody navigates the page");
    }
    let sources = "frame-src https://b.example:8443/bye https://client.example/out";
    assert!(policy(&page).contains(&sources.to_owned()), "{:?}", policy(&page));
    assert!(!page.has("#logout-continue") && !page.has(".chip"), "nobody is signed in");
    assert_eq!(page.words("h1"), "You are signed out");
}

async fn what_is_registered_cannot_widen_the_policy(app: &TestApp) {
    for uri in [
        "https://rp.example/x;script-src%20*;y",
        "https://rp.example/x;script-src *",
        "https://rp.example/x,default-src *",
    ] {
        let stage = stage(app, false, uri).await;
        let page = stage.logout(&[("id_token_hint", &stage.id_token())]).await;
        let policy = policy(&page);
        assert_eq!(policy.iter().filter(|part| part.starts_with("script-src")).count(), 1, "{policy:?}");
        assert!(!policy.join(";").contains(','), "{policy:?}");
        assert_eq!(policy.iter().filter(|part| part.starts_with("frame-src https://rp.example/x%")).count(), 1);
    }
    for uri in ["javascript:alert(1)", "data:text/html,x", "no address"] {
        let stage = stage(app, false, uri).await;
        assert_eq!(stage.logout(&[("id_token_hint", &stage.id_token())]).await.location(), "/logout", "{uri}");
    }
}

async fn the_page_loaded_again_changes_nothing(app: &TestApp) {
    let stage = stage(app, false, OUT).await;
    let question = stage.browser.get("/logout").await;
    assert_eq!(stage.browser.submit(&question, "logout-confirm", &[]).await.status, 200);
    let again = stage.browser.submit(&question, "logout-confirm", &[]).await;
    assert_eq!((again.status, again.location()), (303, "/logout"));
}

/// The page frames fifty that want to be framed, and not those of the first fifty that do.
async fn clients_that_are_told_otherwise_take_nobodys_place(app: &TestApp) {
    let first = signed_in_with(app, relying_party(), "openid", |_| {}).await;
    let cookie = first.browser.session().expect("a cookie");
    let who = session::current(&app.app(), &cookie).await.expect("an answer").expect("a session");
    let (session_id, now, end) = (who.session.root(), app.now(), who.session.expires_at);
    let mut added = Vec::new();
    for number in 0..(logout::MOST + 5) {
        let party = app.db_client(relying_party()).await;
        if number >= 4 {
            let uri = Some(format!("https://client.example/out/{number}"));
            app.db_metadata(&party, |metadata| metadata.frontchannel_logout_uri = uri).await;
        }
        let found = client_lookup::find(&app.app(), &party.client_id).await.expect("an answer").expect("a client");
        let id = app.app().store.next_id().expect("an id");
        added.push(SessionClientRow { id, session_id, client: found.id, created_at: now, expires_at: end });
    }
    let store = app.app().store.clone();
    let noted = store.write(move |write| added.iter().try_for_each(|row| session_clients::note(write, row)));
    noted.await.expect("the store answers");
    let page = first.browser.submit(&first.browser.get("/logout").await, "logout-confirm", &[]).await;
    let frames = page.attributes("iframe", "src");
    assert_eq!((frames.len(), frames[0].as_str()), (logout::MOST, "https://client.example/out/4"));
    assert!(app.log().contains("a page frames no more clients than that"));
}
