//! `[database]`: which database, and how much of it at once.

use serde::{Deserialize, Serialize};

/// The database behind the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `sqlite:PATH` or `postgresql://..`; anything else is refused.
    pub url: String,
    /// PostgreSQL connections, or SQLite readers.
    pub pool_size: u32,
    /// Writes that may wait (SQLite); beyond it requests are answered 503.
    pub queue_length: usize,
    /// Writes in one commit (SQLite).
    pub batch_size: usize,
    /// Milliseconds a statement may take (PostgreSQL).
    pub statement_timeout: u64,
    /// Rows kept in memory (SQLite).
    pub cache_rows: usize,
}

impl Default for Database {
    fn default() -> Self {
        Database {
            url: "sqlite:grantor.db".into(),
            pool_size: 8,
            queue_length: 4096,
            batch_size: 128,
            statement_timeout: 5_000,
            cache_rows: 200_000,
        }
    }
}
