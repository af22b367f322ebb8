//! What a client asks of the authorization endpoint (RFC 6749 section 3.1.1).

use serde::{Deserialize, Serialize};

use super::response_mode::ResponseMode;

/// The response types this server can give; `token` only where a named switch allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// An authorization code (RFC 6749 section 4.1).
    Code,
    /// An access token, the implicit grant (RFC 6749 section 4.2).
    Token,
}

impl ResponseType {
    /// Every response type.
    pub const ALL: [Self; 2] = [Self::Code, Self::Token];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Token => "token",
        }
    }

    /// The response type of that name; `None` for all others, combinations included.
    pub fn parse(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == value)
    }

    /// The mode used when the request names none.
    pub const fn default_response_mode(self) -> ResponseMode {
        match self {
            Self::Code => ResponseMode::Query,
            Self::Token => ResponseMode::Fragment,
        }
    }
}

/// The mode an error travels in when the response type may be one this server does not give: the fragment for those
/// defined with tokens in the front channel, as their clients look there; the query for all others.
pub fn error_response_mode(response_type: Option<&str>) -> ResponseMode {
    let values: Vec<_> = response_type.unwrap_or_default().split(' ').collect();
    let defined = values.iter().all(|value| matches!(*value, "code" | "token" | "id_token"));
    match defined && values.iter().any(|value| *value != "code") {
        true => ResponseMode::Fragment,
        false => ResponseMode::Query,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        for known in ResponseType::ALL {
            assert_eq!(ResponseType::parse(known.as_str()), Some(known));
            assert_eq!(serde_json::to_value(known).unwrap(), known.as_str());
        }
        for unknown in ["", "Code", "code token", "id_token", "none", "code "] {
            assert_eq!(ResponseType::parse(unknown), None, "{unknown}");
        }
    }

    /// A07, S4, S5.
    #[test]
    fn an_error_travels_where_the_client_looks() {
        for fragment in ["token", "id_token", "id_token token", "token id_token", "code token", "code id_token token"] {
            assert_eq!(error_response_mode(Some(fragment)), ResponseMode::Fragment, "{fragment}");
        }
        for query in [None, Some(""), Some("code"), Some("foobar"), Some("token foobar"), Some("none"), Some("token ")]
        {
            assert_eq!(error_response_mode(query), ResponseMode::Query, "{query:?}");
        }
    }
}
