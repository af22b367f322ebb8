//! Keys that tokens are signed with, as this node holds them: the one that signs now, the published set, and all that
//! are ours. Read at start and again by housekeeping, so that nodes follow each other.

use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::start::StartError;
use crate::clock::Clock;
use crate::crypto::digest;
use crate::crypto::jwt::KeySet;
use crate::crypto::master_key::MasterKey;
use crate::crypto::signing::SigningKey;
use crate::protocol::NumericDate;
use crate::protocol::signing_algorithm::SigningAlgorithm;
use crate::store::signing_keys::{self, SigningKeyRow};
use crate::store::types::Json;
use crate::store::{Store, StoreError};

/// The key set, rendered once.
pub struct Published {
    /// The JWK set document.
    pub body: String,
    /// A strong entity tag, with its quotes.
    pub etag: String,
}

/// What was read.
pub struct Loaded {
    /// Those that have a private part: the key, and when it begins to sign; the last to begin comes first.
    private: Vec<(Arc<SigningKey>, NumericDate)>,
    published: Arc<Published>,
    own: Arc<KeySet>,
}

/// What this node holds.
pub struct SigningKeys {
    clock: Clock,
    loaded: RwLock<Loaded>,
}

impl SigningKeys {
    /// With what was read at start.
    pub fn new(clock: Clock, loaded: Loaded) -> SigningKeys {
        SigningKeys { clock, loaded: RwLock::new(loaded) }
    }

    /// The last key of the algorithm that began to sign.
    pub(super) fn signing(&self, algorithm: SigningAlgorithm) -> Option<Arc<SigningKey>> {
        let now = self.clock.now();
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let begun = |(key, from): &&(Arc<SigningKey>, NumericDate)| key.algorithm() == algorithm && *from <= now;
        loaded.private.iter().find(begun).map(|(key, _)| Arc::clone(key))
    }

    pub(super) fn published(&self) -> Arc<Published> {
        Arc::clone(&self.loaded.read().unwrap_or_else(PoisonError::into_inner).published)
    }

    pub(super) fn own(&self) -> Arc<KeySet> {
        Arc::clone(&self.loaded.read().unwrap_or_else(PoisonError::into_inner).own)
    }

    pub(super) fn replace(&self, loaded: Loaded) {
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = loaded;
    }
}

/// Seals under [`MasterKey::seal`] are bound to this name and the key's row id.
pub fn purpose(id: i64) -> String {
    format!("signing_keys/{id}")
}

/// A new key's row, its private part sealed, with no successor yet.
///
/// # Errors
/// No row id.
pub fn row(
    store: &Store,
    master: &MasterKey,
    key: &SigningKey,
    created_at: NumericDate,
    active_from: NumericDate,
) -> Result<SigningKeyRow, StoreError> {
    let id = store.next_id()?;
    Ok(SigningKeyRow {
        id,
        kid: key.kid().to_owned(),
        algorithm: key.algorithm().as_str().to_owned(),
        sealed: Some(master.seal(&purpose(id), key.pkcs8())),
        public_jwk: Json(key.public_jwk()),
        created_at,
        active_from,
        retired_at: None,
        published_until: None,
        withdrawn_at: None,
    })
}

/// Every key there is, as of `now`.
///
/// # Errors
/// The store's, and a private part that does not open.
pub async fn load(store: &Store, master: &MasterKey, now: NumericDate) -> Result<Loaded, StartError> {
    let rows = store.read(signing_keys::list).await?;
    let mut private = Vec::new();
    for row in &rows {
        // A newer release may sign with what this one does not know.
        let Some(algorithm) = SigningAlgorithm::parse(&row.algorithm) else { continue };
        let Some(sealed) = &row.sealed else { continue };
        let wrong = || StartError::MasterKey(format!("signing key {} ({}) does not open", row.kid, row.algorithm));
        let pkcs8 = master.open(&purpose(row.id), sealed).map_err(|_| wrong())?;
        let key = SigningKey::open(&row.kid, algorithm, &pkcs8).map_err(|_| wrong())?;
        private.push((Arc::new(key), row.active_from));
    }
    // Stable: of those that begin in the same second the newest comes first.
    private.sort_by_key(|(_, active_from)| std::cmp::Reverse(*active_from));
    let own = rows.iter().filter(|row| row.withdrawn_at.is_none()).map(|row| row.public_jwk.0.clone());
    Ok(Loaded { private, own: Arc::new(KeySet::of(own)), published: Arc::new(publish(&rows, now)) })
}

/// Those that sign come first, for readers who take the first one that fits.
fn publish(rows: &[SigningKeyRow], now: NumericDate) -> Published {
    let published = |row: &&SigningKeyRow| row.published_until.is_none_or(|until| now < until);
    let signs = |row: &&SigningKeyRow| row.active_from <= now && row.retired_at.is_none_or(|at| now < at);
    let (first, then): (Vec<_>, Vec<_>) = rows.iter().filter(published).partition(signs);
    let keys: Vec<&Value> = first.into_iter().chain(then).map(|row| &row.public_jwk.0).collect();
    let body = json!({ "keys": keys }).to_string();
    let digest = digest::sha256(&[body.as_bytes()]);
    let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(digest));
    Published { body, etag }
}
