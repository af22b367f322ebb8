//! What the writer did, in counters a metrics page can read without asking it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Upper bounds of the batch size buckets; one more bucket holds the rest.
pub const BATCH_BUCKETS: [u64; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// Counters of SQLite's writer, all zero on PostgreSQL.
#[derive(Default)]
pub struct WriterStats {
    batches: AtomicU64,
    jobs: AtomicU64,
    failures: AtomicU64,
    waiting: AtomicU64,
    refused: AtomicU64,
    sizes: [AtomicU64; BATCH_BUCKETS.len() + 1],
}

impl WriterStats {
    /// Batches begun.
    pub fn batches(&self) -> u64 {
        self.batches.load(Relaxed)
    }

    /// Writes taken from the queue.
    pub fn jobs(&self) -> u64 {
        self.jobs.load(Relaxed)
    }

    /// Batches that ended in a rollback or an unknown commit.
    pub fn failures(&self) -> u64 {
        self.failures.load(Relaxed)
    }

    /// Writes left in the queue when the last batch began.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Relaxed)
    }

    /// Writes refused because the queue was full.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Batches by size, one count for each of [`BATCH_BUCKETS`] and one for larger ones.
    pub fn batch_sizes(&self) -> [u64; BATCH_BUCKETS.len() + 1] {
        std::array::from_fn(|bucket| self.sizes[bucket].load(Relaxed))
    }

    pub(super) fn record(&self, jobs: usize, waiting: usize) {
        let jobs = jobs as u64;
        self.waiting.store(waiting as u64, Relaxed);
        if jobs > 0 {
            self.batches.fetch_add(1, Relaxed);
            self.jobs.fetch_add(jobs, Relaxed);
            let bucket = BATCH_BUCKETS.partition_point(|bound| *bound < jobs);
            self.sizes[bucket].fetch_add(1, Relaxed);
        }
    }

    pub(super) fn record_failure(&self) {
        self.failures.fetch_add(1, Relaxed);
    }

    pub(super) fn record_refusal(&self) {
        self.refused.fetch_add(1, Relaxed);
    }
}
