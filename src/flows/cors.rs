//! Who may read answers from a browser on another site (RFC 9700 section 2.6): the origins a client registered, for its
//! own answers. `null`, which any sandboxed page can send, is nobody's.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::client_lookup;
use crate::app::App;
use crate::protocol::origin;
use crate::store::{StoreError, clients};

/// How long an origin found is believed. Only preflights ask; each answer is judged by its own client.
const KEPT: Duration = Duration::from_secs(10);

/// Origins of all active clients, for preflights, which name no client.
pub struct Preflights {
    found: Mutex<(Duration, HashSet<String>)>,
    one_at_a_time: Semaphore,
}

impl Default for Preflights {
    fn default() -> Preflights {
        Preflights { found: Mutex::default(), one_at_a_time: Semaphore::new(1) }
    }
}

impl Preflights {
    /// Whether any active client lists the origin.
    ///
    /// # Errors
    /// The store's.
    pub async fn allow(&self, app: &App, header: &str) -> Result<bool, StoreError> {
        if self.knows(app, header) {
            return Ok(true);
        }
        // A flood of foreign origins costs one query at a time.
        let Ok(_turn) = self.one_at_a_time.acquire().await else { return Ok(false) };
        if self.knows(app, header) {
            return Ok(true);
        }
        let lists = app.store.read(clients::origins).await?;
        let origins: HashSet<String> = lists.into_iter().flat_map(|list| list.0).collect();
        let allowed = origins.contains(header) && origin::is_allowed(&[header.to_owned()], header);
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = (app.clock.monotonic(), origins);
        Ok(allowed)
    }

    fn knows(&self, app: &App, header: &str) -> bool {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = app.clock.monotonic().saturating_sub(found.0) < KEPT;
        fresh && found.1.contains(header) && origin::is_allowed(&[header.to_owned()], header)
    }
}

/// Whether this client lists the origin.
///
/// # Errors
/// The store's.
pub async fn client_allows(app: &App, client_id: &str, header: &str) -> Result<bool, StoreError> {
    let client = client_lookup::find(app, client_id).await?;
    Ok(client.is_some_and(|client| client.is_active() && origin::is_allowed(&client.allowed_origins.0, header)))
}
