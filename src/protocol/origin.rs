//! The web origins of a client that may call from a browser (RFC 6454, Fetch). Exact ones only (A09, C72).

use serde::{Deserialize, Serialize};
use url::Url;

use super::uri;

/// A web origin in its ASCII serialization: `https://app.test`, `http://localhost:3000`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AllowedOrigin(String);

/// Why a text cannot be registered as an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginRefusal {
    /// Not `scheme://host` or `scheme://host:port`: a path, a wildcard, `null`, user information, spaces.
    #[error("an origin is a scheme, a host and perhaps a port, such as https://app.example.com, without wildcards")]
    Grammar,
    /// Neither `https` nor `http` on this machine.
    #[error("an origin uses https; http only for 127.0.0.1, [::1] and localhost")]
    Insecure,
}

impl AllowedOrigin {
    /// Reads an origin and brings it to the form browsers send: lower case, punycode, no default port.
    ///
    /// # Errors
    /// See [`OriginRefusal`].
    pub fn parse(text: &str) -> Result<Self, OriginRefusal> {
        let parts = uri::split(text);
        let bare = parts.path.is_empty() && parts.query.is_none() && parts.fragment.is_none();
        let odd = |character: char| character.is_whitespace() || character.is_control() || "@*\\%,".contains(character);
        if !bare || parts.host().is_empty() || parts.port() == Some("") || text.contains(odd) {
            return Err(OriginRefusal::Grammar);
        }
        let url = Url::parse(text).map_err(|_| OriginRefusal::Grammar)?;
        match (url.scheme(), url.host_str()) {
            ("https", Some(_)) => Ok(Self(url.origin().ascii_serialization())),
            ("http", Some("localhost" | "127.0.0.1" | "[::1]")) => Ok(Self(url.origin().ascii_serialization())),
            _ => Err(OriginRefusal::Insecure),
        }
    }

    /// Whether an `Origin` header is this origin, byte for byte as browsers send it.
    pub fn matches(&self, header: &str) -> bool {
        self.0 == header
    }

    /// The origin in its ASCII serialization.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an `Origin` header is one of the registered origins; those that could not be registered match nothing.
pub fn is_allowed(registered: &[String], header: &str) -> bool {
    registered.iter().filter_map(|text| AllowedOrigin::parse(text).ok()).any(|origin| origin.matches(header))
}

impl TryFrom<String> for AllowedOrigin {
    type Error = OriginRefusal;

    fn try_from(text: String) -> Result<Self, OriginRefusal> {
        Self::parse(&text)
    }
}

impl From<AllowedOrigin> for String {
    fn from(origin: AllowedOrigin) -> Self {
        origin.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_in_the_form_browsers_send() {
        for (text, expected) in [
            ("https://app.test", "https://app.test"),
            ("https://App.Test:443", "https://app.test"),
            ("https://app.test:8443", "https://app.test:8443"),
            ("https://b\u{fc}cher.test", "https://xn--bcher-kva.test"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://[::1]:5", "http://[::1]:5"),
        ] {
            assert_eq!(AllowedOrigin::parse(text).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn only_exact_web_origins_can_be_registered() {
        for text in [
            "",
            "null",
            "*",
            "https://*",
            "https://*.app.test",
            "app.test",
            "//app.test",
            "https://app.test/",
            "https:app.test",
            "https://app.test/x",
            "https://app.test?",
            "https://app.test#",
            "https://u@app.test",
            "https://app.test:",
            "https://",
            "https:///app.test",
            " https://app.test",
            "https://app.test\n",
            "https://app.test\\x",
            "https://a.test,https://b.test",
            "https://app.test:99999",
        ] {
            assert_eq!(AllowedOrigin::parse(text), Err(OriginRefusal::Grammar), "{text:?}");
        }
        for text in ["http://app.test", "ftp://app.test", "file://x", "ws://localhost"] {
            assert_eq!(AllowedOrigin::parse(text), Err(OriginRefusal::Insecure), "{text}");
        }
    }

    /// A09, C72.
    #[test]
    fn an_origin_matches_itself_and_nothing_that_looks_like_it() {
        let registered = ["https://grantor.test".to_owned(), "null".to_owned(), "*".to_owned()];
        assert!(is_allowed(&registered, "https://grantor.test"));
        for header in [
            "null",
            "*",
            "",
            "https://evilgrantor.test",
            "https://grantor.test.evil.test",
            "https://x.grantor.test",
            "http://grantor.test",
            "https://grantor.test:8443",
            "https://grantor.test/",
            "https://GRANTOR.test",
        ] {
            assert!(!is_allowed(&registered, header), "{header}");
        }
        assert!(!is_allowed(&[], "https://grantor.test"));
    }
}
