//! A new password by mail: asking for the link, and using it.

use super::{Frame, Hidden, Input};
use askama::Template;

/// The form that asks: posts `username` and `csrf_token`.
#[derive(Template)]
#[template(path = "recover.html")]
pub struct RecoverPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// What was typed.
    pub login: Input,
    /// Throttled: how long, in words.
    pub wait: Option<String>,
    /// Own path.
    pub sign_in_href: String,
}

/// The form behind the link: posts `password`, `csrf_token` and the carried token.
#[derive(Template)]
#[template(path = "new_password.html")]
pub struct NewPasswordPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Carries the link's token.
    pub carried: Vec<Hidden>,
    /// For password managers; the server takes the person from the link.
    pub login: String,
    /// The account has no password yet.
    pub first: bool,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
    /// Its `value` stays empty.
    pub password: Input,
    /// One sentence a rule.
    pub password_rules: Vec<String>,
}

impl NewPasswordPage {
    fn title(&self) -> &'static str {
        if self.first { "Set your password" } else { "Set a new password" }
    }
}
