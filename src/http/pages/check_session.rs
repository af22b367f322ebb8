//! The page that applications frame to see whether somebody is still signed in (OpenID Connect Session Management).

use askama::Template;

/// The frame: one script, nothing to see.
#[derive(Template)]
#[template(path = "check_session.html")]
pub struct CheckSessionPage {
    /// Name of the cookie the script reads.
    pub cookie: String,
    /// Of this answer's Content-Security-Policy.
    pub nonce: String,
}
