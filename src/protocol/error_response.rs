//! A refusal as a client sees it: the JSON body of RFC 6749 section 5.2 or the parameters of section 4.1.2.1.

use serde::Serialize;

use super::error::OAuthError;

/// The wire form of a refusal: the same members in JSON and on a redirect. The detail stays behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorResponse {
    /// The code.
    pub error: &'static str,
    /// The description, and the reference in brackets when there is one; omitted when both are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}

impl ErrorResponse {
    /// The parameters of a redirect, in order; `state` and `iss` are the caller's to add.
    pub fn parameters(&self) -> Vec<(&'static str, &str)> {
        let description = self.error_description.as_deref().map(|text| ("error_description", text));
        std::iter::once(("error", self.error)).chain(description).collect()
    }
}

impl From<&OAuthError> for ErrorResponse {
    fn from(error: &OAuthError) -> Self {
        let parts = [
            Some(error.description.to_string()).filter(|text| !text.is_empty()),
            error.reference.as_ref().map(|reference| format!("(reference {reference})")),
        ];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Self { error: error.code.as_str(), error_description: Some(text).filter(|text| !text.is_empty()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::error::{Detail, ErrorCode};

    #[test]
    fn the_detail_never_reaches_the_wire_but_its_reference_does() {
        let error = OAuthError::new(ErrorCode::InvalidGrant, "the code is not valid")
            .with_detail(Detail::new("code_expired", "RFC 6749 section 5.2").received("secretive"))
            .with_reference("R7K2");
        let body = serde_json::to_string(&ErrorResponse::from(&error)).unwrap();
        assert_eq!(body, r#"{"error":"invalid_grant","error_description":"the code is not valid (reference R7K2)"}"#);
    }

    /// S15: a denial is exactly `error=access_denied`.
    #[test]
    fn an_error_without_description_is_the_code_alone() {
        let response = ErrorResponse::from(&OAuthError::new(ErrorCode::AccessDenied, ""));
        assert_eq!(response.parameters(), [("error", "access_denied")]);
        assert_eq!(serde_json::to_string(&response).unwrap(), r#"{"error":"access_denied"}"#);
    }
}
