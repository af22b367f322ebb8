//! `/orgs/{org}/settings`: what it is called, how people come in, its end.

use askama::Template;

use super::{Choice, OrgFrame};
use crate::http::pages::{Frame, Input};

/// Three forms: one posts `name` and `slug`, another `default_role` and `open_membership`, the last `token_max_age`.
#[derive(Template)]
#[template(path = "orgs_settings.html")]
pub struct SettingsPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// Where the first form posts to.
    pub name_action: String,
    /// Display name.
    pub name: Input,
    /// Address.
    pub slug: Input,
    /// What addresses begin with.
    pub prefix: String,
    /// Where the second form posts to.
    pub joining_action: String,
    /// Why the second form was refused.
    pub joining_error: Option<String>,
    /// Default roles there may be.
    pub roles: Vec<Choice>,
    /// Members join and leave teams by themselves.
    pub open_membership: bool,
    /// Where the third form posts to.
    pub tokens_action: Option<String>,
    /// Longest life of a token; empty: the server's default.
    pub token_age: Input,
    /// The server's default, such as "30d".
    pub default_token_age: String,
    /// Own path of the page that deletes it, for those who may.
    pub delete_href: Option<String>,
    /// How long a deletion can be taken back, in words.
    pub delay: String,
}
