//! Scope tokens and lists of them (RFC 6749 section 3.3).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::limits::MAX_SCOPE;

/// Why a text is not a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// A character outside the grammar.
    #[error("a scope has a character RFC 6749 section 3.3 does not allow")]
    Character,
    /// Two spaces in a row, or one at an end: an empty scope token.
    #[error("scopes are separated by exactly one space")]
    Spaces,
    /// Longer than [`MAX_SCOPE`].
    #[error("the scope is longer than {MAX_SCOPE} bytes")]
    TooLong,
}

/// Checks `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`.
///
/// # Errors
/// [`ScopeError::Spaces`] for the empty text, [`ScopeError::Character`] otherwise.
pub fn check_scope_token(token: &str) -> Result<(), ScopeError> {
    if token.is_empty() {
        return Err(ScopeError::Spaces);
    }
    match token.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) {
        true => Ok(()),
        false => Err(ScopeError::Character),
    }
}

/// A set of scope tokens: sorted, without doubles; order and doubles mean nothing in RFC 6749.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeList(Vec<String>);

impl ScopeList {
    /// The list without scopes.
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Reads the space-separated form of the wire. The empty text is the empty list.
    ///
    /// # Errors
    /// Characters outside the grammar, superfluous spaces, too long.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        if text.len() > MAX_SCOPE {
            return Err(ScopeError::TooLong);
        }
        if text.is_empty() {
            return Ok(Self::empty());
        }
        let tokens: Vec<_> = text.split(' ').collect();
        tokens.iter().try_for_each(|token| check_scope_token(token))?;
        Ok(tokens.into_iter().collect())
    }

    /// The scopes of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }

    /// The scopes of this list that the other has too.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.iter().filter(|scope| other.contains(scope)).collect()
    }

    /// The scopes of this list that the other lacks.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.iter().filter(|scope| !other.contains(scope)).collect()
    }

    /// Whether the other list has every scope of this one, compared as text: without what scopes imply.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.iter().all(|scope| other.contains(scope))
    }

    /// Whether the list has this scope, compared as text.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.binary_search_by(|known| known.as_str().cmp(scope)).is_ok()
    }

    /// The scopes in sorted order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The scopes in sorted order.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// The scopes in sorted order.
    pub fn into_vec(self) -> Vec<String> {
        self.0
    }

    /// How many scopes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no scope.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The space-separated form of the wire.
impl fmt::Display for ScopeList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join(" "))
    }
}

/// For texts already known to be scope tokens, such as the store's.
impl From<Vec<String>> for ScopeList {
    fn from(mut scopes: Vec<String>) -> Self {
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }
}

/// For texts already known to be scope tokens.
impl<S: Into<String>> FromIterator<S> for ScopeList {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        scopes.into_iter().map(Into::into).collect::<Vec<String>>().into()
    }
}

/// An array of strings.
impl Serialize for ScopeList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// An array of strings, each checked against the grammar: one with a space in it would become two on the wire.
impl<'de> Deserialize<'de> for ScopeList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scopes = Vec::<String>::deserialize(deserializer)?;
        scopes.iter().try_for_each(|scope| check_scope_token(scope)).map_err(serde::de::Error::custom)?;
        Ok(scopes.into())
    }
}

/// Serializes a list in the space-separated form of the wire, for `#[serde(serialize_with)]`.
///
/// # Errors
/// Those of the serializer.
pub fn space_delimited<S: Serializer>(scopes: &ScopeList, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> ScopeList {
        ScopeList::parse(text).unwrap()
    }

    #[test]
    fn a_list_is_sorted_and_has_no_doubles() {
        assert_eq!(list("org:write org:read org:write").as_slice(), ["org:read", "org:write"]);
        assert_eq!(list("b a").to_string(), "a b");
        assert_eq!(ScopeList::from(vec!["b".to_owned(), "a".to_owned(), "b".to_owned()]), list("a b"));
        assert_eq!(list(""), ScopeList::empty());
        assert_eq!(list("").to_string(), "");
    }

    #[test]
    fn nothing_outside_the_grammar_is_a_scope() {
        for text in [" ", "a ", " a", "a  b"] {
            assert_eq!(ScopeList::parse(text), Err(ScopeError::Spaces), "{text:?}");
        }
        for text in ["a\tb", "a\nb", "a\"b", "a\\b", "\u{e9}", "a\u{a0}b", "a\0", "\u{7f}"] {
            assert_eq!(ScopeList::parse(text), Err(ScopeError::Character), "{text:?}");
        }
        assert_eq!(list("!#$[]~").len(), 1);
        assert_eq!(ScopeList::parse(&"a".repeat(MAX_SCOPE + 1)), Err(ScopeError::TooLong));
        assert!(ScopeList::parse(&"a".repeat(MAX_SCOPE)).is_ok());
    }

    #[test]
    fn lists_are_sets() {
        let (one, two) = (list("a b"), list("b c"));
        assert_eq!(one.union(&two), list("a b c"));
        assert_eq!(one.intersection(&two), list("b"));
        assert_eq!(one.difference(&two), list("a"));
        assert!(list("a").is_subset_of(&one) && !one.is_subset_of(&two) && ScopeList::empty().is_subset_of(&two));
        assert!(one.contains("a") && !one.contains("c") && !one.contains("A"));
    }

    #[test]
    fn json_is_an_array_and_is_checked_when_read() {
        assert_eq!(serde_json::to_string(&list("b a")).unwrap(), r#"["a","b"]"#);
        assert_eq!(serde_json::from_str::<ScopeList>(r#"["b","a","b"]"#).unwrap(), list("a b"));
        for bad in [r#"["a b"]"#, r#"[""]"#, r#"["a\nb"]"#, r#""a b""#, "[1]"] {
            assert!(serde_json::from_str::<ScopeList>(bad).is_err(), "{bad}");
        }
    }
}
