//! The record of a refusal: a reference for the wire, a line in the log, a count, and the detail for `grantor explain`.

use super::caller::Caller;
use crate::app::App;
use crate::protocol::error::OAuthError;
use crate::store::refusals::RefusalRow;

/// Gives the refusal its reference and leaves its explanation to be written off the request path. `client_id` is what
/// the request claims; only quotas and searches hang on it.
pub fn record(
    app: &App,
    caller: &Caller,
    endpoint: &'static str,
    client_id: Option<&str>,
    error: OAuthError,
) -> OAuthError {
    let (slot, reference) = app.refusals.reference();
    let code = error.code.as_str();
    let rule = error.detail.as_ref().map_or("", |detail| detail.rule.as_ref());
    tracing::info!(endpoint, code, rule, reference, "refused");
    app.metrics.refused(endpoint, code);
    let detail = error.detail.as_ref().and_then(|detail| serde_json::to_string(detail).ok()).unwrap_or_default();
    app.refusals.leave(RefusalRow {
        slot,
        reference: reference.clone(),
        at: app.clock.now(),
        code: code.to_owned(),
        description: error.description.to_string(),
        client_id: client_id.map(str::to_owned),
        address: caller.address.to_string(),
        endpoint: endpoint.to_owned(),
        detail,
    });
    error.with_reference(reference)
}
