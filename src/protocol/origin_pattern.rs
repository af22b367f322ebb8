//! Patterns of web origins for API keys: `*`, `https://app.test`, `app.test`, `app.test:8443`, `*.app.test`, `*:8443`.
//! Compared part by part, never as text ends: `evilapp.test` is no `*.app.test` (C72).

use url::Url;

use super::uri;

/// Why a text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin is *, a host such as app.example.com, *.example.com, host:port, or one with https:// before it")]
pub struct NoPattern;

/// A checked pattern in its one spelling.
///
/// # Errors
/// [`NoPattern`].
pub fn normalize(text: &str) -> Result<String, NoPattern> {
    let pattern = Pattern::parse(text).ok_or(NoPattern)?;
    let mut out = String::new();
    if let Some(scheme) = &pattern.scheme {
        out.push_str(scheme);
        out.push_str("://");
    }
    out.push_str(&pattern.host.text());
    if let Some(port) = pattern.port {
        out.push_str(&format!(":{port}"));
    }
    Ok(out)
}

/// Whether an `Origin` header is one that some pattern names; `null` is nobody's, whatever the patterns.
pub fn any_matches(patterns: &[String], header: &str) -> bool {
    let Some(origin) = Origin::parse(header) else { return false };
    patterns.iter().filter_map(|text| Pattern::parse(text)).any(|pattern| pattern.matches(&origin))
}

struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    fn parse(header: &str) -> Option<Origin> {
        let parts = uri::split(header);
        let bare = parts.path.is_empty() && parts.query.is_none() && parts.fragment.is_none();
        let url = Url::parse(header).ok().filter(|url| bare && matches!(url.scheme(), "http" | "https"))?;
        if !url.username().is_empty() || url.password().is_some() || header.contains('@') {
            return None;
        }
        let host = url.host_str()?.to_owned();
        Some(Origin { scheme: url.scheme().to_owned(), host, port: url.port_or_known_default()? })
    }
}

enum Host {
    Any,
    Exactly(String),
    /// A host and all below it.
    Under(String),
}

impl Host {
    fn text(&self) -> String {
        match self {
            Host::Any => "*".to_owned(),
            Host::Exactly(host) => host.clone(),
            Host::Under(host) => format!("*.{host}"),
        }
    }
}

struct Pattern {
    scheme: Option<String>,
    host: Host,
    port: Option<u16>,
}

impl Pattern {
    fn parse(text: &str) -> Option<Pattern> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        if scheme.as_deref().is_some_and(|scheme| !matches!(scheme, "http" | "https")) {
            return None;
        }
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !rest.ends_with(']') => {
                let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
                (host, Some(port.parse().ok().filter(|port| digits && *port > 0)?))
            }
            _ => (rest, None),
        };
        let host = match (host, host.strip_prefix("*.")) {
            ("*", _) => Host::Any,
            (_, Some(host)) => Host::Under(plain_host(host)?),
            (host, None) => Host::Exactly(plain_host(host)?),
        };
        Some(Pattern { scheme, host, port })
    }

    fn matches(&self, origin: &Origin) -> bool {
        let host = match &self.host {
            Host::Any => true,
            Host::Exactly(host) => *host == origin.host,
            Host::Under(host) => {
                origin.host == *host || origin.host.strip_suffix(host.as_str()).is_some_and(|rest| rest.ends_with('.'))
            }
        };
        host && self.scheme.as_ref().is_none_or(|scheme| *scheme == origin.scheme)
            && self.port.is_none_or(|port| port == origin.port)
    }
}

/// Lower case, punycode; no wildcard inside, no user, no path.
fn plain_host(text: &str) -> Option<String> {
    let odd = |character: char| character.is_whitespace() || character.is_control() || "@*\\%,/?#".contains(character);
    if text.is_empty() || text.contains(odd) {
        return None;
    }
    let url = Url::parse(&format!("https://{text}/")).ok()?;
    url.host_str().filter(|_| url.path() == "/" && url.port().is_none()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S63, A09, C72: the grammar of the reference, case by case.
    #[test]
    fn an_origin_is_matched_part_by_part() {
        for (pattern, origin, expected) in [
            ("*", "https://app.test", true),
            ("*", "http://127.0.0.1:3000", true),
            ("*", "null", false),
            ("*", "file://", false),
            ("app.test", "https://app.test", true),
            ("app.test", "http://app.test:8080", true),
            ("app.test", "https://www.app.test", false),
            ("app.test", "https://evilapp.test", false),
            ("app.test", "https://app.test.evil.test", false),
            ("app.test:8443", "https://app.test:8443", true),
            ("app.test:8443", "https://app.test", false),
            ("app.test:443", "https://app.test", true),
            ("*.app.test", "https://app.test", true),
            ("*.app.test", "https://a.b.app.test:9", true),
            ("*.app.test", "https://evilapp.test", false),
            ("*:8443", "https://any.test:8443", true),
            ("*:8443", "https://any.test", false),
            ("https://app.test", "https://app.test", true),
            ("https://app.test", "http://app.test", false),
            ("https://*.app.test", "https://www.app.test", true),
            ("APP.test", "https://app.TEST", true),
            ("bücher.test", "https://xn--bcher-kva.test", true),
            ("https://app.test", "https://app.test/", false),
            ("app.test", "https://app.test@evil.test", false),
            ("app.test", "https://user@app.test", false),
            ("[::1]:3000", "http://[::1]:3000", true),
        ] {
            assert_eq!(any_matches(&[pattern.to_owned()], origin), expected, "{pattern} {origin}");
        }
        assert!(!any_matches(&[], "https://app.test"));
    }

    #[test]
    fn what_is_no_pattern_is_refused_and_the_rest_has_one_spelling() {
        for text in
            ["", "null", "*.*", "a*b.test", "https://app.test/path", "app.test:", "app.test:0", "ftp://a.test", "a b"]
        {
            let refused = normalize(text);
            assert!(refused == Err(NoPattern) || text == "null", "{text}: {refused:?}");
        }
        assert_eq!(normalize("HTTPS://Bücher.Test:8443").as_deref(), Ok("https://xn--bcher-kva.test:8443"));
        assert_eq!(normalize("*.App.Test").as_deref(), Ok("*.app.test"));
    }
}
