//! `/orgs/{org}/api-keys`: the keys, one key, and a new one's value.

use askama::Template;

use super::{Choice, OrgFrame};
use crate::http::pages::{Frame, Hidden, Input};

/// The list.
#[derive(Template)]
#[template(path = "orgs_keys.html")]
pub struct KeysPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// Newest first.
    pub keys: Vec<KeyItem>,
    /// The next page.
    pub next_href: Option<String>,
    /// Own path of the form for a new one.
    pub new_href: String,
}

/// A key.
pub struct KeyItem {
    /// What people call it.
    pub label: String,
    /// Own path.
    pub href: String,
    /// Its scopes, its last characters and its last use.
    pub text: String,
    /// Why it does nothing now.
    pub trouble: Option<&'static str>,
}

/// The form for a new key or for one that is there: posts `label`, `scope` (repeated), `origins`, `sso_policy`, `ends`, and
/// of one that is there `active`.
#[derive(Template)]
#[template(path = "orgs_key.html")]
pub struct KeyPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// Heading.
    pub title: String,
    /// What is known of one that is there.
    pub facts: String,
    /// Where the form posts to.
    pub action: String,
    /// What the form carries.
    pub carried: Vec<Hidden>,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
    /// What people call it.
    pub key_label: Input,
    /// One field a set of scopes.
    pub sets: Vec<ScopeChoices>,
    /// Origins, separated by spaces.
    pub origins: Input,
    /// Towards single sign-on.
    pub policies: Vec<Choice>,
    /// The day it ends.
    pub ends: Input,
    /// Of one that is there: switched on.
    pub active: Option<bool>,
    /// On the button.
    pub submit: &'static str,
    /// Own path of the page that deletes it.
    pub delete_href: Option<String>,
    /// Back to the list.
    pub keys_href: String,
}

/// Scopes of one set.
pub struct ScopeChoices {
    /// Its name.
    pub name: String,
    /// Weakest first.
    pub scopes: Vec<Choice>,
}

/// The value of a new key, once. A script copies it; nothing else does anything.
#[derive(Template)]
#[template(path = "orgs_key_made.html")]
pub struct KeyMadePage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// What people call it.
    pub label: String,
    /// The value.
    pub key: String,
    /// What an address of the API begins with.
    pub example: String,
    /// Of the script.
    pub nonce: String,
    /// Back to the list.
    pub keys_href: String,
}
