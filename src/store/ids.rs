//! Row ids: 41 bits of milliseconds since 2025, 10 bits of node, 12 bits of sequence; time-ordered, unique over nodes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::error::StoreError;
use crate::clock::Clock;

/// 2025-01-01T00:00:00Z in milliseconds since 1970.
pub const EPOCH_MILLIS: i64 = 1_735_689_600_000;
/// Node numbers are 0 to 1023.
pub const NODES: i32 = 1024;

const NODE_BITS: u32 = 10;
const SEQUENCE_BITS: u32 = 12;

/// Makes ids; none is ever made twice, whatever the clock does.
pub(super) struct IdSource {
    clock: Clock,
    // Not `clock`: a lease is measured in real time even where a test moves the time of its tokens.
    stopwatch: Clock,
    state: Mutex<State>,
}

struct State {
    /// Milliseconds since the epoch and sequence of the newest id, as one number that only grows.
    newest: i64,
    lease: Option<Lease>,
}

/// The right to a node number.
#[derive(Clone, Copy)]
pub(super) struct Lease {
    pub node: i32,
    /// By [`IdSource::stopwatch`]; `None` never ends.
    pub until: Option<Duration>,
}

impl IdSource {
    /// A source that makes nothing before its first lease.
    pub(super) fn new(clock: Clock) -> IdSource {
        IdSource { clock, stopwatch: Clock::system(), state: Mutex::new(State { newest: 0, lease: None }) }
    }

    /// Time for leases, never set back.
    pub(super) fn stopwatch(&self) -> Duration {
        self.stopwatch.monotonic()
    }

    /// Sets, renews or ends the lease.
    pub(super) fn set_lease(&self, lease: Option<Lease>) {
        self.with(|state| state.lease = lease);
    }

    /// Ids made from now on are later than this one and later than this time.
    pub(super) fn start_after(&self, id: i64) {
        let floor = (id >> (NODE_BITS + SEQUENCE_BITS)) << SEQUENCE_BITS | low_bits();
        self.with(|state| state.newest = state.newest.max(floor));
    }

    /// Ids made from now on are later than this time, in milliseconds since 1970.
    pub(super) fn start_at_millis(&self, millis: i64) {
        let floor = (millis - EPOCH_MILLIS).max(0) << SEQUENCE_BITS;
        self.with(|state| state.newest = state.newest.max(floor));
    }

    /// The next id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] while no node number is leased: another node may be using ours.
    pub(super) fn next(&self) -> Result<i64, StoreError> {
        let millis = (self.clock.now_millis() - EPOCH_MILLIS).max(0);
        self.with(|state| {
            let lease = state.lease.filter(|lease| lease.until.is_none_or(|until| self.stopwatch() < until));
            let Some(lease) = lease else {
                return Err(StoreError::Unavailable("the lease of this node's number is lost".to_owned()));
            };
            // A clock that went back, or a full millisecond, counts on from the newest id.
            state.newest = (millis << SEQUENCE_BITS).max(state.newest + 1);
            let time = state.newest >> SEQUENCE_BITS;
            let sequence = state.newest & low_bits();
            Ok(time << (NODE_BITS + SEQUENCE_BITS) | i64::from(lease.node) << SEQUENCE_BITS | sequence)
        })
    }

    /// The time of the newest id, in milliseconds since 1970.
    pub(super) fn newest_millis(&self) -> i64 {
        self.with(|state| (state.newest >> SEQUENCE_BITS) + EPOCH_MILLIS)
    }

    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The smallest id of this moment, in milliseconds since 1970: the low-water mark of a cleanup.
pub fn first_id_of(millis: i64) -> i64 {
    (millis - EPOCH_MILLIS).max(0) << (NODE_BITS + SEQUENCE_BITS)
}

/// When an id was made, in milliseconds since 1970.
pub fn millis_of(id: i64) -> i64 {
    (id >> (NODE_BITS + SEQUENCE_BITS)) + EPOCH_MILLIS
}

const fn low_bits() -> i64 {
    (1 << SEQUENCE_BITS) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOREVER: Option<Lease> = Some(Lease { node: 5, until: None });

    fn source(now: i64) -> (IdSource, Clock) {
        let clock = Clock::manual(now);
        let ids = IdSource::new(clock.clone());
        ids.set_lease(FOREVER);
        (ids, clock)
    }

    #[test]
    fn ids_grow_and_carry_time_and_node() {
        let (ids, clock) = source(1_800_000_000);
        let first = ids.next().unwrap();
        assert_eq!(millis_of(first), 1_800_000_000_000);
        assert_eq!(first >> 12 & 1023, 5);
        assert!(ids.next().unwrap() > first);
        clock.advance(Duration::from_millis(1));
        let later = ids.next().unwrap();
        assert_eq!(millis_of(later), 1_800_000_000_001);
        assert!(first_id_of(1_800_000_000_001) <= later && first < first_id_of(1_800_000_000_001));
    }

    #[test]
    fn a_full_millisecond_runs_into_the_next_without_a_repeat() {
        let (ids, _) = source(1_800_000_000);
        let made: Vec<i64> = (0..10_000).map(|_| ids.next().unwrap()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(millis_of(made[9_999]), 1_800_000_000_002);
    }

    #[test]
    fn a_clock_that_went_back_makes_no_older_id() {
        let (ids, _) = source(1_800_000_000);
        let newest = first_id_of(1_900_000_000_000) | 7 << 12 | 9;
        ids.start_after(newest);
        assert!(ids.next().unwrap() > newest);
    }

    #[test]
    fn without_a_lease_there_is_no_id() {
        let (ids, _) = source(1_800_000_000);
        ids.set_lease(Some(Lease { node: 1, until: Some(ids.stopwatch()) }));
        assert!(matches!(ids.next(), Err(StoreError::Unavailable(_))));
        ids.set_lease(None);
        assert!(ids.next().is_err());
    }
}
