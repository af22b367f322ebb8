//! The clock: the one place that reads the system's time. Tests hold a manual clock and move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::protocol::NumericDate;

/// Wall time for dates on the wire and in rows, monotonic time for limits that a clock jump must not lift.
#[derive(Clone)]
pub struct Clock(Arc<Source>);

enum Source {
    System { start: Instant, offset_millis: AtomicI64 },
    Manual { start_millis: i64, elapsed_millis: AtomicI64 },
}

impl Clock {
    /// The machine's clock, corrected by [`Clock::set_offset_millis`].
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's time")]
    pub fn system() -> Clock {
        Clock(Arc::new(Source::System { start: Instant::now(), offset_millis: AtomicI64::new(0) }))
    }

    /// A clock that only moves by [`Clock::advance`]; every clone moves with it.
    pub fn manual(start: NumericDate) -> Clock {
        Clock(Arc::new(Source::Manual { start_millis: start * 1000, elapsed_millis: AtomicI64::new(0) }))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn now(&self) -> NumericDate {
        self.now_millis().div_euclid(1000)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's time")]
    pub fn now_millis(&self) -> i64 {
        match &*self.0 {
            Source::System { offset_millis, .. } => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX) + offset_millis.load(Ordering::Relaxed)
            }
            Source::Manual { start_millis, elapsed_millis } => start_millis + elapsed_millis.load(Ordering::SeqCst),
        }
    }

    /// Time since this clock was made; never goes back.
    pub fn monotonic(&self) -> Duration {
        match &*self.0 {
            Source::System { start, .. } => start.elapsed(),
            Source::Manual { elapsed_millis, .. } => {
                Duration::from_millis(elapsed_millis.load(Ordering::SeqCst).max(0).unsigned_abs())
            }
        }
    }

    /// Moves a manual clock forward; the system's clock is not moved by anybody.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual { elapsed_millis, .. } = &*self.0 {
            elapsed_millis.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// The database's time minus ours, measured at each heartbeat on PostgreSQL, so that all nodes agree on `now` but for
    /// what the measurements leave open.
    pub fn set_offset_millis(&self, offset: i64) {
        if let Source::System { offset_millis, .. } = &*self.0 {
            offset_millis.store(offset, Ordering::Relaxed);
        }
    }
}
