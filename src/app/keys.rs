//! Keys in use: the master key and what is derived from it or sealed under it.

use std::sync::{Arc, RwLock};

use serde_json::{Map, Value};

use super::signing_keys::{Loaded, Published, SigningKeys};
use crate::crypto::mac::MacKey;
use crate::crypto::master_key::MasterKey;
use crate::crypto::own_tokens::{self, Expiry, OwnTokenRefusal};
use crate::crypto::refresh_derivation::DerivationKey;
use crate::crypto::signing::SigningKey;
use crate::protocol::signing_algorithm::SigningAlgorithm;

/// What the server signs, seals and derives with.
pub struct Keys {
    /// Seals what must be read back.
    pub master: MasterKey,
    /// Binds forms to the browser they were made for.
    pub csrf: MacKey,
    /// Proves that a request was seen before the user signed in again.
    pub interaction: MacKey,
    /// Tells browsers apart in the cookie that scripts may read.
    pub session_state: MacKey,
    /// Derives the secrets that a repeated request is told again.
    pub idempotency: MacKey,
    /// Names people to clients that shall not compare.
    pub pairwise: MacKey,
    /// Which life of the database this is; a restore raises it.
    pub epoch: i64,
    derivation: RwLock<Vec<Arc<DerivationKey>>>,
    signing: SigningKeys,
}

impl Keys {
    /// `derivation` newest first; the first one makes new refresh tokens.
    pub fn new(
        master: MasterKey,
        pairwise: MacKey,
        epoch: i64,
        derivation: Vec<DerivationKey>,
        signing: SigningKeys,
    ) -> Keys {
        Keys {
            csrf: master.subkey("grantor/csrf/v1"),
            interaction: master.subkey("grantor/interaction/v1"),
            session_state: master.subkey("grantor/session-state/v1"),
            idempotency: master.subkey("grantor/idempotency/v1"),
            pairwise,
            epoch,
            derivation: RwLock::new(derivation.into_iter().map(Arc::new).collect()),
            signing,
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

    /// The key that signs with this algorithm now; none before the server's first start is done.
    pub fn signing(&self, algorithm: SigningAlgorithm) -> Option<Arc<SigningKey>> {
        self.signing.signing(algorithm)
    }

    /// The key set as it stands at `jwks_uri` (RFC 7517 section 5).
    pub fn published(&self) -> Arc<Published> {
        self.signing.published()
    }

    /// The claims of a token this server signed, of exactly this `typ`, by any key that was not withdrawn, published or
    /// not. Issuer, audience and subject are still to be judged.
    ///
    /// # Errors
    /// [`OwnTokenRefusal`].
    pub fn verify_own(&self, token: &str, typ: &str, expiry: Expiry) -> Result<Map<String, Value>, OwnTokenRefusal> {
        own_tokens::verify(token, &self.signing.own(), typ, expiry)
    }

    /// Takes over keys another node or the command line made.
    pub fn replace_signing(&self, keys: Loaded) {
        self.signing.replace(keys);
    }
}
