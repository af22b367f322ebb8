//! A second look before something dangerous.

use askama::Template;

use crate::http::pages::{Frame, Hidden, Input};

/// The question. Posts the hidden fields, `csrf_token`, and `confirmed` where something has to be typed.
#[derive(Template)]
#[template(path = "orgs_confirm.html")]
pub struct ConfirmPage {
    /// Around the page.
    pub frame: Frame,
    /// The question, heading and page title.
    pub title: String,
    /// What will happen, one sentence a paragraph.
    pub consequences: Vec<String>,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Carries what it is about.
    pub carried: Vec<Hidden>,
    /// What has to be typed.
    pub typed: Option<Typed>,
    /// On the button.
    pub submit: String,
    /// Back.
    pub cancel_href: String,
    /// Why it was not done.
    pub error: Option<String>,
}

/// Something to type, so that it is not done by accident.
pub struct Typed {
    /// What.
    pub expected: String,
    /// As it was typed.
    pub input: Input,
}
