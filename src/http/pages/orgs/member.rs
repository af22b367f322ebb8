//! `/orgs/{org}/members/{member}`: one member.

use askama::Template;

use super::{Choice, OrgFrame};
use crate::http::pages::Frame;
use crate::http::pages::parts::initial;

/// The page; the form posts `role`.
#[derive(Template)]
#[template(path = "orgs_member.html")]
pub struct MemberPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// Display name.
    pub name: String,
    /// User name.
    pub login: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Role.
    pub role: String,
    /// When they joined, in words.
    pub joined: String,
    /// Slugs of teams, joined.
    pub teams: String,
    /// How single sign-on judges them, where it is switched on.
    pub sign_in: Option<String>,
    /// The visitor.
    pub me: bool,
    /// Where the form posts to.
    pub role_action: String,
    /// Roles the visitor may give; none when the member's role is beyond them.
    pub roles: Vec<Choice>,
    /// Why the role was not changed.
    pub error: Option<String>,
    /// Own path of the page that removes them, or of leaving; none for those who may not.
    pub remove_href: Option<String>,
    /// Back to the list.
    pub members_href: String,
}

impl MemberPage {
    fn initial(&self) -> char {
        initial(&self.name)
    }
}
