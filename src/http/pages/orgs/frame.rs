//! What surrounds every page inside an organization: its name, its tabs, what has just been done.

use crate::http::pages::parts::initial;

/// Head and tabs of an organization; templates extend `orgs_layout.html` and call it `org`.
pub struct OrgFrame {
    /// Display name.
    pub name: String,
    /// Own path of the overview.
    pub href: String,
    /// Pages the visitor's role opens.
    pub tabs: Vec<Tab>,
    /// Hidden field `csrf_token` of every form.
    pub csrf_token: String,
    /// What has just been done, in our own words.
    pub done: Option<String>,
}

/// One of the pages.
pub struct Tab {
    /// Text of the link.
    pub label: &'static str,
    /// Own path.
    pub href: String,
    /// The page at hand.
    pub current: bool,
}

impl OrgFrame {
    /// What stands in the avatar.
    pub fn initial(&self) -> char {
        initial(&self.name)
    }
}

/// One of several things to choose from.
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// Shown.
    pub label: String,
    /// What it means.
    pub text: String,
    /// Chosen already.
    pub chosen: bool,
}
