//! `[secrets]`: where the master key is.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The master key seals what the server must read back. It is never in the database nor in its backup.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Secrets {
    /// The key itself, 32 bytes in base64; meant for `GRANTOR__SECRETS__MASTER_KEY`.
    #[serde(skip_serializing)]
    pub master_key: Option<String>,
    /// A file with the key. Without either, SQLite keeps one beside the database file; PostgreSQL requires it.
    pub master_key_file: Option<PathBuf>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("master_key_file", &self.master_key_file).finish_non_exhaustive()
    }
}
