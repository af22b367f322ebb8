//! How an authorization response travels (OAuth 2.0 Multiple Response Type Encoding Practices section 2.1).

use serde::{Deserialize, Serialize};

use super::response_type::ResponseType;

/// The way of the parameters back to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// In the fragment of the redirect URI.
    Fragment,
    /// In the body of a POST the browser makes (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// Every mode, as metadata lists them.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// The mode of that name; `None` for those not offered, `web_message` among them (A63).
    pub fn parse(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == value)
    }

    /// Whether the mode may carry this response: tokens never travel in a query, which is logged and sent on.
    pub const fn may_carry(self, response_type: ResponseType) -> bool {
        !matches!(self, Self::Query) || !response_type.is_front_channel()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        for mode in ResponseMode::ALL {
            assert_eq!(ResponseMode::parse(mode.as_str()), Some(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.as_str());
        }
        for unknown in ["web_message", "Query", "", "query.jwt", "query "] {
            assert_eq!(ResponseMode::parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_token_never_travels_in_a_query() {
        for front_channel in ResponseType::ALL.into_iter().filter(|one| *one != ResponseType::Code) {
            assert!(!ResponseMode::Query.may_carry(front_channel));
            assert!(ResponseMode::Fragment.may_carry(front_channel) && ResponseMode::FormPost.may_carry(front_channel));
        }
        assert!(ResponseMode::ALL.into_iter().all(|mode| mode.may_carry(ResponseType::Code)));
    }
}
