//! After sign-out, where there is something left to do: clients to tell in frames, or a client to go back to.

use super::Frame;
use askama::Template;

/// The page. With frames its answer needs `script-src 'nonce-..'` and `frame-src` (OpenID Connect Front-Channel Logout).
#[derive(Template)]
#[template(path = "logged_out.html")]
pub struct LoggedOutPage {
    /// Around the page, with nobody signed in.
    pub frame: Frame,
    /// Addresses of clients.
    pub frames: Vec<String>,
    /// Whom `continue_href` belongs to.
    pub client: String,
    /// Where the browser goes on: a registered address and its `state`.
    pub continue_href: Option<String>,
    /// It goes there by itself, once the frames are loaded or a few seconds have passed.
    pub waits: bool,
    /// Of this answer's Content-Security-Policy.
    pub nonce: String,
}
