//! Why an upstream's answer is not taken: in words for whoever runs the provider.

use std::time::Duration;

use crate::app::App;
use crate::outbound::OutboundError;
use crate::outbound::documents::DocumentError;

/// Why not. The texts hold what the upstream said, never a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// The person, or the upstream, said no.
    #[error("the provider answered: {0}")]
    Denied(String),
    /// It cannot be reached, is too slow or is broken.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// What came back is not what the specifications ask for; somebody may have tampered with it.
    #[error("the provider's answer was refused: {0}")]
    Unacceptable(String),
    /// The account is genuine, but the organization's rules leave it out.
    #[error("{0}")]
    NotAllowed(String),
    /// A new sign-in was asked for, and this one is old (OpenID Connect Core section 3.1.2.1, `prompt`, `max_age`).
    #[error("the provider did not ask for a new sign-in")]
    NotRecent,
    /// A new sign-in was asked for, and nobody can tell how old this one is.
    #[error("the provider does not tell when the person signed in there: its ID token has no auth_time")]
    NoAuthTime,
    /// The settings cannot work.
    #[error("{0}")]
    Settings(String),
}

impl UpstreamError {
    /// The same with where it happened.
    #[must_use]
    pub fn at(self, place: &str) -> UpstreamError {
        match self {
            UpstreamError::Unreachable(text) => UpstreamError::Unreachable(format!("{place}: {text}")),
            UpstreamError::Unacceptable(text) => UpstreamError::Unacceptable(format!("{place}: {text}")),
            other => other,
        }
    }
}

impl From<OutboundError> for UpstreamError {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::NoAnswer(_) => UpstreamError::Unreachable(error.to_string()),
            OutboundError::Forbidden(_) | OutboundError::TooLong => UpstreamError::Unacceptable(error.to_string()),
        }
    }
}

impl From<DocumentError> for UpstreamError {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Outbound(error) => error.into(),
            DocumentError::Status(_) => UpstreamError::Unreachable(error.to_string()),
        }
    }
}

/// Awaits an upstream within `outbound.timeout`, whatever number of calls it takes: a slow one holds up nobody else.
///
/// # Errors
/// The upstream's, or [`UpstreamError::Unreachable`] when time is up.
pub async fn in_time<T>(app: &App, work: impl Future<Output = Result<T, UpstreamError>>) -> Result<T, UpstreamError> {
    let limit = Duration::from_secs(app.config.outbound.timeout);
    let late = |_| UpstreamError::Unreachable(format!("it took longer than {} seconds", limit.as_secs()));
    tokio::time::timeout(limit, work).await.map_err(late)?
}
