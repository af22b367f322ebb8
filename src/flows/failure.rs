//! What a store that has no answer becomes on the wire: 503 where a retry may help, else a mute `server_error`;
//! and what came too late is refused.

use crate::crypto::password::Overloaded;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::store::{StoreError, Unmet};

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> OAuthError {
        match error {
            StoreError::QueueFull | StoreError::Unavailable(_) | StoreError::CommitUnknown => {
                tracing::warn!(%error, "the store has no answer");
                OAuthError::new(ErrorCode::TemporarilyUnavailable, "the server is busy, try again")
            }
            StoreError::Internal(_) => {
                tracing::error!(%error, "the store failed");
                OAuthError::new(ErrorCode::ServerError, "")
            }
            StoreError::Unmet(Unmet::Credential) => OAuthError::new(ErrorCode::InvalidToken, error.to_string()),
            StoreError::Unmet(Unmet::NotAsSeen | Unmet::Overtaken) => {
                OAuthError::new(ErrorCode::InvalidRequest, error.to_string())
            }
        }
    }
}

impl From<Overloaded> for OAuthError {
    fn from(_: Overloaded) -> OAuthError {
        OAuthError::new(ErrorCode::TemporarilyUnavailable, "too many people are signing in, try again")
    }
}
