//! Who may read answers from a browser on another site (RFC 9700 section 2.6): the origins a client registered, for its
//! own answers. `null`, which any sandboxed page can send, is nobody's.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::client_lookup;
use crate::app::App;
use crate::protocol::{origin, origin_pattern};
use crate::store::{StoreError, api_keys, clients};

/// How long an origin found is believed. Only preflights ask; each answer is judged by its own client.
const KEPT: Duration = Duration::from_secs(10);
/// How long it is believed that nobody lists an origin.
const NO_KEPT: Duration = Duration::from_secs(1);

/// Origins of all active clients and API keys, for preflights, which name neither.
pub struct Preflights {
    found: Mutex<Found>,
    one_at_a_time: Semaphore,
}

#[derive(Default)]
struct Found {
    at: Option<Duration>,
    of_clients: HashSet<String>,
    of_keys: Vec<String>,
}

impl Default for Preflights {
    fn default() -> Preflights {
        Preflights { found: Mutex::default(), one_at_a_time: Semaphore::new(1) }
    }
}

impl Preflights {
    /// Whether any active client lists the origin, or with `keys` any active API key.
    ///
    /// # Errors
    /// The store's.
    pub async fn allow(&self, app: &App, header: &str, keys: bool) -> Result<bool, StoreError> {
        if self.knows(app, header, keys) {
            return Ok(true);
        }
        // A flood of foreign origins costs one query at a time, and one a second.
        let Ok(_turn) = self.one_at_a_time.acquire().await else { return Ok(false) };
        if self.knows(app, header, keys) {
            return Ok(true);
        }
        if self.is_just_read(app) {
            return Ok(false);
        }
        let read = |conn: &mut _| Ok((clients::origins(conn)?, api_keys::origins(conn)?));
        let (of_clients, of_keys) = app.store.read(read).await?;
        let found = Found {
            at: Some(app.clock.monotonic()),
            of_clients: of_clients.into_iter().flat_map(|list| list.0).collect(),
            of_keys: of_keys.into_iter().flat_map(|list| list.0).collect(),
        };
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(self.knows(app, header, keys))
    }

    fn is_just_read(&self, app: &App) -> bool {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.at.is_some_and(|at| app.clock.monotonic().saturating_sub(at) < NO_KEPT)
    }

    fn knows(&self, app: &App, header: &str, keys: bool) -> bool {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = found.at.is_some_and(|at| app.clock.monotonic().saturating_sub(at) < KEPT);
        let of_client = || found.of_clients.contains(header) && origin::is_allowed(&[header.to_owned()], header);
        fresh && (of_client() || keys && origin_pattern::any_matches(&found.of_keys, header))
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
