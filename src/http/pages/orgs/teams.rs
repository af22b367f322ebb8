//! `/orgs/{org}/teams` and one team.

use askama::Template;

use super::OrgFrame;
use crate::http::pages::parts::initial;
use crate::http::pages::{Frame, Input};

/// The teams; the form for a new one posts `name` and `slug`.
#[derive(Template)]
#[template(path = "orgs_teams.html")]
pub struct TeamsPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// By address.
    pub teams: Vec<TeamItem>,
    /// Members join and leave by themselves.
    pub open: bool,
    /// Where the form posts to, for those who may.
    pub create_action: Option<String>,
    /// Name of the new team.
    pub name: Input,
    /// Address of the new team.
    pub slug: Input,
}

/// A team.
pub struct TeamItem {
    /// Display name.
    pub name: String,
    /// Own path.
    pub href: String,
    /// How many are in it, in words.
    pub count: String,
    /// The visitor is in it.
    pub mine: bool,
}

/// One team. "Add" posts `login`, "Take out" posts `member`.
#[derive(Template)]
#[template(path = "orgs_team.html")]
pub struct TeamPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// Display name.
    pub name: String,
    /// Own path of the team; forms post below it.
    pub href: String,
    /// Back to the list.
    pub teams_href: String,
    /// By user name.
    pub members: Vec<TeamMemberItem>,
    /// The visitor is in it.
    pub mine: bool,
    /// The visitor may join, or leave.
    pub may_move: bool,
    /// The visitor may change it and who is in it.
    pub may_write: bool,
    /// User name of somebody to add.
    pub login: Input,
    /// For renaming.
    pub new_name: Input,
    /// For renaming.
    pub new_slug: Input,
}

/// Somebody in a team.
pub struct TeamMemberItem {
    /// Subject identifier.
    pub sub: String,
    /// Display name.
    pub name: String,
    /// User name.
    pub login: String,
    /// Role in the organization.
    pub role: String,
    /// Own path of the member's page.
    pub href: String,
}

impl TeamMemberItem {
    fn initial(&self) -> char {
        initial(&self.name)
    }
}
