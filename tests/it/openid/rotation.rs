//! D3 row 29: keys change all the time, and nobody who verifies notices.

use std::net::TcpListener;
use std::sync::Arc;

use grantor::app::start::start;
use grantor::crypto::jwt::{self, KeySet};
use grantor::flows::audit::Actor;
use grantor::flows::housekeeping;
use grantor::flows::signing_keys::{How, rotate};
use grantor::http::server::serve;
use grantor::protocol::signing_algorithm::SigningAlgorithm;

use super::{relying_party, signed_in, stage_of};
use crate::support::test_app::Shared;
use crate::support::{ClientSpec, Database, RelyingParty, TestApp, on_both};

on_both!(every_token_verifies_until_its_end_while_keys_rotate);

const MAX_AGE: i64 = 5;
const LIFETIME: i64 = 60;
/// Ages at which each token is verified again, to its last second.
const AGES: [usize; 10] = [0, 1, 2, 3, 5, 8, 13, 21, 34, 59];

/// Who verifies: asks for the key set at one node, and keeps it as long as it is allowed to.
struct Verifier {
    at: Arc<Shared>,
    keys: KeySet,
    until: i64,
}

impl Verifier {
    fn new(at: &Arc<Shared>) -> Verifier {
        Verifier { at: Arc::clone(at), keys: KeySet::of([]), until: 0 }
    }

    async fn verify(&mut self, token: &str, now: i64) {
        if now >= self.until {
            let answer = self.at.get("/oauth/jwks.json").await;
            let kept = answer.header("cache-control").and_then(|value| value.strip_prefix("public, max-age="));
            self.until = now + kept.and_then(|age| age.parse::<i64>().ok()).expect("an age");
            self.keys = KeySet::parse(&answer.body).expect("a key set");
        }
        jwt::verify_of_kind(token, &self.keys, &["at+jwt"]).unwrap_or_else(|refusal| panic!("{refusal}: {token}"));
    }
}

/// A second node over the same database, on a port of its own.
async fn second_node(app: &TestApp) -> Option<(Arc<grantor::app::App>, grantor::http::server::Running, Arc<Shared>)> {
    if app.database == Database::Sqlite {
        return None;
    }
    let node = start(app.app().config.clone(), app.clock.clone()).await.expect("a second node").app;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let shared = Shared::new(&format!("http://{}", listener.local_addr().expect("an address")));
    let running = serve(Arc::clone(&node), listener).expect("it serves");
    Some((node, running, Arc::new(shared)))
}

/// A rotation every two seconds for two minutes; tokens of both kinds from both nodes; relying parties that keep the key set
/// for as long as its `Cache-Control` says, each asking another node.
async fn every_token_verifies_until_its_end_while_keys_rotate(app: &TestApp) {
    let spec = ClientSpec { access_token_lifetime: Some(LIFETIME), ..relying_party() };
    let (web, ada) = stage_of(app, spec).await;
    app.restart_with(|config| {
        (config.keys.jwks_max_age, config.keys.publish_ahead) = (MAX_AGE, MAX_AGE + 60);
        config.tokens.id_token_lifetime = LIFETIME;
    })
    .await;
    app.db_metadata(&web, |metadata| metadata.access_token_signed_response_alg = Some(SigningAlgorithm::Es256)).await;
    let here = app.app();
    let second = second_node(app).await;
    let there = second.as_ref().map_or_else(|| Arc::clone(&app.shared), |(_, _, shared)| Arc::clone(shared));
    let web_there = RelyingParty { shared: Arc::clone(&there), ..web.clone() };
    let mut verifiers = [Verifier::new(&app.shared), Verifier::new(&there)];
    let answer = signed_in(app, &web, &ada, &[("scope", "openid offline_access")]).await;
    let mut refresh = answer.text("refresh_token");
    let (mut issued, mut kids) = (Vec::<Vec<String>>::new(), std::collections::BTreeSet::new());
    for second_now in 0..120_usize {
        if second_now % 2 == 0 {
            let made = rotate(&here, None, Actor::Operator, &[SigningAlgorithm::Es256], How::Ahead).await;
            made.unwrap_or_else(|failure| panic!("{failure}"));
        }
        if second_now % 60 == 29 {
            housekeeping::sweep(&here).await.expect("the store answers");
        }
        if let (59, Some((node, _, _))) = (second_now % 60, &second) {
            housekeeping::sweep(node).await.expect("the store answers");
        }
        let party = if second_now % 3 == 0 { &web } else { &web_there };
        let now_issued = match second_now % 4 {
            0 => {
                let answer = party.refresh(&refresh).await;
                assert_eq!(answer.status, 200, "{}", answer.body);
                refresh = answer.text("refresh_token");
                vec![answer.text("id_token"), answer.text("access_token")]
            }
            _ => vec![party.client_credentials("org:read").await.text("access_token")],
        };
        kids.extend(now_issued.iter().map(|token| super::part(token, 0)["kid"].to_string()));
        issued.push(now_issued);
        for age in AGES.into_iter().filter(|age| *age <= second_now) {
            for token in &issued[second_now - age] {
                for verifier in &mut verifiers {
                    verifier.verify(token, app.now()).await;
                }
                assert!(super::part(token, 1)["exp"].as_i64().expect("an end") > app.now(), "and not beyond its end");
            }
        }
        app.wait(1);
    }
    assert!(kids.len() > 15, "{kids:?}");
    if let Some((node, running, _)) = second {
        running.stop_now().await.expect("it ends");
        node.store.close().await;
    }
}
