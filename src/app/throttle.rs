//! Guessing is slowed down by three limits at once (ASVS 6.1.1, SP 800-63B section 3.2.2):
//! *pair* (account and address), tight: somebody at one place trying one account; it never touches the same account from
//! elsewhere. *Address* (IPv6: /64), medium: one place trying many accounts. *Account*, loose: many places trying one.
//!
//! Nobody can lock the owner out for ever: refusals cost nothing, so every limit refills while it is attacked; right
//! answers are refunded; and an address from which the account signed in lately is exempt from the account's limit, so a
//! flood from elsewhere does not reach it. That memory is this process's and bounded; losing it only makes limits stricter.
//!
//! Two ways to count. *Passwords* take long to check, so an attempt is spent before and refunded after: a thousand guesses
//! at the same moment do not all find the bucket full. *Client secrets* are checked in no time and cannot be guessed, so
//! only failures count, and the account's limit never refuses a right secret (A35).

mod limiter;
mod spelling;

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use limiter::{Quota, RetryAfter, Throttle};
pub use spelling::{address_key, spelling_key};

use crate::clock::Clock;

const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const MAXIMUM_KNOWN: usize = 100_000;

/// The three quotas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuessLimits {
    /// One account from one address.
    pub pair: Quota,
    /// One account from anywhere.
    pub account: Quota,
    /// Any account from one address.
    pub address: Quota,
}

impl Default for GuessLimits {
    /// 10 in 10 minutes, 100 in an hour, 100 in an hour. At 2,400 guesses a day a password that the policy lets pass
    /// (a million guesses) holds for more than a year against a flood that never stops.
    fn default() -> GuessLimits {
        let quota = |burst, minutes: u64| Quota {
            burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
            period: Duration::from_secs(minutes * 60),
        };
        GuessLimits { pair: quota(10, 10), account: quota(100, 60), address: quota(100, 60) }
    }
}

/// Limits guessing of one kind of secret. Make one for passwords and another for client secrets.
pub struct GuessThrottle {
    clock: Clock,
    pair: Throttle,
    account: Throttle,
    address: Throttle,
    known: Mutex<HashMap<String, Duration>>,
}

/// An attempt that was spent. Dropping it counts it as a failure.
#[must_use = "say `succeeded` or `not_tried`, or drop it when the password was wrong"]
pub struct Attempt {
    keys: Keys,
    account_spent: bool,
}

struct Keys {
    pair: String,
    account: String,
    address: String,
}

impl GuessThrottle {
    /// Limits of its own, shared with nobody.
    pub fn new(clock: Clock, limits: GuessLimits) -> GuessThrottle {
        GuessThrottle {
            pair: Throttle::new(clock.clone(), limits.pair),
            account: Throttle::new(clock.clone(), limits.account),
            address: Throttle::new(clock.clone(), limits.address),
            known: Mutex::new(HashMap::new()),
            clock,
        }
    }

    /// Before a password is hashed. `account` is the stored login if there is such a user (so that login and e-mail
    /// address share one bucket), else the text as typed; its spelling does not matter.
    ///
    /// # Errors
    /// [`RetryAfter`], the same for users who exist and who do not; nothing is spent then.
    pub fn begin(&self, account: &str, address: IpAddr) -> Result<Attempt, RetryAfter> {
        let keys = Keys::of(account, address);
        let account_spent = !self.is_known(&keys.pair);
        self.address.check(&keys.address)?;
        self.pair.check(&keys.pair).inspect_err(|_| self.address.refund(&keys.address))?;
        if account_spent {
            self.account.check(&keys.account).inspect_err(|_| {
                self.address.refund(&keys.address);
                self.pair.refund(&keys.pair);
            })?;
        }
        Ok(Attempt { keys, account_spent })
    }

    /// The password was right: the attempt costs nothing, and the address is known for this account from now on.
    pub fn succeeded(&self, attempt: Attempt) {
        self.remember(&attempt.keys.pair);
        self.not_tried(attempt);
    }

    /// No answer was found (the hasher was overloaded, the database away): the attempt costs nothing.
    pub fn not_tried(&self, attempt: Attempt) {
        self.address.refund(&attempt.keys.address);
        self.pair.refund(&attempt.keys.pair);
        if attempt.account_spent {
            self.account.refund(&attempt.keys.account);
        }
    }

    /// Before a client secret is compared: has this address had its failures? The account's own limit is not asked.
    ///
    /// # Errors
    /// [`RetryAfter`].
    pub fn peek(&self, account: &str, address: IpAddr) -> Result<(), RetryAfter> {
        let keys = Keys::of(account, address);
        self.address.peek(&keys.address)?;
        self.pair.peek(&keys.pair)
    }

    /// After a wrong client secret; a right one is not reported.
    ///
    /// # Errors
    /// [`RetryAfter`] when a limit is used up: answer 429 instead of 401.
    pub fn record_failure(&self, account: &str, address: IpAddr) -> Result<(), RetryAfter> {
        let keys = Keys::of(account, address);
        let answers =
            [self.address.check(&keys.address), self.pair.check(&keys.pair), self.account.check(&keys.account)];
        answers.into_iter().collect()
    }

    fn is_known(&self, pair: &str) -> bool {
        let now = self.clock.monotonic();
        self.lock_known().get(pair).is_some_and(|&since| now.saturating_sub(since) < KNOWN_FOR)
    }

    fn remember(&self, pair: &str) {
        let now = self.clock.monotonic();
        let mut known = self.lock_known();
        if known.len() >= MAXIMUM_KNOWN && !known.contains_key(pair) {
            known.retain(|_, since| now.saturating_sub(*since) < KNOWN_FOR);
            let mut times: Vec<Duration> = known.values().copied().collect();
            if times.len() > MAXIMUM_KNOWN / 2 {
                let (_, limit, _) = times.select_nth_unstable(MAXIMUM_KNOWN / 2);
                let limit = *limit;
                known.retain(|_, since| *since > limit);
            }
        }
        known.insert(pair.to_owned(), now);
    }

    fn lock_known(&self) -> MutexGuard<'_, HashMap<String, Duration>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    fn of(account: &str, address: IpAddr) -> Keys {
        let (account, address) = (spelling_key(account), address_key(address));
        // Address first: it has no line feed, so no account's name can look like another pair.
        Keys { pair: format!("{address}\n{account}"), account, address }
    }
}

#[cfg(test)]
#[path = "throttle/throttle_tests.rs"]
mod tests;
