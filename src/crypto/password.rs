//! Passwords: argon2id off the event loop, behind a semaphore that bounds memory and a queue that bounds waiting.
//! The text is hashed exactly as typed: no trimming, no folding, no cut (ASVS 6.2.8).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::imported_password::ImportedPassword;
use super::random;

/// What one hash costs and how many may run and wait; from configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordParams {
    /// KiB of memory for one hash.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub iterations: u32,
    /// Lanes of that memory.
    pub parallelism: u32,
    /// Hashes at one time.
    pub max_concurrent: usize,
    /// Callers that may wait for their turn.
    pub max_waiting: usize,
}

/// The parameters cannot be used; says why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("password hashing: {0}")]
pub struct InvalidPasswordParams(String);

/// Too many are waiting, or the machine has no memory: answer 503 and let the client come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked")]
pub struct Overloaded;

/// The answer to "is this the password?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The password is right.
    pub ok: bool,
    /// It is right and its hash has other parameters than today's: hash it again.
    pub needs_rehash: bool,
}

/// Hashes and verifies; `Clone` shares the semaphore.
#[derive(Clone)]
pub struct PasswordHasher(Arc<Inner>);

struct Inner {
    argon2: Argon2<'static>,
    slots: Arc<Semaphore>,
    max_concurrent: usize,
    max_waiting: usize,
    waiting: AtomicUsize,
    done: AtomicU64,
    dummy: String,
}

impl PasswordHasher {
    /// Makes one hash at once, the dummy that unknown users are checked against.
    ///
    /// # Errors
    /// [`InvalidPasswordParams`] if argon2 refuses the figures or nothing could ever run.
    pub fn new(params: PasswordParams) -> Result<PasswordHasher, InvalidPasswordParams> {
        if params.max_concurrent == 0 || params.max_concurrent > Semaphore::MAX_PERMITS {
            return Err(InvalidPasswordParams("max_concurrent must be at least 1".to_owned()));
        }
        let invalid = |error: &dyn std::fmt::Display| InvalidPasswordParams(error.to_string());
        if params.memory_kib > MAXIMUM_MEMORY_KIB || params.iterations > MAXIMUM_PASSES {
            return Err(InvalidPasswordParams("at most 2 GiB of memory and 64 iterations".to_owned()));
        }
        let cost = Params::new(params.memory_kib, params.iterations, params.parallelism, None);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.map_err(|error| invalid(&error))?);
        let dummy = hash(&argon2, &random::bytes::<32>()).map_err(|error| invalid(&error))?;
        Ok(PasswordHasher(Arc::new(Inner {
            argon2,
            slots: Arc::new(Semaphore::new(params.max_concurrent)),
            max_concurrent: params.max_concurrent,
            max_waiting: params.max_waiting,
            waiting: AtomicUsize::new(0),
            done: AtomicU64::new(0),
            dummy,
        })))
    }

    /// A PHC string (`$argon2id$v=19$...`) with a fresh salt.
    ///
    /// # Errors
    /// [`Overloaded`].
    pub async fn hash(&self, password: String) -> Result<String, Overloaded> {
        self.run(1, move |inner| inner.hash(&password)).await?.map_err(|_| Overloaded)
    }

    /// Compares with a stored hash, one made here or one that was imported. No hash (no such user, or one who signs in
    /// elsewhere only) and a hash that cannot be read take as long as a wrong password and are never right, not even
    /// for "" (C50).
    ///
    /// # Errors
    /// [`Overloaded`].
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<Verdict, Overloaded> {
        let slots = self.0.slots_of(hash.as_deref());
        self.run(slots, move |inner| inner.verify(&password, hash.as_deref())).await
    }

    /// Callers waiting for their turn.
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::Relaxed)
    }

    /// Hashes being computed.
    pub fn running(&self) -> usize {
        self.0.max_concurrent.saturating_sub(self.0.slots.available_permits())
    }

    /// Hashings with this server's own function computed so far.
    pub fn done(&self) -> u64 {
        self.0.done.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(
        &self,
        slots: u32,
        work: impl FnOnce(&Inner) -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        let permit = self.slots(slots).await?;
        let inner = Arc::clone(&self.0);
        let job = tokio::task::spawn_blocking(move || {
            // The permit lives as long as the memory does: a caller that goes away must not let another one in early.
            let _permit = permit;
            work(&inner)
        });
        job.await.map_err(|_| Overloaded)
    }

    async fn slots(&self, count: u32) -> Result<OwnedSemaphorePermit, Overloaded> {
        if let Ok(permit) = Arc::clone(&self.0.slots).try_acquire_many_owned(count) {
            return Ok(permit);
        }
        let _place = Place::take(&self.0)?;
        Arc::clone(&self.0.slots).acquire_many_owned(count).await.map_err(|_| Overloaded)
    }
}

impl Inner {
    /// How many of this server's own hashings a check of this hash weighs, by memory: one that was made elsewhere, or
    /// here under other parameters, waits until so much is free, and for all of it where it weighs more than there is.
    fn slots_of(&self, stored: Option<&str>) -> u32 {
        let imported = stored.and_then(|stored| ImportedPassword::parse(stored).ok());
        let own = || Params::try_from(&PasswordHash::new(stored?).ok()?).ok().map(|params| params.m_cost());
        let needed = imported.map_or_else(own, |hash| Some(hash.memory_kib())).unwrap_or_default();
        let most = u32::try_from(self.max_concurrent).unwrap_or(u32::MAX);
        needed.div_ceil(self.argon2.params().m_cost()).clamp(1, most)
    }

    /// A name nobody has costs one argon2id of today, and so does every wrong password: for an account with an imported
    /// hash it comes on top of that hash's own work, so that a cheap one cannot be told from a name nobody has. A dear
    /// one can: its refusals take longer, which says that the account came with an import and its owner has not signed
    /// in since. Making every name that slow would let anybody keep the machine busy, so the limits on guessing bound
    /// how many names one address may ask for, and the first sign-in ends it for good.
    fn verify(&self, password: &str, stored: Option<&str>) -> Verdict {
        let imported = stored.and_then(|stored| ImportedPassword::parse(stored).ok()).filter(|hash| !hash.is_argon2());
        if imported.is_some_and(|hash| hash.is_password(password.as_bytes())) {
            return Verdict { ok: true, needs_rehash: true };
        }
        let Some(stored) = stored.and_then(|stored| PasswordHash::new(stored).ok()).filter(is_argon2) else {
            let dummy = PasswordHash::new(&self.dummy);
            std::hint::black_box(dummy.map(|dummy| self.is_password(password, &dummy)).is_ok());
            return Verdict { ok: false, needs_rehash: false };
        };
        let ok = self.is_password(password, &stored);
        Verdict { ok, needs_rehash: ok && !self.is_current(&stored) }
    }

    /// Counted beside the work itself, so that nobody can leave out one without the other.
    fn is_password(&self, password: &str, stored: &PasswordHash) -> bool {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.argon2.verify_password(password.as_bytes(), stored).is_ok()
    }

    fn hash(&self, password: &str) -> argon2::password_hash::Result<String> {
        self.done.fetch_add(1, Ordering::Relaxed);
        hash(&self.argon2, password.as_bytes())
    }

    fn is_current(&self, stored: &PasswordHash) -> bool {
        let today = self.argon2.params();
        let same_cost = Params::try_from(stored).is_ok_and(|then| {
            (then.m_cost(), then.t_cost(), then.p_cost()) == (today.m_cost(), today.t_cost(), today.p_cost())
        });
        same_cost && stored.algorithm == argon2::ARGON2ID_IDENT && stored.version == Some(Version::V0x13.into())
    }
}

/// A place in the queue, given back even when the caller goes away while waiting.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(inner: &'a Inner) -> Result<Place<'a>, Overloaded> {
        let place = Place(&inner.waiting);
        let before = inner.waiting.fetch_add(1, Ordering::Relaxed);
        if before < inner.max_waiting { Ok(place) } else { Err(Overloaded) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Memory of the dearest hash this server ever made by any sensible configuration (RFC 9106 section 4, first choice).
const MAXIMUM_MEMORY_KIB: u32 = 2 * 1024 * 1024;
/// Passes over it.
pub(super) const MAXIMUM_PASSES: u32 = 64;

/// A row whose cost is absurd is not computed: one sign-in would take the machine.
fn is_argon2(stored: &PasswordHash) -> bool {
    let bearable = |cost: Params| cost.m_cost() <= MAXIMUM_MEMORY_KIB && cost.t_cost() <= MAXIMUM_PASSES;
    stored.hash.is_some()
        && Algorithm::new(stored.algorithm.as_str()).is_ok()
        && Params::try_from(stored).is_ok_and(bearable)
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> argon2::password_hash::Result<String> {
    let salt: [u8; 16] = random::bytes();
    Ok(argon2.hash_password_with_salt(password, &salt)?.to_string())
}

#[cfg(test)]
#[path = "password_tests.rs"]
mod tests;
