//! A list with its search.

use askama::Template;

use super::AdminFrame;
use crate::http::pages::Frame;

/// The page. Searching is a GET with `q` and `status`.
#[derive(Template)]
#[template(path = "admin_list.html")]
pub struct ListPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub admin: AdminFrame,
    /// Heading and page title.
    pub title: &'static str,
    /// What is shown.
    pub lead: String,
    /// Where searching goes.
    pub action: String,
    /// What can be searched for.
    pub search_label: &'static str,
    /// What was searched for.
    pub search: String,
    /// To choose from.
    pub statuses: Vec<Status>,
    /// Something is searched for.
    pub filtered: bool,
    /// What was found.
    pub rows: Vec<Row>,
    /// What to do when there is nothing.
    pub empty: &'static str,
    /// Own path of the next page.
    pub next_href: Option<String>,
}

/// A status to search for.
pub struct Status {
    /// What the form sends.
    pub value: &'static str,
    /// Shown.
    pub label: &'static str,
    /// Chosen.
    pub chosen: bool,
}

/// One line.
pub struct Row {
    /// Its name.
    pub title: String,
    /// More; may be empty.
    pub text: String,
    /// What stands out.
    pub pills: Vec<Pill>,
    /// Own path of its page.
    pub href: Option<String>,
    /// The question before its end.
    pub link: Option<RowLink>,
}

/// A short word in a frame.
pub struct Pill {
    /// The word.
    pub text: String,
    /// `good`, `warn`, `bad` or nothing.
    pub tone: &'static str,
}

/// A way to a question.
pub struct RowLink {
    /// On the link.
    pub label: &'static str,
    /// Own path.
    pub href: String,
}

impl Row {
    /// A line with nothing but words.
    pub fn plain(title: impl Into<String>, text: impl Into<String>) -> Row {
        Row { title: title.into(), text: text.into(), pills: Vec::new(), href: None, link: None }
    }
}

impl Pill {
    /// A pill.
    pub fn new(text: impl Into<String>, tone: &'static str) -> Pill {
        Pill { text: text.into(), tone }
    }
}
