//! `response_mode=form_post`: the answer as a form that sends itself (OAuth 2.0 Form Post Response Mode).

use super::{Frame, Hidden};
use askama::Template;

/// The form. Its answer needs `script-src 'nonce-..'` and no `form-action`: it ends at the client.
#[derive(Template)]
#[template(path = "form_post.html")]
pub struct FormPostPage {
    /// Around the page.
    pub frame: Frame,
    /// Registered name.
    pub client_name: String,
    /// The validated redirect URI, to the character.
    pub action: String,
    /// The response parameters.
    pub fields: Vec<Hidden>,
    /// Of this answer's Content-Security-Policy.
    pub nonce: String,
}
