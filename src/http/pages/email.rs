//! The address of an account: seeing it, changing it, confirming it.

use super::{Frame, Hidden, Input};
use askama::Template;

/// The page of the address. Both forms post `email` and `csrf_token`.
#[derive(Template)]
#[template(path = "email.html")]
pub struct EmailPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the forms post to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// The address now.
    pub current: Option<String>,
    /// When it was confirmed, in words.
    pub verified: Option<String>,
    /// It can be changed here.
    pub open: bool,
    /// The new address as typed.
    pub email: Input,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
    /// What has just been done.
    pub done: Option<String>,
}

impl EmailPage {
    fn unproven(&self) -> Option<&str> {
        self.current.as_deref().filter(|_| self.open && self.verified.is_none())
    }
}

/// The page behind a link: posts `csrf_token` and the carried token.
#[derive(Template)]
#[template(path = "confirm_email.html")]
pub struct ConfirmEmailPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Carries the link's token.
    pub carried: Vec<Hidden>,
    /// Whose account.
    pub login: String,
    /// The address.
    pub email: String,
    /// It is another one than now.
    pub changes: bool,
}
