//! Bringing the tables up to date, and what is still to do. Blocks.

use crate::config::Config;
use crate::store::{StoreError, migrations};

/// Applies what is pending under a lock; the names of what was applied.
///
/// # Errors
/// The database's.
pub fn migrate(config: &Config) -> Result<Vec<String>, StoreError> {
    migrations::run(&config.database.url)
}

/// Names of what is pending.
///
/// # Errors
/// The database's.
pub fn pending(config: &Config) -> Result<Vec<String>, StoreError> {
    migrations::pending(&config.database.url)
}
