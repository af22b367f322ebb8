//! What a person lets applications do.

use askama::Template;

use crate::http::pages::Frame;
use crate::http::pages::parts::initial;

/// The list.
#[derive(Template)]
#[template(path = "account_connected.html")]
pub struct ConnectedPage {
    /// Around the page.
    pub frame: Frame,
    /// By name.
    pub applications: Vec<ConnectedItem>,
    /// There is enough to search in, or a search.
    pub searchable: bool,
    /// As typed.
    pub search: String,
    /// Where the search goes.
    pub search_action: String,
    /// More of them.
    pub next_href: Option<String>,
    /// What has just been done.
    pub done: Option<String>,
}

/// One application.
pub struct ConnectedItem {
    /// Registered name.
    pub name: String,
    /// User name of whoever answers for it.
    pub owner: Option<String>,
    /// Checked by an administrator of this server.
    pub verified: bool,
    /// It is switched off.
    pub off: bool,
    /// Name of the organization the access is bound to.
    pub organization: Option<String>,
    /// One line a scope set.
    pub texts: Vec<String>,
    /// When it was allowed, in words.
    pub since: String,
    /// When it last acted, in words.
    pub used: String,
    /// Where a sign-in there begins.
    pub open_url: Option<String>,
    /// Own path of the question before it is taken back.
    pub revoke_href: String,
}

impl ConnectedItem {
    /// What stands in the avatar.
    fn initial(&self) -> char {
        initial(&self.name)
    }
}
