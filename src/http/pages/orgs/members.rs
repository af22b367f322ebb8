//! `/orgs/{org}/members`: members, and invitations that wait.

use askama::Template;

use super::OrgFrame;
use crate::http::pages::Frame;
use crate::http::pages::parts::initial;

/// The lists. "Send again" and "Take back" post `email`.
#[derive(Template)]
#[template(path = "orgs_members.html")]
pub struct MembersPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// How many members there are, in words.
    pub count: String,
    /// Where searching goes.
    pub search_action: String,
    /// What was searched for.
    pub search: String,
    /// By user name.
    pub members: Vec<MemberItem>,
    /// The next page.
    pub next_href: Option<String>,
    /// Where to invite, for those who may.
    pub invite_href: Option<String>,
    /// Newest first; shown to those who may invite.
    pub invitations: Vec<InvitationItem>,
    /// Where sending again posts to.
    pub again_action: String,
    /// Where taking back posts to.
    pub revoke_action: String,
}

/// A member.
pub struct MemberItem {
    /// Display name.
    pub name: String,
    /// User name.
    pub login: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Role.
    pub role: String,
    /// Own path of the member's page.
    pub href: String,
    /// Slugs of teams, joined.
    pub teams: String,
    /// The visitor.
    pub me: bool,
    /// Something that keeps them out, such as "Not linked".
    pub trouble: Option<&'static str>,
}

impl MemberItem {
    fn initial(&self) -> char {
        initial(&self.name)
    }
}

/// An invitation that waits.
pub struct InvitationItem {
    /// Where it was sent.
    pub email: String,
    /// Role on acceptance.
    pub role: String,
    /// When and by whom, in words.
    pub text: String,
    /// Its link does not work any more.
    pub expired: bool,
    /// The visitor's role is enough to send or take it back.
    pub mine_to_manage: bool,
}
