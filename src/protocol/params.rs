//! The parameters of a request in the order they were sent, doubles included (RFC 6749 sections 3.1 and 3.2).
//! Nothing picks "the first" or "the last" of two: a parameter sent twice is an error of its own.

use std::borrow::Cow;

use url::form_urlencoded;

use super::error::{ErrorCode, OAuthError};
use super::form_encoding::{self, FormEncodingError};
use super::limits::{MAX_FORM, MAX_PARAMETERS};

/// Ordered name and value pairs of a query string, a form body, or both. May hold secrets: has no `Debug`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params {
    pairs: Vec<(String, String)>,
}

/// Why a query string or body could not be read; always `invalid_request`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// A name or value is not form encoded.
    #[error(transparent)]
    Encoding(#[from] FormEncodingError),
    /// More than [`MAX_PARAMETERS`] parameters.
    #[error("the request has more than {MAX_PARAMETERS} parameters")]
    TooMany,
    /// More than [`MAX_FORM`] bytes.
    #[error("the parameters are longer than {MAX_FORM} bytes")]
    TooLong,
}

/// A parameter was sent more than once (RFC 6749 section 3.1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {name} was sent more than once")]
pub struct Repeated {
    /// The doubled parameter.
    pub name: String,
}

impl Params {
    /// Reads `application/x-www-form-urlencoded` bytes. Empty parts (`a=1&&b=2`) carry nothing and are skipped.
    ///
    /// # Errors
    /// See [`ParamsError`].
    pub fn parse(encoded: &[u8]) -> Result<Self, ParamsError> {
        if encoded.len() > MAX_FORM {
            return Err(ParamsError::TooLong);
        }
        let mut pairs = Vec::new();
        for part in encoded.split(|byte| *byte == b'&').filter(|part| !part.is_empty()) {
            if pairs.len() == MAX_PARAMETERS {
                return Err(ParamsError::TooMany);
            }
            let (name, value) = match part.iter().position(|byte| *byte == b'=') {
                Some(at) => (&part[..at], &part[at + 1..]),
                None => (part, &[][..]),
            };
            pairs.push((form_encoding::decode(name)?, form_encoding::decode(value)?));
        }
        Ok(Self { pairs })
    }

    /// Appends the parameters of the other carrier (body after query), so that a double across both is seen.
    ///
    /// # Errors
    /// [`ParamsError::TooMany`] when both together pass the limit.
    pub fn extend(&mut self, other: Self) -> Result<(), ParamsError> {
        if self.pairs.len() + other.pairs.len() > MAX_PARAMETERS {
            return Err(ParamsError::TooMany);
        }
        self.pairs.extend(other.pairs);
        Ok(())
    }

    /// The parameter's value; `None` when it was not sent or sent without a value (RFC 6749 section 3.1).
    ///
    /// # Errors
    /// [`Repeated`] when it was sent twice, with or without values.
    pub fn once(&self, name: &str) -> Result<Option<&str>, Repeated> {
        Ok(self.once_even_empty(name)?.filter(|value| !value.is_empty()))
    }

    /// Like [`Params::once`], but a parameter sent without a value is `Some("")`.
    ///
    /// # Errors
    /// [`Repeated`] when it was sent twice.
    pub fn once_even_empty(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(Repeated { name: name.to_owned() });
        }
        Ok(first)
    }

    /// Every value of a parameter that may be repeated, such as `resource` (RFC 8707 section 2).
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the parameter was sent at all, even without a value.
    pub fn present(&self, name: &str) -> bool {
        self.pairs.iter().any(|(known, _)| known == name)
    }

    /// The first of `known`, in its order, that was sent more than once. Unknown parameters are ignored (A15).
    pub fn repeated<'a>(&self, known: &[&'a str]) -> Option<&'a str> {
        known.iter().copied().find(|name| self.all(name).nth(1).is_some())
    }

    /// All pairs in the order they were sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The same parameters in the same order as a query string, without the question mark.
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.iter()).finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self { pairs: pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }
}

impl From<ParamsError> for OAuthError {
    fn from(error: ParamsError) -> Self {
        Self::new(ErrorCode::InvalidRequest, Cow::Owned(error.to_string()))
    }
}

impl From<Repeated> for OAuthError {
    fn from(error: Repeated) -> Self {
        Self::new(ErrorCode::InvalidRequest, Cow::Owned(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(encoded: &str) -> Params {
        Params::parse(encoded.as_bytes()).unwrap()
    }

    #[test]
    fn order_doubles_and_blank_values_survive_a_round_trip() {
        let read = params("b=2&a=1&b=&c&&state=x%20y%26z%C3%A9");
        let pairs: Vec<_> = read.iter().collect();
        assert_eq!(pairs, [("b", "2"), ("a", "1"), ("b", ""), ("c", ""), ("state", "x y&z\u{e9}")]);
        assert!(params(&read.encode()) == read);
        assert_eq!(params("").iter().count(), 0);
    }

    /// RFC 6749 section 3.1: a parameter without a value counts as omitted.
    #[test]
    fn an_empty_value_counts_as_omitted_but_is_present() {
        let read = params("scope=&state");
        assert_eq!(read.once("scope"), Ok(None));
        assert_eq!(read.once_even_empty("scope"), Ok(Some("")));
        assert!(read.present("scope") && read.present("state") && !read.present("code"));
        assert_eq!(read.once_even_empty("code"), Ok(None));
    }

    /// A14, C06: in one carrier, split over both, and even when one of the two is empty.
    #[test]
    fn a_parameter_sent_twice_is_never_picked_from() {
        let twice = Err(Repeated { name: "state".to_owned() });
        assert_eq!(params("state=a&state=a").once("state"), twice);
        assert_eq!(params("state=&state=a").once("state"), twice);
        assert_eq!(params("state&%73tate").once("state"), twice);
        let mut both = params("state=a");
        assert_eq!(both.extend(params("state=b")), Ok(()));
        assert_eq!(both.once("state"), twice);
        assert_eq!(both.repeated(&["client_id", "state"]), Some("state"));
        assert_eq!(params("x=1&x=2&state=a").repeated(&["client_id", "state"]), None);
        assert_eq!(params("resource=a&resource=b").all("resource").collect::<Vec<_>>(), ["a", "b"]);
    }

    /// D3 rows 20 and 21.
    #[test]
    fn broken_or_oversized_input_is_refused() {
        let refusal = |encoded: &str| Params::parse(encoded.as_bytes()).err();
        assert_eq!(refusal("a=%zz"), Some(ParamsError::Encoding(FormEncodingError::Percent)));
        assert_eq!(refusal("%ff=1"), Some(ParamsError::Encoding(FormEncodingError::NotUtf8)));
        assert_eq!(refusal("state=a%00b"), Some(ParamsError::Encoding(FormEncodingError::Control)));
        assert_eq!(refusal(&"a=1&".repeat(MAX_PARAMETERS)), None);
        assert_eq!(refusal(&"a=1&".repeat(MAX_PARAMETERS + 1)), Some(ParamsError::TooMany));
        assert_eq!(refusal(&"a".repeat(MAX_FORM + 1)), Some(ParamsError::TooLong));
        let mut full = params(&"a=1&".repeat(MAX_PARAMETERS));
        assert_eq!(full.extend(params("b=1")), Err(ParamsError::TooMany));
    }

    #[test]
    fn a_repeated_parameter_is_an_invalid_request() {
        let error = OAuthError::from(Repeated { name: "sta\"te".to_owned() });
        assert_eq!(error.code, ErrorCode::InvalidRequest);
        assert_eq!(error.description, "the parameter sta'te was sent more than once");
    }
}
