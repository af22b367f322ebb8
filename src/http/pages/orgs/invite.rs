//! `/orgs/{org}/members/invite`: asking people to join.

use askama::Template;

use super::{Choice, OrgFrame};
use crate::http::pages::{Frame, Input};

/// The form: posts `emails`, `role`, `team` (repeated) and `csrf_token`.
#[derive(Template)]
#[template(path = "orgs_invite.html")]
pub struct InvitePage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// Where the form posts to.
    pub action: String,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
    /// Addresses, separated by commas.
    pub emails: Input,
    /// Roles the visitor may give.
    pub roles: Vec<Choice>,
    /// Teams there are.
    pub teams: Vec<Choice>,
    /// How long an invitation is good, in words.
    pub lifetime: String,
    /// Back to the list.
    pub cancel_href: String,
}
