//! The buttons of a run: what the client does next with what it holds.

use serde_json::Value;

use super::calls::{self, Call};
use super::exchange::Purpose;
use super::runs::{Held, MAXIMUM_STEPS, Run};
use crate::app::App;
use crate::config::dev::DevClient;
use crate::protocol::endpoints;

/// Does what the button says, if the run holds what it takes; real requests to the server's own endpoints.
pub async fn act(app: &App, run: &mut Run, button: &str) {
    if run.exchanges.len() >= MAXIMUM_STEPS {
        return;
    }
    let Some(client) = run.client.clone() else { return };
    match button {
        "redeem" => redeem(app, run, &client, Purpose::Redeem).await,
        "redeem_again" => redeem(app, run, &client, Purpose::RedeemAgain).await,
        "refresh" => {
            if let Some(token) = run.refresh_token.as_ref().map(|held| held.text.clone()) {
                refresh(app, run, &client, Purpose::Refresh, token).await;
            }
        }
        "refresh_again" => {
            if let Some(token) = run.spent_refresh_token.clone() {
                refresh(app, run, &client, Purpose::RefreshAgain, token).await;
            }
        }
        "introspect" => introspect(app, run, &client).await,
        "revoke" if run.refresh_token.is_some() => revoke(app, run, &client, Purpose::Revoke).await,
        "revoke" | "revoke_access" => revoke(app, run, &client, Purpose::RevokeAccess).await,
        _ => {}
    }
}

async fn redeem(app: &App, run: &mut Run, client: &DevClient, purpose: Purpose) {
    let Some(code) = run.code.as_ref().map(|held| held.text.clone()) else { return };
    let parameters = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code),
        ("redirect_uri", client.redirect_uri.clone()),
        ("code_verifier", run.code_verifier.clone()),
    ];
    let granted = token_request(app, run, client, purpose, parameters).await;
    if let Some(code) = &mut run.code {
        code.gone = code.gone.or(Some(if granted { "redeemed" } else { "refused" }));
    }
    if purpose == Purpose::RedeemAgain && !granted {
        end(run, "revoked with its code");
    }
}

async fn refresh(app: &App, run: &mut Run, client: &DevClient, purpose: Purpose, token: String) {
    let parameters = vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", token.clone())];
    let granted = token_request(app, run, client, purpose, parameters).await;
    match (purpose, granted) {
        // Where refresh tokens are not rotated the same one comes back, and none is spent.
        (Purpose::Refresh, true) => {
            run.spent_refresh_token =
                Some(token).filter(|spent| run.refresh_token.as_ref().is_none_or(|held| held.text != *spent));
        }
        (Purpose::Refresh, false) => {
            if let Some(held) = &mut run.refresh_token {
                held.gone = Some("refused");
            }
        }
        _ => {}
    }
}

/// Takes the tokens of an answer; whether there were any.
async fn token_request(
    app: &App,
    run: &mut Run,
    client: &DevClient,
    purpose: Purpose,
    parameters: Vec<(&'static str, String)>,
) -> bool {
    let called = calls::call(app, client, Call { purpose, endpoint: endpoints::TOKEN, parameters }).await;
    run.exchanges.push(called.exchange);
    let Some(answer) = called.answer.filter(|answer| answer.status == 200) else { return false };
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let Some(access_token) = body["access_token"].as_str() else { return false };
    let expires_at = body["expires_in"].as_i64().map(|seconds| app.clock.now() + seconds);
    run.access_token = Some(Held::new(access_token, expires_at));
    if let Some(refresh_token) = body["refresh_token"].as_str() {
        run.refresh_token = Some(Held::new(refresh_token, None));
    }
    true
}

/// As the resource server of the demo, which is who asks in life; without one as the client itself.
async fn introspect(app: &App, run: &mut Run, client: &DevClient) {
    let Some(token) = run.access_token.as_ref().map(|held| held.text.clone()) else { return };
    let asker = app.config.dev_clients.iter().find(|client| client.kind == "resource-server").unwrap_or(client);
    let parameters = vec![("token", token), ("token_type_hint", "access_token".to_owned())];
    let call = Call { purpose: Purpose::Introspect, endpoint: endpoints::INTROSPECTION, parameters };
    let called = calls::call(app, asker, call).await;
    run.exchanges.push(called.exchange);
    let body: Value = called.answer.and_then(|answer| serde_json::from_str(&answer.body).ok()).unwrap_or_default();
    if let (Some(false), Some(held)) = (body["active"].as_bool(), &mut run.access_token) {
        held.gone = held.gone.or(Some("inactive"));
    }
}

async fn revoke(app: &App, run: &mut Run, client: &DevClient, purpose: Purpose) {
    let (held, hint) = match purpose {
        Purpose::Revoke => (&run.refresh_token, "refresh_token"),
        _ => (&run.access_token, "access_token"),
    };
    let Some(token) = held.as_ref().map(|held| held.text.clone()) else { return };
    let parameters = vec![("token", token), ("token_type_hint", hint.to_owned())];
    let called = calls::call(app, client, Call { purpose, endpoint: endpoints::REVOCATION, parameters }).await;
    let done = !called.exchange.refused;
    run.exchanges.push(called.exchange);
    if done && purpose == Purpose::Revoke {
        end(run, "revoked");
    } else if let Some(held) = run.access_token.as_mut().filter(|_| done) {
        held.gone = Some("revoked");
    }
}

/// The family is over, and the client knows.
fn end(run: &mut Run, why: &'static str) {
    for held in [&mut run.access_token, &mut run.refresh_token].into_iter().flatten() {
        held.gone = Some(why);
    }
}
