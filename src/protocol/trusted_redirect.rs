//! A redirect URI that a request may be answered at: the only way to redirect a browser to a client.

use super::error::{Detail, ErrorCode, OAuthError};
use super::limits::MAX_REDIRECT_URI;
use super::redirect_uri::validate_for_registration;
use super::uri::{self, UriParts};

/// A registered redirect URI, chosen for one request. Only [`TrustedRedirect::for_request`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedRedirect {
    uri: String,
    requested: bool,
}

/// No registered URI answers this request: show a page, never redirect (RFC 6749 section 4.1.2.1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.description())]
pub struct RedirectRefusal {
    detail: Box<Detail>,
}

impl TrustedRedirect {
    /// Finds the registered URI a request means: the one equal to `requested` byte for byte, with any port where a
    /// loopback URI is registered without one (RFC 8252 section 7.3); without `requested` the only one registered.
    ///
    /// # Errors
    /// Nothing registered, several and none requested (A04), no match (A01, A02), or a registered value that could
    /// not be registered today.
    pub fn for_request(registered: &[String], requested: Option<&str>) -> Result<Self, RedirectRefusal> {
        let (found, uri) = match (requested, registered) {
            (_, []) => {
                return Err(refusal("redirect_uri_none_registered", requested, None, "register a redirect URI first"));
            }
            (None, [only]) => (only, only.as_str()),
            (None, [first, ..]) => {
                let hint = "several redirect URIs are registered: the request must name one";
                return Err(refusal("redirect_uri_missing", None, Some(first), hint));
            }
            (Some(requested), _) => match registered.iter().find(|uri| matches(uri, requested)) {
                Some(found) => (found, requested),
                None => return Err(not_registered(registered, requested)),
            },
        };
        // A row from elsewhere (an import, an older release) must not become a way to `javascript:`.
        if let Err(error) = validate_for_registration(found) {
            return Err(refusal("redirect_uri_unsafe", requested, Some(found), error.to_string()));
        }
        Ok(Self { uri: uri.to_owned(), requested: requested.is_some() })
    }

    /// The URI to answer at: as registered, or as requested where only a loopback port differs.
    pub fn as_str(&self) -> &str {
        &self.uri
    }

    /// Whether the request named the URI; the token request must then name it too (RFC 6749 section 4.1.3).
    pub const fn requested(&self) -> bool {
        self.requested
    }

    /// Whether it leads to the user's own machine, where any program may listen.
    pub fn is_loopback(&self) -> bool {
        uri::is_loopback_host(self.parts().host())
    }

    /// Whether it is `https`.
    pub fn is_https(&self) -> bool {
        self.parts().scheme == "https"
    }

    /// Whether it has a private-use scheme, which any installed app may claim.
    pub fn is_private_scheme(&self) -> bool {
        !matches!(self.parts().scheme, "https" | "http")
    }

    /// What the consent page names as the destination: the host, or the scheme of an app.
    pub fn host_for_display(&self) -> &str {
        let parts = self.parts();
        if self.is_private_scheme() { parts.scheme } else { parts.host() }
    }

    fn parts(&self) -> UriParts<'_> {
        uri::split(&self.uri)
    }
}

impl RedirectRefusal {
    /// What was received, what is registered, and the difference.
    pub const fn detail(&self) -> &Detail {
        &self.detail
    }

    fn description(&self) -> &'static str {
        match self.detail.rule.as_ref() {
            "redirect_uri_missing" => "redirect_uri is missing",
            "redirect_uri_none_registered" => "the client has no redirect URI",
            "redirect_uri_unsafe" => "the registered redirect URI cannot be used",
            _ => "redirect_uri is not registered for this client",
        }
    }
}

impl From<RedirectRefusal> for OAuthError {
    fn from(refusal: RedirectRefusal) -> Self {
        Self::new(ErrorCode::InvalidRequest, refusal.description()).with_detail(*refusal.detail)
    }
}

/// Whether a requested redirect URI is a registered one: byte for byte, but for the port of an `http` loopback URI
/// registered without one. Nothing is decoded or normalised on either side.
pub fn matches(registered: &str, requested: &str) -> bool {
    if requested.len() > MAX_REDIRECT_URI {
        return false;
    }
    if registered == requested {
        return uri::split(requested).userinfo().is_none();
    }
    ["http://127.0.0.1", "http://[::1]", "http://localhost"].iter().any(|base| {
        let rests =
            (registered.strip_prefix(base), requested.strip_prefix(base).and_then(|rest| rest.strip_prefix(':')));
        let (Some(registered_rest), Some(port_and_rest)) = rests else { return false };
        // The host must end here: `http://127.0.0.1.evil` and `http://127.0.0.1:80` have more of an authority.
        if !(registered_rest.is_empty() || registered_rest.starts_with(['/', '?'])) {
            return false;
        }
        let digits = port_and_rest.bytes().take_while(u8::is_ascii_digit).count();
        let (port, requested_rest) = port_and_rest.split_at(digits);
        let plain = port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port);
        plain && requested_rest == registered_rest
    })
}

fn not_registered(registered: &[String], requested: &str) -> RedirectRefusal {
    let closest = registered.iter().map(|uri| (difference(uri, requested), uri)).min_by_key(|((rank, _), _)| *rank);
    match closest {
        Some(((_, hint), uri)) => refusal("redirect_uri_not_registered", Some(requested), Some(uri), hint),
        None => refusal("redirect_uri_not_registered", Some(requested), None, "not registered"),
    }
}

/// How a requested URI differs from a registered one: the smaller the number, the closer they are.
fn difference(registered: &str, requested: &str) -> (u8, &'static str) {
    let (ours, theirs) = (uri::split(registered), uri::split(requested));
    let same_host = ours.host().eq_ignore_ascii_case(theirs.host());
    let same_place = ours.authority == theirs.authority && ours.scheme == theirs.scheme;
    if theirs.userinfo().is_some() {
        (0, "user information before the host is never allowed")
    } else if theirs.fragment.is_some() {
        (1, "a redirect URI has no fragment")
    } else if same_place && ours.query == theirs.query && slashless(&ours) == slashless(&theirs) {
        (2, "differs only by a trailing slash")
    } else if registered.eq_ignore_ascii_case(requested) {
        (3, "differs only in upper and lower case")
    } else if same_place && ours.path == theirs.path {
        (4, "query differs")
    } else if ours.scheme != theirs.scheme && same_host && ours.path == theirs.path {
        (5, "scheme differs")
    } else if ours.scheme == theirs.scheme && same_host && ours.path == theirs.path {
        (6, "port differs")
    } else if ours.scheme == theirs.scheme && same_host {
        (7, "path differs")
    } else {
        (8, "not registered")
    }
}

fn slashless<'a>(parts: &UriParts<'a>) -> &'a str {
    parts.path.strip_suffix('/').unwrap_or(parts.path)
}

fn refusal(
    rule: &'static str,
    received: Option<&str>,
    expected: Option<&String>,
    hint: impl Into<std::borrow::Cow<'static, str>>,
) -> RedirectRefusal {
    let mut detail = Detail::new(rule, "RFC 9700 section 4.1.3").hint(hint);
    if let Some(received) = received {
        detail = detail.received(without_query(received));
    }
    if let Some(expected) = expected {
        detail = detail.expected(without_query(expected));
    }
    RedirectRefusal { detail: Box::new(detail) }
}

/// Details are kept and read by others; a query or fragment may hold what is theirs alone.
/// A redirect URI for the record: what follows `?` or `#` may hold a code, so it is left out (A44).
pub fn without_query(text: &str) -> String {
    match text.find(['?', '#']) {
        Some(at) => format!("{}\u{2026}", &text[..=at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
#[path = "trusted_redirect_tests.rs"]
mod tests;
