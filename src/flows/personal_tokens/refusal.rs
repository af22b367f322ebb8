//! Why a personal token is not made, in words for the person at the form or the script.

use crate::protocol::error::OAuthError;
use crate::store::StoreError;

/// Why not.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PersonalTokenRefusal {
    /// The text cannot be a name.
    #[error("Please give the token a name of 1 to 100 characters, so that you know later what it is for.")]
    Name,
    /// None are asked for.
    #[error("Please choose at least one scope: a token without any could do nothing.")]
    NoScopes,
    /// Nobody knows it.
    #[error("There is no scope {0:?} on this server.")]
    UnknownScope(String),
    /// Only administrators' tokens do these things.
    #[error("The scope {0} is for administrators of this server.")]
    AdministratorsOnly(String),
    /// A token must not make a stronger one (C23).
    #[error("A token makes tokens with its own scopes at most: {0} is beyond it.")]
    BeyondParent(String),
    /// A token must not make one that outlives it.
    #[error("A token that ends makes tokens that end no later than itself.")]
    OutlivesParent,
    /// What an application made would outlive its authorization.
    #[error("Applications do not make personal tokens: sign in, or use a personal token of yours.")]
    ByApplication,
    /// Whoever sits at the browser must have proven lately who they are.
    #[error("Please prove once more who you are: sign in again at /step-up and come back.")]
    StepUp,
    /// The end is in the past, or too far away.
    #[error("Please choose an end between now and ten years from now, or none.")]
    Expiry,
    /// Not a member, or it asks for proof first.
    #[error("You are not inside an organization {0:?}: join it, or sign in there first.")]
    Organization(String),
    /// Enough.
    #[error("You have {0} personal tokens. Please delete some that you no longer use.")]
    TooMany(i64),
    /// There is no such token.
    #[error("There is no such token.")]
    NotFound,
    /// The server cannot answer now.
    #[error("{0}")]
    Unavailable(OAuthError),
}

impl From<StoreError> for PersonalTokenRefusal {
    fn from(error: StoreError) -> Self {
        PersonalTokenRefusal::Unavailable(error.into())
    }
}
