//! The playground's callback, opened without parameters: an answer in the fragment never reaches a server by itself.

use super::Frame;
use askama::Template;

/// Hands the fragment over by a form that sends itself. Its answer needs `script-src 'nonce-..'`.
#[derive(Template)]
#[template(path = "playground_fragment.html")]
pub struct PlaygroundFragmentPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Own path of the first page.
    pub start_href: String,
    /// Of this answer's Content-Security-Policy.
    pub nonce: String,
}
