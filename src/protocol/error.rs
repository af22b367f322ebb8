//! OAuth error codes and refusals. A refusal has two texts: `description` goes on the wire, `detail` is for those
//! who may see why (the client's owner, the operator).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// An `error` value, with the RFC that defines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750 section 3.1.
    InvalidRequest,
    /// RFC 6749 section 5.2.
    InvalidClient,
    /// RFC 6749 section 5.2.
    InvalidGrant,
    /// RFC 6749 sections 4.1.2.1 and 5.2.
    UnauthorizedClient,
    /// RFC 6749 section 5.2.
    UnsupportedGrantType,
    /// RFC 6749 section 4.1.2.1.
    UnsupportedResponseType,
    /// RFC 6749 sections 4.1.2.1 and 5.2.
    InvalidScope,
    /// RFC 6749 section 4.1.2.1.
    AccessDenied,
    /// RFC 6749 section 4.1.2.1.
    ServerError,
    /// RFC 6749 section 4.1.2.1.
    TemporarilyUnavailable,
    /// RFC 6750 section 3.1.
    InvalidToken,
    /// RFC 6750 section 3.1.
    InsufficientScope,
    /// RFC 7009 section 2.2.1.
    UnsupportedTokenType,
    /// RFC 7591 section 3.2.2.
    InvalidRedirectUri,
    /// RFC 7591 section 3.2.2.
    InvalidClientMetadata,
    /// RFC 8707 section 2.
    InvalidTarget,
    /// OpenID Connect Core section 3.1.2.6.
    LoginRequired,
    /// OpenID Connect Core section 3.1.2.6.
    InteractionRequired,
    /// OpenID Connect Core section 3.1.2.6.
    ConsentRequired,
    /// OpenID Connect Core section 3.1.2.6.
    AccountSelectionRequired,
    /// OpenID Connect Core section 3.1.2.6.
    RequestNotSupported,
    /// OpenID Connect Core section 3.1.2.6.
    RequestUriNotSupported,
    /// OpenID Connect Core section 3.1.2.6.
    RegistrationNotSupported,
    /// RFC 9101 section 7.
    InvalidRequestUri,
    /// RFC 9101 section 7.
    InvalidRequestObject,
    /// OpenID Connect Core Error Code unmet_authentication_requirements 1.0.
    UnmetAuthenticationRequirements,
}

impl ErrorCode {
    /// Every code, in the order of the RFCs.
    pub const ALL: [Self; 26] = [
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::UnauthorizedClient,
        Self::UnsupportedGrantType,
        Self::UnsupportedResponseType,
        Self::InvalidScope,
        Self::AccessDenied,
        Self::ServerError,
        Self::TemporarilyUnavailable,
        Self::InvalidToken,
        Self::InsufficientScope,
        Self::UnsupportedTokenType,
        Self::InvalidRedirectUri,
        Self::InvalidClientMetadata,
        Self::InvalidTarget,
        Self::LoginRequired,
        Self::InteractionRequired,
        Self::ConsentRequired,
        Self::AccountSelectionRequired,
        Self::RequestNotSupported,
        Self::RequestUriNotSupported,
        Self::RegistrationNotSupported,
        Self::InvalidRequestUri,
        Self::InvalidRequestObject,
        Self::UnmetAuthenticationRequirements,
    ];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::InvalidTarget => "invalid_target",
            Self::LoginRequired => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::ConsentRequired => "consent_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
        }
    }

    /// The HTTP status where the answer is not a redirect: the one list from code to status.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken => 401,
            Self::InsufficientScope => 403,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

/// A refusal: the code and description a client sees, the detail its owner may see.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", code.as_str())]
pub struct OAuthError {
    /// The `error` value.
    pub code: ErrorCode,
    /// The `error_description` value, within the character set of RFC 6749 section 5.2. May be empty.
    pub description: Cow<'static, str>,
    /// What failed, for those who may know. Never holds a secret.
    pub detail: Option<Box<Detail>>,
    /// The name under which the detail is kept, shown on the wire and on the page.
    pub reference: Option<String>,
}

impl OAuthError {
    /// A refusal without detail. Characters RFC 6749 section 5.2 does not allow in a description are replaced.
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: wire_text(description.into()), detail: None, reference: None }
    }

    /// The same refusal with what failed.
    #[must_use]
    pub fn with_detail(self, detail: Detail) -> Self {
        Self { detail: Some(Box::new(detail)), ..self }
    }

    /// The same refusal with the name its detail is kept under.
    #[must_use]
    pub fn with_reference(self, reference: impl Into<String>) -> Self {
        Self { reference: Some(reference.into()), ..self }
    }

    /// The HTTP status where the answer is not a redirect.
    pub const fn status(&self) -> u16 {
        self.code.status()
    }
}

/// Why a request was refused, as `grantor explain` and the client's page tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// The rule that failed, a stable name such as `redirect_uri_not_registered`.
    pub rule: Cow<'static, str>,
    /// The value received, shortened. Never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<String>,
    /// The registered or allowed value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Where the rule is written, such as `RFC 6749 section 4.1.2.1`.
    pub spec: Cow<'static, str>,
    /// What to do about it, or what the difference is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Cow<'static, str>>,
}

impl Detail {
    /// A detail that names only the rule and where it is written.
    pub fn new(rule: &'static str, spec: &'static str) -> Self {
        Self { rule: Cow::Borrowed(rule), received: None, expected: None, spec: Cow::Borrowed(spec), hint: None }
    }

    /// With the value received.
    #[must_use]
    pub fn received(self, value: impl Into<String>) -> Self {
        Self { received: Some(shortened(value.into())), ..self }
    }

    /// With the registered or allowed value.
    #[must_use]
    pub fn expected(self, value: impl Into<String>) -> Self {
        Self { expected: Some(shortened(value.into())), ..self }
    }

    /// With what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Keeps a stranger's value from filling the place the details are kept in.
fn shortened(mut value: String) -> String {
    use super::limits::MAX_DETAIL_VALUE;
    if value.len() > MAX_DETAIL_VALUE {
        value.truncate(value.floor_char_boundary(MAX_DETAIL_VALUE));
        value.push('\u{2026}');
    }
    value
}

/// RFC 6749 section 5.2: `%x20-21 / %x23-5B / %x5D-7E`.
fn wire_text(text: Cow<'static, str>) -> Cow<'static, str> {
    let allowed = |character: char| matches!(character, ' '..='~') && character != '"' && character != '\\';
    if text.chars().all(allowed) {
        return text;
    }
    let replaced = |character| match character {
        '"' => '\'',
        '\\' => '/',
        other if allowed(other) => other,
        _ => '?',
    };
    Cow::Owned(text.chars().map(replaced).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_listed_once_and_has_a_status() {
        let names: std::collections::BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            let expected = match code.as_str() {
                "invalid_client" | "invalid_token" => 401,
                "insufficient_scope" => 403,
                "server_error" => 500,
                "temporarily_unavailable" => 503,
                _ => 400,
            };
            assert_eq!(code.status(), expected, "{}", code.as_str());
        }
    }

    #[test]
    fn a_description_keeps_to_the_character_set_of_the_wire() {
        let error = OAuthError::new(ErrorCode::InvalidScope, "unknown \"sc\u{f6}pe\" a\\b\r\nX");
        assert_eq!(error.description, "unknown 'sc?pe' a/b??X");
        assert_eq!(error.to_string(), "invalid_scope: unknown 'sc?pe' a/b??X");
        assert!(matches!(OAuthError::new(ErrorCode::ServerError, "as it is").description, Cow::Borrowed("as it is")));
    }

    #[test]
    fn a_detail_survives_storage() {
        let detail = Detail::new("scope_unknown", "RFC 6749 section 3.3")
            .received("foo")
            .expected("org:read")
            .hint("ask for a scope of the catalogue");
        let text = serde_json::to_string(&detail).unwrap();
        assert_eq!(serde_json::from_str::<Detail>(&text).unwrap(), detail);
        let bare = Detail::new("a", "b");
        assert_eq!(serde_json::to_string(&bare).unwrap(), r#"{"rule":"a","spec":"b"}"#);
        assert_eq!(serde_json::from_str::<Detail>(r#"{"rule":"a","spec":"b"}"#).unwrap(), bare);
    }

    #[test]
    fn a_long_value_is_cut_at_a_character() {
        let received = Detail::new("a", "b").received("\u{e9}".repeat(400)).received.unwrap();
        assert_eq!(received, format!("{}\u{2026}", "\u{e9}".repeat(256)));
    }
}
