//! A limit for each key: `governor`'s arithmetic on our clock, in memory of bounded size.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::RateLimiter;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;

use crate::clock::Clock;

const MAXIMUM_KEYS: usize = 100_000;

/// `burst` at once; spent ones come back evenly, all of them after `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many may be spent at once.
    pub burst: NonZeroU32,
    /// Until all are back.
    pub period: Duration,
}

/// Nothing is left; the next one comes back after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub Duration);

impl RetryAfter {
    /// Whole seconds, rounded up, for the `Retry-After` header (RFC 9110 section 10.2.3).
    pub fn seconds(self) -> u64 {
        self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0)
    }
}

type Limiter<S> = RateLimiter<String, S, OurClock, NoOpMiddleware<Duration>>;

/// One quota, spent separately by each key. Refusals cost nothing, so waiting always helps.
pub struct Throttle {
    buckets: Buckets,
    spending: Limiter<Buckets>,
    looking: Limiter<Looking>,
    clock: OurClock,
    start: Duration,
    one: Duration,
    burst: u32,
    maximum_keys: usize,
}

impl Throttle {
    /// A throttle of its own; nothing is shared between two of them.
    pub fn new(clock: Clock, quota: Quota) -> Throttle {
        Throttle::with_maximum_keys(clock, quota, MAXIMUM_KEYS)
    }

    fn with_maximum_keys(clock: Clock, quota: Quota, maximum_keys: usize) -> Throttle {
        let clock = OurClock(clock);
        let one = (quota.period / quota.burst.get()).max(Duration::from_nanos(1));
        let arithmetic = governor::Quota::with_period(one).expect("longer than nothing").allow_burst(quota.burst);
        let buckets = Buckets::default();
        Throttle {
            spending: RateLimiter::new(arithmetic, buckets.clone(), clock.clone()),
            looking: RateLimiter::new(arithmetic, Looking(buckets.clone()), clock.clone()),
            start: clock.0.monotonic(),
            buckets,
            clock,
            one,
            burst: quota.burst.get(),
            maximum_keys,
        }
    }

    /// Spends one.
    ///
    /// # Errors
    /// [`RetryAfter`] when none is left; nothing is spent then.
    pub fn check(&self, key: &str) -> Result<(), RetryAfter> {
        self.make_room();
        self.spending.check_key(&key.to_owned()).map_err(|refusal| self.retry_after(&refusal))
    }

    /// Whether [`Throttle::check`] would pass now; spends nothing.
    ///
    /// # Errors
    /// [`RetryAfter`] when none is left.
    pub fn peek(&self, key: &str) -> Result<(), RetryAfter> {
        self.looking.check_key(&key.to_owned()).map_err(|refusal| self.retry_after(&refusal))
    }

    /// How many are left now; spends nothing.
    pub fn left(&self, key: &str) -> u32 {
        let now = Nanos::from(self.clock.0.monotonic().saturating_sub(self.start));
        let full_at = self.buckets.lock().get(key).copied().unwrap_or(now);
        let spent = full_at.saturating_sub(now).as_u64().div_ceil(Nanos::from(self.one).as_u64().max(1));
        self.burst.saturating_sub(u32::try_from(spent).unwrap_or(u32::MAX))
    }

    /// Gives one back that [`Throttle::check`] spent.
    pub fn refund(&self, key: &str) {
        let mut buckets = self.buckets.lock();
        if let Some(full_at) = buckets.get_mut(key) {
            *full_at = full_at.saturating_sub(self.one.into());
        }
    }

    /// Keys remembered now, for metrics.
    pub fn keys(&self) -> usize {
        self.buckets.lock().len()
    }

    fn retry_after(&self, refusal: &governor::NotUntil<Duration>) -> RetryAfter {
        RetryAfter(refusal.wait_time_from(governor::clock::Clock::now(&self.clock)))
    }

    /// Forgets keys that have all their quota, then those that spent least: nobody can push their own spent bucket out
    /// by inventing names.
    fn make_room(&self) {
        let mut buckets = self.buckets.lock();
        if buckets.len() < self.maximum_keys {
            return;
        }
        let now = Nanos::from(self.clock.0.monotonic().saturating_sub(self.start));
        buckets.retain(|_, full_at| *full_at > now);
        let keep = self.maximum_keys / 2;
        if buckets.len() > keep {
            let mut times: Vec<Nanos> = buckets.values().copied().collect();
            let (_, limit, _) = times.select_nth_unstable_by(keep, |a, b| b.cmp(a));
            let limit = *limit;
            buckets.retain(|_, full_at| *full_at > limit);
        }
    }
}

/// When each key will have all its quota again, since the limiter's start.
#[derive(Clone, Default)]
struct Buckets(Arc<Mutex<HashMap<String, Nanos>>>);

impl Buckets {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Nanos>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for Buckets {
    type Key = String;

    fn measure_and_replace<T, F, E>(&self, key: &String, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut buckets = self.lock();
        let (answer, full_at) = measure(buckets.get(key).copied())?;
        buckets.insert(key.clone(), full_at);
        Ok(answer)
    }
}

struct Looking(Buckets);

impl StateStore for Looking {
    type Key = String;

    fn measure_and_replace<T, F, E>(&self, key: &String, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        measure(self.0.lock().get(key).copied()).map(|(answer, _)| answer)
    }
}

#[derive(Clone)]
struct OurClock(Clock);

impl governor::clock::Clock for OurClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.monotonic()
    }
}

#[cfg(test)]
#[path = "limiter_tests.rs"]
mod tests;
