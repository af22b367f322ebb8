//! A refusal that must not travel to the client: shown to the user, with what its developer needs (A10, A11).

use super::{Frame, Link};
use askama::Template;

/// The error page. No address of the request becomes a link: an unvalidated redirect URI is text only.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Around the page.
    pub frame: Frame,
    /// In human words, e.g. "This application's link does not work".
    pub title: String,
    /// What happened.
    pub what_happened: String,
    /// What the user can do now.
    pub what_to_do: String,
    /// A button to an own page.
    pub next: Option<Link>,
    /// RFC error code.
    pub code: String,
    /// For `grantor explain`.
    pub reference: String,
    /// Development server only.
    pub detail: Option<ErrorDetail>,
}

/// Which rule failed, and on what.
pub struct ErrorDetail {
    /// The rule, one sentence.
    pub rule: String,
    /// The value received.
    pub received: String,
    /// The values it was compared with.
    pub registered: Vec<String>,
    /// E.g. "RFC 6749 section 3.1.2.3".
    pub specification: String,
    /// What to change, one sentence.
    pub hint: String,
}

impl ErrorDetail {
    /// The part of `received` that the closest registered value begins with.
    fn received_same(&self) -> &str {
        &self.received[..self.agreement()]
    }

    /// The rest: shown marked.
    fn received_other(&self) -> &str {
        &self.received[self.agreement()..]
    }

    fn agreement(&self) -> usize {
        let common = |value: &String| {
            self.received.chars().zip(value.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
        };
        self.registered.iter().map(common).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_begins_where_the_closest_registered_value_differs() {
        let mut detail = ErrorDetail {
            rule: String::new(),
            received: "https://a.example/é/x".to_owned(),
            registered: vec!["https://b.example/".to_owned(), "https://a.example/é/y".to_owned()],
            specification: String::new(),
            hint: String::new(),
        };
        assert_eq!((detail.received_same(), detail.received_other()), ("https://a.example/é/", "x"));
        detail.registered.clear();
        assert_eq!(detail.received_same(), "");
    }
}
