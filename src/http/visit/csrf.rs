//! Forms are answered only by the browser and session they were made for. Two independent fences: a token, and what
//! the browser itself says about where the request comes from.

use actix_web::http::header::HeaderMap;

use crate::app::App;
use crate::crypto::constant_time;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};

/// The header of a script's request.
pub const HEADER: &str = "x-csrf-token";

/// The form field.
pub const FIELD: &str = "csrf_token";

/// The token of this browser and session (`session` is the cookie's value, empty without one).
pub fn token(app: &App, browser: &str, session: &str) -> String {
    app.keys.csrf.text_tag(&[browser.as_bytes(), session.as_bytes()])
}

/// Whether the token is the one this browser and session were given.
pub fn token_is_right(app: &App, browser: &str, session: &str, presented: &str) -> bool {
    !browser.is_empty() && constant_time::equal(token(app, browser, session).as_bytes(), presented.as_bytes())
}

/// Why a form is not taken.
pub fn refusal() -> OAuthError {
    let error = OAuthError::new(ErrorCode::AccessDenied, "this form is not from this browser, or is out of date");
    error.with_detail(
        Detail::new("csrf", "RFC 6749 section 10.12")
            .hint("the form's csrf_token belongs to another browser or session, or another site sent the form"),
    )
}

/// Whether the browser says that the request comes from this server's own pages. `Origin: null` says nothing: it is
/// what browsers send from pages with `Referrer-Policy: no-referrer`, which ours are.
pub fn comes_from_here(headers: &HeaderMap, origin: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let sender = text("origin").is_none_or(|sender| sender == origin || sender == "null");
    site && sender
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    /// A18.
    #[test]
    fn a_browser_that_says_another_site_sent_it_is_believed() {
        for (site, sender, expected) in [
            (None, None, true),
            (Some("same-origin"), Some("https://as.test"), true),
            (Some("same-origin"), Some("null"), true),
            (None, Some("https://as.test"), true),
            (Some("same-site"), None, false),
            (Some("cross-site"), Some("null"), false),
            (Some("none"), None, false),
            (None, Some("https://evil.test"), false),
            (None, Some("https://as.test.evil.test"), false),
            (Some("same-origin"), Some("https://as.test:8443"), false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [("sec-fetch-site", site), ("origin", sender)] {
                if let Some(value) = value {
                    headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
                }
            }
            assert_eq!(comes_from_here(&headers, "https://as.test"), expected, "{site:?} {sender:?}");
        }
    }
}
