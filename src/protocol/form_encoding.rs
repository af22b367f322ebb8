//! Strict `application/x-www-form-urlencoded` decoding of one name or value (RFC 6749 appendix B).
//! Lenient decoders let two parties read two values out of the same bytes, so nothing here repairs its input.

/// Why some bytes are not the form encoding of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormEncodingError {
    /// A `%` not followed by two hexadecimal digits.
    #[error("a percent sign is not followed by two hexadecimal digits")]
    Percent,
    /// The decoded bytes are not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// The decoded text has a control character, NUL and line breaks included.
    #[error("the text contains a control character")]
    Control,
}

/// Decodes one component: `+` is a space, `%xx` a byte, all others themselves.
///
/// # Errors
/// A truncated or wrong percent sequence, bytes that are not UTF-8, control characters.
pub fn decode(component: &[u8]) -> Result<String, FormEncodingError> {
    let mut bytes = Vec::with_capacity(component.len());
    let mut rest = component.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (rest.next().and_then(hex), rest.next().and_then(hex)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(FormEncodingError::Percent),
            },
            plain => plain,
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| FormEncodingError::NotUtf8)?;
    if text.chars().any(char::is_control) {
        return Err(FormEncodingError::Control);
    }
    Ok(text)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_and_percent_are_decoded() {
        assert_eq!(decode(b"a+b%20c%2B%C3%A9"), Ok("a b c+\u{e9}".to_owned()));
        assert_eq!(decode(b""), Ok(String::new()));
    }

    #[test]
    fn nothing_broken_is_repaired() {
        for broken in ["%", "%4", "%zz", "a%g0", "%%41", "%+1", "% 1"] {
            assert_eq!(decode(broken.as_bytes()), Err(FormEncodingError::Percent), "{broken}");
        }
        for broken in ["%ff", "%c3", "%c0%80", "%ed%a0%80", "%f4%90%80%80"] {
            assert_eq!(decode(broken.as_bytes()), Err(FormEncodingError::NotUtf8), "{broken}");
        }
        for broken in ["%00", "a%0d%0aX", "%09", "%7f", "%c2%85"] {
            assert_eq!(decode(broken.as_bytes()), Err(FormEncodingError::Control), "{broken}");
        }
        assert_eq!(decode(b"\x00"), Err(FormEncodingError::Control));
    }
}
