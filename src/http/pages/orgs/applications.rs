//! `/orgs/{org}/applications`, and what a member sees whose organization wants to be asked first.

use askama::Template;

use super::{Choice, OrgFrame};
use crate::http::pages::parts::initial;
use crate::http::pages::{ClientBanner, Frame, SignedIn};

/// The list. Decisions post `client_id` and `status`; the policy posts `policy`.
#[derive(Template)]
#[template(path = "orgs_applications.html")]
pub struct ApplicationsPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// Members authorize only what is allowed.
    pub approval: bool,
    /// There is enough to search in, or a search.
    pub searchable: bool,
    /// As typed.
    pub search: String,
    /// Where the search goes.
    pub search_action: String,
    /// More of them.
    pub next_href: Option<String>,
    /// By name.
    pub applications: Vec<ApplicationItem>,
    /// Where decisions post to; for owners.
    pub decide_action: Option<String>,
    /// Where the policy posts to; for owners.
    pub policy_action: Option<String>,
    /// Policies there are.
    pub policies: Vec<Choice>,
}

/// An application.
pub struct ApplicationItem {
    /// What it calls itself.
    pub name: String,
    /// Its identifier.
    pub client_id: String,
    /// Members, scopes, last use.
    pub text: String,
    /// The organization's word, in a pill.
    pub word: Option<Pill>,
    /// It may be allowed.
    pub may_allow: bool,
    /// It may be refused.
    pub may_refuse: bool,
    /// Own path of the page that revokes it for all; for owners, while members have allowed it something.
    pub revoke_href: Option<String>,
}

/// A word and how it looks.
pub struct Pill {
    /// Text.
    pub text: &'static str,
    /// Class.
    pub class: &'static str,
}

impl ApplicationItem {
    fn initial(&self) -> char {
        initial(&self.name)
    }
}

/// The organization has not allowed the application. Asking posts `client_id` and `csrf_token`.
#[derive(Template)]
#[template(path = "ask_owner.html")]
pub struct AskOwnerPage {
    /// Around the page.
    pub frame: Frame,
    /// Which application.
    pub client: ClientBanner,
    /// Its identifier.
    pub client_id: String,
    /// The organization's name.
    pub organization: String,
    /// Who is signed in.
    pub account: SignedIn,
    /// What the organization said so far, in our words.
    pub text: String,
    /// Where asking posts to; none where it was asked before.
    pub action: Option<String>,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// The same request for another organization.
    pub change_href: String,
}
