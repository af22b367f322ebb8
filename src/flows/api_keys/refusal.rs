//! Why a key is not made or changed, in words for the person at the form or the script.

use crate::flows::organizations::OrganizationRefusal;
use crate::store::StoreError;

/// Why not.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ApiKeyRefusal {
    /// The text cannot be a label.
    #[error("Please give the key a label of 1 to 64 characters, so that you know later what it is for.")]
    Label,
    /// Nobody knows it.
    #[error("There is no scope {0:?} on this server.")]
    UnknownScope(String),
    /// A key is nobody's account.
    #[error("The scope {0} is about a person's account or the whole server: no key of an organization has it.")]
    NotForKeys(String),
    /// A key must not be stronger than whoever makes it (C23).
    #[error(
        "You can put into a key what your role here carries, and with a token or key what that carries: {0} is beyond."
    )]
    Beyond(String),
    /// A key must not outlive the credential that makes it.
    #[error("A token or key that ends makes keys that end no later than itself.")]
    Outlives,
    /// What an application made would outlive its authorization.
    #[error("Applications make, change and delete no API keys: sign in, or use a personal token or an API key.")]
    ByApplication,
    /// No pattern of origins.
    #[error("{0:?} is no origin: {1}.")]
    Origin(String, String),
    /// More than anybody reads.
    #[error("Please list at most {0} origins.")]
    TooManyOrigins(usize),
    /// The end is in the past, or too far away.
    #[error("Please choose an end between now and ten years from now, or none.")]
    Expiry,
    /// No such policy.
    #[error("The policy towards single sign-on is exempt or creator.")]
    Policy,
    /// There is no membership to follow.
    #[error("Only a key that a member made can follow a member: choose exempt.")]
    NobodyToFollow,
    /// The acting key follows somebody, and so must what it makes.
    #[error("A key that follows its maker makes keys that follow the same person.")]
    MustFollow,
    /// No such status.
    #[error("A key is active or inactive.")]
    Status,
    /// Enough.
    #[error("This organization has {0} keys. Please delete some that nobody uses.")]
    TooMany(i64),
    /// There is no such key.
    #[error("There is no such key.")]
    NotFound,
    /// The organization's own rules.
    #[error(transparent)]
    Organization(#[from] OrganizationRefusal),
}

impl From<StoreError> for ApiKeyRefusal {
    fn from(error: StoreError) -> Self {
        ApiKeyRefusal::Organization(error.into())
    }
}
