//! Why a token is not made or deleted, in words for the person at the form or the script.

use crate::flows::organizations::OrganizationRefusal;
use crate::store::StoreError;

/// Why not.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TokenRefusal {
    /// The operator lets no organization do it.
    #[error("On this server organizations make no registration tokens: ask whoever runs it for one.")]
    Closed,
    /// A token would open nothing.
    #[error("Registration is off: set registration.mode to \"initial_token\" first.")]
    Off,
    /// The text cannot be a name.
    #[error("Please give the token a name of 1 to 64 characters, so that you know later what it is for.")]
    Name,
    /// The end is in the past, or too far away.
    #[error("Please choose an end between now and ten years from now.")]
    Expiry,
    /// None, or more than anybody counts.
    #[error("A token registers 1 to {0} applications: please choose how many.")]
    Uses(i64),
    /// A token must not outlive the credential that makes it.
    #[error("A token or key that ends makes registration tokens that end no later than itself.")]
    Outlives,
    /// What an application made would outlive its authorization.
    #[error("Applications make and delete no registration tokens: sign in, or use a personal token or an API key.")]
    ByApplication,
    /// Enough.
    #[error("This organization has {0} registration tokens that still work. Please delete some that nobody uses.")]
    TooMany(i64),
    /// There is no such token.
    #[error("There is no such token.")]
    NotFound,
    /// The organization's own rules, and the store's.
    #[error(transparent)]
    Organization(#[from] OrganizationRefusal),
}

impl From<StoreError> for TokenRefusal {
    fn from(error: StoreError) -> Self {
        TokenRefusal::Organization(error.into())
    }
}
