//! A `code_challenge` or `nonce` that is the same in many requests protects nobody: whoever saw one of them can redeem or
//! replay the others (RFC 9700 section 2.1.1). It cannot be told at the first request, so it is a warning on the record.

use serde_json::json;

use super::checks::Checked;
use crate::app::App;
use crate::app::repeats::TOLD_AT;
use crate::crypto::digest;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::session::SignedIn;
use crate::store::{StoreError, audit_events};

/// Counts a request that was just answered with a grant, and warns once a value. Nothing depends on it, so the answer
/// does not fail with it.
pub(super) async fn watch(app: &App, caller: &Caller, who: &SignedIn, checked: &Checked) {
    let request = &checked.request;
    let challenge = request.code_challenge.as_ref().map(|challenge| challenge.as_str());
    let client = checked.client.id.to_be_bytes();
    // The very same request in the very same session is one, however often the page is loaded.
    let fingerprint = digest::sha256(&[&who.session.id.to_be_bytes(), request.canonical_query().as_bytes()]);
    let fingerprint = fingerprint.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    for (parameter, event, value) in
        [("code_challenge", "code_challenge.reused", challenge), ("nonce", "nonce.reused", request.nonce.as_deref())]
    {
        let Some(value) = value else { continue };
        let value = digest::sha256(&[&client, parameter.as_bytes(), value.as_bytes()]);
        if app.repeats.note(value, fingerprint)
            && let Err(error) = warn(app, caller, checked, event).await
        {
            tracing::warn!(%error, event, "a warning could not be written");
        }
    }
}

async fn warn(app: &App, caller: &Caller, checked: &Checked, event: &'static str) -> Result<(), StoreError> {
    let client = &checked.client;
    tracing::warn!(client_id = client.client_id, event, "a client sends the same value in every request");
    let (actor, target) = (Actor::Client(client), Target::Client(client));
    let event = audit::draft(app, Some(caller), event, actor, target, json!({ "requests": TOLD_AT }))?;
    app.store.write(move |write| audit_events::insert(write, &event)).await?;
    Ok(())
}
