//! Client authentication (RFC 6749 section 2.3): exactly one method, the registered one. Only this module makes an
//! [`AuthenticatedClient`].

mod assertion;
mod presented;
mod secret;

use std::sync::Arc;

use super::caller::Caller;
use super::client_keys::Fetch;
use super::client_lookup;
use crate::app::App;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::store::clients::ClientRow;

pub use presented::Presented;

/// A client that proved who it is, or a public one that said so (RFC 6749 section 3.2.1).
pub struct AuthenticatedClient {
    row: Arc<ClientRow>,
}

impl AuthenticatedClient {
    /// The client.
    pub fn row(&self) -> &Arc<ClientRow> {
        &self.row
    }

    /// Whether it proved anything: introspection and client credentials ask.
    pub fn is_confidential(&self) -> bool {
        self.row.is_confidential()
    }
}

/// Checks what was presented.
///
/// # Errors
/// `invalid_client` in one wording for unknown clients, wrong secrets and wrong methods, so that nobody can probe;
/// the detail, kept for the client's owner, tells them apart.
pub async fn authenticate(app: &App, caller: &Caller, presented: Presented) -> Result<AuthenticatedClient, OAuthError> {
    let client_id = presented.client_id().to_owned();
    // Only misses are limited: a flood of wrong guesses must not stop the rightful client (A35).
    let limit = app.throttles.clients.peek(&client_id, caller.address).map_err(|retry| too_many(retry.seconds()));
    let row = client_lookup::find(app, &client_id).await?;
    let verdict = match (&row, &presented) {
        (Some(row), Presented::None { .. }) if row.is_confidential() => {
            Err(Detail::new("client_authentication_missing", "RFC 6749 section 3.2.1")
                .expected(row.authentication_method.clone())
                .hint("this client is confidential: it authenticates with every request"))
        }
        (Some(row), presented) if !presented.is_by(&row.authentication_method) => {
            // The work a right method would cost, so that time does not tell a wrong one.
            burn(presented);
            Err(Detail::new("client_authentication_method", "RFC 7591 section 2")
                .received(presented.described())
                .expected(row.authentication_method.clone())
                .hint("authenticate the way the client is registered, or change its registration"))
        }
        (Some(_), Presented::None { .. }) => Ok(()),
        // Before anybody's keys are fetched for it.
        (Some(row), Presented::Assertion { .. }) if !row.is_active() => {
            burn(&presented);
            Err(not_active(row))
        }
        (Some(row), Presented::Assertion { text, .. }) => {
            let fetch = if limit.is_ok() { Fetch::Allowed } else { Fetch::No };
            assertion::check(app, row, text, fetch).await?
        }
        (Some(row), Presented::Basic(credentials)) => secret::check(app, row, &credentials.client_secret).await?,
        (Some(row), Presented::Post { client_secret, .. }) => secret::check(app, row, client_secret).await?,
        (None, presented) => {
            burn(presented);
            Err(Detail::new("client_unknown", "RFC 6749 section 5.2")
                .received(client_id.clone())
                .hint("no client with this client_id is registered here"))
        }
    };
    match (verdict, row) {
        (Ok(()), Some(row)) if row.is_active() => Ok(AuthenticatedClient { row }),
        (Ok(()), Some(row)) => Err(refusal().with_detail(not_active(&row))),
        (Err(detail), _) => {
            limit?;
            if !matches!(presented, Presented::None { .. }) {
                let _now_limited = app.throttles.clients.record_failure(&client_id, caller.address);
            }
            Err(refusal().with_detail(detail))
        }
        (Ok(()), None) => Err(refusal()),
    }
}

fn not_active(row: &ClientRow) -> Detail {
    Detail::new("client_not_active", "RFC 6749 section 5.2")
        .received(row.status.clone())
        .hint("the operator disabled this client or asked for its deletion")
}

/// Spends what checking this would cost.
fn burn(presented: &Presented) {
    match presented {
        Presented::Basic(credentials) => secret::burn(&credentials.client_secret),
        Presented::Post { client_secret, .. } => secret::burn(client_secret),
        Presented::Assertion { text, .. } => assertion::burn(text),
        Presented::None { .. } => {}
    }
}

fn refusal() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClient, "client authentication failed")
}

fn too_many(seconds: u64) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClient, "too many failed attempts, try again later").with_detail(
        Detail::new("client_throttled", "RFC 6749 section 2.3.1").hint(format!("try again in {seconds} seconds")),
    )
}
