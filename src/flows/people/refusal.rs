//! Why an account is not made or changed, in words for the person at the form or the command line.

use crate::app::throttle::RetryAfter;
use crate::crypto::password::Overloaded;
use crate::flows::password_policy::PasswordRefusal;
use crate::protocol::claim_rules::ClaimRefusal;
use crate::protocol::error::OAuthError;
use crate::store::{StoreError, Unmet};

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum PersonRefusal {
    /// The text cannot be a login.
    #[error("Please use 1 to 64 letters, digits and . _ @ + - for the user name.")]
    LoginMalformed,
    /// Somebody has it, in this spelling or another, or nobody may.
    #[error("This user name is not available. Please choose another one.")]
    LoginNotAvailable,
    /// The text cannot be a name.
    #[error("Please enter a name of at most 100 characters, without line breaks or invisible characters.")]
    NameMalformed,
    /// The text cannot be an e-mail address.
    #[error("Please enter an e-mail address such as name@example.com.")]
    EmailMalformed,
    /// The account has it already.
    #[error("This is one of your addresses already: it is in the list.")]
    AddressThere,
    /// The account has as many as it may have.
    #[error("You have {0} further addresses, and more are not possible: remove one first.")]
    TooManyAddresses(usize),
    /// A claim is not what it should be.
    #[error(transparent)]
    Claim(#[from] ClaimRefusal),
    /// The password may not be used for this account.
    #[error(transparent)]
    Password(#[from] PasswordRefusal),
    /// The current password is not the one that was given.
    #[error("This is not your current password.")]
    WrongPassword,
    /// There is no such account.
    #[error("There is no such account.")]
    NotFound,
    /// It changed again and again meanwhile.
    #[error("Somebody else is changing this account just now: look at it and try again.")]
    Changed,
    /// It is not what it was when whoever changes it saw it.
    #[error("It has changed since you read it: read it again, then change it.")]
    NotAsSeen,
    /// Nobody could administer the server any more.
    #[error(
        "This is the last administrator. Make another one first: `grantor user create LOGIN --admin` for somebody new, \
         `grantor user administrator LOGIN` for somebody with an account."
    )]
    LastAdministrator,
    /// Organizations would be without an owner.
    #[error(
        "This is the last {role} of {}. Make somebody else {role} first: `grantor org member role ORGANIZATION LOGIN \
         {role}`. Or delete the organization: `grantor org delete ORGANIZATION`. In an emergency: `grantor user disable LOGIN \
         --even-last-owner`.",
        .organizations.join(", ")
    )]
    LastOwner {
        /// The top role.
        role: String,
        /// Slugs.
        organizations: Vec<String>,
    },
    /// Organizations would have no owner any more: their names.
    #[error("You are the last owner of {0}. Make somebody else an owner there, or delete the organization, first.")]
    OwnsAlone(String),
    /// What has to be typed was not typed.
    #[error("Please type your user name exactly as it is written, so that nothing is deleted by accident.")]
    NotConfirmed,
    /// The server does not let people register.
    #[error("Registration is closed on this server.")]
    RegistrationClosed,
    /// The set-up link was used, replaced, or there are accounts already.
    #[error("This link was used before, or a newer one replaced it.")]
    LinkVoid,
    /// An organization manages the account.
    #[error("Your organization manages this account: it is changed there.")]
    Managed,
    /// Too many attempts.
    #[error("Too many attempts; please wait {} seconds.", .0.seconds())]
    Throttled(RetryAfter),
    /// The server cannot answer now.
    #[error("{0}")]
    Unavailable(OAuthError),
}

impl From<StoreError> for PersonRefusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unmet(Unmet::NotAsSeen) => PersonRefusal::NotAsSeen,
            StoreError::Unmet(Unmet::Overtaken) => PersonRefusal::Changed,
            error => PersonRefusal::Unavailable(error.into()),
        }
    }
}

impl From<Overloaded> for PersonRefusal {
    fn from(error: Overloaded) -> Self {
        PersonRefusal::Unavailable(error.into())
    }
}
