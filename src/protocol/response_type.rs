//! What a client asks of the authorization endpoint (RFC 6749 section 3.1.1).

use serde::{Deserialize, Serialize};

use super::response_mode::ResponseMode;

/// The response types this server can give; those with tokens in the front channel only where a named switch allows them
/// (OAuth 2.0 Multiple Response Type Encoding Practices sections 3 and 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ResponseType {
    /// An authorization code (RFC 6749 section 4.1).
    #[serde(rename = "code")]
    Code,
    /// An access token, the implicit grant (RFC 6749 section 4.2).
    #[serde(rename = "token")]
    Token,
    /// An ID token (OpenID Connect Core section 3.2).
    #[serde(rename = "id_token")]
    IdToken,
    /// Both, the OpenID implicit flow.
    #[serde(rename = "id_token token")]
    IdTokenToken,
    /// A code and an ID token (OpenID Connect Core section 3.3).
    #[serde(rename = "code id_token")]
    CodeIdToken,
    /// A code and an access token.
    #[serde(rename = "code token")]
    CodeToken,
    /// All three.
    #[serde(rename = "code id_token token")]
    CodeIdTokenToken,
}

impl ResponseType {
    /// Every response type.
    pub const ALL: [Self; 7] = [
        Self::Code,
        Self::Token,
        Self::IdToken,
        Self::IdTokenToken,
        Self::CodeIdToken,
        Self::CodeToken,
        Self::CodeIdTokenToken,
    ];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Token => "token",
            Self::IdToken => "id_token",
            Self::IdTokenToken => "id_token token",
            Self::CodeIdToken => "code id_token",
            Self::CodeToken => "code token",
            Self::CodeIdTokenToken => "code id_token token",
        }
    }

    /// The response type of these space-separated values, in any order (RFC 6749 section 3.1.1); each once.
    pub fn parse(value: &str) -> Option<Self> {
        let sorted = |text: &str| {
            let mut values: Vec<_> = text.split(' ').map(str::to_owned).collect();
            values.sort();
            values
        };
        let asked = sorted(value);
        Self::ALL.into_iter().find(|known| sorted(known.as_str()) == asked)
    }

    /// Whether a code is given.
    pub const fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeIdToken | Self::CodeToken | Self::CodeIdTokenToken)
    }

    /// Whether an access token is given in the front channel.
    pub const fn has_token(self) -> bool {
        matches!(self, Self::Token | Self::IdTokenToken | Self::CodeToken | Self::CodeIdTokenToken)
    }

    /// Whether an ID token is given in the front channel.
    pub const fn has_id_token(self) -> bool {
        matches!(self, Self::IdToken | Self::IdTokenToken | Self::CodeIdToken | Self::CodeIdTokenToken)
    }

    /// Whether any token travels through the browser's address.
    pub const fn is_front_channel(self) -> bool {
        self.has_token() || self.has_id_token()
    }

    /// The mode used when the request names none.
    pub const fn default_response_mode(self) -> ResponseMode {
        match self {
            Self::Code => ResponseMode::Query,
            _ => ResponseMode::Fragment,
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
        for unknown in ["", "Code", "none", "code ", " code", "code code", "code  token", "code none"] {
            assert_eq!(ResponseType::parse(unknown), None, "{unknown}");
        }
        assert_eq!(ResponseType::parse("token code id_token"), Some(ResponseType::CodeIdTokenToken), "in any order");
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
