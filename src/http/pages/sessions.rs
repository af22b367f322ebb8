//! Where a user is signed in.

use super::Frame;
use askama::Template;

/// The sessions page. "End" posts `session` and `csrf_token`.
#[derive(Template)]
#[template(path = "sessions.html")]
pub struct SessionsPage {
    /// Around the page.
    pub frame: Frame,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Where ending one posts to.
    pub end_action: String,
    /// The question before all others end, where there are any.
    pub end_others_href: Option<String>,
    /// More of them.
    pub next_href: Option<String>,
    /// Newest first.
    pub sessions: Vec<SessionLine>,
    /// What has just been done, e.g. "The session has ended."
    pub done: Option<String>,
}

/// One session.
pub struct SessionLine {
    /// Public session id.
    pub sid: String,
    /// Browser and system, e.g. "Firefox on Linux".
    pub device: String,
    /// Network address.
    pub address: String,
    /// When it began, in words.
    pub started: String,
    /// When it was last seen, in words.
    pub last_seen: String,
    /// The one that asks.
    pub current: bool,
}
