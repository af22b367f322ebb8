//! Registration (`/register`), off by default.

use super::{Frame, Hidden, Input, parts::focus};
use askama::Template;

/// The registration form: posts `username`, `name`, `email`, `password`, `csrf_token` and the carried fields.
#[derive(Template)]
#[template(path = "register.html")]
pub struct RegisterPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Carries the request that waits.
    pub carried: Vec<Hidden>,
    /// Back to sign-in, with the same request.
    pub sign_in_href: String,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
    /// User name.
    pub login: Input,
    /// Full name.
    pub name: Input,
    /// E-mail address.
    pub email: Input,
    /// Its `value` stays empty.
    pub password: Input,
    /// One sentence a rule.
    pub password_rules: Vec<String>,
}

impl RegisterPage {
    fn focus(&self) -> &'static str {
        focus(&[("username", &self.login), ("name", &self.name), ("email", &self.email), ("password", &self.password)])
    }
}
