//! The issuer identifier: one exact string, everywhere (RFC 8414 section 2, RFC 9207 section 2).

use serde::{Deserialize, Serialize};
use url::Url;

use super::uri;

/// This server's issuer identifier, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Issuer(String);

/// Why a text cannot be the issuer; the server does not start (A62).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerRefusal {
    /// Not an absolute URL.
    #[error("the issuer is not a URL")]
    NotUrl,
    /// Neither `https` nor `http` on this machine.
    #[error("the issuer uses https; http only for 127.0.0.1, [::1] and localhost")]
    Insecure,
    /// A query, a fragment, or a user name.
    #[error("the issuer has no query, fragment, user name or password")]
    Extra,
    /// Clients compare the issuer as text, so it is written in the one form every URL library agrees on.
    #[error("the issuer is written in its plain form: {0}")]
    NotPlain(String),
}

impl Issuer {
    /// Reads an issuer. One slash at the end is dropped.
    ///
    /// # Errors
    /// See [`IssuerRefusal`].
    pub fn parse(text: &str) -> Result<Self, IssuerRefusal> {
        let parts = uri::split(text);
        let url = Url::parse(text).map_err(|_| IssuerRefusal::NotUrl)?;
        match (url.scheme(), url.host_str()) {
            ("https", Some(_)) | ("http", Some("localhost" | "127.0.0.1" | "[::1]")) => {}
            ("https", None) => return Err(IssuerRefusal::NotUrl),
            _ => return Err(IssuerRefusal::Insecure),
        }
        if parts.query.is_some() || parts.fragment.is_some() || parts.userinfo().is_some() {
            return Err(IssuerRefusal::Extra);
        }
        let without_slash = |text: &str| text.strip_suffix('/').unwrap_or(text).to_owned();
        let (given, plain) = (without_slash(text), without_slash(url.as_str()));
        let odd_path = url.path().trim_start_matches('/') != url.path().get(1..).unwrap_or_default()
            || given.ends_with('/')
            || url.path().contains("//")
            || url.path().contains([';', '%']);
        match given == plain && !odd_path {
            true => Ok(Self(given)),
            false => Err(IssuerRefusal::NotPlain(plain.replace(url.path(), url.path().trim_end_matches('/')))),
        }
    }

    /// The identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of an endpoint; `path` starts with a slash.
    pub fn endpoint(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The issuer's own path: empty, or starting with a slash and not ending with one.
    pub fn path(&self) -> &str {
        uri::split(&self.0).path
    }

    /// The path of a well-known document, inserted before the issuer's path (RFC 8414 section 3.1).
    pub fn well_known_inserted(&self, name: &str) -> String {
        format!("/.well-known/{name}{}", self.path())
    }

    /// The path of a well-known document, appended to the issuer's path (OpenID Connect Discovery section 4).
    pub fn well_known_appended(&self, name: &str) -> String {
        format!("{}/.well-known/{name}", self.path())
    }

    /// The host, without its port; an IPv6 address has its brackets.
    pub fn host(&self) -> &str {
        let origin = self.origin();
        let host = origin.split_once("://").map_or(origin, |(_, host)| host);
        match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        }
    }

    /// The web origin: scheme, host and port.
    pub fn origin(&self) -> &str {
        self.0.strip_suffix(self.path()).unwrap_or(&self.0)
    }

    /// Whether it is `https`, so that cookies may be `Secure`.
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl std::fmt::Display for Issuer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for Issuer {
    type Error = IssuerRefusal;

    fn try_from(text: String) -> Result<Self, IssuerRefusal> {
        Self::parse(&text)
    }
}

impl From<Issuer> for String {
    fn from(issuer: Issuer) -> Self {
        issuer.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_one_exact_string() {
        for (text, expected, path, origin, secure) in [
            ("https://as.test", "https://as.test", "", "https://as.test", true),
            ("https://as.test/", "https://as.test", "", "https://as.test", true),
            ("https://as.test:8443/t/a/", "https://as.test:8443/t/a", "/t/a", "https://as.test:8443", true),
            ("http://localhost:8080", "http://localhost:8080", "", "http://localhost:8080", false),
            ("http://[::1]:1/x", "http://[::1]:1/x", "/x", "http://[::1]:1", false),
        ] {
            let issuer = Issuer::parse(text).unwrap();
            assert_eq!(
                (issuer.as_str(), issuer.path(), issuer.origin(), issuer.is_secure()),
                (expected, path, origin, secure)
            );
        }
    }

    /// A62.
    #[test]
    fn an_issuer_others_could_read_differently_is_refused() {
        use IssuerRefusal as R;
        for text in ["http://as.test", "http://127.0.0.1.as.test", "ftp://as.test", "http://10.0.0.1"] {
            assert_eq!(Issuer::parse(text), Err(R::Insecure), "{text}");
        }
        for text in
            ["https://as.test?", "https://as.test/?x", "https://as.test#", "https://u@as.test", "https://u:p@as.test/"]
        {
            assert_eq!(Issuer::parse(text), Err(R::Extra), "{text}");
        }
        for text in [
            "https://AS.test",
            "HTTPS://as.test",
            "https://as.test:443",
            "https:as.test",
            "https:///as.test",
            "https://as.test//",
            "https://as.test/a/../b",
            "https://as.test/a//b",
            "https://as.test/a;b",
            "https://as.test/%61",
            "https://as.test\\a",
            " https://as.test",
            "https://b\u{fc}cher.test",
        ] {
            assert!(matches!(Issuer::parse(text), Err(R::NotPlain(_))), "{text}: {:?}", Issuer::parse(text));
        }
        for text in ["", "as.test", "/as", "https://"] {
            assert_eq!(Issuer::parse(text), Err(R::NotUrl), "{text}");
        }
        assert_eq!(Issuer::parse("https://AS.test/a/"), Err(R::NotPlain("https://as.test/a".to_owned())));
    }

    /// A62: both well-known forms.
    #[test]
    fn endpoints_and_documents_follow_the_issuers_path() {
        let rooted = Issuer::parse("https://as.test").unwrap();
        let tenant = Issuer::parse("https://as.test/t").unwrap();
        assert_eq!(rooted.endpoint("/oauth/token"), "https://as.test/oauth/token");
        assert_eq!(tenant.endpoint("/oauth/token"), "https://as.test/t/oauth/token");
        assert_eq!(rooted.well_known_inserted("x"), "/.well-known/x");
        assert_eq!(rooted.well_known_appended("x"), "/.well-known/x");
        assert_eq!(tenant.well_known_inserted("x"), "/.well-known/x/t");
        assert_eq!(tenant.well_known_appended("x"), "/t/.well-known/x");
    }
}
