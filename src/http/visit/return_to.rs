//! Where a browser goes on after sign-in: a path of this server below the issuer, or nothing (A12). An open redirector
//! here would lend our name to anybody (RFC 9700 section 4.11).

use percent_encoding::percent_decode_str;

use crate::protocol::limits::MAX_FORM;

/// The path, if it is one of ours; to be put behind the issuer's path.
pub fn local(text: &str) -> Option<&str> {
    let plain = text.len() <= MAX_FORM && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let path = text.split(['?', '#']).next().unwrap_or_default();
    // Read as the most lenient reader would: decoded twice, whatever stands behind the first question mark left alone.
    let decoded = percent_decode_str(path).decode_utf8().ok()?.into_owned();
    let decoded = percent_decode_str(&decoded).decode_utf8().ok()?;
    let harmless = decoded.starts_with('/')
        && !["//", "/.", "\\", ";"].iter().any(|trick| decoded.contains(trick))
        && !decoded.chars().any(char::is_control)
        && !percent_decode_str(text).any(|byte| byte.is_ascii_control());
    (plain && harmless).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A12.
    #[test]
    fn only_a_path_of_this_server_is_returned_to() {
        for good in [
            "/",
            "/account/sessions",
            "/oauth/authorize?client_id=a&redirect_uri=https%3A%2F%2Fc.test%2Fcb&state=%5C%2F%2Fx+y&ix=1.2.a-_.b",
            "/oauth/authorize?x=//evil/../;",
        ] {
            assert_eq!(local(good), Some(good));
        }
        for bad in [
            "",
            "x",
            "//evil",
            "///evil",
            "/\\evil",
            "\\\\evil",
            "/%5cevil",
            "/%2fevil",
            "/%252fevil",
            "https:evil",
            "https://evil",
            "HTTPS://evil",
            "javascript:alert(1)",
            "data:,x",
            "/%0d%0aX",
            "/a?b=%0d%0aX",
            "/\r\nX",
            "/\tx",
            " /x",
            "/x y",
            "/./x",
            "/../x",
            "/%2e%2e/x",
            "/a//b",
            "/x\u{e9}",
            "?x",
            "#x",
            "/a;b",
            "/%zz\u{0}",
            "/%ff",
        ] {
            assert_eq!(local(bad), None, "{bad:?}");
        }
    }
}
