//! `/` for a signed-in user: who you are here.

use super::Frame;
use super::orgs::OrgLine;
use askama::Template;

/// The home page.
#[derive(Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// Around the page.
    pub frame: Frame,
    /// User name.
    pub login: String,
    /// Full name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Shows the role.
    pub administrator: bool,
    /// When, in words ("today at 09:14 UTC").
    pub signed_in: String,
    /// What the person should know about the security of the account, newest first.
    pub notices: Vec<SecurityNotice>,
    /// Own path of the sessions page.
    pub sessions_href: String,
    /// Own path of the linked identities.
    pub identities_href: String,
    /// The organizations the person belongs to.
    pub organizations: Vec<OrgLine>,
    /// Own path of their list.
    pub organizations_href: String,
    /// Own path of the page of the e-mail address.
    pub email_href: String,
    /// Own path of the mailbox, in development.
    pub mailbox_href: Option<String>,
    /// Own path of the playground, in development.
    pub playground_href: Option<String>,
    /// Own path of the page to change the password, for those who have one.
    pub password_href: Option<String>,
}

/// Something that looks like theft.
pub struct SecurityNotice {
    /// What happened, one short sentence.
    pub title: String,
    /// When, by whom, what was done, what to do.
    pub text: String,
}

impl HomePage {
    fn greeting(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.login)
    }
}
