//! An access token in the `Authorization: Bearer` header (RFC 6750 section 2.1), the only place one is read from.

use super::limits::MAX_TOKEN;

/// A token as presented. Has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken(String);

/// Why a header holds no bearer token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BearerRefusal {
    /// Another authentication scheme.
    #[error("the Authorization header is not of the scheme Bearer")]
    OtherScheme,
    /// No token, several, or characters no token has: `invalid_request` (RFC 6750 section 3.1).
    #[error("the Authorization header does not hold one token")]
    Malformed,
    /// Longer than [`MAX_TOKEN`].
    #[error("the token is longer than {MAX_TOKEN} bytes")]
    TooLong,
}

impl BearerToken {
    /// Reads the value of an `Authorization` header.
    ///
    /// # Errors
    /// See [`BearerRefusal`].
    pub fn from_header(header: &str) -> Result<Self, BearerRefusal> {
        let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return Err(BearerRefusal::OtherScheme);
        }
        let token = rest.trim_start_matches(' ');
        if token.len() > MAX_TOKEN {
            return Err(BearerRefusal::TooLong);
        }
        match is_b64token(token) {
            true => Ok(Self(token.to_owned())),
            false => Err(BearerRefusal::Malformed),
        }
    }

    /// The token.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

/// RFC 6750 section 2.1: `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && body
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_token_is_read_as_it_is() {
        assert!(BearerToken::from_header("Bearer gat_a.b-c~d+e/f==").unwrap().secret() == "gat_a.b-c~d+e/f==");
        assert!(BearerToken::from_header("bearer  abc").unwrap().secret() == "abc");
    }

    #[test]
    fn anything_else_is_refused() {
        let refusal = |header: &str| BearerToken::from_header(header).err();
        for other in ["", "Basic YTpi", "Bearerabc", "DPoP abc", " Bearer abc"] {
            assert_eq!(refusal(other), Some(BearerRefusal::OtherScheme), "{other:?}");
        }
        for broken in
            ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer =", "Bearer a=b", "Bearer \u{e9}", "Bearer a\t"]
        {
            assert_eq!(refusal(broken), Some(BearerRefusal::Malformed), "{broken:?}");
        }
        assert_eq!(refusal(&format!("Bearer {}", "a".repeat(MAX_TOKEN + 1))), Some(BearerRefusal::TooLong));
    }
}
