//! Sizes and limits of the store, with the defaults a single small machine wants.

use std::time::Duration;

/// How a [`super::Store`] is opened.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Connections to PostgreSQL, or reading connections to SQLite.
    pub pool_size: u32,
    /// Longest wait for a free connection before the answer is 503.
    pub acquire_timeout: Duration,
    /// Longest wait for an answer of the database once work began; what a write did by then is unknown.
    pub answer_within: Duration,
    /// SQLite: writes that may wait; one more is refused at once.
    pub queue_length: usize,
    /// SQLite: writes that share one commit at most.
    pub batch_cap: usize,
    /// SQLite: longest wait for another process's lock.
    pub busy_timeout: Duration,
    /// PostgreSQL: longest statement.
    pub statement_timeout: Duration,
    /// PostgreSQL: longest wait for a row lock.
    pub lock_timeout: Duration,
    /// SQLite: rows kept in memory.
    pub cache_entries: usize,
    /// SQLite: time between two checkpoints.
    pub checkpoint_interval: Duration,
    /// SQLite: read every page of the file at start.
    pub quick_check: bool,
    /// Apply pending migrations; when false, pending ones refuse the start.
    pub migrate: bool,
    /// SQLite: take no lock and refuse writes, for commands that look while the server runs.
    pub read_only: bool,
}

impl Default for StoreOptions {
    fn default() -> StoreOptions {
        StoreOptions {
            pool_size: 8,
            acquire_timeout: Duration::from_secs(5),
            answer_within: Duration::from_secs(15),
            queue_length: 4096,
            batch_cap: 128,
            busy_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            cache_entries: 200_000,
            checkpoint_interval: Duration::from_millis(500),
            quick_check: true,
            migrate: true,
            read_only: false,
        }
    }
}
