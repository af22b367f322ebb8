//! `/orgs`: the organizations one belongs to, and `/orgs/new`.

use askama::Template;

use crate::http::pages::parts::{focus, initial};
use crate::http::pages::{Frame, Input};

/// The list.
#[derive(Template)]
#[template(path = "orgs.html")]
pub struct OrgsPage {
    /// Around the page.
    pub frame: Frame,
    /// By address.
    pub organizations: Vec<OrgLine>,
    /// Where to make one, for those who may.
    pub new_href: Option<String>,
    /// What has just been done.
    pub done: Option<String>,
}

/// One organization.
pub struct OrgLine {
    /// Display name.
    pub name: String,
    /// Own path.
    pub href: String,
    /// The visitor's role.
    pub role: String,
    /// It is about to be deleted.
    pub pending_deletion: bool,
}

impl OrgLine {
    /// What stands in the avatar.
    pub fn initial(&self) -> char {
        initial(&self.name)
    }
}

/// The form for a new one: posts `name`, `slug` and `csrf_token`.
#[derive(Template)]
#[template(path = "orgs_new.html")]
pub struct NewOrgPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Back to the list.
    pub cancel_href: String,
    /// What addresses begin with, such as `https://id.example/orgs/`.
    pub prefix: String,
    /// Name.
    pub name: Input,
    /// Address.
    pub slug: Input,
}

impl NewOrgPage {
    fn focus(&self) -> &'static str {
        focus(&[("org-name", &self.name), ("org-slug", &self.slug)])
    }
}
