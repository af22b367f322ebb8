//! The first administrator, by the one-time link that an empty server prints.

use super::{Frame, Hidden, Input, parts::focus};
use askama::Template;

/// The set-up form: posts `username`, `name`, `password`, `csrf_token` and the carried fields (the link's secret).
#[derive(Template)]
#[template(path = "set_up.html")]
pub struct SetUpPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Carries the link's secret.
    pub carried: Vec<Hidden>,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
    /// User name.
    pub login: Input,
    /// Full name.
    pub name: Input,
    /// Its `value` stays empty.
    pub password: Input,
    /// One sentence a rule.
    pub password_rules: Vec<String>,
}

impl SetUpPage {
    fn focus(&self) -> &'static str {
        focus(&[("username", &self.login), ("name", &self.name), ("password", &self.password)])
    }
}
