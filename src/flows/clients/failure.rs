//! Why something cannot be done to a client; the text says what to do.

use super::registration::Problem;
use crate::store::{StoreError, Unmet};

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
    /// So many clients registered themselves that no more are taken.
    #[error("this server takes no more registrations for now: ask whoever runs it")]
    Full,
    /// The initial access token was used up, or ended, by the time it was needed.
    #[error("the initial access token is used up or has expired")]
    TokenSpent,
    /// It is not what it was when whoever changes it saw it.
    #[error("It has changed since you read it: read it again, then change it.")]
    NotAsSeen,
    /// The store has no answer.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ClientFailure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unmet(Unmet::NotAsSeen) => ClientFailure::NotAsSeen,
            StoreError::Unmet(overtaken @ Unmet::Overtaken) => ClientFailure::Conflict(overtaken.to_string()),
            error => ClientFailure::Store(error),
        }
    }
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
