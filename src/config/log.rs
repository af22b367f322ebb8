//! `[log]`: what the log looks like.

use serde::{Deserialize, Serialize};

/// One line an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// The log goes to standard error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` or `json`.
    pub format: Format,
    /// A tracing filter, such as `info` or `grantor=debug,info`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Log { format: Format::Text, filter: "info".into() }
    }
}
