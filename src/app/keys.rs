//! Keys in use: the master key and what is derived from it or sealed under it.

use std::sync::{Arc, RwLock};

use crate::crypto::mac::MacKey;
use crate::crypto::master_key::MasterKey;
use crate::crypto::refresh_derivation::DerivationKey;

/// What the server signs, seals and derives with.
pub struct Keys {
    /// Seals what must be read back.
    pub master: MasterKey,
    /// Binds forms to the browser they were made for.
    pub csrf: MacKey,
    /// Proves that a request was seen before the user signed in again.
    pub interaction: MacKey,
    /// Derives the secrets that a repeated request is told again.
    pub idempotency: MacKey,
    /// Which life of the database this is; a restore raises it.
    pub epoch: i64,
    derivation: RwLock<Vec<Arc<DerivationKey>>>,
}

impl Keys {
    /// `derivation` newest first; the first one makes new refresh tokens.
    pub fn new(master: MasterKey, epoch: i64, derivation: Vec<DerivationKey>) -> Keys {
        Keys {
            csrf: master.subkey("grantor/csrf/v1"),
            interaction: master.subkey("grantor/interaction/v1"),
            idempotency: master.subkey("grantor/idempotency/v1"),
            epoch,
            derivation: RwLock::new(derivation.into_iter().map(Arc::new).collect()),
            master,
        }
    }

    /// The key that makes new refresh tokens.
    pub fn current_derivation(&self) -> Option<Arc<DerivationKey>> {
        self.derivation.read().ok()?.first().cloned()
    }

    /// The key a refresh token was made with.
    pub fn derivation(&self, id: i64) -> Option<Arc<DerivationKey>> {
        self.derivation.read().ok()?.iter().find(|key| key.id() == id).cloned()
    }

    /// Takes over keys another node or the command line made.
    pub fn replace_derivation(&self, keys: Vec<DerivationKey>) {
        if let Ok(mut held) = self.derivation.write() {
            *held = keys.into_iter().map(Arc::new).collect();
        }
    }
}
