//! `/orgs/{org}`: what this organization is, and what the visitor is in it.

use askama::Template;

use super::OrgFrame;
use crate::http::pages::{Frame, Link};

/// The overview.
#[derive(Template)]
#[template(path = "orgs_overview.html")]
pub struct OverviewPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// The visitor's role.
    pub role: String,
    /// What the role is about, one sentence.
    pub role_text: String,
    /// Name for APIs and tokens.
    pub public_id: String,
    /// How people sign in here, in words.
    pub sign_in: String,
    /// When it was made, in words.
    pub created: String,
    /// The visitor's teams.
    pub teams: Vec<Link>,
    /// Ways on.
    pub links: Vec<OrgLink>,
    /// Own path of the page to leave.
    pub leave_href: String,
}

/// A way on.
pub struct OrgLink {
    /// Name of a symbol.
    pub icon: &'static str,
    /// Heading.
    pub title: &'static str,
    /// One sentence.
    pub text: String,
    /// Own path.
    pub href: String,
}

/// Instead of every page, while the organization is about to be deleted.
#[derive(Template)]
#[template(path = "orgs_pending.html")]
pub struct PendingDeletionPage {
    /// Around the page.
    pub frame: Frame,
    /// Display name.
    pub name: String,
    /// When, in words.
    pub when: String,
    /// Where taking it back posts to, for those who may.
    pub restore_action: Option<String>,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Own path of the list.
    pub orgs_href: String,
}
