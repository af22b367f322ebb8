//! Times of last use: collected in memory, written each minute as the later of the two, so that reading a token
//! never writes a row.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::protocol::NumericDate;
use crate::store::{Store, StoreError, api_keys, authorizations, client_secrets, personal_tokens, sessions};

/// What was used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Used {
    /// A client authenticated with this secret.
    ClientSecret(i64),
    /// A grant of this authorization was redeemed or refreshed.
    Authorization(i64),
    /// A browser came with this session.
    Session(i64),
    /// A script came with this personal token.
    PersonalToken(i64),
    /// A script came with this organization's key.
    ApiKey(i64),
}

/// At most this many uses are remembered between two flushes; beyond it new rows wait for their next use.
const CAPACITY: usize = 100_000;

/// Rows in one transaction.
const CHUNK: usize = 500;

/// Uses since the last flush.
#[derive(Default)]
pub struct LastUsed(Mutex<HashMap<Used, NumericDate>>);

impl LastUsed {
    /// Notes a use.
    pub fn note(&self, what: Used, at: NumericDate) {
        let Ok(mut seen) = self.0.lock() else { return };
        if seen.len() < CAPACITY || seen.contains_key(&what) {
            let latest = seen.entry(what).or_insert(at);
            *latest = at.max(*latest);
        }
    }

    /// Writes what was noted. Uses that cannot be written are noted again.
    pub async fn flush(&self, store: &Store) -> Result<(), StoreError> {
        let mut seen: Vec<(Used, NumericDate)> = match self.0.lock() {
            Ok(mut seen) => seen.drain().collect(),
            Err(_) => return Ok(()),
        };
        // In one order on every node, or two nodes wait for each other's rows.
        seen.sort_unstable();
        for (at, chunk) in seen.chunks(CHUNK).enumerate() {
            let batch = chunk.to_vec();
            let written = store
                .write(move |write| {
                    for (what, at) in &batch {
                        match what {
                            Used::ClientSecret(id) => client_secrets::used(write, *id, *at)?,
                            Used::Authorization(id) => authorizations::used(write, *id, *at)?,
                            Used::Session(id) => sessions::seen(write, *id, *at)?,
                            Used::PersonalToken(id) => personal_tokens::used(write, *id, *at)?,
                            Used::ApiKey(id) => api_keys::used(write, *id, *at)?,
                        };
                    }
                    Ok(())
                })
                .await;
            if let Err(error) = written {
                for (what, when) in &seen[at * CHUNK..] {
                    self.note(*what, *when);
                }
                return Err(error);
            }
        }
        Ok(())
    }
}
