//! Why something cannot be done to a client; the text says what to do.

use super::registration::Problem;
use crate::store::StoreError;

/// Refusals of the stories in this folder.
#[derive(Debug, thiserror::Error)]
pub enum ClientFailure {
    /// No client has this identifier.
    #[error("no client has the client_id {0:?}: `grantor client list` shows them all")]
    Unknown(String),
    /// The metadata is not right; every problem found.
    #[error("{}", list(.0))]
    Metadata(Vec<Problem>),
    /// The client is in no state for it.
    #[error("{0}")]
    Conflict(String),
    /// The store has no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
