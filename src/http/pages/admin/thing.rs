//! One thing: what is known of it in sections, and what can be done to it.

use askama::Template;

use super::{AdminFrame, Pill, Row};
use crate::http::pages::{Frame, Link};

/// The page.
#[derive(Template)]
#[template(path = "admin_thing.html")]
pub struct ThingPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub admin: AdminFrame,
    /// The list it stands in.
    pub back: Option<Link>,
    /// Its name, heading and page title.
    pub title: String,
    /// More; may be empty.
    pub lead: String,
    /// What stands out.
    pub pills: Vec<Pill>,
    /// What is known.
    pub sections: Vec<Section>,
    /// What can be done.
    pub actions: Vec<Action>,
}

/// Facts, or lines, or the word that there are none.
pub struct Section {
    /// Stable name.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Names and values.
    pub facts: Vec<Fact>,
    /// Lines.
    pub rows: Vec<Row>,
    /// When there is neither.
    pub empty: String,
}

/// A name and a value.
pub struct Fact {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// Text for programs.
    pub code: bool,
}

/// A way to a question.
pub struct Action {
    /// Stable name.
    pub id: String,
    /// What it does.
    pub title: &'static str,
    /// What that means.
    pub text: String,
    /// On the link.
    pub label: &'static str,
    /// Own path.
    pub href: String,
    /// Something breaks.
    pub danger: bool,
}

impl Section {
    /// Facts.
    pub fn facts(id: &str, title: impl Into<String>, facts: Vec<Fact>) -> Section {
        Section { id: id.to_owned(), title: title.into(), facts, rows: Vec::new(), empty: "Nothing.".to_owned() }
    }

    /// Lines.
    pub fn rows(id: &str, title: impl Into<String>, rows: Vec<Row>, empty: &str) -> Section {
        Section { id: id.to_owned(), title: title.into(), facts: Vec::new(), rows, empty: empty.to_owned() }
    }
}

impl Fact {
    /// Words.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Fact {
        Fact { name: name.into(), value: value.into(), code: false }
    }

    /// Text for programs.
    pub fn code(name: impl Into<String>, value: impl Into<String>) -> Fact {
        Fact { code: true, ..Fact::new(name, value) }
    }
}
