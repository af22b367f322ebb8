//! Why the API's door stays shut, in words for whoever wrote the script.

use crate::app::throttle::RetryAfter;
use crate::protocol::error::OAuthError;
use crate::store::StoreError;

/// Why not.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ApiRefusal {
    /// Nothing says who asks.
    #[error(
        "This needs a credential: `Authorization: Bearer` with a personal token, an access token or an API key, Basic \
         with an API key as user name and no password, or the session of a browser."
    )]
    NoCredential,
    /// Two say who asks.
    #[error("Send exactly one credential: this request has more than one Authorization header.")]
    TwoCredentials,
    /// A token in the address is logged, kept and passed on (RFC 6750 section 2.3).
    #[error("Tokens are not taken from the address: send `Authorization: Bearer` instead.")]
    InAddress,
    /// The header cannot be read.
    #[error("The Authorization header cannot be read: {0}.")]
    Malformed(&'static str),
    /// It opens nothing, for whatever reason.
    #[error("This credential opens nothing: {0}.")]
    InvalidToken(&'static str),
    /// A form or script of another site, or without the session's token.
    #[error(
        "A change by a browser's session carries the page's token in the header X-CSRF-Token and comes from this server's \
         own pages."
    )]
    Forged,
    /// It lacks the scope.
    #[error("This needs the scope {0}, which the credential does not have.")]
    InsufficientScope(&'static str),
    /// It is bound to one organization.
    #[error("This credential is bound to one organization and opens nothing else.")]
    Bound,
    /// An API key or a client speaks for no person.
    #[error("This is about a person's own account: use a personal token, an access token or a session.")]
    NoPerson,
    /// Too dangerous for anything that can lie around in a file.
    #[error("This is done by a person in a browser only, not by a token.")]
    SessionOnly,
    /// Only the organization's provider vouched for the session.
    #[error("Your organization's provider alone vouches for this session: sign in with your password first.")]
    LocalFactor,
    /// Proof is too old for a dangerous change.
    #[error("Please prove once more who you are: sign in again at /step-up and come back.")]
    StepUp,
    /// The organization asks for single sign-on: its slug.
    #[error("This organization asks for single sign-on: sign in at /login/{0} and try again.")]
    SsoRequired(String),
    /// The organization asks for single sign-on, and the token is bound to none: its slug.
    #[error(
        "This organization asks for single sign-on, and this token is not bound to it: sign in at /login/{0} and make a \
         token bound to this organization."
    )]
    TokenUnbound(String),
    /// An application's token that nobody bound to an organization.
    #[error(
        "An application gets into an organization only by what a member let it have there: register it with \
         organization_access, and let its people choose the organization."
    )]
    NotOrganizationLevel,
    /// Only administrators.
    #[error("Only administrators of this server may do this.")]
    NotAdministrator,
    /// The role does not carry it.
    #[error("Your role in this organization is {role}, which does not carry {needs}.")]
    Role {
        /// Of whoever acts.
        role: String,
        /// A scope.
        needs: &'static str,
    },
    /// There is nothing here, for whoever asks.
    #[error("There is nothing here.")]
    NotFound,
    /// It is about to be deleted.
    #[error("This organization is about to be deleted. Restore it first.")]
    PendingDeletion,
    /// A script of a site that may not.
    #[error("The origin {0} is not allowed for this credential.")]
    Origin(String),
    /// Too many requests.
    #[error("Too many requests; please wait {} seconds.", .0.seconds())]
    Throttled(RetryAfter),
    /// The server cannot answer now.
    #[error("{0}")]
    Unavailable(OAuthError),
}

impl From<StoreError> for ApiRefusal {
    fn from(error: StoreError) -> Self {
        ApiRefusal::Unavailable(error.into())
    }
}
