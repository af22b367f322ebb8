//! `/invite/{token}`: somebody was asked to join.

use askama::Template;

use crate::http::pages::parts::{SignedIn, initial};
use crate::http::pages::{Frame, Link};

/// The offer; accepting posts `csrf_token`.
#[derive(Template)]
#[template(path = "invitation.html")]
pub struct InvitationPage {
    /// Around the page.
    pub frame: Frame,
    /// Where accepting posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// The organization's name.
    pub organization: String,
    /// Who invites.
    pub inviter: Option<String>,
    /// Role on acceptance.
    pub role: String,
    /// Where it was sent.
    pub email: String,
    /// When it ends, in words.
    pub expires: String,
    /// Who would accept; nobody is signed in otherwise.
    pub account: Option<SignedIn>,
    /// They belong to it already.
    pub member_already: bool,
    /// Own path that lets another account sign in, or any.
    pub sign_in_href: String,
    /// Own path that makes an account.
    pub register_href: String,
    /// The organization, for members.
    pub organization_link: Option<Link>,
}

impl InvitationPage {
    fn initial(&self) -> char {
        initial(&self.organization)
    }
}
