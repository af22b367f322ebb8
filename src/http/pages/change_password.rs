//! Changing one's own password.

use super::{Frame, Input, parts::focus};
use askama::Template;

/// The form: posts `current`, `password` and `csrf_token`.
#[derive(Template)]
#[template(path = "change_password.html")]
pub struct ChangePasswordPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// For password managers; the server takes the person from the session.
    pub login: String,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
    /// Its `value` stays empty.
    pub current: Input,
    /// Its `value` stays empty.
    pub password: Input,
    /// One sentence a rule.
    pub password_rules: Vec<String>,
}

impl ChangePasswordPage {
    fn focus(&self) -> &'static str {
        focus(&[("current", &self.current), ("password", &self.password)])
    }
}
