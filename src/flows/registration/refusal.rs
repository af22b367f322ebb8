//! Why nothing is registered, in the words of RFC 7591 section 3.2.2 and RFC 6750 section 3.1.

use crate::app::throttle::RetryAfter;
use crate::flows::clients::{ClientFailure, Problem};
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::store::StoreError;

const SPEC: &str = "RFC 7591 section 3.2.2";

/// Refusals of registration and of its management.
#[derive(Debug)]
pub enum RegistrationRefusal {
    /// No token where one is needed.
    Unauthenticated,
    /// A token that is none, or not for this.
    InvalidToken(Detail),
    /// Too many from one address.
    Throttled(RetryAfter),
    /// Everything else.
    Error(OAuthError),
}

impl RegistrationRefusal {
    /// A token that opens nothing here; the wire says no more.
    pub(super) fn token(hint: &'static str) -> RegistrationRefusal {
        RegistrationRefusal::InvalidToken(Detail::new("registration_token", "RFC 7592 section 2").hint(hint))
    }

    /// Metadata that is refused as a whole.
    pub(super) fn metadata(text: impl Into<String>) -> RegistrationRefusal {
        RegistrationRefusal::Error(OAuthError::new(ErrorCode::InvalidClientMetadata, printable(&text.into())))
    }

    /// Every problem found, by the code of the worst place.
    pub(super) fn problems(problems: &[Problem]) -> RegistrationRefusal {
        let uris = problems.iter().any(|problem| problem.field == "redirect_uris");
        let code = if uris { ErrorCode::InvalidRedirectUri } else { ErrorCode::InvalidClientMetadata };
        let told = problems.iter().map(|problem| format!("{}: {}", wire_name(problem.field), problem.message));
        let text = told.collect::<Vec<_>>().join("; ");
        let detail = Detail::new("registration_metadata", SPEC).hint(text.clone());
        RegistrationRefusal::Error(OAuthError::new(code, printable(&text)).with_detail(detail))
    }
}

impl From<StoreError> for RegistrationRefusal {
    fn from(error: StoreError) -> Self {
        RegistrationRefusal::Error(error.into())
    }
}

impl From<ClientFailure> for RegistrationRefusal {
    fn from(failure: ClientFailure) -> Self {
        match failure {
            ClientFailure::Metadata(problems) => RegistrationRefusal::problems(&problems),
            ClientFailure::Unknown(_) => RegistrationRefusal::token("the client is gone"),
            ClientFailure::TokenSpent => {
                RegistrationRefusal::token("the initial access token is used up or has expired")
            }
            failure @ (ClientFailure::Full | ClientFailure::Conflict(_) | ClientFailure::NotAsSeen) => {
                let text = printable(&failure.to_string());
                RegistrationRefusal::Error(OAuthError::new(ErrorCode::TemporarilyUnavailable, text))
            }
            ClientFailure::Store(error) => error.into(),
        }
    }
}

/// What the client called it.
fn wire_name(field: &'static str) -> &'static str {
    match field {
        "name" => "client_name",
        "authentication_method" | "kind" => "token_endpoint_auth_method",
        "scopes" => "scope",
        "homepage_url" => "client_uri",
        "privacy_url" => "policy_uri",
        "terms_url" => "tos_uri",
        "logo_url" => "logo_uri",
        other => other,
    }
}

/// The characters an `error_description` may have (RFC 6749 section 5.2), and not too many of them.
fn printable(text: &str) -> String {
    let plain = |character: char| match character {
        '"' | '\\' => '\'',
        ' '..='~' => character,
        _ => '?',
    };
    text.chars().map(plain).take(1000).collect()
}
