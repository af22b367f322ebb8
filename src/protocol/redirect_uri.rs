//! Which redirect URIs may be registered (RFC 9700 section 2.6, RFC 8252 section 7). The text is kept as written.

use url::Url;

use super::error::Detail;
use super::limits::MAX_REDIRECT_URI;
use super::uri::{self, UriParts};

const SPEC: &str = "RFC 9700 section 2.6";

/// A redirect URI a client may be registered with, exactly as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegisteredRedirectUri(String);

/// Why a redirect URI may not be registered: `invalid_redirect_uri` (RFC 7591 section 3.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriRefusal {
    /// Nothing there, or no scheme.
    #[error("a redirect URI is absolute: it starts with a scheme")]
    Relative,
    /// Longer than [`MAX_REDIRECT_URI`].
    #[error("a redirect URI has at most {MAX_REDIRECT_URI} bytes")]
    TooLong,
    /// Spaces, control characters, backslashes, wildcards, non-ASCII letters, broken percent sequences.
    #[error("a redirect URI has only the characters of RFC 3986, without wildcards")]
    Character,
    /// A fragment, even an empty one.
    #[error("a redirect URI has no fragment")]
    Fragment,
    /// A user name before the host.
    #[error("a redirect URI has no user name or password")]
    Userinfo,
    /// `http` to another machine.
    #[error("a redirect URI uses https; http only for 127.0.0.1, [::1] and localhost")]
    Insecure,
    /// A scheme without a dot, such as `javascript`, or not in lower case.
    #[error("a redirect URI's scheme is https, or a private one in lower case with a dot, such as com.example.app")]
    Scheme,
    /// A host browsers read differently from how it is written.
    #[error("a redirect URI's host and port are written in their plain form")]
    Host,
    /// `.` or `..` in the path, which browsers resolve, or a private scheme without a path.
    #[error("a redirect URI's path starts with a slash and has no dot segments")]
    Path,
}

impl RegisteredRedirectUri {
    /// The URI as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URI as registered.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl RedirectUriRefusal {
    /// The refusal as a detail, naming the URI that was to be registered.
    pub fn detail(self, received: &str) -> Detail {
        Detail::new("redirect_uri_registration", SPEC).received(received).hint(self.to_string())
    }
}

/// Checks a redirect URI before it is registered, in every place one can be (A03).
///
/// # Errors
/// See [`RedirectUriRefusal`].
pub fn validate_for_registration(text: &str) -> Result<RegisteredRedirectUri, RedirectUriRefusal> {
    use RedirectUriRefusal as R;
    if text.len() > MAX_REDIRECT_URI {
        return Err(R::TooLong);
    }
    let parts = uri::split(text);
    if parts.scheme.is_empty() {
        return Err(R::Relative);
    }
    if parts.fragment.is_some() {
        return Err(R::Fragment);
    }
    if !has_only_uri_characters(text) {
        return Err(R::Character);
    }
    if parts.userinfo().is_some() {
        return Err(R::Userinfo);
    }
    if has_dot_segments(parts.path) {
        return Err(R::Path);
    }
    match parts.scheme {
        "https" => check_host(text, &parts)?,
        "http" if matches!(parts.host(), "127.0.0.1" | "[::1]" | "localhost") => check_host(text, &parts)?,
        "http" => return Err(R::Insecure),
        scheme if !is_private_use_scheme(scheme) => return Err(R::Scheme),
        _ if parts.authority.is_none() && !parts.path.starts_with('/') => return Err(R::Path),
        _ => {}
    }
    Ok(RegisteredRedirectUri(text.to_owned()))
}

/// A private-use scheme is a domain name turned around (RFC 8252 section 7.1): lower case, with a dot.
fn is_private_use_scheme(scheme: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'+'))
    };
    scheme.contains('.') && scheme.starts_with(|first: char| first.is_ascii_lowercase()) && scheme.split('.').all(label)
}

/// RFC 3986 section 2 without `*`; percent sequences whole and not of control characters.
fn has_only_uri_characters(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => {
            let digits = bytes.get(at + 1..at + 3).filter(|pair| pair.iter().all(u8::is_ascii_hexdigit));
            digits.is_some_and(|pair| !matches!(pair[0], b'0' | b'1') && !pair.eq_ignore_ascii_case(b"7f"))
        }
        b'*' => false,
        other => other.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()+,;=".contains(other),
    })
}

fn has_dot_segments(path: &str) -> bool {
    path.split('/').any(|segment| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | ".."))
}

/// Browsers read `https:///c.test`, `https://0x7f.1` and `https://ex%61mple.test` as other hosts than they spell.
fn check_host(text: &str, parts: &UriParts<'_>) -> Result<(), RedirectUriRefusal> {
    let parsed = Url::parse(text).map_err(|_| RedirectUriRefusal::Host)?;
    let same_host = parsed.host_str().is_some_and(|host| host == parts.host().to_ascii_lowercase());
    let plain_port = match parts.port() {
        Some(port) => port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port),
        None => true,
    };
    match same_host && plain_port && !parts.host().is_empty() {
        true => Ok(()),
        false => Err(RedirectUriRefusal::Host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_and_apps_need_can_be_registered_as_it_is_written() {
        for text in [
            "https://c.test",
            "https://c.test/",
            "https://c.test/cb?x=1&y",
            "https://c.test:8443/cb",
            "https://c.test:443/cb",
            "https://C.test/CB",
            "https://xn--bcher-kva.test/cb",
            "https://[2001:db8::1]/cb",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:8080/cb",
            "http://[::1]/cb",
            "http://localhost:3000/cb",
            "com.example.app:/cb",
            "com.example.app://cb",
            "com.example-app.x1:/oauth/cb?x=%20",
        ] {
            assert_eq!(validate_for_registration(text).map(RegisteredRedirectUri::into_string), Ok(text.to_owned()));
        }
    }

    /// A03, C67.
    #[test]
    fn what_could_send_a_code_elsewhere_cannot_be_registered() {
        use RedirectUriRefusal as R;
        for (text, expected) in [
            ("", R::Relative),
            ("/cb", R::Relative),
            ("//c.test/cb", R::Relative),
            ("c.test/cb", R::Relative),
            ("http://c.test/cb", R::Insecure),
            ("http://127.0.0.1.evil.test/cb", R::Insecure),
            ("http://127.0.0.2/cb", R::Insecure),
            ("http://127.1/cb", R::Insecure),
            ("http://0.0.0.0/cb", R::Insecure),
            ("http://LOCALHOST/cb", R::Insecure),
            ("http:/127.0.0.1/cb", R::Insecure),
            ("javascript:alert(1)", R::Scheme),
            ("javascript://c.test/%0aalert(1)", R::Character),
            ("data:text/html,x", R::Scheme),
            ("vbscript:x", R::Scheme),
            ("file:///etc/passwd", R::Scheme),
            ("myapp:/cb", R::Scheme),
            ("HTTPS://c.test/cb", R::Scheme),
            ("Com.example.app:/cb", R::Scheme),
            (".com:/cb", R::Scheme),
            ("com.:/cb", R::Scheme),
            ("1.com:/cb", R::Scheme),
            ("com.example.app:cb", R::Path),
            ("https://c.test/cb#", R::Fragment),
            ("https://c.test/cb#f", R::Fragment),
            ("com.example.app:/cb#f", R::Fragment),
            ("https://user@c.test/cb", R::Userinfo),
            ("https://c.test@evil.test/cb", R::Userinfo),
            ("http://127.0.0.1:1@evil.test/cb", R::Userinfo),
            ("com.example.app://u@h/cb", R::Userinfo),
            ("https://*.c.test/cb", R::Character),
            ("https://c.test/*", R::Character),
            ("https://c.test/c b", R::Character),
            (" https://c.test/cb", R::Character),
            ("https://c.test/cb\n", R::Character),
            ("https://c.test/\tcb", R::Character),
            ("https://c.test\\@evil.test/cb", R::Character),
            ("https://c.test/cb%", R::Character),
            ("https://c.test/%zz", R::Character),
            ("https://c.test/%0d%0aX", R::Character),
            ("https://c.test/%00", R::Character),
            ("https://c.test/%7F", R::Character),
            ("https://b\u{fc}cher.test/cb", R::Character),
            ("https://c.test/<x>", R::Character),
            ("https:///c.test/cb", R::Host),
            ("https:c.test/cb", R::Host),
            ("https:/c.test/cb", R::Host),
            ("https://", R::Host),
            ("https://:443/cb", R::Host),
            ("https://c.test:/cb", R::Host),
            ("https://c.test:0/cb", R::Host),
            ("https://c.test:0443/cb", R::Host),
            ("https://c.test:99999/cb", R::Host),
            ("https://0x7f.1/cb", R::Host),
            ("https://2130706433/cb", R::Host),
            ("https://ex%61mple.test/cb", R::Host),
            ("https://[0:0:0:0:0:0:0:1]/cb", R::Host),
            ("https://c.test/a/../cb", R::Path),
            ("https://c.test/./cb", R::Path),
            ("https://c.test/%2E%2e/cb", R::Path),
        ] {
            assert_eq!(
                validate_for_registration(text).map(RegisteredRedirectUri::into_string),
                Err(expected),
                "{text}"
            );
        }
    }

    /// A66.
    #[test]
    fn the_length_is_limited() {
        let of_length = |length: usize| format!("https://c.test/{}", "a".repeat(length - 15));
        assert!(validate_for_registration(&of_length(MAX_REDIRECT_URI)).is_ok());
        assert_eq!(
            validate_for_registration(&of_length(MAX_REDIRECT_URI + 1)).err(),
            Some(RedirectUriRefusal::TooLong)
        );
    }

    #[test]
    fn a_refusal_says_what_is_wrong() {
        let detail = RedirectUriRefusal::Fragment.detail("https://c.test/#");
        assert_eq!(detail.hint.as_deref(), Some("a redirect URI has no fragment"));
        assert_eq!(detail.received.as_deref(), Some("https://c.test/#"));
    }
}
