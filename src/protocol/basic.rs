//! Client credentials in the `Authorization: Basic` header (RFC 7617, form encoded by RFC 6749 section 2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::form_encoding::{self, FormEncodingError};
use super::limits::MAX_BASIC_HEADER;

/// A client's identifier and secret as sent. Has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The client's identifier, decoded; never empty.
    pub client_id: String,
    /// The client's secret, decoded; may be empty, which no secret ever equals.
    pub client_secret: String,
}

/// Why a header holds no client credentials; `invalid_client` except for [`BasicRefusal::OtherScheme`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BasicRefusal {
    /// Another authentication scheme.
    #[error("the Authorization header is not of the scheme Basic")]
    OtherScheme,
    /// Longer than [`MAX_BASIC_HEADER`].
    #[error("the Authorization header is longer than {MAX_BASIC_HEADER} bytes")]
    TooLong,
    /// Not base64 with its padding.
    #[error("the Authorization header is not base64")]
    NotBase64,
    /// No colon between identifier and secret.
    #[error("the Authorization header has no colon between client_id and secret")]
    NoColon,
    /// Identifier or secret are not form encoded.
    #[error("client_id or secret is not form encoded: {0}")]
    Encoding(#[from] FormEncodingError),
    /// No identifier before the colon.
    #[error("the Authorization header has no client_id")]
    NoClientId,
}

impl Credentials {
    /// Reads the value of an `Authorization` header.
    ///
    /// # Errors
    /// See [`BasicRefusal`].
    pub fn from_basic(header: &str) -> Result<Self, BasicRefusal> {
        let (scheme, encoded) = header.split_once(' ').unwrap_or((header, ""));
        if !scheme.eq_ignore_ascii_case("Basic") {
            return Err(BasicRefusal::OtherScheme);
        }
        if header.len() > MAX_BASIC_HEADER {
            return Err(BasicRefusal::TooLong);
        }
        let bytes = STANDARD.decode(encoded.trim_start_matches(' ')).map_err(|_| BasicRefusal::NotBase64)?;
        let colon = bytes.iter().position(|byte| *byte == b':').ok_or(BasicRefusal::NoColon)?;
        let client_id = form_encoding::decode(&bytes[..colon])?;
        let client_secret = form_encoding::decode(&bytes[colon + 1..])?;
        match client_id.is_empty() {
            true => Err(BasicRefusal::NoClientId),
            false => Ok(Self { client_id, client_secret }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(inner: &[u8]) -> Result<(String, String), BasicRefusal> {
        let read = Credentials::from_basic(&format!("Basic {}", STANDARD.encode(inner)))?;
        Ok((read.client_id, read.client_secret))
    }

    /// A34, S37.
    #[test]
    fn both_parts_are_form_decoded() {
        assert_eq!(read(b"app:secret"), Ok(("app".to_owned(), "secret".to_owned())));
        assert_eq!(
            read(b"a%2Bb%25%3A+%C3%A9:s%2B%25%3A+%C3%A9"),
            Ok(("a+b%: \u{e9}".to_owned(), "s+%: \u{e9}".to_owned()))
        );
        assert_eq!(read(b"app:a:b"), Ok(("app".to_owned(), "a:b".to_owned())));
        assert_eq!(read(b"app:"), Ok(("app".to_owned(), String::new())));
        assert!(Credentials::from_basic("bASIC  YTpi").is_ok());
    }

    /// A34, C35, S38, S39: refused, never repaired, never a crash.
    #[test]
    fn loose_encodings_are_refused() {
        use BasicRefusal as B;
        let refusal = |header: &str| Credentials::from_basic(header).err();
        assert_eq!(refusal("Basic YTpiYw"), Some(B::NotBase64), "padding missing");
        assert_eq!(refusal("Basic YTpiYx=="), Some(B::NotBase64), "trailing bits set");
        assert_eq!(refusal("Basic YTpi YTpi"), Some(B::NotBase64));
        assert_eq!(refusal("Basic YTpi\n"), Some(B::NotBase64));
        assert_eq!(refusal("Basic YT-_"), Some(B::NotBase64), "url alphabet");
        assert_eq!(refusal("Basic !"), Some(B::NotBase64));
        assert_eq!(refusal("Basic"), Some(B::NoColon));
        assert_eq!(refusal("Basic "), Some(B::NoColon));
        assert_eq!(refusal("Bearer abc"), Some(B::OtherScheme));
        assert_eq!(refusal("BasicYTpi"), Some(B::OtherScheme));
        assert_eq!(refusal(""), Some(B::OtherScheme));
        assert_eq!(read(b"app"), Err(B::NoColon));
        assert_eq!(read(b":secret"), Err(B::NoClientId));
        assert_eq!(read(b"app:%zz"), Err(B::Encoding(FormEncodingError::Percent)));
        assert_eq!(read(b"app:\xff"), Err(B::Encoding(FormEncodingError::NotUtf8)));
        assert_eq!(read(b"app:a%00"), Err(B::Encoding(FormEncodingError::Control)));
        assert_eq!(read(&[b'a'; 4096]), Err(B::TooLong));
    }
}
