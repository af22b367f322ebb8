//! `resource` (RFC 8707 section 2): the identifier of a resource server, a token's audience.

use super::error::{Detail, ErrorCode, OAuthError};
use super::limits::{MAX_REDIRECT_URI, MAX_RESOURCES};
use super::uri;

/// The values of the parameter, each once and in one order, so that equal requests are equal. Empty ones count as not sent.
///
/// # Errors
/// `invalid_target` for more than [`MAX_RESOURCES`] and for what is no identifier.
pub fn parse<'a>(values: impl Iterator<Item = &'a str>) -> Result<Vec<String>, OAuthError> {
    let refused = |description: &'static str, detail: Detail| {
        OAuthError::new(ErrorCode::InvalidTarget, description).with_detail(detail)
    };
    let mut resources: Vec<String> = values.filter(|value| !value.is_empty()).map(str::to_owned).collect();
    resources.sort_unstable();
    resources.dedup();
    if resources.len() > MAX_RESOURCES {
        let detail = Detail::new("resources_too_many", "RFC 8707 section 2").expected(MAX_RESOURCES.to_string());
        return Err(refused("too many resources", detail));
    }
    match resources.iter().find(|one| !is_identifier(one)) {
        None => Ok(resources),
        Some(wrong) => {
            let detail = Detail::new("resource_syntax", "RFC 8707 section 2").received(wrong);
            Err(refused("resource is not an absolute URI without fragment", detail))
        }
    }
}

/// RFC 8707 section 2: an absolute URI without fragment.
pub fn is_identifier(text: &str) -> bool {
    let parts = uri::split(text);
    let rest = text.len() > parts.scheme.len() + 1;
    let scheme = parts.scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && parts.scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    scheme
        && rest
        && parts.fragment.is_none()
        && text.len() <= MAX_REDIRECT_URI
        && text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_an_absolute_uri_without_fragment() {
        for text in ["https://api.example.com", "https://api.example.com/v1?x", "urn:example:api"] {
            assert!(is_identifier(text), "{text}");
        }
        for text in
            ["", "api", "/api", "https:", "https://a.test/#", "https://a.test/ x", "1a:b", "https://b\u{fc}.test"]
        {
            assert!(!is_identifier(text), "{text}");
        }
    }

    #[test]
    fn each_resource_counts_once_and_none_is_taken_on_trust() {
        let read = |values: &[&str]| parse(values.iter().copied()).map_err(|error| error.code);
        let two = vec!["https://a.test".to_owned(), "https://b.test".to_owned()];
        assert_eq!(read(&["https://b.test", "", "https://a.test", "https://b.test"]), Ok(two));
        assert_eq!(read(&[]), Ok(Vec::new()));
        assert_eq!(read(&["https://a.test#x"]), Err(ErrorCode::InvalidTarget));
        let many: Vec<String> = (0..=MAX_RESOURCES).map(|n| format!("https://{n}.test")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(read(&many), Err(ErrorCode::InvalidTarget));
        assert!(read(&many[1..]).is_ok());
    }
}
