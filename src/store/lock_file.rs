//! One writing process at a time: an exclusive lock on a file beside the database.

use std::fs::{File, TryLockError};

use super::error::StoreError;

/// Held as long as the process may write. The lock goes with the process, whatever ends it; the file stays.
pub(super) struct LockFile {
    _file: File,
}

impl LockFile {
    /// Takes `PATH.lock`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when another process holds it or the directory refuses the file.
    pub(super) fn take(database: &str) -> Result<LockFile, StoreError> {
        let path = format!("{database}.lock");
        let unusable = |error: &dyn std::fmt::Display| StoreError::Unavailable(format!("{path}: {error}"));
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(|e| unusable(&e))?;
        match file.try_lock() {
            Ok(()) => Ok(LockFile { _file: file }),
            Err(TryLockError::WouldBlock) => Err(unusable(&"another grantor process uses this database")),
            Err(TryLockError::Error(error)) => Err(unusable(&error)),
        }
    }
}
