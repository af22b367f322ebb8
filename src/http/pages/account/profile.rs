//! Who a person is here, and everything kept about them.

use askama::Template;

use crate::http::pages::{Frame, Input};

/// The hub: posts `name` and `csrf_token`.
#[derive(Template)]
#[template(path = "account_profile.html")]
pub struct ProfilePage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// User name.
    pub login: String,
    /// Why somebody else names the account.
    pub managed: Option<String>,
    /// Display name as typed.
    pub name: Input,
    /// E-mail address.
    pub email: Option<String>,
    /// It is proven.
    pub verified: bool,
    /// Shows the role.
    pub administrator: bool,
    /// When the account was made, in words.
    pub since: String,
    /// Subject identifier.
    pub sub: String,
    /// What has just been done.
    pub done: Option<String>,
}

/// Download of everything, and the end of the account. Posts `csrf_token`.
#[derive(Template)]
#[template(path = "account_data.html")]
pub struct DataPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the download is asked for.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Own path of the page that deletes.
    pub delete_href: String,
}
