//! Why a person's application is not made or changed, in words for the person at the form or the script.

use crate::flows::clients::{ClientFailure, Problem};
use crate::protocol::error::OAuthError;
use crate::store::StoreError;

/// Why not.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ApplicationRefusal {
    /// `clients.registration` is `nobody`.
    #[error("Applications are registered by whoever runs this server: ask them.")]
    Closed,
    /// `clients.registration` is `staff`.
    #[error("Applications are registered by administrators of this server: ask one of them.")]
    StaffOnly,
    /// What an application does here, its authorization may be taken back for; another application it made stays.
    #[error("Applications do not make or change applications: sign in, or use a personal token of yours.")]
    ByApplication,
    /// Whoever sits at the browser must have proven lately who they are.
    #[error("Please prove once more who you are: sign in again at /step-up and come back.")]
    StepUp,
    /// The operator's file says what it is.
    #[error("This application is declared in a file of whoever runs this server ({0}): it is changed there.")]
    Declared(String),
    /// It waits for its deletion.
    #[error("{0} is about to be deleted. Restore it first.")]
    PendingDeletion(String),
    /// Every member that is wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Fields(Vec<Problem>),
    /// It is in no state for it.
    #[error("{0}")]
    Conflict(String),
    /// It is not what it was when whoever changes it saw it.
    #[error("It has changed since you read it: read it again, then change it.")]
    NotAsSeen,
    /// There is no such application, or it is somebody else's.
    #[error("There is no such application.")]
    NotFound,
    /// The server cannot answer now.
    #[error("{0}")]
    Unavailable(OAuthError),
}

impl From<StoreError> for ApplicationRefusal {
    fn from(error: StoreError) -> Self {
        ApplicationRefusal::Unavailable(error.into())
    }
}

impl From<ClientFailure> for ApplicationRefusal {
    fn from(failure: ClientFailure) -> Self {
        match failure {
            ClientFailure::Unknown(_) => ApplicationRefusal::NotFound,
            ClientFailure::Metadata(problems) => ApplicationRefusal::Fields(problems),
            ClientFailure::Conflict(text) => ApplicationRefusal::Conflict(text),
            // Of clients that register themselves.
            full @ (ClientFailure::Full | ClientFailure::TokenSpent) => ApplicationRefusal::Conflict(full.to_string()),
            ClientFailure::NotAsSeen => ApplicationRefusal::NotAsSeen,
            ClientFailure::Store(error) => error.into(),
        }
    }
}
