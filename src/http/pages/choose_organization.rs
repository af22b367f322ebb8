//! For which organization an application gets access.

use super::{ClientBanner, Frame, SignedIn};
use askama::Template;

/// One link an organization.
#[derive(Template)]
#[template(path = "choose_organization.html")]
pub struct ChooseOrganizationPage {
    /// Around the page.
    pub frame: Frame,
    /// Who asks.
    pub client: ClientBanner,
    /// Who chooses.
    pub account: SignedIn,
    /// Own path that lets another account sign in for the same request.
    pub switch_account_href: String,
    /// The user's organizations, by slug; at least one.
    pub choices: Vec<OrganizationChoice>,
}

/// An organization to choose.
pub struct OrganizationChoice {
    /// Its name.
    pub name: String,
    /// Its slug.
    pub slug: String,
    /// The same request for it.
    pub href: String,
}

impl OrganizationChoice {
    fn initial(&self) -> char {
        super::parts::initial(&self.name)
    }
}
